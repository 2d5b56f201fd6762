"""Sums, means, products and extremes of the rows that share a segment number."""

from __future__ import annotations

import numpy as np

from graphmode.framework import dtypes, shape_rules
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.dtypes import FLOATS, INDEX, INDEX16, NUMBERS, REALS
from graphmode.framework.errors import invalid
from graphmode.framework.inference import constant_dim, constant_value
from graphmode.framework.op import op
from graphmode.ops import xp
from graphmode.ops.array import filling, shape_values
from graphmode.ops.array.joining import concat
from graphmode.ops.array.shape_values import rank
from graphmode.ops.array.shaping import reshape
from graphmode.ops.math import arithmetic, elementwise
from graphmode.ops.math.casts import cast


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


def _accumulated(operation: str, data, ids, n: int):
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


# ---- sorted segments: as many as the last number says --------------------------------------------


def _sorted_shape(op):
    data, ids = op.inputs[0].dims, op.inputs[-1].dims
    shape_rules.with_rank(ids, 1)
    if data is None:
        return [None]
    if not data:
        raise ValueError("Shape must be at least rank 1 but is rank 0")
    if op.type.startswith("Segment") and ids is not None:
        shape_rules.merge(data[:1], ids)
    return [(None, *data[1:])]


def _segment_op(op_type, family=NUMBERS):
    return op(
        op_type,
        "T, Tindices -> T",
        shape=_sorted_shape,
        data_dependent=True,
        T=family,
        Tindices=INDEX,
    )


def _checked(data, segment_ids) -> int:
    """The number of segments.

    Raises
    ------
    InvalidArgumentError
        If the numbers do not fit `data`, fall, or are negative.
    """
    if segment_ids.ndim != 1 or len(segment_ids) != len(data):
        raise invalid(
            "segment_ids should be a vector of the size of dimension 0 of input: "
            f"{list(segment_ids.shape)} against {list(data.shape)}"
        )
    if len(segment_ids) == 0:
        return 0
    if segment_ids[0] < 0:
        raise invalid("segment ids must be >= 0")
    if (segment_ids[1:] < segment_ids[:-1]).any():
        raise invalid("segment ids are not increasing")
    return int(segment_ids[-1]) + 1


def _sorted(operation, data, segment_ids):
    n = _checked(data, segment_ids)
    result = _accumulated(operation, data, segment_ids, n)
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
    return _sorted("add", data, segment_ids)


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
    return _over_counts(_sorted("add", data, segment_ids), segment_ids, 1)


def _over_counts(totals, segment_ids, power):
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
    return _sorted("multiply", data, segment_ids)


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
    return _sorted("maximum", data, segment_ids)


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
    return _sorted("minimum", data, segment_ids)


# ---- unsorted segments: as many as asked for -----------------------------------------------------


def _unsorted_shape(op):
    data, ids = op.inputs[0].dims, op.inputs[1].dims
    n = constant_dim(op.inputs[2])
    if n is None:
        known = constant_value(op.inputs[2])
        if known is not None and int(known) < 0:
            raise ValueError(
                f"Dimension size, given by scalar input 2, must be non-negative but is {known}"
            )
    if data is None or ids is None:
        return [None]
    if len(ids) > len(data):
        raise ValueError(f"Shape must be at least rank {len(ids)} but is rank {len(data)}")
    shape_rules.merge(data[: len(ids)], ids)
    return [(n, *data[len(ids) :])]


def _ids_fit(data, segment_ids, num_segments):
    return xp.all(segment_ids < int(num_segments))


def _unsorted_op(op_type, family=NUMBERS, index=INDEX):
    return op(
        op_type,
        "T, Tindices, Tnumsegments -> T",
        shape=_unsorted_shape,
        static=("num_segments",),
        check=_ids_fit,
        T=family,
        Tindices=index,
        Tnumsegments=INDEX,
    )


