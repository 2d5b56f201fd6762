"""Sums, means, products and extremes of ragged tensors, along their axes and by segments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import control_dependencies, name_scope
from graphmode.framework.inference import constant_value
from graphmode.framework.operation import Tensor
from graphmode.ops import array, math
from graphmode.ops.control.assertions import assert_equal
from graphmode.ops.old_names import either
from graphmode.ops.ragged.rows import ragged_range_op
from graphmode.ops.strings.joining import reduce_join as dense_reduce_join
from graphmode.ops.strings.joining import unsorted_segment_join
from graphmode.ragged.splits import (
    lengths_of,
    longest,
    number_of_rows,
    places,
    positive_axis,
    rows_and_columns,
    to_splits,
)
from graphmode.ragged.tensor import RaggedTensor, as_ragged, is_ragged, same_split_dtypes

_NUMBERS = (dtypes.int32, dtypes.int64, dtypes.float32, dtypes.float64)
_ARRAY: type[Any] = np.ndarray


def range(
    starts: Any,
    limits: Any = None,
    deltas: Any = 1,
    dtype: Any = None,
    name: str | None = None,
    row_splits_dtype: Any = dtypes.int64,
) -> RaggedTensor:
    """The numbers from each start to its limit.

    Parameters
    ----------
    starts : Tensor, int or float, scalar or [rows]
        With nothing else the limits; the starts are 0.
    limits : Tensor, int or float, scalar or [rows], optional
    deltas : Tensor, int or float, scalar or [rows]
        The steps, not 0.
    dtype : DType, optional
        Of the numbers; by default the widest of the three.
    row_splits_dtype : DType
        int32 or int64.

    Returns
    -------
    RaggedTensor, [rows, (numbers)]

    Raises
    ------
    InvalidArgumentError
        When it runs, if a step is 0.

    Examples
    --------
    >>> import graphmode as tf
    >>> tf.Session().run(tf.ragged.range([0, 5, 8], [3, 3, 12])).to_list()
    [[0, 1, 2], [], [8, 9, 10, 11]]

    Notes
    -----
    TF op RaggedRange.
    """
    if limits is None:
        starts, limits = 0, starts
    with name_scope(name, "RaggedRange", [starts, limits, deltas]) as scope:
        named = {"starts": starts, "limits": limits, "deltas": deltas}
        parts = [convert_to_tensor(each, dtype, what) for what, each in named.items()]
        if dtype is None:
            widest = max((part.dtype.base_dtype for part in parts), key=_NUMBERS.index)
            parts = [math.cast(part, widest) for part in parts]
        splits, values = ragged_range_op(
            *parts, Tsplits=dtypes.as_dtype(row_splits_dtype), name=scope
        )
        return RaggedTensor.from_row_splits(values, splits, validate=False)


# ---- by segments ---------------------------------------------------------------------------------


def _by_segment(function: Callable[..., Any], data: Any, ids: Any, n: Any) -> Any:
    """`function` of the elements at each place of the rows with one number."""
    if not (is_ragged(data) or is_ragged(ids)):
        return function(data, ids, n)
    data, ids = as_ragged(data, name="data"), as_ragged(ids, name="segment_ids")
    same_split_dtypes(data, ids)
    if ids.dtype not in (dtypes.int32, dtypes.int64):
        raise ValueError("segment_ids must have dtype int32 or int64.")
    text = "segment_ids.shape must be a prefix of data.shape"
    if isinstance(ids, RaggedTensor):
        if not isinstance(data, RaggedTensor):
            raise ValueError(f"{text}, but segment_ids is ragged and data is not.")
        same = assert_equal(ids.row_splits, data.row_splits, message=text)
        with control_dependencies([same]):
            return _by_segment(function, data.values, ids.values, n)
    lengths = lengths_of(data.row_splits)
    splits = to_splits(math.maximum(math.unsorted_segment_max(lengths, ids, n), 0))
    starts = array.gather(splits, ids)
    at = places(starts, starts + lengths)[1]
    values = _by_segment(function, data.values, at, splits[-1])
    return RaggedTensor.from_row_splits(values, splits, validate=False)


def _segment(node: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """`function` of the rows with one number, place by place: as long as the longest of them."""

    def by_segment(data: Any, segment_ids: Any, num_segments: Any, name: str | None = None) -> Any:
        with name_scope(name, node, [data, segment_ids, num_segments]):
            return _by_segment(function, data, segment_ids, num_segments)

    return by_segment


segment_sum = _segment("RaggedSegmentSum", math.unsorted_segment_sum)
segment_prod = _segment("RaggedSegmentProd", math.unsorted_segment_prod)
segment_min = _segment("RaggedSegmentMin", math.unsorted_segment_min)
segment_max = _segment("RaggedSegmentMax", math.unsorted_segment_max)


def _per_count(node: str, divisor: Callable[..., Any] | None = None) -> Callable[..., Any]:
    """The sum by what `divisor` makes of the number of elements."""

    def by_segment(data: Any, segment_ids: Any, num_segments: Any, name: str | None = None) -> Any:
        with name_scope(name, node, [data, segment_ids, num_segments]):
            data = as_ragged(data, name="data")
            total = segment_sum(data, segment_ids, num_segments)
            count = segment_sum(_ones_like(data), segment_ids, num_segments)
            return _quotient(total, count, divisor)

    return by_segment


def _ones_like(ragged: Any) -> Any:
    if isinstance(ragged, RaggedTensor):
        return ragged.with_flat_values(array.ones_like(ragged.flat_values))
    return array.ones_like(ragged)


def _quotient(total: Any, count: Any, divisor: Callable[..., Any] | None = None) -> Any:
    if isinstance(total, RaggedTensor):
        return total.with_flat_values(_quotient(total.flat_values, count.flat_values, divisor))
    return math.divide(total, count if divisor is None else divisor(count))


segment_mean = _per_count("RaggedSegmentMean")
segment_sqrt_n = _per_count("RaggedSegmentSqrtN", math.sqrt)


# ---- along axes ----------------------------------------------------------------------------------


def _along(
    function: Callable[..., Any], by_segment: Callable[..., Any], ragged: Any, axis: Any
) -> Any:
    """`function` along one axis, or along the last of several and then along the others."""
    if not isinstance(ragged, RaggedTensor):
        return function(ragged, axis)
    if axis is None:
        return function(ragged.flat_values, None)
    if isinstance(axis, list | tuple):
        if not axis:
            return ragged
        *others, axis = sorted(positive_axis(each, ragged.shape.ndims) for each in axis)
        ragged = _along(function, by_segment, ragged, axis)
        return _along(function, by_segment, ragged, others) if others else ragged
    axis = positive_axis(axis, ragged.shape.ndims)
    splits = ragged.row_splits
    if axis == 0:
        columns = rows_and_columns(splits)[1]
        return _by_segment(by_segment, ragged.values, columns, longest(splits))
    if axis == 1:
        rows = ragged.value_rowids()
        return _by_segment(by_segment, ragged.values, rows, number_of_rows(splits))
    return ragged.with_values(_along(function, by_segment, ragged.values, axis - 1))


def _known_axes(axis: Any) -> Any:
    """`axis` as Python's numbers.

    Raises
    ------
    ValueError
        If it is a tensor whose value is not known.
    """
    if isinstance(axis, Tensor):
        axis = constant_value(axis)
        if axis is None:
            raise ValueError("axis must be known at graph construction time.")
    if isinstance(axis, (_ARRAY, np.generic)):
        axis = axis.tolist()
    return axis


def _reduction(node: str, along: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    """A reduction as `tf.reduce_sum` is called, of what `along` makes of a tensor and axes."""

    def reduce(
        input_tensor: Any,
        axis: Any = None,
        keepdims: Any = None,
        name: str | None = None,
        reduction_indices: Any = None,
        keep_dims: Any = None,
    ) -> Any:
        if either("keepdims", keepdims, "keep_dims", keep_dims):
            raise ValueError("keepdims=True is not supported for RaggedTensors.")
        axis = _known_axes(either("axis", axis, "reduction_indices", reduction_indices))
        with name_scope(name, node, [input_tensor, axis]):
            return along(as_ragged(input_tensor), axis)

    return reduce


def _sum(ragged: Any, axis: Any) -> Any:
    return _along(math.reduce_sum, math.unsorted_segment_sum, ragged, axis)


def _prod(ragged: Any, axis: Any) -> Any:
    return _along(math.reduce_prod, math.unsorted_segment_prod, ragged, axis)


def _min(ragged: Any, axis: Any) -> Any:
    return _along(math.reduce_min, math.unsorted_segment_min, ragged, axis)


def _max(ragged: Any, axis: Any) -> Any:
    return _along(math.reduce_max, math.unsorted_segment_max, ragged, axis)


def _mean(ragged: Any, axis: Any) -> Any:
    return _quotient(_sum(ragged, axis), _sum(_ones_like(ragged), axis))


def _of_truth(along: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """A reduction of truth values by that of the numbers 0 and 1."""

    def reduce(ragged: Any, axis: Any) -> Any:
        return _cast(along(_cast(ragged, dtypes.int32), axis), dtypes.bool)

    return reduce


def _cast(value: Any, dtype: Any) -> Any:
    if isinstance(value, RaggedTensor):
        return value.with_flat_values(math.cast(value.flat_values, dtype))
    return math.cast(value, dtype)


reduce_sum = _reduction("RaggedReduceSum", _sum)
reduce_prod = _reduction("RaggedReduceProd", _prod)
reduce_min = _reduction("RaggedReduceMin", _min)
reduce_max = _reduction("RaggedReduceMax", _max)
reduce_mean = _reduction("RaggedReduceMean", _mean)
reduce_all = _reduction("RaggedReduceAll", _of_truth(_prod))
reduce_any = _reduction("RaggedReduceAny", _of_truth(_sum))


def reduce_join(
    inputs: Any,
    axis: Any = None,
    keep_dims: Any = None,
    separator: str = "",
    name: str | None = None,
    reduction_indices: Any = None,
    keepdims: Any = None,
) -> Any:
    """The strings of a ragged tensor joined along axes, as `tf.reduce_join` is called."""

    def joined(strings: Any, axis: Any) -> Any:
        return dense_reduce_join(strings, axis, separator=separator)

    def by_segment(strings: Any, ids: Any, n: Any) -> Any:
        return unsorted_segment_join(strings, ids, n, separator)

    def along(ragged: Any, axis: Any) -> Any:
        return _along(joined, by_segment, ragged, axis)

    reduce = _reduction("RaggedSegmentJoin", along)
    return reduce(inputs, axis, keepdims, name, reduction_indices, keep_dims)
