"""`RaggedTensorValue`: what a run gives for a `RaggedTensor`, and takes for one."""

from __future__ import annotations

import itertools
from typing import Any, ClassVar

import numpy as np

_ARRAYS: tuple[type[Any], ...] = (np.ndarray, np.generic)


class RaggedTensorValue:
    """Rows of different lengths as arrays.

    Parameters
    ----------
    values : array or RaggedTensorValue, of any dtype, [values, ...]
        The elements of all rows, one row after the other.
    row_splits : array, int32 or int64, [rows + 1]
        Row i is ``values[row_splits[i]:row_splits[i + 1]]``.

    Raises
    ------
    TypeError
        If an argument is of another type.
    ValueError
        If the dtypes of two splits differ.
    """

    _takes_over: ClassVar[Any]

    def __init__(self, values: Any, row_splits: Any) -> None:
        if not (
            isinstance(row_splits, _ARRAYS)
            and row_splits.dtype in (np.int64, np.int32)
            and row_splits.ndim == 1
        ):
            raise TypeError("row_splits must be a 1D int32 or int64 numpy array")
        if not isinstance(values, (*_ARRAYS, RaggedTensorValue)):
            raise TypeError("values must be a numpy array or a RaggedTensorValue")
        if isinstance(values, RaggedTensorValue) and row_splits.dtype != values.row_splits.dtype:
            raise ValueError("row_splits and values.row_splits must have the same dtype")
        self._values = values
        self._row_splits = row_splits

    @classmethod
    def of_parts(cls, flat_values: Any, nested_row_splits: Any) -> Any:
        """The value with these elements and splits; without splits the elements.

        Parameters
        ----------
        flat_values : array, of any dtype
        nested_row_splits : sequence of array, int, the outermost first

        Returns
        -------
        RaggedTensorValue or array
        """
        value = flat_values
        for splits in reversed(nested_row_splits):
            value = cls(value, splits)
        return value

    @property
    def values(self) -> Any:
        """The elements of all rows: an array, or a RaggedTensorValue of one rank less."""
        return self._values

    @property
    def row_splits(self) -> Any:
        """Where each row begins, and where the last one ends."""
        return self._row_splits

    @property
    def dtype(self) -> Any:
        """NumPy's dtype of the elements."""
        return self._values.dtype

    @property
    def flat_values(self) -> Any:
        """The innermost `values`, an array."""
        return self._levels()[-1].values

    @property
    def nested_row_splits(self) -> tuple[Any, ...]:
        """The splits of all ragged axes, the outermost first."""
        return tuple(level.row_splits for level in self._levels())

    @property
    def ragged_rank(self) -> int:
        """The number of ragged axes."""
        return len(self._levels())

    @property
    def shape(self) -> tuple[int | None, ...]:
        """The shape, with None for ragged axes."""
        return (self._row_splits.shape[0] - 1, None, *self._values.shape[1:])

    def _parts(self) -> list[Any]:
        """The arrays that it is handed over in."""
        return [*self.nested_row_splits, self.flat_values]

    def _rows(self) -> list[Any]:
        """The rows, arrays or RaggedTensorValues."""
        values = self._values
        if not isinstance(values, RaggedTensorValue):
            return [values[a:b] for a, b in itertools.pairwise(self._row_splits)]
        inner = values.row_splits
        return [
            RaggedTensorValue(
                _between(values.values, inner[a], inner[b]), inner[a : b + 1] - inner[a]
            )
            for a, b in itertools.pairwise(self._row_splits)
        ]

    def _levels(self) -> list[RaggedTensorValue]:
        levels: list[RaggedTensorValue] = [self]
        while isinstance(levels[-1].values, RaggedTensorValue):
            levels.append(levels[-1].values)
        return levels

    def to_list(self) -> list[Any]:
        """The rows as nested lists of Python values."""
        rows = self.flat_values.tolist()
        for splits in reversed(self.nested_row_splits):
            rows = [rows[a:b] for a, b in itertools.pairwise(splits)]
        return rows

    def __str__(self) -> str:
        return f"<tf.RaggedTensorValue {self.to_list()}>"

    def __repr__(self) -> str:
        return f"tf.RaggedTensorValue(values={self._values!r}, row_splits={self._row_splits!r})"


def _between(values: Any, start: Any, limit: Any) -> Any:
    """The elements, or the rows, from one place to another."""
    if not isinstance(values, RaggedTensorValue):
        return values[start:limit]
    splits = values.row_splits
    inner = _between(values.values, splits[start], splits[limit])
    return RaggedTensorValue(inner, splits[start : limit + 1] - splits[start])
