"""Keys and values of a table as the lines of a text file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from graphmode.files import systems
from graphmode.framework import dtypes
from graphmode.framework.errors import OutOfRangeError, invalid

if TYPE_CHECKING:
    from graphmode.framework.dtypes import DType

WHOLE_LINE, LINE_NUMBER = -2, -1
_INTEGER = re.compile(rb"\s*[+-]?\d+\s*")


class TableLines:
    """A pair of a key and a value for each line of a file.

    Parameters
    ----------
    path : str
    key_index, value_index : int
        The column of the line, or `WHOLE_LINE`, or `LINE_NUMBER`.
    key_dtype, value_dtype : DType
        string, int32, int64, float32 or float64.
    vocab_size : int
        How many lines to read; -1: all.
    delimiter : bytes
        Between columns.
    """

    def __init__(
        self,
        path: str,
        key_index: int,
        value_index: int,
        key_dtype: DType,
        value_dtype: DType,
        vocab_size: int,
        delimiter: bytes,
    ) -> None:
        self.path = path
        self._indices = key_index, value_index
        self._readers = _reader(key_dtype), _reader(value_dtype)
        self._vocab_size, self._delimiter = vocab_size, delimiter
        self._lines = systems.read_bytes(path).split(b"\n")
        if not self._lines[-1]:
            del self._lines[-1]

    def __len__(self) -> int:
        """The number of pairs."""
        return self._vocab_size if self._vocab_size > 0 else len(self._lines)

    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        """The pairs.

        Raises
        ------
        InvalidArgumentError
            If a line is empty or has not what is read from it, or if there are too few.
        OutOfRangeError
            If there is no line and it was not said how many there are.
        """
        wanted = self._vocab_size
        if not self._lines and wanted < 0:
            raise OutOfRangeError(
                None, None, f"Read less bytes than requested: {self.path} is empty"
            )
        if wanted > len(self._lines):
            raise invalid(
                f"Invalid vocab_size in {self.path}: expected {wanted} but got {len(self._lines)}"
            )
        position = 0
        for number, text in enumerate(self._lines[: wanted if wanted > 0 else None]):
            position += len(text) + 1
            line = text.replace(b"\r", b"")
            if not line:
                raise invalid(
                    f"Invalid content in {self.path}: empty line found at position {position}."
                )
            columns = line.split(self._delimiter) if max(self._indices) >= 0 else []
            if max(self._indices) >= len(columns) > 0:
                raise invalid(
                    f"Invalid number of columns in {self.path} line {number} "
                    f"({line.decode(errors='replace')}) : expected {max(self._indices)} got "
                    f"{len(columns)}"
                )
            key, value = (
                number
                if index == LINE_NUMBER
                else read(line if index == WHOLE_LINE else columns[index], number)
                for index, read in zip(self._indices, self._readers, strict=True)
            )
            yield key, value


def _reader(dtype: DType) -> Callable[[bytes, int], Any]:
    """What reads a field of this dtype, given the field and the number of its line."""
    if dtype == dtypes.string:
        return lambda field, number: field
    called = dtypes.word_of(dtype)

    def read(field: bytes, number: int) -> Any:
        try:
            if dtype.is_integer and _INTEGER.fullmatch(field):
                value = int(field)
                if dtype.min <= value <= dtype.max:
                    return value
            elif not dtype.is_integer:
                return dtype.numpy_dtype.type(float(field)).item()
        except ValueError:
            pass
        raise invalid(
            f"Field {field.decode(errors='replace')} in line {number} is not a valid {called}."
        )

    return read
