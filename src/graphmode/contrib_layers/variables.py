"""Variables of `tf.contrib.framework`: made in collections, and found again by name."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from graphmode.contrib_layers.arg_scope import add_arg_scope
from graphmode.framework import dtypes, nest
from graphmode.framework.default_graph import (
    GraphKeys,
    add_to_collection,
    add_to_collections,
    get_collection,
    get_default_graph,
)
from graphmode.framework.device import DeviceSpec
from graphmode.framework.operation import Tensor
from graphmode.framework.sparse_tensor import SparseTensor
from graphmode.ops.array import placeholder
from graphmode.ops.control.grouping import group
from graphmode.variables.partitioned import PartitionedVariable
from graphmode.variables.scope import VariableScope, get_variable
from graphmode.variables.variable import Variable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphmode.runtime.session import Session


def is_tensor(x: Any) -> bool:
    """Whether `x` is a tensor or a variable."""
    return isinstance(x, Tensor | SparseTensor | Variable)


# ---- making --------------------------------------------------------------------------------------


@add_arg_scope
def variable(
    name: Any,
    shape: Any = None,
    dtype: Any = None,
    initializer: Any = None,
    regularizer: Callable[..., Any] | None = None,
    trainable: bool = True,
    collections: Sequence[str] | None = None,
    caching_device: Any = None,
    device: Any = None,
    partitioner: Any = None,
    custom_getter: Callable[..., Any] | None = None,
    use_resource: Any = None,
    synchronization: Any = None,
    aggregation: Any = None,
) -> Any:
    """`tf.get_variable`, on `device` and in `collections` besides the global ones.

    Parameters
    ----------
    shape : sequence of int, optional
    dtype : DType, optional
        float32 if not given.
    initializer : callable or Tensor, optional
        Of any dtype that converts; the scope's, then Glorot uniform, if not given.
    regularizer : callable, optional
    trainable : bool
    collections : list of str, optional
        `GraphKeys.GLOBAL_VARIABLES` if not given.
    caching_device, partitioner : optional
        As for `tf.get_variable`.
    device : str or callable, optional
    custom_getter : callable, optional
        Called in the place of `tf.get_variable`.
    use_resource : bool, optional
        As for `tf.Variable`.
    synchronization, aggregation : optional
        Accepted.

    Returns
    -------
    Variable
    """
    del synchronization, aggregation
    collections = list(collections) if collections is not None else [GraphKeys.GLOBAL_VARIABLES]
    getter = custom_getter or get_variable
    with get_default_graph().device(device or ""):
        return getter(
            name,
            shape=shape,
            dtype=dtype,
            initializer=initializer,
            regularizer=regularizer,
            trainable=trainable,
            collections=list(dict.fromkeys(collections)),
            caching_device=caching_device,
            partitioner=partitioner,
            use_resource=use_resource,
        )


@add_arg_scope
def model_variable(
    name: Any,
    shape: Any = None,
    dtype: Any = dtypes.float32,
    initializer: Any = None,
    regularizer: Callable[..., Any] | None = None,
    trainable: bool = True,
    collections: Sequence[str] | None = None,
    caching_device: Any = None,
    device: Any = None,
    partitioner: Any = None,
    custom_getter: Callable[..., Any] | None = None,
    use_resource: Any = None,
    synchronization: Any = None,
    aggregation: Any = None,
) -> Any:
    """A `variable` of the collection `GraphKeys.MODEL_VARIABLES`: what a model is restored from.

    Parameters
    ----------
    shape : sequence of int, optional
    dtype : DType
    initializer : callable or Tensor, optional
        Of any dtype that converts; the scope's, then Glorot uniform, if not given.
    regularizer : callable, optional
    trainable : bool
    collections : list of str, optional
        More collections.
    caching_device, partitioner : optional
        As for `tf.get_variable`.
    device : str or callable, optional
    custom_getter : callable, optional
        Called in the place of `tf.get_variable`.
    use_resource : bool, optional
        As for `tf.Variable`.
    synchronization, aggregation : optional
        Accepted.

    Returns
    -------
    Variable
    """
    del synchronization, aggregation
    collections = [
        *(collections or []),
        GraphKeys.GLOBAL_VARIABLES,
        GraphKeys.MODEL_VARIABLES,
    ]
    return variable(
        name,
        shape=shape,
        dtype=dtype,
        initializer=initializer,
        regularizer=regularizer,
        trainable=trainable,
        collections=collections,
        caching_device=caching_device,
        device=device,
        partitioner=partitioner,
        custom_getter=custom_getter,
        use_resource=use_resource,
    )


def local_variable(
    initial_value: Any,
    validate_shape: bool = True,
    name: str | None = None,
    use_resource: bool | None = None,
) -> Variable:
    """A variable of the local collection, which is not trained.

    Parameters
    ----------
    initial_value : Tensor, or what converts to one, or callable
        Of any dtype and shape.
    validate_shape : bool
        Whether the shape must be known and stay.
    use_resource : bool, optional
        As for `tf.Variable`.

    Returns
    -------
    Variable
    """
    return Variable(
        initial_value,
        trainable=False,
        collections=[GraphKeys.LOCAL_VARIABLES],
        validate_shape=validate_shape,
        use_resource=use_resource,
        name=name,
    )


def global_variable(
    initial_value: Any,
    validate_shape: bool = True,
    name: str | None = None,
    use_resource: bool | None = None,
) -> Variable:
    """A variable of the global collection, which is not trained.

    Parameters
    ----------
    initial_value : Tensor, or what converts to one, or callable
        Of any dtype and shape.
    validate_shape : bool
        Whether the shape must be known and stay.
    use_resource : bool, optional
        As for `tf.Variable`.

    Returns
    -------
    Variable
    """
    return Variable(
        initial_value,
        trainable=False,
        collections=[GraphKeys.GLOBAL_VARIABLES],
        validate_shape=validate_shape,
        use_resource=use_resource,
        name=name,
    )


def add_model_variable(var: Any) -> None:
    """Add `var` to `GraphKeys.MODEL_VARIABLES`, once."""
    if all(var is not known for known in get_collection(GraphKeys.MODEL_VARIABLES)):
        add_to_collection(GraphKeys.MODEL_VARIABLES, var)


def renaming_getter(renamed: dict[str, str] | None = None) -> Callable[..., Any]:
    """A custom getter that makes model variables, and gives them contrib's names.

    Parameters
    ----------
    renamed : dict of str to str
        By the last part of a name: ``{"kernel": "weights"}``.
    """
    renamed = renamed or {}

    def getter(true_getter: Any, name: Any, *args: Any, collections: Any = None, **kwargs: Any):
        head, slash, last = name.rpartition("/")
        name = head + slash + renamed.get(last, last)
        arguments = {key: kwargs[key] for key in _GETTER_ARGUMENTS if key in kwargs}
        return model_variable(
            name, *args, collections=collections, custom_getter=_lenient(true_getter, kwargs),
            **arguments,
        )  # fmt: skip

    return getter


_GETTER_ARGUMENTS = (
    "shape", "dtype", "initializer", "regularizer", "trainable", "caching_device", "partitioner",
    "use_resource",
)  # fmt: skip


def _lenient(true_getter: Callable[..., Any], given: dict[str, Any]) -> Callable[..., Any]:
    """`true_getter`, with the arguments that `model_variable` does not hand on."""
    rest = {key: value for key, value in given.items() if key not in _GETTER_ARGUMENTS}

    def getter(name: Any, **kwargs: Any):
        return true_getter(name, **{**rest, **kwargs})

    return getter


def collections_of(variables_collections: Any, name: str) -> list[str] | None:
    """What a layer's `variables_collections` says for one variable: a list, or a dict of lists."""
    if isinstance(variables_collections, nest.DICT):
        return variables_collections.get(name)
    return variables_collections


