"""Sparse tensors: made dense, multiplied, reduced, joined, fed."""

from __future__ import annotations

import math as numbers

import numpy as np

from graphmode.framework import dtypes, shape_rules
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.dtypes import ANY, INDEX, NUMBERS, REALS
from graphmode.framework.errors import invalid
from graphmode.framework.inference import constant_dims, constant_value
from graphmode.framework.op import op
from graphmode.framework.sparse_tensor import SparseTensor, SparseTensorValue
from graphmode.ops import array, math, xp
from graphmode.ops.nn.embedding import embedding_lookup
from graphmode.ops.xp import is_traced


def _as_sparse(value) -> SparseTensor:
    if isinstance(value, SparseTensor):
        return value
    if isinstance(value, SparseTensorValue):
        return SparseTensor(*value)
    raise TypeError(f"Input must be a SparseTensor, got {type(value).__name__}")


def _added(zeros, at, values):
    """`zeros` with `values` added at `at`, a tuple of index arrays."""
    if is_traced(*at, values):
        import jax.numpy as jnp

        return jnp.asarray(zeros).at[at].add(values)
    np.add.at(zeros, at, values)
    return zeros


# ---- to dense ------------------------------------------------------------------------------------


def _dense_shape(op):
    return [constant_dims(op.inputs[1])]


def _columns(indices, rank: int):
    """Sparse indices as ``[n, rank]``: a scalar or a vector of them is of a vector's elements."""
    return indices.reshape(-1, rank) if indices.ndim < 2 else indices


def _indices_are_valid(sparse_indices, output_shape, sparse_values, default_value, **attrs):
    index = _columns(sparse_indices, len(output_shape))
    held = xp.all((index >= 0) & (index < np.asarray(output_shape)))
    if attrs["validate_indices"] and index.shape[0] > 1:
        flat = _flat(index, output_shape)
        held = held & xp.all(flat[1:] > flat[:-1])
    return held


def _flat(index, shape):
    """The row-major place of each index."""
    strides = np.cumprod([1, *[int(n) for n in shape][:0:-1]])[::-1].astype(np.int64)
    return (index * strides).sum(-1)


def _refuse(index, shape, validate: bool) -> None:
    rank = len(shape)
    if index.shape[-1] != rank:
        raise invalid(f"output_shape has incorrect number of elements: {rank} should be: "
                       f"{index.shape[-1]}")  # fmt: skip
    outside = ((index < 0) | (index >= np.asarray(shape))).any(-1)
    if outside.any():
        i = int(np.argmax(outside))
        raise invalid(
            f"indices[{i}] = [{','.join(map(str, index[i]))}] is out of bounds: need 0 <= index < "
            f"[{','.join(map(str, shape))}]"
        )
    flat = _flat(index, shape)
    unordered = flat[1:] <= flat[:-1]
    if validate and unordered.any():
        i = int(np.argmax(unordered)) + 1
        problem = "is repeated" if flat[i] == flat[i - 1] else "is out of order"
        raise invalid(f"indices[{i}] = [{','.join(map(str, index[i]))}] {problem}")


def _to_dense_grad(op, dy):
    by_values = array.gather_nd(dy, _index_matrix(op.inputs[0]))
    return [None, None, by_values, math.reduce_sum(dy) - math.reduce_sum(by_values)]


def _index_matrix(indices):
    return indices if indices.dims is None or len(indices.dims) > 1 else indices[:, None]


@op(
    "SparseToDense",
    "Tindices, Tindices, T, T -> T",
    shape=_dense_shape,
    static=("output_shape",),
    grad=_to_dense_grad,
    check=_indices_are_valid,
    Tindices=INDEX,
    T=ANY,
)
def _sparse_to_dense(
    sparse_indices, output_shape, sparse_values, default_value, *, validate_indices: bool = True
):
    shape = tuple(int(n) for n in output_shape)
    index = _columns(sparse_indices, len(shape) if sparse_indices.ndim != 1 else 1)
    if isinstance(index, np.ndarray):
        _refuse(index, shape, validate_indices)
    at = tuple(index[:, i] for i in range(len(shape)))
    if is_traced(index, sparse_values, default_value):
        import jax.numpy as jnp

        return jnp.full(shape, default_value).at[at].set(sparse_values)
    dense = np.full(shape, default_value, sparse_values.dtype)
    dense[at] = sparse_values
    return dense