def _unsorted(operation, data, segment_ids, num_segments):
    n = int(num_segments)
    if not xp.is_traced(segment_ids):
        wrong = np.flatnonzero(segment_ids.ravel() >= n)
        if len(wrong):
            raise invalid(
                f"segment_ids{list(map(int, np.unravel_index(wrong[0], segment_ids.shape)))} = "
                f"{segment_ids.ravel()[wrong[0]]} is out of range [0, {n})"
            )
    rest = data.shape[segment_ids.ndim :]
    rows = xp.reshape(data, (int(np.prod(segment_ids.shape, dtype=np.int64)), *rest))
    return _accumulated(operation, rows, xp.reshape(segment_ids, (-1,)), n)


@_unsorted_op("UnsortedSegmentSum", index=INDEX16)
def unsorted_segment_sum(data, segment_ids, num_segments):
    """The sum of the rows of each of `num_segments` segments.

    Parameters
    ----------
    data : Tensor
        Numbers ``[*s, ...]``.
    segment_ids : Tensor
        int32 or int64 ``[*s]``, below `num_segments`, in any order. Negative ones are left out.
    num_segments : int or Tensor

    Returns
    -------
    Tensor
        ``[num_segments, ...]``; 0 where a segment has no rows.

    Raises
    ------
    InvalidArgumentError
        If a number is `num_segments` or more, when it runs.

    Notes
    -----
    TF op UnsortedSegmentSum.
    """
    return _unsorted("add", data, segment_ids, num_segments)


@_unsorted_op("UnsortedSegmentProd")
def unsorted_segment_prod(data, segment_ids, num_segments):
    """The product of the rows of each of `num_segments` segments.

    Parameters
    ----------
    data : Tensor, numeric, [*s, ...]
    segment_ids : Tensor, int32 or int64, [*s]
        Below `num_segments`, in any order. Negative ones are left out.
    num_segments : int or Tensor, int32 or int64 scalar

    Returns
    -------
    Tensor, [num_segments, ...]
        Of the dtype of `data`; 1 where a segment has no rows.

    Raises
    ------
    InvalidArgumentError
        If a number is `num_segments` or more, when it runs.

    Notes
    -----
    TF op UnsortedSegmentProd.
    """
    return _unsorted("multiply", data, segment_ids, num_segments)


@_unsorted_op("UnsortedSegmentMax", REALS)
def unsorted_segment_max(data, segment_ids, num_segments):
    """The maximum of the rows of each of `num_segments` segments.

    Parameters
    ----------
    data : Tensor, real, [*s, ...]
    segment_ids : Tensor, int32 or int64, [*s]
        Below `num_segments`, in any order. Negative ones are left out.
    num_segments : int or Tensor, int32 or int64 scalar

    Returns
    -------
    Tensor, [num_segments, ...]
        Of the dtype of `data`; its lowest number where a segment has no rows.

    Raises
    ------
    InvalidArgumentError
        If a number is `num_segments` or more, when it runs.

    Notes
    -----
    TF op UnsortedSegmentMax.
    """
    return _unsorted("maximum", data, segment_ids, num_segments)


@_unsorted_op("UnsortedSegmentMin", REALS)
def unsorted_segment_min(data, segment_ids, num_segments):
    """The minimum of the rows of each of `num_segments` segments.

    Parameters
    ----------
    data : Tensor, real, [*s, ...]
    segment_ids : Tensor, int32 or int64, [*s]
        Below `num_segments`, in any order. Negative ones are left out.
    num_segments : int or Tensor, int32 or int64 scalar

    Returns
    -------
    Tensor, [num_segments, ...]
        Of the dtype of `data`; its highest number where a segment has no rows.

    Raises
    ------
    InvalidArgumentError
        If a number is `num_segments` or more, when it runs.

    Notes
    -----
    TF op UnsortedSegmentMin.
    """
    return _unsorted("minimum", data, segment_ids, num_segments)


def _segment_counts(data, segment_ids, num_segments):
    """How many rows each segment has, at least 1, in a shape that divides the segments' sums."""
    ones = filling.ones(shape_values.shape(segment_ids), dtype=data.dtype.base_dtype)
    counts = unsorted_segment_sum(ones, segment_ids, num_segments)
    n_rest = rank(data) - rank(segment_ids)
    lengths = concat([reshape(num_segments, [1]), filling.ones([n_rest], "int32")], 0)
    return arithmetic.maximum(reshape(counts, lengths), 1)