def collect_variable(var: Any, variables_collections: Any, name: str) -> None:
    """Add a layer's variable (its parts, if it is partitioned) to the collections for `name`."""
    collections = collections_of(variables_collections, name)
    if not collections:
        return
    for part in list(var) if isinstance(var, PartitionedVariable) else [var]:
        for collection in set(collections):
            if all(part is not known for known in get_collection(collection)):
                add_to_collections([collection], part)


# ---- finding -------------------------------------------------------------------------------------


def get_variables(
    scope: Any = None, suffix: str | None = None, collection: str = GraphKeys.GLOBAL_VARIABLES
) -> list[Variable]:
    """The variables of a collection by the beginning and the end of their names.

    Parameters
    ----------
    scope : str or VariableScope, optional
        What names begin with, a regular expression.
    suffix : str, optional
        What they end with.
    collection : str

    Returns
    -------
    list of Variable
    """
    if isinstance(scope, VariableScope):
        scope = scope.name
    if suffix is not None:
        if ":" not in suffix:
            suffix += ":"
        scope = (scope or "") + ".*" + suffix
    return get_collection(collection, scope)


def get_model_variables(scope: Any = None, suffix: str | None = None) -> list[Variable]:
    """`get_variables` of `GraphKeys.MODEL_VARIABLES`.

    Parameters
    ----------
    scope : str or VariableScope, optional
    suffix : str, optional

    Returns
    -------
    list of Variable
    """
    return get_variables(scope, suffix, GraphKeys.MODEL_VARIABLES)


