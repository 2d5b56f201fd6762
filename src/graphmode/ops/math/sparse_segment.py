"""Sums and means by segment of chosen rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import shape_rules
from graphmode.framework.dtypes import FLOATS, INDEX, REALS
from graphmode.framework.errors import invalid
from graphmode.framework.inference import constant_dim
from graphmode.framework.op import op
from graphmode.ops.math.segment import accumulated, check_rising, over_counts, sorted_shape

if TYPE_CHECKING:
    from graphmode.framework.operation import Tensor


def _sparse_op(op_type, family):
    return op(
        op_type,
        "T, Tidx, Tsegmentids -> T",
        shape=sorted_shape,
        data_dependent=True,
        T=family,
        Tidx=INDEX,
        Tsegmentids=INDEX,
    )


def _chosen_sum(data, indices, segment_ids, num_segments=None):
    if indices.shape != segment_ids.shape:
        raise invalid("segment_ids and indices should have same size.")
    n = check_rising(segment_ids, None if num_segments is None else int(num_segments))
    wrong = np.flatnonzero((indices < 0) | (indices >= len(data)))
    if len(wrong):
        raise invalid(
            f"Bad: indices[{wrong[0]}] == {indices[wrong[0]]} out of range [0, {len(data)})"
        )
    return accumulated("add", data[indices], segment_ids, n)


@_sparse_op("SparseSegmentSum", REALS)
def _sparse_segment_sum(data, indices, segment_ids):
    return _chosen_sum(data, indices, segment_ids)


@_sparse_op("SparseSegmentMean", FLOATS)
def _sparse_segment_mean(data, indices, segment_ids):
    return over_counts(_chosen_sum(data, indices, segment_ids), segment_ids, 1)


@_sparse_op("SparseSegmentSqrtN", FLOATS)
def _sparse_segment_sqrt_n(data, indices, segment_ids):
    return over_counts(_chosen_sum(data, indices, segment_ids), segment_ids, 0.5)


def _sparse_num_segments_shape(op):
    data = op.inputs[0].dims
    shape_rules.merge(op.inputs[1].dims, shape_rules.with_rank(op.inputs[2].dims, 1))
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


@_sparse_n_op("SparseSegmentSumWithNumSegments", REALS)
def _sparse_segment_sum_n(data, indices, segment_ids, num_segments):
    return _chosen_sum(data, indices, segment_ids, num_segments)


@_sparse_n_op("SparseSegmentMeanWithNumSegments", FLOATS)
def _sparse_segment_mean_n(data, indices, segment_ids, num_segments):
    return over_counts(_chosen_sum(data, indices, segment_ids, num_segments), segment_ids, 1)


@_sparse_n_op("SparseSegmentSqrtNWithNumSegments", FLOATS)
def _sparse_segment_sqrt_n_n(data, indices, segment_ids, num_segments):
    return over_counts(_chosen_sum(data, indices, segment_ids, num_segments), segment_ids, 0.5)


def sparse_segment_sum(
    data: Any, indices: Any, segment_ids: Any, name: str | None = None, num_segments: Any = None
) -> Tensor:
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


def sparse_segment_mean(
    data: Any, indices: Any, segment_ids: Any, name: str | None = None, num_segments: Any = None
) -> Tensor:
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


def sparse_segment_sqrt_n(
    data: Any, indices: Any, segment_ids: Any, name: str | None = None, num_segments: Any = None
) -> Tensor:
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
