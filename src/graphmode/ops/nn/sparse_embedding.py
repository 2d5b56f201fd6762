"""Rows of an embedding for each entry of a sparse tensor, combined."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.sparse_tensor import SparseTensor
from graphmode.ops import array, math
from graphmode.ops.nn.embedding import embedding_lookup, tables_of
from graphmode.ops.sparse.arrangement import (
    sparse_fill_empty_rows,
    sparse_reshape,
    sparse_retain,
)

if TYPE_CHECKING:
    from graphmode.framework.operation import Tensor


def embedding_lookup_sparse(
    params: Any,
    sp_ids: Any,
    sp_weights: Any,
    partition_strategy: str = "mod",
    name: str | None = None,
    combiner: str | None = None,
    max_norm: float | None = None,
) -> Tensor:
    """For each row of ids the combination of the rows of `params` that they name.

    Parameters
    ----------
    params : Tensor, Variable or list of them, floating, [rows, ...]
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
    Tensor ``[n, ...]``

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
    listed = tables_of(params)
    with name_scope(name, "embedding_lookup_sparse", listed) as scope:
        segments = math.cast(sp_ids.indices[:, 0], dtypes.int32)
        ids, places = array.unique(sp_ids.values)
        rows = embedding_lookup(listed, ids, partition_strategy, max_norm=max_norm)
        if sp_weights is None:
            combine = {
                "sum": math.sparse_segment_sum,
                "mean": math.sparse_segment_mean,
                "sqrtn": math.sparse_segment_sqrt_n,
            }[combiner]
            return combine(rows, places, segments, name=scope)
        weights = math.cast(sp_weights.values, rows.dtype)
        taken = array.gather(rows, places)
        if rows.dims is not None:
            for _ in rows.dims[1:]:
                weights = array.expand_dims(weights, -1)
        else:
            ones = array.fill([array.rank(rows) - 1], 1)
            weights = array.reshape(weights, array.concat([array.shape(weights), ones], 0))
        total = math.segment_sum(taken * weights, segments)
        if combiner == "sum":
            return total
        if combiner == "mean":
            norm = math.segment_sum(weights, segments)
        else:
            norm = math.sqrt(math.segment_sum(math.square(weights), segments))
        return math.div_no_nan(total, norm, name=scope)


def safe_embedding_lookup_sparse(
    embedding_weights: Any,
    sparse_ids: Any,
    sparse_weights: Any = None,
    combiner: str = "mean",
    default_id: int | None = None,
    name: str | None = None,
    partition_strategy: str = "div",
    max_norm: float | None = None,
) -> Tensor:
    """`embedding_lookup_sparse` of rows some of which have no id, or ids that are no ids.

    Negative ids are left out and, unless the combiner is "sum", so are weights that are not
    positive.

    Parameters
    ----------
    embedding_weights : Tensor, Variable or list of them, floating, [rows, dim]
        See `embedding_lookup`.
    sparse_ids : SparseTensor ``[d1, ..., dn, m]`` of int ids
    sparse_weights : SparseTensor, real, of the same indices, optional
    combiner : {"mean", "sqrtn", "sum"}
        See `embedding_lookup_sparse`.
    default_id : int, optional
        What a row without an id looks up; zeros if not given.
    partition_strategy : {"div", "mod"}
        See `embedding_lookup`.
    max_norm : float, optional
        Rows are scaled down to this norm.

    Returns
    -------
    Tensor ``[d1, ..., dn, dim]``

    Raises
    ------
    ValueError
        If there are no weights.
    """
    listed = tables_of(embedding_weights)
    if embedding_weights is None or not listed:
        raise ValueError(f"Missing embedding_weights {embedding_weights}.")
    if sparse_weights is not None:
        dtype = sparse_weights.values.dtype.base_dtype
        listed = [convert_to_tensor(table, dtype) for table in listed]
    combiner = combiner or "mean"
    with name_scope(name, "embedding_lookup", listed) as scope:
        lengths, static = sparse_ids.dense_shape, sparse_ids.shape
        rank = array.size(lengths)
        ids = sparse_reshape(
            sparse_ids, array.stack([math.reduce_prod(lengths[:-1]), lengths[rank - 1]])
        )
        weights = None
        if sparse_weights is not None:
            weights = SparseTensor(ids.indices, sparse_weights.values, ids.dense_shape)
        ids, weights = _kept(math.greater_equal(ids.values, 0), ids, weights)
        if combiner != "sum" and weights is not None:
            ids, weights = _kept(math.greater(weights.values, 0), ids, weights)
        ids, is_empty = sparse_fill_empty_rows(ids, default_id or 0)
        if weights is not None:
            weights, _ = sparse_fill_empty_rows(weights, 1.0)
        result = embedding_lookup_sparse(
            listed,
            ids,
            weights,
            partition_strategy,
            None if default_id is None else scope,
            combiner,
            max_norm,
        )
        if default_id is None:
            rows = array.tile(
                array.reshape(is_empty, [-1, 1]), array.stack([1, array.shape(result)[1]])
            )
            result = array.where(rows, array.zeros_like(result), result, name=scope)
        outer = math.cast(lengths, dtypes.int32)[:-1]
        final = array.reshape(result, array.concat([outer, array.shape(result)[1:]], 0))
        if static.ndims is not None and result.dims is not None:
            final.set_shape([*static.as_list()[:-1], *result.dims[1:]])
        return final


def _kept(is_kept, ids, weights):
    """The ids, and the weights if there are any, that `is_kept` holds for."""
    return sparse_retain(ids, is_kept), weights and sparse_retain(weights, is_kept)
