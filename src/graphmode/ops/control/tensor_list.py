"""Ops on lists of tensors: what TensorArray, and the gradient of a loop, are made of.

The list is a value: writing gives a new one. A tensor that holds one has dtype variant, shape ().
Types and semantics are those of TensorFlow's TensorList ops.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from graphmode.framework import dtypes
from graphmode.framework.dtypes import ANY, INDEX
from graphmode.framework.errors import invalid
from graphmode.framework.inference import constant_dims, constant_value
from graphmode.framework.op import op
from graphmode.ops import xp
from graphmode.ops.control.tensor_list_value import (
    NeedsHostError,
    TensorList,
    added,
    empty,
    from_array,
)

if TYPE_CHECKING:
    from graphmode.framework.dtypes import DType

_ANY = frozenset((*ANY, dtypes.variant))


def _scalar(op):
    return [()]


@op(
    "TensorListReserve",
    "shape_type, int32 -> handle: variant",
    shape=_scalar,
    static=("element_shape", "num_elements"),
    shape_type=INDEX,
)
def tensor_list_reserve(
    element_shape, num_elements, *, element_dtype: DType, _dynamic_size: bool = False
):
    """A list of `num_elements` tensors, none of them written."""
    return empty(int(num_elements), _dynamic_size)


@op("TensorListLike", "variant -> variant", shape=_scalar, differs="graphmode's own")
def tensor_list_like(input_handle):
    """A list as long as `input_handle`, none of its elements written."""
    return empty(input_handle.size, input_handle.grows)


@op(
    "TensorListFromTensor",
    "element_dtype, shape_type -> output_handle: variant",
    shape=_scalar,
    static=("element_shape",),
    element_dtype=ANY,
    shape_type=INDEX,
)
def tensor_list_from_tensor(tensor, element_shape):
    """The list of the rows ``tensor[0], tensor[1], ...``."""
    return from_array(tensor)


def _stacked_dims(op):
    dims = _dims(op, 1)
    return [None if dims is None else (None, *dims)]


def _dims(op, i):
    value = constant_value(op.inputs[i])
    if value is not None and value.ndim == 0:  # -1: nothing is known
        return None
    return constant_dims(op.inputs[i])


def _wanted(element_shape):
    shape = np.asarray(element_shape)
    return None if shape.ndim == 0 else tuple(int(d) for d in shape)


@op(
    "TensorListStack",
    "variant, int32 -> tensor: element_dtype",
    shape=_stacked_dims,
    static=("element_shape",),
)
def tensor_list_stack(input_handle, element_shape, *, element_dtype: DType, num_elements: int = -1):
    """All elements as one tensor; zeros where nothing was written."""
    return input_handle.filled(_wanted(element_shape), element_dtype.numpy_dtype)


def _can_be_read(input_handle, index, element_shape, *, _must_be_written, **attrs):
    if not _must_be_written:
        return True
    return input_handle.has(index)


@op(
    "TensorListGetItem",
    "variant, int32, Tshape -> item: element_dtype",
    shape=lambda op: [_dims(op, 2)],
    static=("element_shape",),
    check=_can_be_read,
    checked=lambda op: op.attrs["_must_be_written"],
    Tshape=INDEX,
)
def tensor_list_get_item(
    input_handle,
    index,
    element_shape,
    *,
    element_dtype: DType,
    _must_be_written: bool = False,
    _of_iteration: bool = False,
):
    """The element at `index`; zeros of `element_shape` if it was not written.

    With `_of_iteration` what was not written is of a branch that an iteration did not take: nothing
    reads it, and it has no entries where its shape is not known.
    """
    if not xp.is_traced(index) and _must_be_written and _is_missing(input_handle, index):
        input_handle.get(index)  # outside: says so
        raise invalid(
            f"Could not read from TensorArray index {int(index)}: nothing was written there "
            f"(size {input_handle.size}).\n  fix: write every element before it is read, and go on "
            "with the array that write returns: array = array.write(i, value)"
        )
    value = input_handle.get(index)
    if value is not None:
        return value
    if element_dtype is dtypes.variant:
        if xp.is_traced(index):
            raise NeedsHostError("a list inside a list that is empty")
        return empty(0)  # of a branch that was not taken
    dims = _wanted(element_shape)
    if dims is None or any(d < 0 for d in dims):
        if xp.is_traced(index):
            raise NeedsHostError("an element of unknown shape")
        if _of_iteration:
            return np.zeros([max(d, 0) for d in dims or (0,)], element_dtype.numpy_dtype)
        raise invalid(
            f"Could not read from TensorArray index {int(index)}. Furthermore, the element shape "
            f"is not fully defined: {dims}. Set element_shape= of the TensorArray."
        )
    return np.zeros(dims, element_dtype.numpy_dtype)


def _is_missing(input_handle, index):
    has = input_handle.has(index)
    return not xp.is_traced(has) and not has


def _can_be_written(input_handle, index, item, *, _write_once):
    if input_handle.grows or not _write_once:
        return True
    inside = (index >= 0) & (index < input_handle.size)
    return inside & xp.logical_not(input_handle.has(index))


@op(
    "TensorListSetItem",
    "variant, int32, element_dtype -> output_handle: variant",
    shape=_scalar,
    check=_can_be_written,
    checked=lambda op: op.attrs["_write_once"],
    element_dtype=_ANY,
)
def tensor_list_set_item(input_handle, index, item, *, _write_once: bool = False):
    """The list with `item` at `index`."""
    if _write_once:
        _refuse_second_write(input_handle, index)
    return input_handle.set(index, item)


def _refuse_second_write(input_handle, index):
    has = False if xp.is_traced(index) else input_handle.has(index)
    if not xp.is_traced(has) and has:
        raise invalid(
            f"Could not write to TensorArray index {int(index)} because it has already been "
            "written to."
        )


@op(
    "TensorListAccumulate",
    "variant, int32, T -> variant",
    shape=_scalar,
    differs="graphmode's own",
    T=_ANY,
)
def tensor_list_accumulate(input_handle, index, item):
    """The list with `item` added to the element at `index`."""
    return input_handle.add(index, item)


@op("TensorListAdd", "variant, variant -> variant", shape=_scalar, differs="graphmode's own")
def tensor_list_add(a, b):
    """The sum of two lists, element by element."""
    return added(a, b)


@op("TensorListLength", "variant -> length: int32", shape=_scalar)
def tensor_list_length(input_handle):
    """The number of elements."""
    return np.int32(input_handle.size)


def _gathered_dims(op):
    dims, n = _dims(op, 2), op.inputs[1].dims
    return [None if dims is None else (n[0] if n else None, *dims)]


@op(
    "TensorListGather",
    "variant, int32, int32 -> values: element_dtype",
    shape=_gathered_dims,
    static=("element_shape",),
)
def tensor_list_gather(input_handle, indices, element_shape, *, element_dtype: DType):
    """The elements at `indices` as one tensor; zeros where nothing was written."""
    rows = input_handle.filled(_wanted(element_shape), element_dtype.numpy_dtype)
    if not xp.is_traced(indices) and indices.size:
        outside = indices[(indices < 0) | (indices >= input_handle.size)]
        if outside.size:
            input_handle.get(outside[0])
    return xp.take(rows, indices, axis=0)


@op(
    "TensorListScatterIntoExistingList",
    "variant, element_dtype, int32 -> output_handle: variant",
    shape=_scalar,
    static=("indices",),
    element_dtype=ANY,
)
def tensor_list_scatter(input_handle, tensor, indices, *, _write_once: bool = False):
    """The list with the rows of `tensor` at `indices`."""
    for row, index in enumerate(indices):
        if _write_once:
            _refuse_second_write(input_handle, index)
        input_handle = input_handle.set(index, tensor[row])
    return input_handle


@op(
    "TensorListConcatV2",
    "variant, shape_type, int64 -> tensor: element_dtype, lengths: int64",
    shape=lambda op: [
        None if (dims := _dims(op, 1)) is None else (None, *dims[1:]),
        (None,),
    ],
    static=("element_shape", "leading_dims"),
    shape_type=INDEX,
)
def tensor_list_concat(input_handle, element_shape, leading_dims, *, element_dtype: DType):
    """The elements joined along their first axis, and the length of each.

    `leading_dims`, if any are given, are the lengths of those that were not written: zeros.
    """
    rows = input_handle.rows
    if input_handle.is_list and len(leading_dims) and None in [r if r is None else 0 for r in rows]:
        known = next((row.shape for row in rows if row is not None), _wanted(element_shape))
        rows = [
            np.zeros((int(n), *known[1:]), element_dtype.numpy_dtype) if row is None else row
            for n, row in zip(leading_dims, rows, strict=True)
        ]
    if input_handle.is_list and all(row is not None for row in rows):
        if not input_handle.size:
            dims = _wanted(element_shape) or (0,)
            return np.zeros((0, *dims[1:]), element_dtype.numpy_dtype), np.zeros(0, np.int64)
        lengths = np.array([row.shape[0] for row in rows], np.int64)
        return xp.concatenate(rows, 0), lengths
    rows = input_handle.filled(_wanted(element_shape), element_dtype.numpy_dtype)
    joined = xp.reshape(rows, (rows.shape[0] * rows.shape[1], *rows.shape[2:]))
    return joined, np.full(rows.shape[0], rows.shape[1], np.int64)


@op(
    "TensorListSplit",
    "element_dtype, shape_type, int64 -> output_handle: variant",
    shape=_scalar,
    static=("element_shape", "lengths"),
    element_dtype=ANY,
    shape_type=INDEX,
)
def tensor_list_split(tensor, element_shape, lengths):
    """The list of consecutive pieces of `tensor`, of the given lengths."""
    if int(np.sum(lengths)) != tensor.shape[0]:
        raise invalid(
            f"Expected sum of lengths to be equal to values.shape[0], but sum of lengths is "
            f"{int(np.sum(lengths))} and value's shape is: {list(tensor.shape)}"
        )
    ends = np.cumsum(lengths)
    rows = [tensor[int(end - n) : int(end)] for n, end in zip(lengths, ends, strict=True)]
    return TensorList(rows, None, len(rows))
