"""Gradient rules of the ops on sparse tensors, and on rows of different lengths."""

from __future__ import annotations

from graphmode.autodiff.registry import STOPS, register
from graphmode.framework.indexed_slices import IndexedSlices
from graphmode.ops import array, math
from graphmode.ops.ragged.rows import ragged_range_op
from graphmode.ops.sparse.arrangement import sparse_fill_empty_rows_grad_op
from graphmode.ops.sparse.cuts import sparse_slice_grad_op
from graphmode.ops.sparse.products import sparse_product_op
from graphmode.ops.sparse.sums import sparse_add_grad_op


def _to_dense(op, dy):
    by_values = array.gather_nd(dy, _index_matrix(op.inputs[0]))
    return [None, None, by_values, math.reduce_sum(dy) - math.reduce_sum(by_values)]


def _index_matrix(indices):
    return indices if indices.dims is None or len(indices.dims) > 1 else indices[:, None]


def _product(op, dy):
    indices, values, shape, b = op.inputs
    adjoint_a, adjoint_b = op.attrs["adjoint_a"], op.attrs["adjoint_b"]
    by_b = sparse_product_op(indices, values, shape, dy, adjoint_a=not adjoint_a)
    rows, columns = indices[:, 0], indices[:, 1]
    dense = array.matrix_transpose(b, conjugate=True) if adjoint_b else b
    taken = array.gather(dy, columns if adjoint_a else rows)
    other = array.gather(dense, rows if adjoint_a else columns)
    by_values = math.reduce_sum(taken * math.conj(other), axis=1)
    if adjoint_a:
        by_values = math.conj(by_values)
    if adjoint_b:
        by_b = array.matrix_transpose(by_b, conjugate=True)
    return [None, by_values, None, by_b]


def _fill(op, *gradients):
    by_values, by_default = sparse_fill_empty_rows_grad_op(op.outputs[3], gradients[1])
    return [None, by_values, None, by_default]


def _add(op, by_indices, dy, by_shape):
    by_a, by_b = sparse_add_grad_op(dy, op.inputs[0], op.inputs[3], op.outputs[0])
    return [None, by_a, None, None, by_b, None, None]


def _add_dense(op, dy):
    return [None, array.gather_nd(dy, op.inputs[0]), None, dy]


def _slice(op, by_indices, dy, by_shape):
    by_values = sparse_slice_grad_op(dy, op.inputs[0], op.inputs[3], op.outputs[0])
    return [None, by_values, None, None, None]


def _rows(op, *gradients):
    *nested, values, indices = op.inputs
    splits = nested[0]
    for inner in nested[1:]:
        splits = array.gather(inner, splits)
    rows = array.reshape(indices, [-1])
    starts, limits = array.gather(splits, rows), array.gather(splits[1:], rows)
    one = array.ones([], starts.dtype)
    places = ragged_range_op(starts, limits, one, Tsplits=starts.dtype)[1]
    taken = IndexedSlices(gradients[-1], places, array.shape(values))
    return [*[None] * len(nested), taken, None]


def _ragged_to_sparse(op, by_indices, dy, by_shape):
    *nested, values = op.inputs
    return [*[None] * len(nested), array.reshape(dy, array.shape(values))]


register(
    {
        "RaggedGather": _rows,
        "RaggedRange": STOPS,
        "RaggedTensorToSparse": _ragged_to_sparse,
        "SparseToDense": _to_dense,
        "SparseSplit": STOPS,
        "SparseTensorDenseMatMul": _product,
        "SparseReshape": STOPS,
        "SparseFillEmptyRows": _fill,
        "SparseAdd": _add,
        "SparseSlice": _slice,
        "SparseTensorDenseAdd": _add_dense,
    }
)
