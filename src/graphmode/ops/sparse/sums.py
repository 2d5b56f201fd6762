"""Sums of sparse tensors: over axes, and of two of them."""

from __future__ import annotations

import math as numbers
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.dtypes import INDEX, NUMBERS, REALS
from graphmode.framework.errors import invalid
from graphmode.framework.inference import constant_dims, constant_value
from graphmode.framework.op import op
from graphmode.framework.sparse_tensor import SparseTensor, SparseTensorValue
from graphmode.ops import array, xp
from graphmode.ops.sparse.dense import added_at, as_sparse, flat_index
from graphmode.ops.sparse.elementwise import largest_at
from graphmode.ops.xp import is_traced

if TYPE_CHECKING:
    from graphmode.framework.operation import Tensor


def _sum_shape(op):
    shape, axes = constant_dims(op.inputs[2]), constant_value(op.inputs[3])
    if shape is None or axes is None:
        return [None]
    reduced = {int(axis) % len(shape) for axis in np.ravel(axes)} or set(range(len(shape)))
    if op.attrs["keep_dims"]:
        return [tuple(1 if i in reduced else n for i, n in enumerate(shape))]
    return [tuple(n for i, n in enumerate(shape) if i not in reduced)]


def _groups(indices, shape, axes, keep_dims: bool):
    """For each element the place of its sum, how many sums there are, and their shape."""
    shape = [int(n) for n in shape]
    axes = [int(axis) for axis in np.ravel(axes)]
    for axis in axes:
        if not -len(shape) <= axis < len(shape):
            raise invalid(f"Invalid reduction dimension {axis}, for input with {len(shape)} "
                           "dimensions.")  # fmt: skip
    reduced = {axis % len(shape) for axis in axes} or set(range(len(shape)))
    kept = [i for i in range(len(shape)) if i not in reduced]
    sizes = [shape[i] for i in kept]
    place = flat_index(indices[:, kept], sizes) if kept else indices[:, 0] * 0
    lengths = [1 if i in reduced else n for i, n in enumerate(shape)] if keep_dims else sizes
    return place, numbers.prod(sizes), lengths


@op(
    "SparseReduceSum",
    "int64, T, int64, int32 -> T",
    shape=_sum_shape,
    static=("input_shape", "reduction_axes"),
    T=NUMBERS,
)
def _sparse_reduce_sum(
    input_indices, input_values, input_shape, reduction_axes, *, keep_dims: bool = False
):
    place, size, lengths = _groups(input_indices, input_shape, reduction_axes, keep_dims)
    total = added_at(np.zeros(size, input_values.dtype), (place,), input_values)
    return total.reshape(lengths)


def sparse_reduce_sum(
    sp_input: Any,
    axis: Any = None,
    keepdims: bool | None = None,
    reduction_axes: Any = None,
    keep_dims: bool | None = None,
) -> Tensor:
    """The sum of the elements of a SparseTensor over axes, dense.

    Parameters
    ----------
    sp_input : SparseTensor, numeric
    axis, reduction_axes : int or list of int, optional
        All axes if not given. `reduction_axes` is the old name.
    keepdims, keep_dims : bool
        Leave reduced axes as lengths of 1. `keep_dims` is the old name.

    Returns
    -------
    Tensor
        Of the dtype of `sp_input`.

    Notes
    -----
    TF op SparseReduceSum.
    """
    axis, keep = _axes_of(sp_input, axis, keepdims, reduction_axes, keep_dims)
    return _sparse_reduce_sum(
        sp_input.indices, sp_input.values, sp_input.dense_shape, axis, keep_dims=keep
    )


def _axes_of(
    sp_input: Any,
    axis: Any,
    keepdims: bool | None,
    reduction_axes: Any,
    keep_dims: bool | None,
) -> tuple[Any, bool]:
    axis = reduction_axes if axis is None else axis
    if axis is None:
        axis = array.range(array.size(sp_input.dense_shape))
    return axis, bool(keep_dims if keepdims is None else keepdims)


def _largest(place, size, values):
    """The largest of each group, and 0 where there is none; equal ones share the gradient."""
    largest = largest_at(size, place, values)
    is_largest = (values == xp.take(largest, place)).astype(values.dtype)
    count = added_at(np.zeros(size, values.dtype), (place,), is_largest)
    if not is_traced(values, place):
        return xp.where(count > 0, largest, 0).astype(values.dtype)
    total = added_at(
        np.zeros(size, values.dtype), (place,), xp.where(is_largest > 0, values, 0)
    )  # fmt: skip
    return (total / xp.maximum(count, 1)).astype(values.dtype)