def sparse_to_dense(
    sparse_indices, output_shape, sparse_values, default_value=0, validate_indices=True, name=None
):
    """A dense tensor of `default_value` with `sparse_values` at `sparse_indices`.

    Parameters
    ----------
    sparse_indices : int Tensor ``[n, rank]``, or ``[n]`` for a vector
    output_shape : int Tensor [rank]
    sparse_values : Tensor ``[n]`` or scalar
    default_value : scalar
        What is elsewhere.
    validate_indices : bool
        Refuse indices that repeat or are out of order.

    Returns
    -------
    Tensor, of shape `output_shape`
        Of the dtype of `sparse_values`.

    Raises
    ------
    InvalidArgumentError
        When it runs, if an index is outside, or not valid.

    Notes
    -----
    TF op SparseToDense.
    """
    return _sparse_to_dense(
        sparse_indices,
        output_shape,
        sparse_values,
        default_value,
        validate_indices=validate_indices,
        name=name,
    )


def sparse_tensor_to_dense(sp_input, default_value=None, validate_indices=True, name=None):
    """A SparseTensor as a dense tensor.

    Parameters
    ----------
    sp_input : SparseTensor, of any dtype
    default_value : scalar, optional
        What is elsewhere; 0 if not given.
    validate_indices : bool
        Refuse indices that repeat or are out of order.

    Returns
    -------
    Tensor
        Of the shape and dtype of `sp_input`.

    Notes
    -----
    TF op SparseToDense.
    """
    sp_input = _as_sparse(sp_input)
    if default_value is None:
        default_value = array.zeros([], dtype=sp_input.dtype)
    return sparse_to_dense(
        sp_input.indices, sp_input.dense_shape, sp_input.values, default_value,
        validate_indices, name,
    )  # fmt: skip


# ---- products ------------------------------------------------------------------------------------


def _product_shape(op):
    shape = constant_dims(op.inputs[2])
    rows, inner = (None, None) if shape is None else shape_rules.with_rank(shape, 2)
    if op.attrs["adjoint_a"]:
        rows, inner = inner, rows
    b_rows, columns = shape_rules.with_rank(op.inputs[3].dims, 2)
    if op.attrs["adjoint_b"]:
        b_rows, columns = columns, b_rows
    if None not in (inner, b_rows) and inner != b_rows:
        raise ValueError(f"Dimensions must be equal, but are {inner} and {b_rows}")
    return [(rows, columns)]


def _product_grad(op, dy):
    indices, values, shape, b = op.inputs
    adjoint_a, adjoint_b = op.attrs["adjoint_a"], op.attrs["adjoint_b"]
    by_b = _product(indices, values, shape, dy, adjoint_a=not adjoint_a)
    rows, columns = indices[:, 0], indices[:, 1]
    dense = array.matrix_transpose(b) if adjoint_b else b
    taken = array.gather(dy, columns if adjoint_a else rows)
    other = array.gather(dense, rows if adjoint_a else columns)
    by_values = math.reduce_sum(taken * other, axis=1)
    return [None, by_values, None, array.matrix_transpose(by_b) if adjoint_b else by_b]


@op(
    "SparseTensorDenseMatMul",
    "Tindices, T, int64, T -> T",
    shape=_product_shape,
    static=("a_shape",),
    grad=_product_grad,
    Tindices=INDEX,
    T=NUMBERS,
)
def _product(a_indices, a_values, a_shape, b, *, adjoint_a: bool = False, adjoint_b: bool = False):
    rows, columns = a_indices[:, 0], a_indices[:, 1]
    n_rows, n_columns = int(a_shape[0]), int(a_shape[1])
    if adjoint_a:
        rows, columns, n_rows, n_columns = columns, rows, n_columns, n_rows
        a_values = xp.conj(a_values)
    if adjoint_b:
        b = xp.conj(b.T)
    if b.shape[0] != n_columns:
        raise invalid(
            f"Cannot multiply A and B because inner dimension does not match: {n_columns} vs. "
            f"{b.shape[0]}.  Did you forget a transpose?"
        )
    if isinstance(rows, np.ndarray) and len(rows):
        for what, values, n in (("row", rows, n_rows), ("column", columns, n_columns)):
            if values.min() < 0 or values.max() >= n:
                raise invalid(f"a {what} index of the sparse matrix is outside [0, {n})")
    zeros = np.zeros((n_rows, b.shape[1]), b.dtype)
    return _added(zeros, (rows,), a_values[:, None] * b[columns])


def sparse_tensor_dense_matmul(sp_a, b, adjoint_a=False, adjoint_b=False, name=None):
    """The product of a sparse and a dense matrix, dense.

    Parameters
    ----------
    sp_a : SparseTensor ``[n, k]``
    b : Tensor ``[k, m]``
    adjoint_a, adjoint_b : bool
        Take the conjugate transpose first.

    Returns
    -------
    Tensor ``[n, m]``
    """
    sp_a = _as_sparse(sp_a)
    with name_scope(name, "SparseTensorDenseMatMul", [sp_a.indices, sp_a.values, b]) as scope:
        b = convert_to_tensor(b, name="b")
        return _product(
            sp_a.indices, sp_a.values, sp_a.dense_shape, b, adjoint_a=adjoint_a,
            adjoint_b=adjoint_b, name=scope,
        )  # fmt: skip


