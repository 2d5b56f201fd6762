"""Slots: variables that an optimizer or an average keeps beside another one, named after it.

The slot `Momentum` of a variable ``layer/W`` is the variable ``layer/W/Momentum``; a second slot
of that name is ``layer/W/Momentum_1``.
"""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from graphmode.framework.default_graph import get_default_graph
from graphmode.framework.nodes import handle_of
from graphmode.ops.array.filling import zeros_like
from graphmode.variables.initializers import zeros_initializer
from graphmode.variables.partitioned import SaveSliceInfo
from graphmode.variables.scope import get_variable, get_variable_scope, variable_scope
from graphmode.variables.variable import Variable

if TYPE_CHECKING:
    from collections.abc import Callable


def create_slot(primary: Any, val: Any, name: str, colocate_with_primary: bool = True) -> Variable:
    """A variable called ``<primary>/<name>``, not trainable, that begins as a tensor.

    Parameters
    ----------
    primary : Variable or Tensor
        What the slot belongs to, of any shape and dtype.
    val : Tensor
        The initial value; decides shape and dtype.
    colocate_with_primary : bool
        Place it on the device of `primary`.

    Returns
    -------
    Variable
    """
    return _slot(primary, val, name, colocate_with_primary, val.shape.is_fully_defined())


def create_slot_with_initializer(
    primary: Any,
    initializer: Callable[..., Any],
    shape: Any,
    dtype: Any,
    name: str,
    colocate_with_primary: bool = True,
) -> Variable:
    """A variable called ``<primary>/<name>``, not trainable, that an initializer fills.

    Parameters
    ----------
    primary : Variable or Tensor
        What the slot belongs to, of any shape and dtype.
    initializer : callable
        ``initializer(shape, dtype)``.
    shape : TensorShape
    dtype : DType
    colocate_with_primary : bool
        Place it on the device of `primary`.

    Returns
    -------
    Variable
    """
    known = shape.is_fully_defined()
    return _slot(primary, initializer, name, colocate_with_primary, known, shape, dtype)


def create_zeros_slot(
    primary: Any, name: str, dtype: Any = None, colocate_with_primary: bool = True
) -> Variable:
    """A variable called ``<primary>/<name>``, not trainable, of zeros, of the shape of `primary`.

    Parameters
    ----------
    primary : Variable or Tensor
        What the slot belongs to, of any shape and dtype.
    dtype : DType, optional
        That of `primary` if not given.
    colocate_with_primary : bool
        Place it on the device of `primary`.

    Returns
    -------
    Variable
    """
    dtype = (dtype or primary.dtype).base_dtype
    shape = primary.get_shape()
    if shape.is_fully_defined():
        return create_slot_with_initializer(
            primary, zeros_initializer(), shape, dtype, name, colocate_with_primary
        )
    value = primary.initialized_value() if isinstance(primary, Variable) else primary
    zeros = zeros_like(value, dtype=dtype)
    return create_slot(primary, zeros, name, colocate_with_primary)


def _by_handle(primary: Any) -> bool | None:
    """Whether a slot of `primary` is a resource variable; of a tensor what the scope says."""
    if handle_of(primary) is not None:
        return True
    return False if isinstance(primary, Variable) else None


def _slot(
    primary: Any,
    initializer: Any,
    name: Any,
    colocate_with_primary: Any,
    validate_shape: Any,
    shape: Any = None,
    dtype: Any = None,
) -> Variable:
    graph = get_default_graph()
    with variable_scope(None, f"{primary.op.name}/{name}"):
        scope = get_variable_scope()
        partitioner = scope.partitioner
        scope.set_partitioner(None)
        beside = graph.colocate_with(primary.op) if colocate_with_primary else nullcontext()
        with beside:
            slot: Any = get_variable(
                "",
                initializer=initializer,
                trainable=False,
                shape=shape,
                dtype=None if dtype is None else dtype.base_dtype,
                validate_shape=validate_shape,
                use_resource=_by_handle(primary),
            )
        scope.set_partitioner(partitioner)
    whole = getattr(primary, "_save_slice_info", None)
    if whole is not None:  # of a part of a partitioned variable: a part of the whole's slot
        own_name = slot.op.name.removeprefix(f"{primary.op.name}/")  # a second one is `name_1`
        slot._set_save_slice_info(
            SaveSliceInfo(
                f"{whole.full_name}/{own_name}",
                whole.full_shape,
                whole.var_offset,
                whole.var_shape,
            )
        )
    return slot