def get_local_variables(scope: Any = None, suffix: str | None = None) -> list[Variable]:
    """`get_variables` of `GraphKeys.LOCAL_VARIABLES`.

    Parameters
    ----------
    scope : str or VariableScope, optional
    suffix : str, optional

    Returns
    -------
    list of Variable
    """
    return get_variables(scope, suffix, GraphKeys.LOCAL_VARIABLES)


def get_trainable_variables(scope: Any = None, suffix: str | None = None) -> list[Variable]:
    """`get_variables` of `GraphKeys.TRAINABLE_VARIABLES`.

    Parameters
    ----------
    scope : str or VariableScope, optional
    suffix : str, optional

    Returns
    -------
    list of Variable
    """
    return get_variables(scope, suffix, GraphKeys.TRAINABLE_VARIABLES)


def get_variables_by_suffix(suffix: str, scope: Any = None) -> list[Variable]:
    """The global variables by the end of their names.

    Parameters
    ----------
    suffix : str
    scope : str or VariableScope, optional
        What names begin with.

    Returns
    -------
    list of Variable
    """
    return get_variables(scope=scope, suffix=suffix)


def get_variables_by_name(given_name: str, scope: Any = None) -> list[Variable]:
    """The global variables by their last names.

    Parameters
    ----------
    given_name : str
        The name behind the last "/".
    scope : str or VariableScope, optional
        What whole names begin with.

    Returns
    -------
    list of Variable
    """
    suffix = f"/{given_name}:|^{given_name}:"
    return get_variables(scope=scope, suffix=suffix)


def get_unique_variable(var_op_name: str) -> Variable:
    """The one global variable called `var_op_name`.

    Parameters
    ----------
    var_op_name : str
        The name with its scopes, without ":0".

    Returns
    -------
    Variable

    Raises
    ------
    ValueError
        If there is none, or several.
    """
    candidates = get_variables(scope=var_op_name)
    if not candidates:
        raise ValueError(f"Couldn't find variable {var_op_name}")
    found = [candidate for candidate in candidates if candidate.op.name == var_op_name]
    if not found:
        raise ValueError(f"Variable {var_op_name} does not uniquely identify a variable")
    return found[0]


