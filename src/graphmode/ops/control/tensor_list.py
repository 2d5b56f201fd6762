"""Ops on lists of tensors: what TensorArray, and the gradient of a loop, are made of.

The list is a value: writing gives a new one. A tensor that holds one has dtype variant, shape ().
Types and semantics are those of TensorFlow's TensorList ops.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from graphmode._addresses.late import late
from graphmode.framework import dtypes, shape_rules
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
    fitted,
    from_array,
)

if TYPE_CHECKING:
    from graphmode.framework.dtypes import DType
    from graphmode.framework.shapes import TensorShape

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


@op(
    "EmptyTensorList",
    "shape_type, int32 -> handle: variant",
    shape=_scalar,
    static=("element_shape", "max_num_elements"),
    shape_type=INDEX,
)
def empty_tensor_list(element_shape, max_num_elements, *, element_dtype: DType):
    """A list without elements; no matter how long it becomes."""
    return empty(0)


@op(
    "TensorListPushBack",
    "variant, element_dtype -> output_handle: variant",
    shape=_scalar,
    element_dtype=_ANY,
)
def tensor_list_push_back(input_handle, tensor):
    """The list with one more element, `tensor`, at its end."""
    return input_handle.pushed(tensor)


@op(
    "TensorListPopBack",
    "variant, int32 -> output_handle: variant, tensor: element_dtype",
    shape=lambda op: [(), _dims(op, 1)],
    static=("element_shape",),
)
def tensor_list_pop_back(input_handle, element_shape, *, element_dtype: DType):
    """The list without its last element, and that element; zeros if it was not written."""
    if not input_handle.size:
        raise invalid("Trying to pop from an empty list.")
    value = input_handle.get(input_handle.size - 1)
    if value is None:
        dims = _wanted(element_shape)
        if not _is_known(dims):
            raise invalid(
                "Trying to read an uninitialized tensor but element_shape is not fully defined: "
                f"{_shape_text(dims)}"
            )
        value = np.zeros(dims, element_dtype.numpy_dtype)
    return input_handle.popped(), value


@op(
    "TensorListLike",
    "variant -> variant",
    shape=_scalar,
    written=late("graphmode.ops.control.plain_lists", "like"),
    differs="graphmode's own",
)
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


@op(
    "TensorListFitted",
    "variant, variant -> variant",
    shape=_scalar,
    written=late("graphmode.ops.control.plain_lists", "fitted"),
    differs="graphmode's own",
)
def tensor_list_fitted(input_handle, like, *, _made_by: str = ""):
    """`input_handle` as a list of the size of `like`, which grows if that one does.

    Raises
    ------
    InvalidArgumentError
        When it runs, if a list made by "unstack" is longer than one that does not grow, or one made
        by "split" not as long.
    """
    n, size = input_handle.size, like.size
    if _made_by == "unstack" and n > size and not like.grows:
        raise invalid(f"Max scatter index must be < array size ({n - 1} vs. {size})")
    if _made_by == "split" and n != size and not like.grows:
        raise invalid(
            f"TensorArray's size is not equal to the size of lengths ({size} vs. {n}), and the "
            "TensorArray is not marked as dynamically resizeable"
        )
    if _made_by and n > size:
        like = empty(n, grows=True)
    return fitted(input_handle, like)


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


def _can_be_read(input_handle, index, element_shape, *, _checked, _one_shape, **attrs):
    if not _checked:
        return True
    if _is_known(_wanted(element_shape)) or (_one_shape and input_handle.element_shape is not None):
        return (index >= 0) & (index < input_handle.size)
    return input_handle.has(index)


def _is_known(dims):
    return dims is not None and all(d >= 0 for d in dims)


@op(
    "TensorListGetItem",
    "variant, int32, int32 -> item: element_dtype",
    shape=lambda op: [_dims(op, 2)],
    static=("element_shape",),
    check=_can_be_read,
    checked=lambda op: op.attrs["_checked"],
)
def tensor_list_get_item(
    input_handle,
    index,
    element_shape,
    *,
    element_dtype: DType,
    _checked: bool = False,
    _one_shape: bool = False,
    _of_iteration: bool = False,
):
    """The element at `index`; zeros of `element_shape` if it was not written.

    With `_one_shape` that of another element, if need be. With `_of_iteration` what was not written
    is of a branch that an iteration did not take: nothing reads it, and it has no entries where its
    shape is not known.
    """
    value = input_handle.get(index)
    if value is not None:
        return value
    if element_dtype is dtypes.variant:
        if xp.is_traced(index):
            raise NeedsHostError("a list inside a list that is empty")
        return empty(0)  # of a branch that was not taken
    dims = _wanted(element_shape)
    if _one_shape and not _is_known(dims):
        dims = input_handle.element_shape
    if dims is None or not _is_known(dims):
        if xp.is_traced(index):
            raise NeedsHostError("an element of unknown shape")
        if _of_iteration:
            return np.zeros([max(d, 0) for d in dims or (0,)], element_dtype.numpy_dtype)
        raise invalid(
            f"Could not read from TensorArray index {int(index)}.  Furthermore, the element shape "
            f"is not fully defined: {_shape_text(dims)}.\n  fix: write every element before it is "
            "read, and go on with the array that write returns: array = array.write(i, value); or "
            "set element_shape=, and what is not written is zeros"
        )
    return np.zeros(dims, element_dtype.numpy_dtype)


def _shape_text(dims):
    if dims is None:
        return "<unknown>"
    return f"[{','.join('?' if d is None or d < 0 else str(d) for d in dims)}]"


def _can_be_written(
    input_handle, index, item, *, resize_if_index_out_of_bounds, _write_once, **attrs
):
    if input_handle.grows or resize_if_index_out_of_bounds or not _write_once:
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
def tensor_list_set_item(
    input_handle,
    index,
    item,
    *,
    resize_if_index_out_of_bounds: bool = False,
    _write_once: bool = False,
    _one_shape: bool = False,
    _element_shape: TensorShape | None = None,
):
    """The list with `item` at `index`; of the shape of the others, if there is `_one_shape`."""
    if resize_if_index_out_of_bounds:
        input_handle = input_handle.growing()
    if _write_once:
        _refuse_second_write(input_handle, index)
        _refuse_shape(index, np.shape(item), _element_shape)
    if _one_shape:
        _refuse_shape(index, np.shape(item), input_handle.element_shape)
    return input_handle.set(index, item)


def _refuse_shape(index, shape, expected):
    dims = getattr(expected, "_dims", expected)
    if dims is None:
        return
    if len(shape) != len(dims) or any(
        d is not None and d != n for d, n in zip(dims, shape, strict=True)
    ):
        place = "" if xp.is_traced(index) else f" {int(index)}"
        raise invalid(
            f"Could not write to TensorArray index{place} because the value shape is "
            f"{_shape_text(shape)} which is incompatible with the TensorArray's inferred element "
            f"shape: {_shape_text(dims)} (consider setting infer_shape=False)."
        )


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
    written=late("graphmode.ops.control.plain_lists", "accumulate"),
    differs="graphmode's own",
    T=_ANY,
)
def tensor_list_accumulate(input_handle, index, item):
    """The list with `item` added to the element at `index`."""
    return input_handle.add(index, item)


@op(
    "TensorListAdd",
    "variant, variant -> variant",
    shape=_scalar,
    written=late("graphmode.ops.control.plain_lists", "add"),
    differs="graphmode's own",
)
def tensor_list_add(a, b):
    """The sum of two lists, element by element."""
    return added(a, b)


@op(
    "TensorListElementShape",
    "variant -> element_shape: shape_type",
    shape=shape_rules.unknown,
    shape_type=INDEX,
)
def tensor_list_element_shape(input_handle, *, shape_type: DType):
    """The shape of the elements; -1 where none was written."""
    dims = input_handle.element_shape
    return np.array(-1 if dims is None else dims, shape_type.numpy_dtype)


@op(
    "TensorListResize",
    "variant, int32 -> output_handle: variant",
    shape=_scalar,
    static=("size",),
)
def tensor_list_resize(input_handle, size):
    """The list with `size` elements: those beyond are left out, others not written."""
    return fitted(input_handle, empty(int(size), input_handle.grows))


@op("TensorListLength", "variant -> length: int32", shape=_scalar, reads_shape=True)
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


def _scattered(op):
    rows, indices = op.inputs[1].dims, op.inputs[2].dims
    if rows and indices and None not in (rows[0], indices[0]) and rows[0] != indices[0]:
        raise ValueError(f"Dimensions must be equal, but are {rows[0]} and {indices[0]}")
    return [()]


@op(
    "TensorListScatterIntoExistingList",
    "variant, element_dtype, int32 -> output_handle: variant",
    shape=_scattered,
    static=("indices",),
    element_dtype=ANY,
)
def tensor_list_scatter(
    input_handle, tensor, indices, *, _write_once: bool = False, _one_shape: bool = False
):
    """The list with the rows of `tensor` at `indices`."""
    if tensor.shape[:1] != np.shape(indices):
        raise invalid(
            f"Expected len(indices) == values.shape[0], but saw: {np.size(indices)} vs. "
            f"{tensor.shape[0] if tensor.ndim else 1}"
        )
    if _one_shape and len(indices):
        _refuse_shape(indices[0], tensor.shape[1:], input_handle.element_shape)
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
        _refuse_to_concat(rows)
        if not input_handle.size:
            dims = _wanted(element_shape) or (0,)
            return np.zeros((0, *dims[1:]), element_dtype.numpy_dtype), np.zeros(0, np.int64)
        lengths = np.array([row.shape[0] for row in rows], np.int64)
        return xp.concatenate(rows, 0), lengths
    rows = input_handle.filled(_wanted(element_shape), element_dtype.numpy_dtype)
    joined = xp.reshape(rows, (rows.shape[0] * rows.shape[1], *rows.shape[2:]))
    return joined, np.full(rows.shape[0], rows.shape[1], np.int64)


def _refuse_to_concat(rows):
    shapes = [np.shape(row) for row in rows]
    for i, shape in enumerate(shapes):
        if not shape:
            raise invalid(
                f"Concat saw a scalar shape at index {i} but requires at least vectors.  Did you "
                "mean to call pack?"
            )
        if shape[1:] != shapes[0][1:]:
            raise invalid(
                "TensorArray has inconsistent shapes.  Index 0 has (excepting dimension 0) shape: "
                f"{_shape_text(shapes[0][1:])} but index {i} has (excepting dimension 0) shape: "
                f"{_shape_text(shape[1:])}"
            )


@op(
    "TensorListSplit",
    "element_dtype, shape_type, int64 -> output_handle: variant",
    shape=_scalar,
    static=("element_shape", "lengths"),
    element_dtype=ANY,
    shape_type=INDEX,
)
def tensor_list_split(tensor, element_shape, lengths, *, _one_shape: bool = False):
    """The list of consecutive pieces of `tensor`, of the given lengths."""
    if np.ndim(lengths) != 1:
        raise invalid(
            f"Expected lengths to be a vector, received shape: {_shape_text(lengths.shape)}"
        )
    if not tensor.ndim:
        raise invalid("Expected value to be at least a vector, but received shape: []")
    if int(np.sum(lengths)) != tensor.shape[0]:
        raise invalid(
            f"Expected sum of lengths to be equal to values.shape[0], but sum of lengths is "
            f"{int(np.sum(lengths))} and value's shape is: {list(tensor.shape)}"
        )
    ends = np.cumsum(lengths)
    rows = [tensor[int(end - n) : int(end)] for n, end in zip(lengths, ends, strict=True)]
    for i, row in enumerate(rows if _one_shape else ()):
        _refuse_shape(i, np.shape(row), np.shape(rows[0]))
    return TensorList(rows, None, len(rows))
