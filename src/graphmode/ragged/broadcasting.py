"""Ragged tensors brought to one shape, level by level, as numbers of their elements.

A level is an axis: the children of row r are either as many for every row (a uniform axis), or
``splits[r]`` to ``splits[r + 1]``. Going down, each operand keeps for every row of the result which
row of its own that is; an axis of length one stands for every child. In the end one lookup of
elements makes the operand.
"""

from __future__ import annotations

from typing import Any

from graphmode.framework.default_graph import control_dependencies, name_scope
from graphmode.framework.operation import Tensor
from graphmode.ops import array, math
from graphmode.ops.control.checks import Assert
from graphmode.ragged.splits import lengths_of, rows_and_columns, to_splits
from graphmode.ragged.tensor import RaggedTensor, same_split_dtypes


class _Axes:
    """The axes of one operand: ``[None, 1, ...]`` in front where others have more."""

    def __init__(self, value: Any, rank: int, dtype: Any) -> None:
        ragged = isinstance(value, RaggedTensor)
        self.nested: tuple[Any, ...] = value.nested_row_splits if ragged else ()
        self.flat: Tensor = value.flat_values if ragged else value
        self.missing = rank - value.shape.ndims
        self.sizes = array.shape(self.flat, out_type=dtype)
        self.n_rows = value.nrows() if ragged else None
        self.rows: Any = array.zeros([1], dtype)
        """Of each row of the result so far its own row."""

    def is_ragged(self, axis: int) -> bool:
        """Whether the rows along this axis have lengths of their own."""
        return 0 < axis - self.missing <= len(self.nested)

    def lengths(self, axis: int) -> Any:
        """A vector of the number of children of each row, or one number for all; None if absent."""
        own = axis - self.missing
        if own < 0:
            return None
        if self.is_ragged(axis):
            return array.gather(lengths_of(self.nested[own - 1]), self.rows)
        if own == 0 and self.n_rows is not None:
            return self.n_rows
        return self.sizes[own - len(self.nested)]

    def descend(self, axis: int, parents: Tensor, places: Tensor) -> None:
        """Take for each row of the result the child at its place below its parent."""
        own = axis - self.missing
        at = array.gather(self.rows, parents)
        if own < 0:
            self.rows = at
        elif self.is_ragged(axis):
            self.rows = array.gather(self.nested[own - 1], at) + places
        else:
            size = self.lengths(axis)
            zero, one = (array.constant(n, places.dtype) for n in (0, 1))
            self.rows = at * size + array.where(math.equal(size, 1), zero, one) * places

    def elements(self, axes: int) -> Tensor:
        """The elements, after `axes` axes of the result."""
        inner = max(axes - self.missing - len(self.nested), 1)
        flat = self.flat
        if inner > 1:
            rest = array.concat([array.constant([-1], self.sizes.dtype), self.sizes[inner:]], 0)
            flat = array.reshape(flat, rest)
            flat.set_shape([None, *self.flat.shape[inner:].as_list()])
        return array.gather(flat, self.rows)


def broadcast(x: Any, y: Any) -> tuple[Any, Any]:
    """The elements of both operands, brought to one shape, as ragged tensors.

    Raises
    ------
    ValueError
        If a rank is not known, or the splits are of different dtypes.
    """
    dtype = same_split_dtypes(x, y)
    if x.shape.ndims is None or y.shape.ndims is None:
        raise ValueError("Unable to broadcast: unknown rank")
    with name_scope(None, "RaggedBroadcast", [x, y]):
        return _broadcast(x, y, max(x.shape.ndims, y.shape.ndims), dtype)


def _broadcast(x: Any, y: Any, rank: int, dtype: Any) -> tuple[Any, Any]:
    pair = _Axes(x, rank, dtype), _Axes(y, rank, dtype)
    last = max(axis for axis in range(rank) if any(each.is_ragged(axis) for each in pair))
    nested: list[Tensor] = []
    for axis in range(last + 1):
        lengths, check = _common(axis, pair)
        if lengths.shape.ndims == 0:
            lengths = array.fill(array.shape(pair[0].rows), lengths)
        with control_dependencies(check):
            splits = to_splits(lengths)
        parents, places = rows_and_columns(splits)
        for each in pair:
            each.descend(axis, parents, places)
        if axis > 0:
            nested.append(splits)
    found = [
        RaggedTensor.from_nested_row_splits(each.elements(last + 1), nested, validate=False)
        for each in pair
    ]
    return found[0], found[1]


def _common(axis: int, pair: tuple[_Axes, _Axes]) -> tuple[Any, list[Any]]:
    """How many children the rows of the result have, and a check that the operands agree."""
    first, second = (each.lengths(axis) for each in pair)
    if first is None or second is None:
        return (second if first is None else first), []
    ragged = [each.is_ragged(axis) for each in pair]
    if all(ragged):
        fits, lengths = math.reduce_all(math.equal(first, second)), first
    elif any(ragged):
        lengths, size = (first, second) if ragged[0] else (second, first)
        same = math.reduce_all(math.equal(lengths, size))
        fits = math.logical_or(math.equal(size, 1), same)
    else:
        one = math.equal(first, 1)
        fits = math.logical_or(
            math.logical_or(one, math.equal(second, 1)), math.equal(first, second)
        )
        lengths = array.where(one, second, first)
    words = [
        "Unable to broadcast: dimension size mismatch in dimension", axis, "lengths=", second,
        "dim_size=", first,
    ]  # fmt: skip
    return lengths, [Assert(fits, words, summarize=10)]


def tile(input: RaggedTensor, multiples: Tensor) -> RaggedTensor:
    """`input` as often along each axis as `multiples` says for it."""
    dtype = input.row_splits.dtype
    n = input.nrows()
    rows: Tensor = array.range(n * multiples[0]) % math.maximum(n, 1)
    nested: list[Tensor] = []
    for axis, splits in enumerate(input.nested_row_splits, 1):
        lengths = array.gather(lengths_of(splits), rows)
        new = to_splits(lengths * multiples[axis])
        parents, places = rows_and_columns(new)
        within = places % math.maximum(array.gather(lengths, parents), 1)
        rows = array.gather(array.gather(splits, rows), parents) + within
        nested.append(new)
    times = array.concat([array.ones([1], dtype), multiples[input.ragged_rank + 1 :]], 0)
    values = array.tile(array.gather(input.flat_values, rows), times)
    return RaggedTensor.from_nested_row_splits(values, nested, validate=False)
