"""Sparse tensors in order, one after the other, or with some of their elements left out."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.dtypes import ANY, NUMBERS
from graphmode.framework.errors import invalid
from graphmode.framework.inference import constant_dims, constant_value
from graphmode.framework.op import op
from graphmode.framework.sparse_tensor import SparseTensor
from graphmode.ops import array, xp
from graphmode.ops import math as math_ops
from graphmode.ops.sparse.dense import added_at, as_sparse, flat_index
from graphmode.ops.xp import is_traced

if TYPE_CHECKING:
    from graphmode.framework.operation import Tensor


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
    return xp.take(input_indices, order, 0), xp.take(input_values, order, 0)


def sparse_reorder(sp_input: Any, name: str | None = None) -> SparseTensor:
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


def _fit_together(indices, values, shapes, *, concat_dim: int):
    """Whether the shapes are equal but for one length."""
    elsewhere = np.arange(shapes[0].shape[0]) != concat_dim % shapes[0].shape[0]
    return xp.all(xp.stack([(shape == shapes[0])[elsewhere] for shape in shapes]))


@op(
    "SparseConcat",
    "int64*N, T*N, int64*N -> output_indices: int64, output_values: T, output_shape: int64",
    shape=_concat_shape,
    check=_fit_together,
    T=ANY,
)
def _sparse_concat(indices, values, shapes, *, concat_dim: int):
    rank = shapes[0].shape[0]
    if not -rank <= concat_dim < rank:
        raise invalid(f"Concat dimension must be in range [{-rank}, {rank}), got {concat_dim}")
    axis = concat_dim % rank
    for i, shape in enumerate(() if is_traced(*shapes) else shapes):
        for k, (n, expected) in enumerate(zip(shape.tolist(), shapes[0].tolist(), strict=True)):
            if n != expected and k != axis:
                raise invalid(
                    f"Input shapes must match: expected {expected} for dimension {k} but got {n} "
                    f"at position {i}"
                )
    moved, offset = [], 0
    for index, shape in zip(indices, shapes, strict=True):
        step = np.eye(index.shape[1], dtype=np.int64)[axis]
        moved.append(index + step * offset)
        offset = offset + shape[axis]
    joined = xp.concatenate(moved)
    order = _order(joined)
    is_axis = np.arange(shapes[0].shape[0]) == axis
    return joined[order], xp.concatenate(list(values))[order], xp.where(is_axis, offset, shapes[0])


def sparse_concat(
    axis: int,
    sp_inputs: Any,
    name: str | None = None,
    expand_nonconcat_dim: bool = False,
    concat_dim: int | None = None,
    expand_nonconcat_dims: bool | None = None,
) -> SparseTensor:
    """SparseTensors joined along an axis.

    Parameters
    ----------
    axis, concat_dim : int
        May count from the end. `concat_dim` is the old name.
    sp_inputs : list of SparseTensor, of one dtype
        Equally long along the other axes.
    expand_nonconcat_dim, expand_nonconcat_dims : bool
        Take the greatest length along each other axis instead. The latter is another name.

    Returns
    -------
    SparseTensor

    Raises
    ------
    InvalidArgumentError
        When it runs, if the shapes do not fit, or there is no such axis.

    Notes
    -----
    TF op SparseConcat.
    """
    inputs = [as_sparse(part) for part in sp_inputs]
    if len(inputs) == 1:
        return inputs[0]
    axis = axis if concat_dim is None else concat_dim
    shapes = [part.dense_shape for part in inputs]
    if expand_nonconcat_dim if expand_nonconcat_dims is None else expand_nonconcat_dims:
        rows = array.concat([array.reshape(shape, [1, -1]) for shape in shapes], 0)
        longest = math_ops.reduce_max(rows, 0)
        shapes = [_with_length(longest, shape, axis) for shape in shapes]
    return SparseTensor(
        *_sparse_concat(
            [part.indices for part in inputs],
            [part.values for part in inputs],
            shapes,
            concat_dim=axis,
            name=name,
        )
    )


def _with_length(longest: Tensor, shape: Tensor, axis: int) -> Tensor:
    """`longest`, but along `axis` as long as `shape`."""
    end = None if axis == -1 else axis + 1
    after = [] if end is None else [longest[end:]]
    return array.concat([longest[:axis], shape[axis:end], *after], 0)


def sparse_retain(sp_input: Any, to_retain: Any) -> SparseTensor:
    """Some of the elements of a SparseTensor.

    Parameters
    ----------
    sp_input : SparseTensor, of any dtype, with n elements
    to_retain : Tensor, bool, [n]
        Which of them are kept.

    Returns
    -------
    SparseTensor

    Raises
    ------
    ValueError
        If `to_retain` is known to have another length.
    """
    sp_input, to_retain = as_sparse(sp_input), convert_to_tensor(to_retain)
    to_retain.shape.assert_is_compatible_with(sp_input.values.shape)
    kept = array.reshape(array.where(to_retain), [-1])
    return SparseTensor(
        array.gather(sp_input.indices, kept),
        array.gather(sp_input.values, kept),
        array.identity(sp_input.dense_shape),
    )


# ---- other shapes --------------------------------------------------------------------------------


def _new_shape(old, new) -> list[int]:
    """The lengths of `new`, with the one that is -1 filled in."""
    lengths, size = [int(n) for n in new], math.prod(int(n) for n in old)
    unknown = [axis for axis, n in enumerate(lengths) if n == -1]
    if len(unknown) > 1:
        raise invalid(f"only one output dimension may be -1, not both {unknown[0]} and "
                       f"{unknown[1]}")  # fmt: skip
    for axis, n in enumerate(lengths):
        if n < -1:
            raise invalid(f"size {axis} must be non-negative, not {n}")
    known = math.prod(n for n in lengths if n != -1)
    if unknown:
        if not known and size:
            raise invalid("reshape cannot infer the missing input size for an empty tensor unless "
                           "all specified input sizes are non-zero")  # fmt: skip
        lengths[unknown[0]] = size // known if known else 0
    if math.prod(lengths) != size:
        raise invalid(
            f"Input to reshape is a tensor with {size} dense values, but the requested shape has "
            f"{math.prod(lengths)}"
            if not unknown
            else f"Input to reshape is a SparseTensor with {size} dense values, but the requested "
            f"shape requires a multiple of {known}"
        )
    return lengths


def _reshaped_dims(op):
    indices, new = op.inputs[0].dims, op.inputs[2].dims
    rank = new[0] if new else None
    return [(indices[0] if indices else None, rank), (rank,)]


@op(
    "SparseReshape",
    "int64, int64, int64 -> output_indices: int64, output_shape: int64",
    shape=_reshaped_dims,
    static=("input_shape", "new_shape"),
)
def _sparse_reshape(input_indices, input_shape, new_shape):
    lengths = _new_shape(input_shape, new_shape)
    flat = flat_index(input_indices, input_shape)
    columns = []
    for n in lengths[::-1]:
        columns.append(flat % max(n, 1))
        flat = flat // max(n, 1)
    index = xp.stack(columns[::-1], axis=1) if columns else flat.reshape(-1, 0)
    return index, np.array(lengths, np.int64)


def sparse_reshape(sp_input: Any, shape: Any, name: str | None = None) -> SparseTensor:
    """A SparseTensor of another shape, its elements in the same row-major order.

    Parameters
    ----------
    sp_input : SparseTensor, of any dtype
    shape : Tensor or list of int
        One length may be -1: what is left.

    Returns
    -------
    SparseTensor

    Raises
    ------
    ValueError
        If the sizes are known and differ.
    InvalidArgumentError
        When it runs, if they differ.

    Notes
    -----
    TF op SparseReshape.
    """
    sp_input = as_sparse(sp_input)
    with name_scope(name, "SparseReshape", [sp_input.indices, sp_input.values]) as scope:
        shape = math_ops.cast(convert_to_tensor(shape), dtypes.int64)
        lengths = constant_value(shape)
        if lengths is not None and np.count_nonzero(lengths == -1) > 1:
            raise ValueError(f"At most one dimension can be inferred (-1). Found: {lengths}")
        old: Any = constant_dims(sp_input.dense_shape)
        new: Any = constant_dims(shape)
        if None not in (old, new) and None not in old:
            size, known = math.prod(old), math.prod(n for n in new if n is not None)
            if size % known if None in new and known else size != known:
                raise ValueError(
                    f"Cannot reshape a tensor with {size} elements to shape {list(new)} ({known} "
                    "elements)."
                )
        indices, lengths = _sparse_reshape(
            sp_input.indices, sp_input.dense_shape, shape, name=scope
        )
        return SparseTensor(indices, array.identity(sp_input.values), lengths)


def sparse_transpose(sp_input: Any, perm: Any = None, name: str | None = None) -> SparseTensor:
    """A SparseTensor with its axes in another order.

    Parameters
    ----------
    sp_input : SparseTensor, of any dtype
    perm : Tensor or list of int, optional
        For each axis which one of `sp_input` it is; the reverse order by default.

    Returns
    -------
    SparseTensor, in row-major order

    Raises
    ------
    ValueError
        If `perm` is known to be of another length than the rank.
    """
    sp_input = as_sparse(sp_input)
    with name_scope(name, "SparseTranspose", [sp_input.indices, sp_input.values]):
        if perm is None:
            rank = array.rank(sp_input)
            perm = (rank - 1) - array.range(rank)
        perm = convert_to_tensor(perm)
        count, rank = (t.dims and t.dims[-1] for t in (perm, sp_input.indices))
        if None not in (count, rank) and count != rank:
            raise ValueError(f"Dimensions {count} and {rank} are not compatible")
        moved = SparseTensor(
            array.gather(sp_input.indices, perm, axis=1),
            sp_input.values,
            array.gather(sp_input.dense_shape, perm),
        )
        return sparse_reorder(moved)


# ---- rows without an element ---------------------------------------------------------------------


def _filled_dims(op):
    indices, shape = op.inputs[0].dims, constant_dims(op.inputs[2])
    rank = indices[1] if indices else None
    n_rows, count = shape[0] if shape else None, _count(*op.inputs[:2])
    return [(None, rank), (None,), (n_rows,), (count,)]


@op(
    "SparseFillEmptyRows",
    "int64, T, int64, T -> output_indices: int64, output_values: T,"
    " empty_row_indicator: bool, reverse_index_map: int64",
    shape=_filled_dims,
    data_dependent=True,
    T=ANY,
)
def _sparse_fill_empty_rows(indices, values, dense_shape, default_value):
    n_rows = int(dense_shape[0])
    if len(indices) and not (indices[:, 0].min() >= 0 and indices[:, 0].max() < n_rows):
        raise invalid(f"indices({indices[:, 0].argmax()}, 0) is invalid: "
                       f"{indices[:, 0].max()} >= {n_rows}")  # fmt: skip
    is_empty = np.bincount(indices[:, 0], minlength=n_rows) == 0
    added = np.zeros((int(is_empty.sum()), indices.shape[1]), np.int64)
    added[:, 0] = np.flatnonzero(is_empty)
    order = np.argsort(np.concatenate([indices[:, 0], added[:, 0]]), kind="stable")
    filled = np.full(len(added), default_value, values.dtype)
    return (
        np.concatenate([indices, added])[order],
        np.concatenate([values, filled])[order],
        is_empty,
        np.argsort(order)[: len(indices)].astype(np.int64),
    )


@op(
    "SparseFillEmptyRowsGrad",
    "int64, T -> d_values: T, d_default_value: T",
    shape=lambda op: [op.inputs[0].dims, ()],
    T=NUMBERS,
)
def sparse_fill_empty_rows_grad_op(reverse_index_map, grad_values):
    """The gradients of the values and of the default that SparseFillEmptyRows took."""
    n_taken = added_at(
        np.zeros(grad_values.shape, np.int64),
        (reverse_index_map,),
        np.ones(reverse_index_map.shape, np.int64),
    )
    of_default = xp.where(n_taken > 0, grad_values.dtype.type(0), grad_values)
    of_values = xp.take(grad_values, reverse_index_map, axis=0)
    return of_values, xp.sum(of_default, dtype=grad_values.dtype)


def sparse_fill_empty_rows(
    sp_input: Any, default_value: Any, name: str | None = None
) -> tuple[SparseTensor, Tensor]:
    """A SparseTensor with an element at the start of each row that had none.

    Parameters
    ----------
    sp_input : SparseTensor, of any dtype, [n, ...]
    default_value : scalar
        What is put there.

    Returns
    -------
    sp_ordered_output : SparseTensor
    empty_row_indicator : Tensor, bool, [n]
        Which rows had none.

    Notes
    -----
    TF op SparseFillEmptyRows.
    """
    sp_input = as_sparse(sp_input)
    with name_scope(name, "SparseFillEmptyRows", [sp_input.indices, sp_input.values]):
        default_value = convert_to_tensor(default_value, dtype=sp_input.dtype.base_dtype)
        indices, values, is_empty, _ = _sparse_fill_empty_rows(
            sp_input.indices, sp_input.values, sp_input.dense_shape, default_value
        )
        return SparseTensor(indices, values, sp_input.dense_shape), is_empty


# ---- from dense tensors, and as part of larger shapes --------------------------------------------


def from_dense(tensor: Any, name: str | None = None) -> SparseTensor:
    """The elements of a dense tensor that are not zero, as a SparseTensor.

    Parameters
    ----------
    tensor : Tensor, numeric or bool

    Returns
    -------
    SparseTensor, in row-major order
    """
    with name_scope(name, "dense_to_sparse"):
        tensor = convert_to_tensor(tensor)
        zero = array.zeros([], tensor.dtype.base_dtype)
        indices = array.where(math_ops.not_equal(tensor, zero))
        return SparseTensor(
            indices,
            array.gather_nd(tensor, indices),
            array.shape(tensor, out_type=dtypes.int64),
        )


def sparse_expand_dims(
    sp_input: Any, axis: int | None = None, name: str | None = None
) -> SparseTensor:
    """A SparseTensor with one more axis, of length 1.

    Parameters
    ----------
    sp_input : SparseTensor, of any dtype
    axis : int, optional
        Where; may count from the end, as it is by default.

    Returns
    -------
    SparseTensor

    Raises
    ------
    ValueError
        If `axis` is outside.
    """
    sp_input = as_sparse(sp_input)
    rank: Any = sp_input.dense_shape.dims and sp_input.dense_shape.dims[0]
    axis = -1 if axis is None else axis
    with name_scope(name, "expand_dims", [sp_input.indices]):
        if rank is not None and not -rank - 1 <= axis <= rank:
            raise ValueError(f"axis must be in [{-rank - 1}, {rank}], got {axis}")
        at = axis
        if axis < 0:
            if rank is None:
                raise ValueError(
                    "axis may count from the end of a sparse tensor of known rank only"
                )
            at = axis + rank + 1
        indices, lengths = sp_input.indices, sp_input.dense_shape
        column = array.zeros_like(indices[:, :1])
        return SparseTensor(
            array.concat([indices[:, :at], column, indices[:, at:]], 1),
            sp_input.values,
            array.concat([lengths[:at], [1], lengths[at:]], 0),
        )


def sparse_eye(
    num_rows: Any, num_columns: Any = None, dtype: Any = dtypes.float32, name: str | None = None
) -> SparseTensor:
    """Ones on the main diagonal, as a SparseTensor.

    Parameters
    ----------
    num_rows, num_columns : int scalar
        As many columns as rows by default.
    dtype : DType

    Returns
    -------
    SparseTensor ``[num_rows, num_columns]``
    """
    with name_scope(name, "eye"):
        columns = num_rows if num_columns is None else num_columns
        lengths = [math_ops.cast(n, dtypes.int64) for n in (num_rows, columns)]
        places = array.range(math_ops.minimum(*lengths), dtype=dtypes.int64)
        return SparseTensor(
            array.stack([places, places], axis=1),
            array.ones_like(places, dtype=dtype),
            array.stack(lengths),
        )
