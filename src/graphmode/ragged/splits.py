"""Splits, lengths and row numbers: three ways to say which rows values belong to."""

from __future__ import annotations

from typing import Any

from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.inference import constant_value
from graphmode.framework.operation import Tensor
from graphmode.ops import array, math
from graphmode.ops.control.assertions import assert_equal
from graphmode.ops.ragged.rows import ragged_range_op

INDICES = (dtypes.int32, dtypes.int64)


def positive_axis(axis: Any, ndims: int | None) -> int:
    """`axis` counted from the front.

    Raises
    ------
    TypeError
        If it is no int.
    ValueError
        If it is out of range, or negative where the rank is not known.
    """
    if isinstance(axis, bool) or not isinstance(axis, int):
        raise TypeError(f"axis must be an int; got {type(axis).__name__}")
    if ndims is None:
        if axis < 0:
            raise ValueError("axis may only be negative if ndims is statically known.")
        return axis
    if not -ndims <= axis < ndims:
        raise ValueError(f"axis={axis} out of bounds: expected {-ndims}<=axis<{ndims}")
    return axis % ndims


def int_tensor(value: Any, name: str, dtype: Any) -> Tensor:
    """`value` as a tensor of the integer `dtype`.

    Raises
    ------
    TypeError
        If it is no integer.
    """
    tensor = convert_to_tensor(value, name=name, preferred_dtype=dtype)
    if not tensor.dtype.is_integer:
        raise TypeError(f"{name} must be an integer tensor; dtype={tensor.dtype}")
    return math.cast(tensor, dtype)


def to_splits(lengths: Tensor) -> Tensor:
    """Where rows of these lengths begin, and where the last one ends."""
    return array.concat([[0], math.cumsum(lengths)], 0)


def lengths_of(splits: Tensor) -> Tensor:
    """The lengths of the rows."""
    return splits[1:] - splits[:-1]


def number_of_rows(splits: Tensor, out_type: Any = None) -> Tensor:
    """The number of rows, a scalar."""
    return array.shape(splits, out_type=out_type or splits.dtype)[0] - 1


def longest(splits: Tensor) -> Tensor:
    """The length of the longest row, 0 without rows."""
    return math.maximum(math.reduce_max(lengths_of(splits)), 0)


def places(starts: Tensor, limits: Tensor, step: Any = None) -> tuple[Tensor, Tensor]:
    """The numbers from each start to its limit: their splits, and the numbers."""
    step = array.ones([], starts.dtype) if step is None else step
    found = ragged_range_op(starts, limits, step, Tsplits=starts.dtype)
    return found[0], found[1]


def rows_and_columns(splits: Tensor) -> tuple[Tensor, Tensor]:
    """Of each value the number of its row, and its place in it."""
    lengths = lengths_of(splits)
    columns = places(array.zeros_like(lengths), lengths)[1]
    return _row_of_each(splits), columns


def repeated(data: Tensor, times: Tensor) -> Tensor:
    """Each row of `data` as often as `times`, a vector, says for it."""
    return array.gather(data, _row_of_each(to_splits(times)))


def _row_of_each(splits: Tensor) -> Tensor:
    """The number of the row of each value: how many rows end before it."""
    limits = splits[1:]
    ends = array.expand_dims(limits, 1)
    counts = array.scatter_nd(ends, array.ones_like(limits), array.stack([splits[-1] + 1]))
    return math.cumsum(counts)[:-1]


def same_splits(nested: list[Any]) -> list[Any]:
    """Checks that several lists of splits are equal.

    Raises
    ------
    ValueError
        If their numbers of axes, or of rows, differ.
    """
    message = "Inputs must have identical ragged splits"
    first = nested[0]
    for other in nested[1:]:
        rows = [each[0].shape[0].value for each in (first, other)]
        if None not in rows and rows[0] != rows[1]:
            raise ValueError(f"{message}: they have {rows[0] - 1} and {rows[1] - 1} rows")
        if len(other) != len(first):
            raise ValueError(f"{message}: they have {len(first)} and {len(other)} ragged axes")
    return [
        assert_equal(a, b, message=message)
        for other in nested[1:]
        for a, b in zip(first, other, strict=True)
        if a is not b
    ]


# ---- tf.ragged -----------------------------------------------------------------------------------


def row_splits_to_segment_ids(splits: Any, name: str | None = None, out_type: Any = None) -> Tensor:
    """The number of the row of each value.

    Parameters
    ----------
    splits : Tensor, int32 or int64, [rows + 1]
    out_type : DType, optional
        int32 or int64; that of `splits` by default.

    Returns
    -------
    Tensor, `out_type`, [values]

    Raises
    ------
    ValueError
        If `splits` is empty, no vector, or of another dtype.

    Examples
    --------
    >>> import graphmode as tf
    >>> tf.Session().run(tf.ragged.row_splits_to_segment_ids([0, 3, 3, 5])).tolist()
    [0, 0, 0, 2, 2]
    """
    with name_scope(name, "RaggedSplitsToSegmentIds", [splits]):
        splits = convert_to_tensor(splits, name="splits", preferred_dtype=dtypes.int64)
        if splits.dtype not in INDICES:
            raise ValueError("splits must have dtype int32 or int64")
        splits.shape.assert_has_rank(1)
        if splits.dims == (0,):
            raise ValueError("Invalid row_splits: []")
        out_type = splits.dtype if out_type is None else dtypes.as_dtype(out_type)
        return math.cast(_row_of_each(splits), out_type)


def segment_ids_to_row_splits(
    segment_ids: Any, num_segments: Any = None, out_type: Any = None, name: str | None = None
) -> Tensor:
    """Where each row begins, and where the last one ends.

    Parameters
    ----------
    segment_ids : Tensor, int, [values]
        The number of the row of each value, in order.
    num_segments : Tensor, int scalar, optional
        The number of rows; that of the last value and 1 by default.
    out_type : DType, optional
        int32 or int64.

    Returns
    -------
    Tensor, `out_type`, [rows + 1]

    Examples
    --------
    >>> import graphmode as tf
    >>> tf.Session().run(tf.ragged.segment_ids_to_row_splits([0, 0, 0, 2, 2])).tolist()
    [0, 3, 3, 5]
    """
    given = next((x for x in (segment_ids, num_segments) if isinstance(x, Tensor)), None)
    if out_type is None:
        out_type = dtypes.int64 if given is None else given.dtype
    with name_scope(name, "SegmentIdsToRaggedSplits", [segment_ids]):
        ids = int_tensor(segment_ids, "segment_ids", dtypes.int32)
        ids.shape.assert_has_rank(1)
        number = None
        if num_segments is not None:
            num_segments = int_tensor(num_segments, "num_segments", dtypes.int32)
            num_segments.shape.assert_has_rank(0)
            number = constant_value(num_segments)
        lengths = math.bincount(
            ids, minlength=num_segments, maxlength=num_segments, dtype=dtypes.as_dtype(out_type)
        )
        splits = to_splits(lengths)
        if number is not None:
            splits.set_shape([int(number) + 1])
        return splits