# ---- sums ----------------------------------------------------------------------------------------


def _sum_shape(op):
    shape, axes = constant_dims(op.inputs[2]), constant_value(op.inputs[3])
    if shape is None or axes is None:
        return [None]
    reduced = {int(axis) % len(shape) for axis in np.ravel(axes)} or set(range(len(shape)))
    if op.attrs["keep_dims"]:
        return [tuple(1 if i in reduced else n for i, n in enumerate(shape))]
    return [tuple(n for i, n in enumerate(shape) if i not in reduced)]


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
    shape = [int(n) for n in input_shape]
    axes = [int(axis) for axis in np.ravel(reduction_axes)]
    for axis in axes:
        if not -len(shape) <= axis < len(shape):
            raise invalid(f"Invalid reduction dimension {axis}, for input with {len(shape)} "
                           "dimensions.")  # fmt: skip
    reduced = {axis % len(shape) for axis in axes} or set(range(len(shape)))
    kept = [i for i in range(len(shape)) if i not in reduced]
    sizes = [shape[i] for i in kept]
    place = _flat(input_indices[:, kept], sizes) if kept else input_indices[:, 0] * 0
    total = _added(np.zeros(numbers.prod(sizes), input_values.dtype), (place,), input_values)
    return total.reshape([1 if i in reduced else n for i, n in enumerate(shape)] if keep_dims
                         else sizes)  # fmt: skip


def sparse_reduce_sum(sp_input, axis=None, keepdims=None, reduction_axes=None, keep_dims=None):
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
    axis = reduction_axes if axis is None else axis
    keep = bool(keep_dims if keepdims is None else keepdims)
    if axis is None:
        axis = array.range(array.size(sp_input.dense_shape))
    return _sparse_reduce_sum(
        sp_input.indices, sp_input.values, sp_input.dense_shape, axis, keep_dims=keep
    )


# ---- order and joins -----------------------------------------------------------------------------


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
    "int64, T, int64 -> int64, T",
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
    sp_input = _as_sparse(sp_input)
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
    "int64*N, T*N, int64*N -> int64, T, int64",
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
    inputs = [_as_sparse(part) for part in sp_inputs]
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
    sp_input = _as_sparse(sp_input)
    kept = array.reshape(array.where(convert_to_tensor(to_retain)), [-1])
    return SparseTensor(
        array.gather(sp_input.indices, kept),
        array.gather(sp_input.values, kept),
        array.identity(sp_input.dense_shape),
    )


def _added_shape(op):
    rank = op.inputs[2].dims
    length = rank[0] if rank else None
    return [(None, length), (None,), (length,)]


@op(
    "SparseAdd",
    "int64, T, int64, int64, T, int64, Treal -> int64, T, int64",
    shape=_added_shape,
    grad=lambda op, by_indices, dy, by_shape: _add_grad(op, dy),
    data_dependent=True,
    T=NUMBERS,
    Treal=REALS,
)
def _sparse_add(a_indices, a_values, a_shape, b_indices, b_values, b_shape, thresh):
    if not np.array_equal(a_shape, b_shape):
        raise invalid(f"operands' shapes do not match: {list(a_shape)} and {list(b_shape)}")
    indices = np.concatenate([a_indices, b_indices])
    places, which = np.unique(indices, axis=0, return_inverse=True)
    sums = np.zeros(len(places), a_values.dtype)
    np.add.at(sums, which.ravel(), np.concatenate([a_values, b_values]))
    kept = np.abs(sums) >= thresh if thresh > 0 else np.ones(len(sums), bool)
    return places[kept].reshape(-1, a_indices.shape[1]), sums[kept], a_shape


@op(
    "SparseAddGrad",
    "T, int64, int64, int64 -> T, T",
    shape=lambda op: [(op.inputs[i].dims[0] if op.inputs[i].dims else None,) for i in (1, 2)],
    effect="host",
    T=NUMBERS,
)
def _sparse_add_grad(backprop_val_grad, a_indices, b_indices, sum_indices):
    at = {tuple(index): i for i, index in enumerate(sum_indices.tolist())}
    padded = np.append(backprop_val_grad, np.zeros(1, backprop_val_grad.dtype))
    found = [[at.get(tuple(i), -1) for i in index.tolist()] for index in (a_indices, b_indices)]
    return padded[np.array(found[0], int)], padded[np.array(found[1], int)]


