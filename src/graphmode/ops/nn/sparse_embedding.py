"""Rows of an embedding for each entry of a sparse tensor, combined."""

from __future__ import annotations

from graphmode.framework import dtypes
from graphmode.framework.default_graph import name_scope
from graphmode.framework.sparse_tensor import SparseTensor
from graphmode.ops import array, math
from graphmode.ops.nn.embedding import embedding_lookup


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