def unsorted_segment_mean(data, segment_ids, num_segments, name=None):
    """The mean of the rows of each of `num_segments` segments.

    Parameters
    ----------
    data : Tensor, numeric, [*s, ...]
    segment_ids : Tensor, int32 or int64, [*s]
        Below `num_segments`, in any order. Negative ones are left out.
    num_segments : int or Tensor, int32 or int64 scalar

    Returns
    -------
    Tensor, [num_segments, ...]
        Of the dtype of `data`; 0 where a segment has no rows.

    Raises
    ------
    InvalidArgumentError
        If a number is `num_segments` or more, when it runs.
    """
    with name_scope(name, "UnsortedSegmentMean"):
        data, segment_ids = convert_to_tensor(data), convert_to_tensor(segment_ids)
        num_segments = cast(convert_to_tensor(num_segments), dtypes.int32)
        counts = _segment_counts(data, segment_ids, num_segments)
        return unsorted_segment_sum(data, segment_ids, num_segments) / counts


def unsorted_segment_sqrt_n(data, segment_ids, num_segments, name=None):
    """The sum of the rows of each of `num_segments` segments, over the square root of their number.

    Parameters
    ----------
    data : Tensor, numeric, [*s, ...]
    segment_ids : Tensor, int32 or int64, [*s]
        Below `num_segments`, in any order. Negative ones are left out.
    num_segments : int or Tensor, int32 or int64 scalar

    Returns
    -------
    Tensor, [num_segments, ...]
        Of the dtype of `data`; 0 where a segment has no rows.

    Raises
    ------
    InvalidArgumentError
        If a number is `num_segments` or more, when it runs.
    """
    with name_scope(name, "UnsortedSegmentSqrtN"):
        data, segment_ids = convert_to_tensor(data), convert_to_tensor(segment_ids)
        num_segments = cast(convert_to_tensor(num_segments), dtypes.int32)
        counts = _segment_counts(data, segment_ids, num_segments)
        total = unsorted_segment_sum(data, segment_ids, num_segments)
        return total / elementwise.sqrt(counts)


# ---- segments of chosen rows ---------------------------------------------------------------------


def _sparse_op(op_type, family):
    return op(
        op_type,
        "T, Tidx, Tsegmentids -> T",
        shape=_sorted_shape,
        data_dependent=True,
        T=family,
        Tidx=INDEX,
        Tsegmentids=INDEX,
    )


def _chosen_sum(data, indices, segment_ids):
    wrong = np.flatnonzero((indices < 0) | (indices >= len(data)))
    if len(wrong):
        raise invalid(f"indices[{wrong[0]}] == {indices[wrong[0]]} out of range [0, {len(data)})")
    return _sorted("add", data[indices], segment_ids)


@_sparse_op("SparseSegmentSum", REALS)
def _sparse_segment_sum(data, indices, segment_ids):
    return _chosen_sum(data, indices, segment_ids)


@_sparse_op("SparseSegmentMean", FLOATS)
def _sparse_segment_mean(data, indices, segment_ids):
    return _over_counts(_chosen_sum(data, indices, segment_ids), segment_ids, 1)


@_sparse_op("SparseSegmentSqrtN", FLOATS)
def _sparse_segment_sqrt_n(data, indices, segment_ids):
    return _over_counts(_chosen_sum(data, indices, segment_ids), segment_ids, 0.5)


def _sparse_num_segments_shape(op):
    data = op.inputs[0].dims
    n = constant_dim(op.inputs[3])
    return [None if data is None else (n, *data[1:])]


def _sparse_n_op(op_type, family):
    return op(
        op_type,
        "T, Tidx, Tsegmentids, Tnumsegments -> T",
        shape=_sparse_num_segments_shape,
        data_dependent=True,
        T=family,
        Tidx=INDEX,
        Tsegmentids=INDEX,
        Tnumsegments=INDEX,
    )