@op(
    "SparseReduceMax",
    "int64, T, int64, int32 -> T",
    shape=_sum_shape,
    static=("input_shape", "reduction_axes"),
    T=REALS,
)
def _sparse_reduce_max(
    input_indices, input_values, input_shape, reduction_axes, *, keep_dims: bool = False
):
    place, size, lengths = _groups(input_indices, input_shape, reduction_axes, keep_dims)
    return _largest(place, size, input_values).reshape(lengths)


def sparse_reduce_max(
    sp_input: Any,
    axis: Any = None,
    keepdims: bool | None = None,
    reduction_axes: Any = None,
    keep_dims: bool | None = None,
) -> Tensor:
    """The largest of the elements of a SparseTensor over axes, dense; 0 where there is none.

    Parameters
    ----------
    sp_input : SparseTensor, real
    axis, reduction_axes : int or list of int, optional
        All axes if not given. `reduction_axes` is the old name.
    keepdims, keep_dims : bool
        Leave reduced axes as lengths of 1. `keep_dims` is the old name.

    Returns
    -------
    Tensor
        Of the dtype of `sp_input`.

    Notes
    -----
    TF op SparseReduceMax.
    """
    axis, keep = _axes_of(sp_input, axis, keepdims, reduction_axes, keep_dims)
    return _sparse_reduce_max(
        sp_input.indices, sp_input.values, sp_input.dense_shape, axis, keep_dims=keep
    )


def _sparse_result_shape(op):
    shape = _sum_shape(op)[0]
    rank = None if shape is None else len(shape)
    return [(None, rank), (None,), (rank,)]


def _present(indices, shape, axes, keep_dims: bool, values, reduce):
    """The groups that have an element: their indices, what `reduce` gives of each, their shape."""
    place, size, lengths = _groups(indices, shape, axes, keep_dims)
    present = np.unique(place)
    index = np.stack(np.unravel_index(present, lengths), axis=1) if lengths else (
        np.zeros((len(present), 0)))  # fmt: skip
    result = reduce(place, size, values)[present]
    return index.astype(np.int64), result, np.array(lengths, np.int64)


@op(
    "SparseReduceSumSparse",
    "int64, T, int64, int32 -> output_indices: int64, output_values: T, output_shape: int64",
    shape=_sparse_result_shape,
    data_dependent=True,
    T=NUMBERS,
)
def _sparse_reduce_sum_sparse(
    input_indices, input_values, input_shape, reduction_axes, *, keep_dims: bool = False
):
    def add(place, size, values):
        return added_at(np.zeros(size, values.dtype), (place,), values)

    return _present(input_indices, input_shape, reduction_axes, keep_dims, input_values, add)


@op(
    "SparseReduceMaxSparse",
    "int64, T, int64, int32 -> output_indices: int64, output_values: T, output_shape: int64",
    shape=_sparse_result_shape,
    data_dependent=True,
    T=REALS,
)
def _sparse_reduce_max_sparse(
    input_indices, input_values, input_shape, reduction_axes, *, keep_dims: bool = False
):
    return _present(
        input_indices, input_shape, reduction_axes, keep_dims, input_values, _largest
    )  # fmt: skip


def sparse_reduce_sum_sparse(
    sp_input: Any,
    axis: Any = None,
    keepdims: bool | None = None,
    reduction_axes: Any = None,
    keep_dims: bool | None = None,
) -> SparseTensor:
    """The sum of the elements of a SparseTensor over axes, sparse.

    Parameters
    ----------
    sp_input : SparseTensor, numeric
    axis, reduction_axes : int or list of int, optional
        All axes if not given. `reduction_axes` is the old name.
    keepdims, keep_dims : bool
        Leave reduced axes as lengths of 1. `keep_dims` is the old name.

    Returns
    -------
    SparseTensor
        Of the dtype of `sp_input`.

    Notes
    -----
    TF op SparseReduceSumSparse.
    """
    axis, keep = _axes_of(sp_input, axis, keepdims, reduction_axes, keep_dims)
    return SparseTensor(
        *_sparse_reduce_sum_sparse(
            sp_input.indices, sp_input.values, sp_input.dense_shape, axis, keep_dims=keep
        )
    )


def sparse_reduce_max_sparse(
    sp_input: Any,
    axis: Any = None,
    keepdims: bool | None = None,
    reduction_axes: Any = None,
    keep_dims: bool | None = None,
) -> SparseTensor:
    """The largest of the elements of a SparseTensor over axes, sparse.

    Parameters
    ----------
    sp_input : SparseTensor, real
    axis, reduction_axes : int or list of int, optional
        All axes if not given. `reduction_axes` is the old name.
    keepdims, keep_dims : bool
        Leave reduced axes as lengths of 1. `keep_dims` is the old name.

    Returns
    -------
    SparseTensor
        Of the dtype of `sp_input`.

    Notes
    -----
    TF op SparseReduceMaxSparse.
    """
    axis, keep = _axes_of(sp_input, axis, keepdims, reduction_axes, keep_dims)
    return SparseTensor(
        *_sparse_reduce_max_sparse(
            sp_input.indices, sp_input.values, sp_input.dense_shape, axis, keep_dims=keep
        )
    )


