"""Constants."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import dtypes
from graphmode.framework.convert import make_array
from graphmode.framework.op import op
from graphmode.framework.shapes import as_shape
from graphmode.ops.array.packing import holds_tensor

if TYPE_CHECKING:
    from graphmode.framework.dtypes import DType
    from graphmode.framework.operation import Tensor


@op("Const", "-> dtype", shape=lambda op: [op.attrs["value"].shape], role="constant")
def const(*, value: np.ndarray, dtype: DType):
    """The attribute `value`: the node behind `constant`.

    Parameters
    ----------
    value : array, of any dtype
    dtype : DType

    Returns
    -------
    Tensor, `dtype`
    """
    return value


def constant(
    value: Any,
    dtype: Any = None,
    shape: Any = None,
    name: str | None = "Const",
    verify_shape: bool = False,
) -> Tensor:
    """A tensor with a value that does not change.

    Parameters
    ----------
    value : number, string, list or array
    dtype : dtype, optional
        By default float32 for Python floats, int32 for ints, an array's own dtype.
    shape : sequence of int, optional
        A shorter `value` is filled up with its last element.
    verify_shape : bool
        Refuse a `value` of another shape instead.

    Returns
    -------
    Tensor

    Raises
    ------
    TypeError, ValueError
        If `value` does not fit `dtype` or has more elements than `shape`, or holds a tensor.
    """
    if holds_tensor(value):
        raise TypeError(
            "Expected any non-tensor type, but got a tensor instead.\n"
            "  fix: tf.stack or tf.convert_to_tensor makes one tensor of a list of tensors"
        )
    array = make_array(value, None if dtype is None else dtypes.as_dtype(dtype))
    if shape is not None:
        dims = tuple(int(d) for d in as_shape(shape).as_list())
        if 0 in dims and not verify_shape and not isinstance(value, np.ndarray | np.generic):
            # Of Python values nothing is left, as in TensorFlow not even their dtype.
            array = np.zeros(dims, np.float32 if dtype is None else array.dtype)
        array = _filled(array, dims, verify_shape)
    elif isinstance(value, np.ndarray):
        array = array.copy()  # the caller may go on writing to it
    return const(value=array, dtype=dtypes.as_dtype(array.dtype), name=name)


def _filled(array: np.ndarray, shape: tuple[int, ...], verify: bool) -> np.ndarray:
    size = int(np.prod(shape, dtype=np.int64))
    if verify and array.shape != shape:
        raise TypeError(f"Expected Tensor's shape: {shape}, but got {array.shape}.")
    if array.size == 0:
        return (
            np.zeros(shape, array.dtype) if array.dtype != object else np.full(shape, b"", object)
        )
    if array.size > size:
        raise ValueError(
            f"Too many elements provided. Needed at most {size}, but received {array.size}"
        )
    flat = array.ravel()
    if array.size < size:
        flat = np.concatenate([flat, np.repeat(flat[-1:], size - array.size)])
    return flat.reshape(shape).copy()
