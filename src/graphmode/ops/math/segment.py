"""Sums, means, products and extremes of the rows that share a segment number, in rising order."""

from __future__ import annotations

import numpy as np

from graphmode.framework import shape_rules
from graphmode.framework.dtypes import INDEX, NUMBERS, REALS
from graphmode.framework.errors import invalid
from graphmode.framework.op import op
from graphmode.ops import xp


def _start(operation: str, dtype):
    """The value of an empty segment."""
    if operation in ("add", "multiply"):
        return np.asarray(operation == "multiply", dtype)
    if dtype.kind in "iu":
        limits = np.iinfo(dtype)
    else:
        import ml_dtypes

        limits = ml_dtypes.finfo(dtype)
    return np.asarray(limits.min if operation == "maximum" else limits.max, dtype)


def accumulated(operation: str, data, ids, n: int):
    """Rows of `data` combined by their number in `ids` (1-D); negative numbers are left out."""
    dtype = data.dtype
    is_half = dtype.itemsize == 2 and dtype.kind not in "iu"
    shape = (n, *data.shape[1:])
    start = _start(operation, dtype)
    if xp.is_traced(data, ids):
        import jax.numpy as jnp

        wide = jnp.float32 if is_half else dtype
        place = jnp.full(shape, start, wide).at[jnp.where(ids < 0, n, ids)]
        name = {"multiply": "multiply", "maximum": "max", "minimum": "min"}.get(operation, "add")
        return getattr(place, name)(jnp.asarray(data, wide), mode="drop").astype(dtype)
    result = np.full(shape, start, dtype)
    if len(ids) == 0 or result.size == 0:
        return result
    order = np.argsort(ids, kind="stable")
    order = order[np.searchsorted(ids[order], 0) :]
    if len(order) == 0:
        return result
    ids = ids[order]
    first = np.flatnonzero(np.concatenate(([True], ids[1:] != ids[:-1])))
    rows = data[order].astype(np.float32) if is_half else data[order]
    result[ids[first]] = getattr(np, operation).reduceat(rows, first, axis=0, dtype=rows.dtype)
    return result


def sorted_shape(op):
    """The static shape of rows by rising segment numbers, of which the last is known or not."""
    data, ids = op.inputs[0].dims, op.inputs[-1].dims
    shape_rules.with_rank(ids, 1)
    if data is None:
        return [None]
    if not data:
        raise ValueError("Shape must be at least rank 1 but is rank 0")
    if len(op.inputs) > 2:
        shape_rules.merge(op.inputs[1].dims, ids)
    return [(None, *data[1:])]


def _segment_op(op_type, family=NUMBERS):
    return op(
        op_type,
        "T, Tindices -> T",
        shape=sorted_shape,
        data_dependent=True,
        T=family,
        Tindices=INDEX,
    )


def check_rising(segment_ids, n: int | None = None) -> int:
    """Refuse segment numbers that fall or are outside, the first of them in TensorFlow's words.

    Parameters
    ----------
    segment_ids : ndarray, integer, 1-D
    n : int, optional
        How many segments there are; by default one more than the last number.

    Returns
    -------
    int
        How many segments there are.

    Raises
    ------
    InvalidArgumentError
    """
    if len(segment_ids) == 0:
        return n or 0
    last = int(segment_ids[-1]) + 1
    if n is None:
        if last <= 0:
            raise invalid("segment ids must be >= 0")
        n = last
    elif last > n:
        raise invalid("segment ids must be < num_segments")
    falls = np.flatnonzero(segment_ids[1:] < segment_ids[:-1])
    outside = np.flatnonzero((segment_ids < 0) | (segment_ids >= n))
    if len(falls) and (not len(outside) or falls[0] <= outside[0]):
        raise invalid("segment ids are not increasing")
    if len(outside):
        raise invalid(
            f"Segment id {segment_ids[outside[0]]} out of range [0, {n}), possibly because "
            "'segment_ids' input is not sorted."
        )
    return n