def _to_length(rows, n: int):
    """`rows` with rows of zeros after them, `n` in all."""
    if len(rows) > n:
        raise invalid("segment ids must be < num_segments")
    result = np.zeros((n, *rows.shape[1:]), rows.dtype)
    result[: len(rows)] = rows
    return result


@_sparse_n_op("SparseSegmentSumWithNumSegments", REALS)
def _sparse_segment_sum_n(data, indices, segment_ids, num_segments):
    return _to_length(_chosen_sum(data, indices, segment_ids), int(num_segments))


@_sparse_n_op("SparseSegmentMeanWithNumSegments", FLOATS)
def _sparse_segment_mean_n(data, indices, segment_ids, num_segments):
    total = _chosen_sum(data, indices, segment_ids)
    return _to_length(_over_counts(total, segment_ids, 1), int(num_segments))


@_sparse_n_op("SparseSegmentSqrtNWithNumSegments", FLOATS)
def _sparse_segment_sqrt_n_n(data, indices, segment_ids, num_segments):
    total = _chosen_sum(data, indices, segment_ids)
    return _to_length(_over_counts(total, segment_ids, 0.5), int(num_segments))


def sparse_segment_sum(data, indices, segment_ids, name=None, num_segments=None):
    """The sum of the rows ``data[indices]`` of each segment.

    Parameters
    ----------
    data : Tensor
        Real numbers ``[rows, ...]``.
    indices, segment_ids : Tensor
        int32 or int64 ``[n]``: the rows taken, and the segment of each; the latter never falls.
    num_segments : int or Tensor, optional
        One more than the last segment number by default.

    Returns
    -------
    Tensor
        ``[num_segments, ...]``; 0 where a segment has no rows.

    Raises
    ------
    InvalidArgumentError
        If an index is outside `data`, or `segment_ids` fall, when it runs.

    Notes
    -----
    TF ops SparseSegmentSum, SparseSegmentSumWithNumSegments.
    """
    if num_segments is not None:
        return _sparse_segment_sum_n(data, indices, segment_ids, num_segments, name=name)
    return _sparse_segment_sum(data, indices, segment_ids, name=name)


def sparse_segment_mean(data, indices, segment_ids, name=None, num_segments=None):
    """The mean of the rows ``data[indices]`` of each segment.

    Parameters
    ----------
    data : Tensor, floating, [rows, ...]
    indices, segment_ids : Tensor, int32 or int64, [n]
        The rows taken, and the segment of each; the latter never falls.
    num_segments : int or Tensor, int32 scalar, optional
        One more than the last segment number by default.

    Returns
    -------
    Tensor, [num_segments, ...]
        Of the dtype of `data`; 0 where a segment has no rows.

    Raises
    ------
    InvalidArgumentError
        If an index is outside `data`, or `segment_ids` fall, when it runs.

    Notes
    -----
    TF ops SparseSegmentMean, SparseSegmentMeanWithNumSegments.
    """
    if num_segments is not None:
        return _sparse_segment_mean_n(data, indices, segment_ids, num_segments, name=name)
    return _sparse_segment_mean(data, indices, segment_ids, name=name)


def sparse_segment_sqrt_n(data, indices, segment_ids, name=None, num_segments=None):
    """The sum of the rows ``data[indices]`` of each segment, over the square root of their number.

    Parameters
    ----------
    data : Tensor, floating, [rows, ...]
    indices, segment_ids : Tensor, int32 or int64, [n]
        The rows taken, and the segment of each; the latter never falls.
    num_segments : int or Tensor, int32 scalar, optional
        One more than the last segment number by default.

    Returns
    -------
    Tensor, [num_segments, ...]
        Of the dtype of `data`; 0 where a segment has no rows.

    Raises
    ------
    InvalidArgumentError
        If an index is outside `data`, or `segment_ids` fall, when it runs.

    Notes
    -----
    TF ops SparseSegmentSqrtN, SparseSegmentSqrtNWithNumSegments.
    """
    if num_segments is not None:
        return _sparse_segment_sqrt_n_n(data, indices, segment_ids, num_segments, name=name)
    return _sparse_segment_sqrt_n(data, indices, segment_ids, name=name)