def get_variables_to_restore(
    include: Sequence[str] | None = None, exclude: Sequence[str] | None = None
) -> list[Variable]:
    """The global variables of some scopes without those of others.

    Parameters
    ----------
    include : list of str, optional
        The scopes to take; everything if not given.
    exclude : list of str, optional
        The scopes to leave out.

    Returns
    -------
    list of Variable

    Raises
    ------
    TypeError
        If one of them is no list.
    """
    if include is None:
        chosen = get_variables()
    else:
        if not isinstance(include, nest.LISTS):
            raise TypeError("include is provided but is not a list or a tuple.")
        chosen = [found for scope in include for found in get_variables(scope)]
    excluded: set[int] = set()
    if exclude is not None:
        if not isinstance(exclude, nest.LISTS):
            raise TypeError("exclude is provided but is not a list or a tuple.")
        excluded = {id(found) for scope in exclude for found in get_variables(scope)}
    return [found for found in chosen if id(found) not in excluded]


def filter_variables(
    var_list: Sequence[Any],
    include_patterns: Sequence[str] | None = None,
    exclude_patterns: Sequence[str] | None = None,
    reg_search: bool = True,
) -> list[Variable]:
    """The variables whose names fit patterns.

    Parameters
    ----------
    var_list : list of Variable
    include_patterns : list of str, optional
        Regular expressions, one of which must fit; all variables if not given.
    exclude_patterns : list of str, optional
        Regular expressions, none of which may fit.
    reg_search : bool
        Look for a pattern anywhere in a name, not at its beginning only.

    Returns
    -------
    list of Variable
    """
    fits = re.search if reg_search else re.match
    if include_patterns:
        var_list = [v for v in var_list if any(fits(p, v.name) for p in include_patterns)]
    if exclude_patterns:
        var_list = [v for v in var_list if not any(fits(p, v.name) for p in exclude_patterns)]
    return list(var_list)


# ---- setting -------------------------------------------------------------------------------------


def assign_from_values(var_names_to_values: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """An operation that sets variables, and what it is to be fed.

    Parameters
    ----------
    var_names_to_values : dict of str to array
        For the name of a variable as many values as it has elements, of its dtype.

    Returns
    -------
    assign_op : Operation
    feed_dict : dict
    """
    feeds: dict[Any, Any] = {}
    writes: list[Any] = []
    for name, value in var_names_to_values.items():
        found = get_unique_variable(name)
        fed = placeholder(found.dtype.base_dtype, name=f"{found.op.name}_placeholder")
        writes.append(found.assign(fed))
        feeds[fed] = value.reshape(found.get_shape().as_list())
    return group(*writes), feeds


def assign_from_values_fn(var_names_to_values: dict[str, Any]) -> Callable[..., Any]:
    """A function of a session that sets variables as the dict `var_names_to_values` says."""
    assign_op, feed_dict = assign_from_values(var_names_to_values)

    def assign(session: Session) -> None:
        session.run(assign_op, feed_dict)

    return assign


class VariableDeviceChooser:
    """Gives each variable the next device: the ``device`` argument of `variable`.

    Parameters
    ----------
    num_tasks : int
        Tasks that take turns; 0 for none.
    job_name : str
        The job of the tasks.
    device_type : str
    device_index : int
    replica : int, optional
    """

    def __init__(
        self,
        num_tasks: int = 0,
        job_name: str = "ps",
        device_type: str = "CPU",
        device_index: int = 0,
        replica: int | None = None,
    ) -> None:
        self._job_name = job_name
        self._device_type = device_type
        self._device_index = device_index
        self._replica = replica
        self._num_tasks = num_tasks
        self._next_task = 0

    def __call__(self, op: Any) -> str:
        """The device of an operation, `op`.

        Parameters
        ----------
        op : Operation

        Returns
        -------
        str
        """
        del op
        job = task = None
        if self._num_tasks > 0:
            job, task = self._job_name, self._next_task
            self._next_task = (task + 1) % self._num_tasks
        spec = DeviceSpec(
            job=job,
            replica=self._replica,
            task=task,
            device_type=self._device_type,
            device_index=self._device_index,
        )
        return spec.to_string()