def in_segments(operation, data, segment_ids):
    """Rows of `data` combined by rising segment numbers; 0 where a number is left out."""
    if segment_ids.ndim != 1:
        raise invalid("segment_ids should be a vector.")
    if len(segment_ids) != len(data):
        raise invalid("segment_ids should be the same size as dimension 0 of input.")
    n = check_rising(segment_ids)
    result = accumulated(operation, data, segment_ids, n)
    if operation in ("maximum", "minimum") and n:
        result[np.bincount(segment_ids, minlength=n) == 0] = 0
    return result


@_segment_op("SegmentSum")
def segment_sum(data, segment_ids):
    """The sum of the rows of each segment.

    Parameters
    ----------
    data : Tensor
        Numbers ``[n, ...]``.
    segment_ids : Tensor
        int32 or int64 ``[n]``: 0 or more, never falling.

    Returns
    -------
    Tensor
        ``[segment_ids[-1] + 1, ...]``; 0 where a segment has no rows.

    Raises
    ------
    InvalidArgumentError
        If `segment_ids` fall or are negative, when it runs.

    Notes
    -----
    TF op SegmentSum.
    """
    return in_segments("add", data, segment_ids)


@_segment_op("SegmentMean")
def segment_mean(data, segment_ids):
    """The mean of the rows of each segment.

    Parameters
    ----------
    data : Tensor, numeric, [n, ...]
    segment_ids : Tensor, int32 or int64, [n]
        0 or more, never falling.

    Returns
    -------
    Tensor, [segment_ids[-1] + 1, ...]
        Of the dtype of `data`; 0 where a segment has no rows.

    Raises
    ------
    InvalidArgumentError
        If `segment_ids` fall or are negative, when it runs.

    Notes
    -----
    TF op SegmentMean.
    """
    return over_counts(in_segments("add", data, segment_ids), segment_ids, 1)


def over_counts(totals, segment_ids, power):
    """`totals` over the number of rows in each segment to `power`."""
    counts = np.bincount(segment_ids, minlength=len(totals)) if len(totals) else np.zeros(0)
    counts = np.maximum(counts, 1).reshape(-1, *[1] * (totals.ndim - 1))
    if totals.dtype.kind in "iu":
        return np.trunc(totals / counts**power).astype(totals.dtype)
    return totals / (counts**power).astype(totals.dtype)


@_segment_op("SegmentProd")
def segment_prod(data, segment_ids):
    """The product of the rows of each segment.

    Parameters
    ----------
    data : Tensor, numeric, [n, ...]
    segment_ids : Tensor, int32 or int64, [n]
        0 or more, never falling.

    Returns
    -------
    Tensor, [segment_ids[-1] + 1, ...]
        Of the dtype of `data`; 1 where a segment has no rows.

    Raises
    ------
    InvalidArgumentError
        If `segment_ids` fall or are negative, when it runs.

    Notes
    -----
    TF op SegmentProd.
    """
    return in_segments("multiply", data, segment_ids)


@_segment_op("SegmentMax", REALS)
def segment_max(data, segment_ids):
    """The maximum of the rows of each segment.

    Parameters
    ----------
    data : Tensor, real, [n, ...]
    segment_ids : Tensor, int32 or int64, [n]
        0 or more, never falling.

    Returns
    -------
    Tensor, [segment_ids[-1] + 1, ...]
        Of the dtype of `data`; 0 where a segment has no rows.

    Raises
    ------
    InvalidArgumentError
        If `segment_ids` fall or are negative, when it runs.

    Notes
    -----
    TF op SegmentMax.
    """
    return in_segments("maximum", data, segment_ids)


@_segment_op("SegmentMin", REALS)
def segment_min(data, segment_ids):
    """The minimum of the rows of each segment.

    Parameters
    ----------
    data : Tensor, real, [n, ...]
    segment_ids : Tensor, int32 or int64, [n]
        0 or more, never falling.

    Returns
    -------
    Tensor, [segment_ids[-1] + 1, ...]
        Of the dtype of `data`; 0 where a segment has no rows.

    Raises
    ------
    InvalidArgumentError
        If `segment_ids` fall or are negative, when it runs.

    Notes
    -----
    TF op SegmentMin.
    """
    return in_segments("minimum", data, segment_ids)
