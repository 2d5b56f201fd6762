"""Sparse tensors cut into pieces; slices left out."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.dtypes import ANY, NUMBERS, int64
from graphmode.framework.errors import invalid
from graphmode.framework.indexed_slices import IndexedSlices
from graphmode.framework.op import op
from graphmode.framework.sparse_tensor import SparseTensor
from graphmode.ops import array
from graphmode.ops.array.distinct import setdiff1d
from graphmode.ops.old_names import either
from graphmode.ops.sparse.dense import as_sparse


def _pieces_shape(op):
    rank = op.inputs[3].dims[0] if op.inputs[3].dims else None
    count = op.attrs["num_split"]
    return [(None, rank)] * count + [(None,)] * count + [(rank,)] * count


@op(
    "SparseSplit",
    "int64, int64, T, int64 -> output_indices: int64*num_split, output_values: T*num_split, "
    "output_shape: int64*num_split",
    shape=_pieces_shape,
    data_dependent=True,
    T=ANY,
)
def _sparse_split(split_dim, indices, values, shape, *, num_split: int):
    axis, rank = int(split_dim), len(shape)
    if not 0 <= axis < rank:
        raise invalid(f"Input split_dim should be between 0 and rank ({rank}), got {axis}")
    length = int(shape[axis])
    if not 1 <= num_split <= length:
        raise invalid(
            "Input num_split should be between 1 and the splitting dimension size "
            f"({length}), got {num_split}"
        )
    # The first pieces are one longer where the length is no multiple.
    lengths = [length // num_split + (i < length % num_split) for i in range(num_split)]
    found: list[list[Any]] = [[], [], []]
    begin = 0
    for n in lengths:
        inside = (indices[:, axis] >= begin) & (indices[:, axis] < begin + n)
        moved = indices[inside]
        moved[:, axis] -= begin
        size = shape.copy()
        size[axis] = n
        for part, value in zip(found, (moved, values[inside], size), strict=True):
            part.append(value)
        begin += n
    return [part for parts in found for part in parts]


def sparse_split(
    keyword_required: Any = None,
    sp_input: Any = None,
    num_split: Any = None,
    axis: Any = None,
    name: str | None = None,
    split_dim: Any = None,
) -> list[SparseTensor]:
    """The pieces of a SparseTensor along an axis; call it by keywords.

    Parameters
    ----------
    keyword_required : None
        In the place of the first argument, which changed its meaning.
    sp_input : SparseTensor, of any dtype
    num_split : int
        How many pieces; the first are one longer where they cannot be equal.
    axis, split_dim : int
        `split_dim` is the old name.

    Returns
    -------
    list of SparseTensor

    Raises
    ------
    ValueError
        If an argument is missing, given by position or twice.
    InvalidArgumentError
        When it runs, if the axis is not that long.

    Notes
    -----
    TF op SparseSplit.
    """
    if keyword_required is not None:
        raise ValueError("Keyword arguments are required for this function.")
    if sp_input is None or num_split is None:
        raise ValueError(f"{'sp_input' if sp_input is None else 'num_split'} is required")
    axis = either("axis", axis, "split_dim", split_dim)
    if axis is None:
        raise ValueError("axis is required")
    if num_split < 1:
        raise ValueError(
            f"Attr 'num_split' of 'SparseSplit' Op passed {num_split} less than minimum 1."
        )
    sp_input = as_sparse(sp_input)
    made = _sparse_split(
        axis,
        sp_input.indices,
        sp_input.values,
        sp_input.dense_shape,
        num_split=num_split,
        name=name,
    )
    parts = (made[i * num_split : (i + 1) * num_split] for i in range(3))
    return [SparseTensor(*part) for part in zip(*parts, strict=True)]


def _slice_shape(op):
    rank = next((t.dims[0] for t in op.inputs[2:] if t.dims), None)
    return [(None, rank), (None,), (rank,)]


@op(
    "SparseSlice",
    "int64, T, int64, int64, int64 -> output_indices: int64, output_values: T, output_shape: int64",
    shape=_slice_shape,
    data_dependent=True,
    T=ANY,
)
def _sparse_slice(indices, values, shape, start, size):
    for what, given in (("start", start), ("size", size)):
        if given.shape != shape.shape:
            raise invalid(
                f"Expected {what} to be a vector of length {len(shape)} but got length {given.size}"
            )
    moved = indices - start
    lengths = np.maximum(np.minimum(size, shape - start), 0)
    inside = ((moved >= 0) & (moved < lengths)).all(1)
    return moved[inside], values[inside], lengths


@op(
    "SparseSliceGrad",
    "T, int64, int64, int64 -> val_grad: T",
    shape=lambda op: [op.inputs[1].dims and op.inputs[1].dims[:1]],
    data_dependent=True,
    T=NUMBERS,
)
def sparse_slice_grad_op(backprop_val_grad, input_indices, input_start, output_indices):
    """The gradient of the values that a SparseSlice cuts."""
    at = {tuple(index): i for i, index in enumerate((output_indices + input_start).tolist())}
    padded = np.append(backprop_val_grad, np.zeros(1, backprop_val_grad.dtype))
    return padded[np.array([at.get(tuple(i), -1) for i in input_indices.tolist()], int)]


def sparse_slice(sp_input: Any, start: Any, size: Any, name: str | None = None) -> SparseTensor:
    """The elements of a SparseTensor that are in a box.

    Parameters
    ----------
    sp_input : SparseTensor, of any dtype
    start, size : Tensor or list of int, [rank]
        Where the box begins, and how long it is; it ends where the tensor does.

    Returns
    -------
    SparseTensor
        In the shape of the box.

    Raises
    ------
    InvalidArgumentError
        When it runs, if `start` or `size` is of another length.

    Notes
    -----
    TF op SparseSlice.
    """
    sp_input = as_sparse(sp_input)
    start, size = (convert_to_tensor(given, dtype=int64) for given in (start, size))
    with name_scope(name, "SparseSlice", [sp_input]) as scope:
        return SparseTensor(
            *_sparse_slice(
                sp_input.indices,
                sp_input.values,
                sp_input.dense_shape,
                start,
                size,
                name=scope,
            )
        )


def sparse_mask(a: Any, mask_indices: Any, name: str | None = None) -> IndexedSlices:
    """The slices of `a` without those that are masked.

    Parameters
    ----------
    a : IndexedSlices, of any dtype
    mask_indices : Tensor, of the dtype of its indices, [n]
        The indices to leave out.

    Returns
    -------
    IndexedSlices
    """
    with name_scope(name, "sparse_mask", [a.values, a.indices, mask_indices]) as scope:
        kept, places = setdiff1d(a.indices, mask_indices)
        values = array.gather(a.values, places, name=scope)
        return IndexedSlices(values, kept, a.dense_shape)