def _add_grad(op, dy):
    by_a, by_b = _sparse_add_grad(dy, op.inputs[0], op.inputs[3], op.outputs[0])
    return [None, by_a, None, None, by_b, None, None]


def sparse_add(a, b, threshold=None, thresh=None):
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
        a, b = _as_sparse(a), _as_sparse(b)
        least = convert_to_tensor(threshold or 0, dtype=a.dtype.real_dtype, name="thresh")
        return SparseTensor(
            *_sparse_add(
                a.indices, a.values, a.dense_shape, b.indices, b.values, b.dense_shape, least
            )
        )
    sparse, dense = (a, b) if isinstance(a, kinds) else (b, a)
    sparse = _as_sparse(sparse)
    return array.scatter_nd(sparse.indices, sparse.values, sparse.dense_shape) + dense


# ---- what is fed ---------------------------------------------------------------------------------


def sparse_placeholder(dtype, shape=None, name=None):
    """A SparseTensor to be fed, with a `SparseTensorValue` or (indices, values, dense_shape).

    Parameters
    ----------
    dtype : DType
        Of the values.
    shape : sequence of int, optional
        Its static and default shape.

    Returns
    -------
    SparseTensor
    """
    part = (lambda suffix: f"{name}/{suffix}") if name else (lambda suffix: None)
    if shape is None:
        rank = None
        dense_shape = array.placeholder(dtypes.int64, shape=[None], name=part("shape"))
    else:
        rank = len(shape)
        lengths = convert_to_tensor(
            [-1 if n is None else int(n) for n in shape],
            dtype=dtypes.int64,
            name=part("shape_default"),
        )
        dense_shape = array.placeholder_with_default(lengths, shape=[rank], name=part("shape"))
    values = array.placeholder(dtype, shape=[None], name=part("values"))
    indices = array.placeholder(dtypes.int64, shape=[None, rank], name=part("indices"))
    return SparseTensor(indices, values, dense_shape)


# ---- embeddings ----------------------------------------------------------------------------------


def embedding_lookup_sparse(
    params,
    sp_ids,
    sp_weights,
    partition_strategy="mod",
    name=None,
    combiner=None,
    max_norm=None,
):
    """For each row of ids the combination of the rows of `params` that they name.

    Parameters
    ----------
    params : Tensor, Variable or list of them, floating, [rows, dim]
        See `embedding_lookup`.
    sp_ids : SparseTensor ``[n, m]`` of int ids, no row without one
    sp_weights : SparseTensor, real, of the same indices, or None
    partition_strategy : {"mod", "div"}
        See `embedding_lookup`.
    combiner : {"mean", "sqrtn", "sum"}
        The weighted sum, divided by the weights' sum, by the root of their squares' sum, or as it
        is; "mean" by default.
    max_norm : float, optional
        Rows are scaled down to this norm.

    Returns
    -------
    Tensor ``[n, dim]``

    Raises
    ------
    TypeError
        If `sp_ids` or `sp_weights` is not sparse.
    ValueError
        If `combiner` is another one.
    """
    combiner = combiner or "mean"
    if combiner not in ("mean", "sqrtn", "sum"):
        raise ValueError(f"combiner must be one of 'mean', 'sqrtn' or 'sum', got {combiner}")
    if not isinstance(sp_ids, SparseTensor):
        raise TypeError(f"sp_ids must be SparseTensor, got {type(sp_ids)}")
    if sp_weights is not None and not isinstance(sp_weights, SparseTensor):
        raise TypeError(f"sp_weights must be either None or SparseTensor,got {type(sp_weights)}")
    listed = list(params) if isinstance(params, list | tuple) else [params]
    with name_scope(name, "embedding_lookup_sparse", listed) as scope:
        segments = math.cast(sp_ids.indices[:, 0], dtypes.int32)
        ids, places = array.unique(sp_ids.values)
        rows = embedding_lookup(params, ids, partition_strategy, max_norm=max_norm)
        if sp_weights is None:
            combine = {
                "sum": math.sparse_segment_sum,
                "mean": math.sparse_segment_mean,
                "sqrtn": math.sparse_segment_sqrt_n,
            }[combiner]
            return combine(rows, places, segments, name=scope)
        weights = math.cast(sp_weights.values, rows.dtype)
        total = math.segment_sum(
            array.gather(rows, places) * array.expand_dims(weights, -1), segments
        )
        if combiner == "sum":
            return total
        if combiner == "mean":
            norm = math.segment_sum(weights, segments)
        else:
            norm = math.sqrt(math.segment_sum(math.square(weights), segments))
        return math.div_no_nan(total, array.expand_dims(norm, -1), name=scope)
