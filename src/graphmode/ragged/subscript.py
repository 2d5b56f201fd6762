"""``ragged[key]``: rows and slices."""

from __future__ import annotations

from typing import Any

from graphmode.framework.default_graph import name_scope
from graphmode.framework.operation import Tensor
from graphmode.ops import array, math
from graphmode.ops.control.cond import cond
from graphmode.ragged.gathering import ranges_of
from graphmode.ragged.tensor import RaggedTensor

_ALL = slice(None)


def getitem(self: RaggedTensor, key: Any) -> Any:
    """The rows or the part of each row that `key` names.

    Parameters
    ----------
    key : int, Tensor, slice, Ellipsis, tf.newaxis, or tuple of them
        An int at the place of a ragged axis has to come before all slices.

    Returns
    -------
    Tensor or RaggedTensor

    Raises
    ------
    ValueError
        If an element of each row is asked for by its place: rows may be shorter.
    """
    with name_scope(None, "RaggedGetItem", [self]):
        return _rows(self, list(key) if isinstance(key, list | tuple) else [key])


def _rows(ragged: Any, keys: list[Any]) -> Any:
    if not keys:
        return ragged
    key, rest = keys[0], keys[1:]
    if key is Ellipsis:
        return _rows(ragged, _spelled_out(keys, ragged.shape.ndims))
    if key is None:
        inner = _rows(ragged, rest)
        n = _number(inner)
        return RaggedTensor.from_row_splits(inner, array.stack([0, n]), validate=False)
    if isinstance(key, slice):
        return _columns(_some_rows(ragged, key), rest)
    starts, limits = ragged.row_splits[:-1], ragged.row_splits[1:]
    row = ragged.values[starts[key] : limits[key]]
    return row[tuple(rest)] if rest else row


def _number(rows: Any) -> Tensor:
    if isinstance(rows, RaggedTensor):
        return rows.nrows()
    return array.shape(rows, out_type="int64")[0]


def _some_rows(ragged: RaggedTensor, key: slice) -> RaggedTensor:
    if key == _ALL:
        return ragged
    splits = ragged.row_splits
    starts, limits = splits[:-1][key], splits[1:][key]
    if key.step is not None and key.step != 1:
        return ranges_of(ragged.values, starts, limits, 1)
    zero = array.zeros([1], splits.dtype)
    new = array.concat([zero[array.size(starts) :], starts[:1], limits], 0)
    first, last = new[0], new[-1]
    return RaggedTensor.from_row_splits(ragged.values[first:last], new - first, validate=False)


def _columns(ragged: Any, keys: list[Any]) -> Any:
    """The part of each row that `keys` name."""
    if not keys:
        return ragged
    if isinstance(ragged, Tensor):
        return ragged[(_ALL, *keys)]
    key, rest = keys[0], keys[1:]
    if key is Ellipsis:
        return _columns(ragged, _spelled_out(keys, ragged.values.shape.ndims))
    if key is None:
        inner = _columns(ragged, rest)
        ones = array.range(_number(inner) + 1)
        return RaggedTensor.from_row_splits(inner, ones, validate=False)
    if not isinstance(key, slice):
        raise ValueError(
            "Cannot index into an inner ragged dimension.\n  fix: rows may be shorter: take a "
            "slice, or ragged.to_tensor()[:, i]"
        )
    if key != _ALL:
        starts, limits = ragged.row_splits[:-1], ragged.row_splits[1:]
        from_, to = starts, limits
        if key.start is not None:
            from_ = _offset(key.start, starts, limits)
        if key.stop is not None:
            to = _offset(key.stop, starts, limits)
        ragged = ranges_of(ragged.values, from_, to, key.step)
    return ragged.with_values(_columns(ragged.values, rest))


def _offset(by: Any, starts: Tensor, limits: Tensor) -> Tensor:
    """The place `by` in each row; from its end, if `by` is negative.

    Raises
    ------
    TypeError
        If it is no integer.
    """

    def from_start(n: Any) -> Tensor:
        return math.minimum(starts + n, limits)

    def from_end(n: Any) -> Tensor:
        return math.maximum(limits + n, starts)

    if isinstance(by, Tensor):
        by = math.cast(by, starts.dtype)
        return cond(math.greater_equal(by, 0), lambda: from_start(by), lambda: from_end(by))
    if not isinstance(by, int):
        raise TypeError("slice offsets must be integers or None")
    return from_start(by) if by >= 0 else from_end(by)


def _spelled_out(keys: list[Any], axes: int | None) -> list[Any]:
    """`keys`, an Ellipsis first, for the `axes` that are left, with one axis fewer behind it.

    Raises
    ------
    ValueError
        If the rank is not known.
    IndexError
        If there are more keys than axes.
    """
    if axes is None:
        raise ValueError("Ellipsis not supported for unknown shape RaggedTensors")
    n = sum(key is not None for key in keys)
    if n > axes + 1:
        raise IndexError("Too many indices for RaggedTensor")
    return keys[1:] if n == axes + 1 else [_ALL, *keys]
