"""What a ragged tensor is: the values of all rows, and where each row begins."""

# pyright: reportPrivateUsage=false

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from graphmode.framework import dtypes
from graphmode.framework.default_graph import name_scope
from graphmode.framework.operation import Tensor
from graphmode.framework.shapes import TensorShape
from graphmode.ops import array, math
from graphmode.ragged.splits import (
    INDICES,
    lengths_of,
    longest,
    number_of_rows,
    positive_axis,
    row_splits_to_segment_ids,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

DIFFERENT_SPLITS = (
    "Input RaggedTensors have mismatched row_splits dtypes; use "
    "RaggedTensor.with_row_splits_dtype() to convert them to compatible dtypes."
)


class RaggedRows:
    """The parts of a ragged tensor, and what they say: its shape, its rows, their lengths.

    Parameters
    ----------
    values : Tensor or RaggedRows, of any dtype, [values, ...]
    row_splits : Tensor, int32 or int64, [rows + 1]
    cached_row_lengths, cached_value_rowids, cached_nrows : Tensor, int, optional
        What else is known of the rows.
    internal : bool
        Whether it is a class method that calls.

    Raises
    ------
    ValueError
        If a program calls it, or shapes or dtypes do not fit.
    TypeError
        If an argument is no tensor.
    """

    __array_ufunc__ = None  # array + ragged is ragged.__radd__(array)

    def __init__(
        self,
        values: Any,
        row_splits: Any,
        cached_row_lengths: Any = None,
        cached_value_rowids: Any = None,
        cached_nrows: Any = None,
        internal: bool = False,
    ) -> None:
        if not internal:
            raise ValueError(
                "RaggedTensor constructor is private; please use one of the factory methods "
                "instead (e.g., RaggedTensor.from_row_lengths())"
            )
        if not isinstance(row_splits, Tensor):
            raise TypeError(f"Row-partitioning argument must be a Tensor, got {row_splits!r}")
        if not isinstance(values, Tensor | RaggedRows):
            raise TypeError(f"values must be a Tensor or RaggedTensor, got {values!r}")
        if row_splits.dtype not in INDICES:
            raise ValueError("Row-partitioning argument must be int32 or int64")
        row_splits.shape.assert_has_rank(1)
        values.shape.with_rank_at_least(1)
        row_splits.set_shape([None])
        if isinstance(values, RaggedRows) and values.row_splits.dtype != row_splits.dtype:
            raise ValueError(DIFFERENT_SPLITS)
        self._values = values
        self._row_splits = row_splits
        self._lengths = cached_row_lengths
        self._rowids = cached_value_rowids
        self._nrows = cached_nrows

    @property
    def dtype(self) -> dtypes.DType:
        """The dtype of the elements."""
        return self._values.dtype

    @property
    def shape(self) -> TensorShape:
        """The static shape, with None for ragged axes."""
        n = self._row_splits.shape[0].value
        rows = TensorShape([None if n is None else n - 1, None])
        return rows.concatenate(self._values.shape[1:])

    def get_shape(self) -> TensorShape:
        """The static shape: the old form of `shape`."""
        return self.shape

    @property
    def ragged_rank(self) -> int:
        """The number of ragged axes."""
        return len(self._levels())

    @property
    def values(self) -> Any:
        """The elements of all rows: a Tensor, or a RaggedTensor of one rank less."""
        return self._values

    @property
    def row_splits(self) -> Tensor:
        """Where each row begins, and where the last one ends, an int tensor ``[rows + 1]``."""
        return self._row_splits

    @property
    def flat_values(self) -> Tensor:
        """The innermost `values`, a Tensor."""
        return self._levels()[-1]._values  # pyright: ignore[reportReturnType]

    @property
    def nested_row_splits(self) -> tuple[Tensor, ...]:
        """The splits of all ragged axes, the outermost first."""
        return tuple(level._row_splits for level in self._levels())

    def _levels(self) -> list[RaggedRows]:
        levels: list[RaggedRows] = [self]
        while isinstance(levels[-1]._values, RaggedRows):
            levels.append(levels[-1]._values)
        return levels

    def value_rowids(self, name: str | None = None) -> Tensor:
        """The number of the row of each value, an int tensor ``[values]``."""
        if self._rowids is not None:
            return self._rowids
        with name_scope(name, "RaggedValueRowIds", [self]):
            return row_splits_to_segment_ids(self._row_splits)

    def nested_value_rowids(self, name: str | None = None) -> tuple[Tensor, ...]:
        """`value_rowids` of all ragged axes, the outermost first."""
        with name_scope(name, "RaggedNestedValueRowIds", [self]):
            return tuple(level.value_rowids() for level in self._levels())

    def nrows(self, out_type: Any = None, name: str | None = None) -> Tensor:
        """The number of rows, a scalar of the int dtype `out_type` (that of the splits)."""
        out_type = self._row_splits.dtype if out_type is None else dtypes.as_dtype(out_type)
        if self._nrows is not None:
            return math.cast(self._nrows, out_type)
        with name_scope(name, "RaggedNRows", [self]):
            return number_of_rows(self._row_splits, out_type)

    def row_starts(self, name: str | None = None) -> Tensor:
        """The place of the first value of each row, an int tensor ``[rows]``."""
        with name_scope(name, "RaggedRowStarts", [self]):
            return self._row_splits[:-1]

    def row_limits(self, name: str | None = None) -> Tensor:
        """The place after the last value of each row, an int tensor ``[rows]``."""
        with name_scope(name, "RaggedRowLimits", [self]):
            return self._row_splits[1:]

    def row_lengths(self, axis: int = 1, name: str | None = None) -> Any:
        """The lengths along an axis.

        Parameters
        ----------
        axis : int
            May count from the end.

        Returns
        -------
        Tensor or RaggedTensor, of int
            Of the shape ``shape[:axis]``.
        """
        if self._lengths is not None and axis == 1:
            return self._lengths
        with name_scope(name, "RaggedRowLengths", [self]):
            axis = positive_axis(axis, self.shape.ndims)
            if axis == 0:
                return self.nrows()
            if axis == 1:
                return lengths_of(self._row_splits)
            values = self._values
            if isinstance(values, RaggedRows):
                return self.with_values(values.row_lengths(axis - 1))
            sizes = array.shape(values, out_type=self._row_splits.dtype)
            ones = array.ones(sizes[: axis - 1], self._row_splits.dtype)
            return self.with_values(ones * sizes[axis - 1])

    def nested_row_lengths(self, name: str | None = None) -> tuple[Tensor, ...]:
        """The lengths of the rows along all ragged axes, the outermost first, int tensors."""
        with name_scope(name, "RaggedNestedRowLengths", [self]):
            return tuple(level.row_lengths() for level in self._levels())

    def bounding_shape(
        self, axis: Any = None, name: str | None = None, out_type: Any = None
    ) -> Tensor:
        """The least shape that holds all rows.

        Parameters
        ----------
        axis : int or Tensor, int, optional
            Which axes are asked for.
        out_type : DType, optional
            int32 or int64; that of the splits by default.

        Returns
        -------
        Tensor, `out_type`, [rank], or of the shape of `axis`
        """
        splits = self._row_splits
        out_type = splits.dtype if out_type is None else dtypes.as_dtype(out_type)
        with name_scope(name, "RaggedBoundingBox", [self, axis]):
            if isinstance(axis, int) and axis == 0:
                return number_of_rows(splits, out_type)
            if isinstance(axis, int) and axis == 1:
                return math.cast(longest(splits), out_type)
            ragged = [math.cast(longest(each), out_type) for each in self.nested_row_splits]
            rows = number_of_rows(splits, out_type)
            inner = array.shape(self.flat_values, out_type=out_type)[1:]
            box = array.concat([array.stack([rows, *ragged]), inner], 0)
            return box if axis is None else array.gather(box, axis)

    def with_values(self, new_values: Any) -> Self:
        """The same rows of other values.

        Parameters
        ----------
        new_values : Tensor or RaggedTensor, of any dtype, [values, ...]

        Returns
        -------
        RaggedTensor

        Raises
        ------
        ValueError
            If the splits of `new_values` are of another dtype.
        """
        new_values.shape.with_rank_at_least(1)
        self._values.shape[:1].assert_is_compatible_with(new_values.shape[:1])
        splits = self._row_splits
        if isinstance(new_values, RaggedRows) and new_values.row_splits.dtype != splits.dtype:
            raise ValueError(
                "self and new_values have mismatched row_splits dtypes; use "
                "RaggedTensor.with_row_splits_dtype() to convert them to compatible dtypes."
            )
        known = (self._lengths, self._rowids, self._nrows)
        return type(self)(new_values, splits, *known, internal=True)

    def with_flat_values(self, new_values: Any) -> Self:
        """The same rows of other innermost values.

        Parameters
        ----------
        new_values : Tensor or RaggedTensor, of any dtype, [values, ...]

        Returns
        -------
        RaggedTensor
        """
        for level in reversed(self._levels()):
            new_values = level.with_values(new_values)
        return new_values

    def with_row_splits_dtype(self, dtype: Any) -> Self:
        """The same with splits of another dtype.

        Parameters
        ----------
        dtype : DType
            int32 or int64.

        Returns
        -------
        RaggedTensor

        Raises
        ------
        ValueError
            If it is another one.
        """
        dtype = dtypes.as_dtype(dtype)
        if dtype not in INDICES:
            raise ValueError("dtype must be int32 or int64")
        if self._row_splits.dtype == dtype:
            return self
        values = self._values
        if isinstance(values, RaggedRows):
            values = values.with_row_splits_dtype(dtype)
        known = (self._row_splits, self._lengths, self._rowids, self._nrows)
        cast = [None if each is None else math.cast(each, dtype) for each in known]
        return type(self)(values, *cast, internal=True)

    def consumers(self) -> list[Any]:
        """The operations that read one of its tensors."""
        parts = (*self.nested_row_splits, self.flat_values)
        return list(dict.fromkeys(op for part in parts for op in part.consumers()))

    def __repr__(self) -> str:
        return f"tf.RaggedTensor(values={self._values}, row_splits={self._row_splits})"

    def __bool__(self) -> bool:
        raise TypeError("RaggedTensor may not be used as a boolean.")

    def __iter__(self) -> Any:
        raise TypeError(
            "'RaggedTensor' object is not iterable: the graph does not know how many rows a run has"
        )

    @classmethod
    def _of_parts(cls, flat_values: Any, nested_row_splits: Sequence[Tensor]) -> Any:
        """The ragged tensor with these elements and splits; without splits the elements."""
        result = flat_values
        for splits in reversed(nested_row_splits):
            result = cls(result, splits, internal=True)
        return result

    def _parts(self) -> list[Tensor]:
        """The tensors that it is handed over in."""
        return [*self.nested_row_splits, self.flat_values]

    def _part_dims(self, shape: TensorShape) -> list[Any]:
        """The static shapes of the parts, of a ragged tensor of the shape `shape`."""
        dims = self.shape.merge_with(shape).as_list() if shape.ndims is None else shape.as_list()
        first = None if dims[0] is None else dims[0] + 1
        inner = (None, *dims[self.ragged_rank + 1 :])
        return [(first,), *[(None,)] * (self.ragged_rank - 1), inner]

    def _with_parts(self, parts: list[Tensor]) -> Any:
        """A ragged tensor of other parts."""
        return self._of_parts(parts[-1], parts[:-1])

    def _as_graph_element(self) -> Tensor:
        return self.flat_values
