"""Variables that are shared by name: the store of a graph, and the getter that asks it."""

from __future__ import annotations

import enum
import functools
import inspect
from typing import TYPE_CHECKING, Any

from graphmode.framework import dtypes
from graphmode.framework.default_graph import GraphKeys
from graphmode.framework.shapes import as_shape
from graphmode.variables.copies import VariableAggregation, VariableSynchronization
from graphmode.variables.initializers import zeros_initializer
from graphmode.variables.partitioned import PartitionedVariable, partition
from graphmode.variables.scaled_initializers import glorot_uniform_initializer
from graphmode.variables.variable import Variable

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphmode.framework.dtypes import DType


class _ReuseMode(enum.Enum):
    AUTO_REUSE = 1


AUTO_REUSE = _ReuseMode.AUTO_REUSE
"""``reuse=tf.AUTO_REUSE``: take the variable if it exists, make it if not."""


def no_regularizer(_: Any) -> None:
    """Pass as `regularizer` where a scope's default is not wanted."""


class VariableStore:
    """The variables that `get_variable` made in one graph, by full name."""

    def __init__(self) -> None:
        self.variables: dict[str, Variable] = {}
        self.partitioned: dict[str, PartitionedVariable] = {}


# ---- one variable --------------------------------------------------------------------------------


def _default_initializer(name: str, dtype: DType) -> Callable[..., Any]:
    if dtype.is_floating:
        return glorot_uniform_initializer()
    if dtype.is_integer or dtype.is_bool or dtype is dtypes.string:
        return zeros_initializer()
    raise ValueError(f"An initializer for variable {name} of {dtype.base_dtype} is required")


def _initial_value(
    name: str, shape: Any, dtype: DType, initializer: Any, partition_info: Any
) -> tuple[Any, Any]:
    """What the variable is made from, and the dtype asked of it."""
    if initializer is None:
        if shape is None:
            raise ValueError(
                f"Variable {name} did not get an initializer, so its `shape` argument must be "
                "specified."
            )
        initializer = _default_initializer(name, dtype)
    elif not callable(initializer):
        return initializer, None
    if inspect.isclass(initializer):
        initializer = initializer()
    if shape is not None and shape.is_fully_defined():
        arguments: dict[str, Any] = {"dtype": dtype}
        if "partition_info" in inspect.signature(initializer).parameters:
            arguments["partition_info"] = partition_info
        return functools.partial(initializer, shape.as_list(), **arguments), dtype.base_dtype
    if _needs_no_arguments(initializer):
        return initializer, None
    raise ValueError(
        "The initializer passed is not valid. It should be a callable with no arguments and the "
        "shape should not be provided or an instance of `tf.keras.initializers.*' and `shape` "
        f"should be fully defined. (variable {name}, shape {shape})"
    )


def _needs_no_arguments(function: Callable[..., Any]) -> bool:
    required = (
        p
        for p in inspect.signature(function).parameters.values()
        if p.default is p.empty and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)
    )
    return next(required, None) is None


def _single_variable(
    store: VariableStore,
    name: str,
    shape: Any = None,
    dtype: Any = dtypes.float32,
    initializer: Any = None,
    regularizer: Any = None,
    reuse: Any = None,
    partition_info: Any = None,
    **options: Any,
) -> Variable:
    """The variable called `name`: the one in the store, or a new one, as `reuse` allows."""
    if shape is not None and initializer is not None and not callable(initializer):
        raise ValueError("If initializer is a constant, do not specify shape.")
    dtype = dtypes.as_dtype(dtype)
    if shape is not None:
        shape = as_shape(shape)
    found = store.variables.get(name)
    if found is not None:
        return _shared(name, found, shape, dtype, reuse)
    if reuse is True:
        raise ValueError(
            f"Variable {name} does not exist, or was not created with tf.get_variable(). Did you "
            "mean to set reuse=tf.AUTO_REUSE in VarScope?"
        )
    value, value_dtype = _initial_value(name, shape, dtype, initializer, partition_info)
    variable = Variable(value, name=name, dtype=value_dtype, **options)
    store.variables[name] = variable
    if regularizer is not None:
        graph = variable.graph
        with graph.colocate_with(variable.op), graph.name_scope(name + "/Regularizer/"):
            loss = regularizer(variable)
        if loss is not None:
            graph.add_to_collection(GraphKeys.REGULARIZATION_LOSSES, loss)
    return variable


def _shared(name: str, found: Variable, shape: Any, dtype: DType, reuse: Any) -> Variable:
    if reuse is False:
        site = found.op.site
        lines = "" if site is None else f"\n  created at {site.short()}   {site.source}"
        raise ValueError(
            f"Variable {name} already exists, disallowed. Did you mean to set reuse=True or "
            f"reuse=tf.AUTO_REUSE in VarScope? Originally defined at:\n{lines}"
        )
    if shape is not None and not shape.is_compatible_with(found.shape):
        raise ValueError(
            f"Trying to share variable {name}, but specified shape {shape} and found shape "
            f"{found.shape}."
        )
    if not dtype.is_compatible_with(found.dtype):
        raise ValueError(
            f"Trying to share variable {name}, but specified dtype {dtype.name} and found dtype "
            f"{found.dtype.name}."
        )
    return found


def true_getter(store: VariableStore) -> Callable[..., Any]:
    """What a `custom_getter` is given as `getter`."""

    def getter(
        name: Any,
        shape: Any = None,
        dtype: Any = dtypes.float32,
        initializer: Any = None,
        regularizer: Any = None,
        reuse: Any = None,
        trainable: Any = None,
        collections: Any = None,
        caching_device: Any = None,
        partitioner: Any = None,
        validate_shape: bool = True,
        use_resource: Any = None,
        constraint: Any = None,
        synchronization: Any = VariableSynchronization.AUTO,
        aggregation: Any = VariableAggregation.NONE,
    ):
        arguments = {
            "shape": shape,
            "dtype": dtype,
            "initializer": initializer,
            "regularizer": regularizer,
            "reuse": reuse,
            "trainable": trainable,
            "collections": collections,
            "caching_device": caching_device,
            "validate_shape": validate_shape,
            "use_resource": use_resource,
            "constraint": constraint,
            "synchronization": synchronization,
            "aggregation": aggregation,
        }
        make = functools.partial(_single_variable, store)
        is_scalar = isinstance(shape, list | tuple) and not shape
        if partitioner is not None and not is_scalar:
            if not callable(partitioner):
                raise ValueError(f"Partitioner must be callable, but received: {partitioner}")
            return partition(store, make, name, partitioner, arguments)
        if reuse is True and name in store.partitioned:
            return partition(store, make, name, None, arguments)
        if f"{name}/part_0" in store.variables:
            raise ValueError(
                "No partitioner was provided, but a partitioned version of the variable was found: "
                f"{name}/part_0. Perhaps a variable of the same name was already created with "
                "partitioning?"
            )
        return make(name, **arguments)

    return getter
