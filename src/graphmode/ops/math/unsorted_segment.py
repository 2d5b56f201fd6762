"""Sums, means, products and extremes of rows by segment numbers in any order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import dtypes, shape_rules
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.dtypes import INDEX, INDEX16, NUMBERS, REALS
from graphmode.framework.errors import invalid
from graphmode.framework.inference import constant_dim, constant_value
from graphmode.framework.op import op, overloaded
from graphmode.ops import xp
from graphmode.ops.array import filling, shape_values
from graphmode.ops.array.joining import concat
from graphmode.ops.array.shape_values import rank
from graphmode.ops.array.shaping import reshape
from graphmode.ops.math import arithmetic, elementwise
from graphmode.ops.math.casts import cast
from graphmode.ops.math.segment import accumulated

if TYPE_CHECKING:
    from graphmode.framework.operation import Tensor


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
    if data.shape[: segment_ids.ndim] != segment_ids.shape:
        raise invalid(
            f"data.shape = {shape_rules.dims_text(data.shape)} does not start with "
            f"segment_ids.shape = {shape_rules.dims_text(segment_ids.shape)}"
        )
    if not xp.is_traced(segment_ids):
        wrong = np.flatnonzero(segment_ids.ravel() >= n)
        if len(wrong):
            at = ",".join(str(i) for i in np.unravel_index(wrong[0], segment_ids.shape))
            raise invalid(
                f"segment_ids[{at}] = {segment_ids.ravel()[wrong[0]]} is out of range [0, {n})"
            )
    rest = data.shape[segment_ids.ndim :]
    rows = xp.reshape(data, (int(np.prod(segment_ids.shape, dtype=np.int64)), *rest))
    return accumulated(operation, rows, xp.reshape(segment_ids, (-1,)), n)


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


@overloaded
def unsorted_segment_mean(
    data: Any, segment_ids: Any, num_segments: Any, name: str | None = None
) -> Tensor:
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


@overloaded
def unsorted_segment_sqrt_n(
    data: Any, segment_ids: Any, num_segments: Any, name: str | None = None
) -> Tensor:
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