def _added_shape(op):
    rank = op.inputs[2].dims
    length = rank[0] if rank else None
    return [(None, length), (None,), (length,)]


@op(
    "SparseAdd",
    "int64, T, int64, int64, T, int64, Treal -> sum_indices: int64, sum_values: T,"
    " sum_shape: int64",
    shape=_added_shape,
    data_dependent=True,
    T=NUMBERS,
    Treal=REALS,
)
def _sparse_add(a_indices, a_values, a_shape, b_indices, b_values, b_shape, thresh):
    if not np.array_equal(a_shape, b_shape):
        raise invalid(f"operands' shapes do not match: {a_shape.tolist()} and {b_shape.tolist()}")
    indices = np.concatenate([a_indices, b_indices])
    places, which = np.unique(indices, axis=0, return_inverse=True)
    sums = np.zeros(len(places), a_values.dtype)
    np.add.at(sums, which.ravel(), np.concatenate([a_values, b_values]))
    kept = np.abs(sums) >= thresh if thresh > 0 else np.ones(len(sums), bool)
    return places[kept].reshape(-1, a_indices.shape[1]), sums[kept], a_shape


@op(
    "SparseAddGrad",
    "T, int64, int64, int64 -> a_val_grad: T, b_val_grad: T",
    shape=lambda op: [(op.inputs[i].dims[0] if op.inputs[i].dims else None,) for i in (1, 2)],
    effect="host",
    T=NUMBERS,
)
def sparse_add_grad_op(backprop_val_grad, a_indices, b_indices, sum_indices):
    """The gradients of the values of both terms of a SparseAdd."""
    at = {tuple(index): i for i, index in enumerate(sum_indices.tolist())}
    padded = np.append(backprop_val_grad, np.zeros(1, backprop_val_grad.dtype))
    found = [[at.get(tuple(i), -1) for i in index.tolist()] for index in (a_indices, b_indices)]
    return padded[np.array(found[0], int)], padded[np.array(found[1], int)]


def _fits_dense(a_indices, a_values, a_shape, b):
    return xp.all(a_shape == np.array(b.shape))


@op(
    "SparseTensorDenseAdd",
    "Tindices, T, Tindices, T -> T",
    shape=lambda op: [op.inputs[3].dims],
    check=_fits_dense,
    T=NUMBERS,
    Tindices=INDEX,
)
def _sparse_dense_add(a_indices, a_values, a_shape, b):
    if a_shape.shape[0] != b.ndim:
        raise invalid(
            f"Two operands have different ranks; received: {a_shape.shape[0]} and {b.ndim}"
        )
    for k, (n, m) in enumerate(zip(() if is_traced(a_shape) else a_shape, b.shape, strict=False)):
        if n != m:
            raise invalid(
                f"Dimension {k} does not equal (no broadcasting is supported): sparse side {n} vs "
                f"dense side {m}"
            )
    if not is_traced(a_indices) and ((a_indices < 0) | (a_indices >= a_shape)).any():
        raise invalid("Provided indices are out-of-bounds w.r.t. dense side with broadcasted shape")
    return added_at(b if is_traced(b) else b.copy(), tuple(a_indices.T), a_values)


def sparse_add(
    a: Any, b: Any, threshold: float | None = None, thresh: float | None = None
) -> SparseTensor | Tensor:
    """The sum of two tensors at least one of which is sparse.

    Parameters
    ----------
    a, b : SparseTensor or Tensor, numeric, of one shape
    threshold, thresh : float
        Sums smaller than this are left out, where both are sparse; `thresh` is the old name.

    Returns
    -------
    SparseTensor if both are, else Tensor

    Raises
    ------
    TypeError
        If neither is sparse.
    """
    threshold = threshold if thresh is None else thresh
    kinds = (SparseTensor, SparseTensorValue)
    if not any(isinstance(part, kinds) for part in (a, b)):
        raise TypeError("At least one input should be SparseTensor; do you mean to use tf.add()?")
    if isinstance(a, kinds) and isinstance(b, kinds):
        a, b = as_sparse(a), as_sparse(b)
        least = convert_to_tensor(threshold or 0, dtype=a.dtype.real_dtype, name="thresh")
        return SparseTensor(
            *_sparse_add(
                a.indices, a.values, a.dense_shape, b.indices, b.values, b.dense_shape, least
            )
        )
    sparse, dense = (a, b) if isinstance(a, kinds) else (b, a)
    sparse = as_sparse(sparse)
    return _sparse_dense_add(sparse.indices, sparse.values, sparse.dense_shape, dense)
