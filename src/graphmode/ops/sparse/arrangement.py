"""Sparse tensors in order, one after the other, or with some of their elements left out."""

from __future__ import annotations

import numpy as np

from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.dtypes import NUMBERS
from graphmode.framework.op import op
from graphmode.framework.sparse_tensor import SparseTensor
from graphmode.ops import array, xp
from graphmode.ops.sparse.dense import as_sparse


def _order(indices):
    """The permutation that puts indices ``[n, rank]`` in row-major order."""
    return xp.lexsort([indices[:, i] for i in range(indices.shape[1] - 1, -1, -1)])


def _count(*parts) -> int | None:
    """The number of elements of a sparse tensor, by its indices or its values."""
    return next((t.dims[0] for t in parts if t.dims and t.dims[0] is not None), None)


def _reordered_shape(op):
    count, indices = _count(*op.inputs[:2]), op.inputs[0].dims
    return [(count, indices[1] if indices else None), (count,)]


@op(
    "SparseReorder",
    "int64, T, int64 -> output_indices: int64, output_values: T",
    shape=_reordered_shape,
    T=NUMBERS | {dtypes.bool},
)
def _sparse_reorder(input_indices, input_values, input_shape):
    order = _order(input_indices)
    return input_indices[order], input_values[order]


def sparse_reorder(sp_input, name=None):
    """`sp_input`, a SparseTensor of any dtype, with its elements in row-major order.

    Notes
    -----
    TF op SparseReorder.
    """
    sp_input = as_sparse(sp_input)
    indices, values = _sparse_reorder(
        sp_input.indices, sp_input.values, sp_input.dense_shape, name=name
    )
    return SparseTensor(indices, values, array.identity(sp_input.dense_shape))


def _concat_shape(op):
    n = op.attrs["N"]
    counts = [_count(op.inputs[i], op.inputs[n + i]) for i in range(n)]
    total = None if None in counts else sum(counts)
    ranks = [t.dims[1] if t.dims else None for t in op.inputs[:n]]
    rank = next((r for r in ranks if r is not None), None)
    return [(total, rank), (total,), (rank,)]


@op(
    "SparseConcat",
    "int64*N, T*N, int64*N -> output_indices: int64, output_values: T, output_shape: int64",
    shape=_concat_shape,
    T=NUMBERS | {dtypes.bool},
)
def _sparse_concat(indices, values, shapes, *, concat_dim: int):
    axis = concat_dim % shapes[0].shape[0]
    moved, offset = [], 0
    for index, shape in zip(indices, shapes, strict=True):
        step = np.eye(index.shape[1], dtype=np.int64)[axis]
        moved.append(index + step * offset)
        offset = offset + shape[axis]
    joined = xp.concatenate(moved)
    order = _order(joined)
    is_axis = np.arange(shapes[0].shape[0]) == axis
    return joined[order], xp.concatenate(list(values))[order], xp.where(is_axis, offset, shapes[0])


def sparse_concat(axis, sp_inputs, name=None, concat_dim=None):
    """SparseTensors joined along an axis.

    Parameters
    ----------
    axis, concat_dim : int
        May count from the end. `concat_dim` is the old name.
    sp_inputs : list of SparseTensor, of one dtype
        Equally long along the other axes.

    Returns
    -------
    SparseTensor

    Notes
    -----
    TF op SparseConcat.
    """
    inputs = [as_sparse(part) for part in sp_inputs]
    if len(inputs) == 1:
        return inputs[0]
    return SparseTensor(
        *_sparse_concat(
            [part.indices for part in inputs],
            [part.values for part in inputs],
            [part.dense_shape for part in inputs],
            concat_dim=axis if concat_dim is None else concat_dim,
            name=name,
        )
    )


def sparse_retain(sp_input, to_retain):
    """Some of the elements of a SparseTensor.

    Parameters
    ----------
    sp_input : SparseTensor, of any dtype, with n elements
    to_retain : Tensor, bool, [n]
        Which of them are kept.

    Returns
    -------
    SparseTensor
    """
    sp_input = as_sparse(sp_input)
    kept = array.reshape(array.where(convert_to_tensor(to_retain)), [-1])
    return SparseTensor(
        array.gather(sp_input.indices, kept),
        array.gather(sp_input.values, kept),
        array.identity(sp_input.dense_shape),
    )
