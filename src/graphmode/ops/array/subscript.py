"""What ``tensor[...]`` means: a strided slice, or a boolean mask."""

from __future__ import annotations

import numbers
from typing import Any

import numpy as np

from graphmode._addresses.late import late
from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.dimension import Dimension
from graphmode.framework.operation import Tensor
from graphmode.ops.array.constants import const, constant
from graphmode.ops.array.joining import stack
from graphmode.ops.array.masking import boolean_mask
from graphmode.ops.array.strided_slicing import strided_slice
from graphmode.ops.math.casts import cast

_strided_slice_assign = late("graphmode.ops.state.sliced_assignment", "strided_slice_assign")
_after = late("graphmode.ops.state.references", "after")
_is_handle = late("graphmode.ops.state.references", "is_handle_of_variable")

newaxis = None
"""In ``tensor[...]``: a new axis of length 1."""

_MASKS = ("begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask", "shrink_axis_mask")


def _is_position(value) -> bool:
    """Whether `value` may stand for one position along an axis."""
    if isinstance(value, Tensor):
        dtype = value.dtype.base_dtype
        return dtype in (dtypes.int16, dtypes.int32, dtypes.int64) and not value.dims
    if isinstance(value, numbers.Integral | Dimension):
        return True
    return isinstance(value, np.ndarray) and value.ndim == 0 and value.dtype.kind in "iu"


def _position(value):
    if isinstance(value, Dimension):
        value = value.value
    elif not isinstance(value, Tensor) and hasattr(value, "_ref"):
        value = convert_to_tensor(value)
    if not _is_position(value):
        raise TypeError(
            "Only integers, slices (`:`), ellipsis (`...`), tf.newaxis (`None`) and scalar "
            f"tf.int32/tf.int64 tensors are valid indices, got {value!r}"
        )
    return value if isinstance(value, Tensor) else int(value)


def _is_mask(spec) -> bool:
    if isinstance(spec, Tensor):
        return spec.dtype.base_dtype.is_bool
    return isinstance(spec, np.ndarray) and spec.dtype == bool


def getitem(tensor: Any, slice_spec: Any) -> Tensor:
    """``tensor[slice_spec]``, as in NumPy.

    Parameters
    ----------
    tensor : Tensor, of any dtype
    slice_spec : index or tuple of them
        Ints, slices, ``...``, ``newaxis``, scalar int tensors; or a bool mask.

    Returns
    -------
    Tensor
        Of the dtype of `tensor`. Where `tensor` is a variable, its ``assign(value)`` writes to the
        slice.

    Raises
    ------
    TypeError
        If an index is none of these.
    ValueError
        If there are too many, or one is out of bounds.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default():
    ...     x = tf.zeros([4, 5, 6])
    ...     print(x[1:3, ..., tf.newaxis, 0].shape)
    (2, 5, 1)
    """
    if _is_mask(slice_spec):
        return boolean_mask(tensor, slice_spec)
    if not isinstance(slice_spec, list | tuple):
        slice_spec = [slice_spec]
    begin, end, strides = [], [], []
    masks = dict.fromkeys(_MASKS, 0)
    for k, item in enumerate(slice_spec):
        bit = 1 << k
        if isinstance(item, slice):
            start, stop, step = (
                None if bound is None else _position(bound)
                for bound in (item.start, item.stop, item.step)
            )
            masks["begin_mask"] |= bit if start is None else 0
            masks["end_mask"] |= bit if stop is None else 0
            given = next((b for b in (start, stop, step) if isinstance(b, Tensor)), None)
            begin.append(_or_default(start, 0, given))
            end.append(_or_default(stop, 0, given))
            strides.append(_or_default(step, 1, given))
        elif item is Ellipsis or item is None:
            masks["ellipsis_mask" if item is Ellipsis else "new_axis_mask"] |= bit
            begin.append(0)
            end.append(0)
            strides.append(1)
        else:
            item = _position(item)
            masks["shrink_axis_mask"] |= bit
            begin.append(item)
            end.append(item + 1)
            is_long = isinstance(item, Tensor) and item.dtype.base_dtype is dtypes.int64
            strides.append(constant(1, dtypes.int64) if is_long else 1)
    with name_scope(None, "strided_slice", [tensor]) as scope:
        tensor = convert_to_tensor(tensor)
        packed = [_packed_positions(values) for values in (begin, end, strides)]
        if any(t.dtype.base_dtype is dtypes.int64 for t in packed):
            packed = [
                t if t.dtype.base_dtype is dtypes.int64 else cast(t, dtypes.int64) for t in packed
            ]
        sliced = strided_slice(tensor, *packed, **masks, name=scope)
        sliced.assign = _assignment(tensor, packed, masks, scope)  # type: ignore[attr-defined]
        return sliced


def _assignment(tensor: Tensor, packed, masks, scope: str):
    """The method `assign` of a slice of `tensor`, which has to be what is read of a variable."""

    def assign(value: Any, name: str | None = None) -> Tensor:
        reads = tensor.op.type == "Identity" or tensor.op.op_def.role == "reading"
        variable = tensor.op.inputs[0] if reads else tensor
        handle = _is_handle(variable)
        if not (handle or variable.dtype._is_ref_dtype):
            raise ValueError("Sliced assignment is only supported for variables")
        name = name or f"{scope.rstrip('/')}/_assign"
        if handle:
            value = convert_to_tensor(value, dtype=tensor.dtype)
        written = _strided_slice_assign(variable, *packed, value, **masks, name=name)
        return _after(variable.graph.variables.get(variable.op), written) if handle else written

    return assign


def _packed_positions(values):
    if any(isinstance(value, Tensor) for value in values):
        return stack(values)
    try:
        return const(value=np.array(values, np.int32), dtype=dtypes.int32, name="stack")
    except OverflowError:
        return const(value=np.array(values, np.int64), dtype=dtypes.int64, name="stack")


def _or_default(bound, default, given):
    """`bound`; if it is left out beside a tensor, a constant of that tensor's dtype."""
    if bound is not None:
        return bound
    return default if given is None else constant(default, given.dtype.base_dtype)
