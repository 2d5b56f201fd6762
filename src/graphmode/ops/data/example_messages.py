"""`Messages`, serialized `Example`s, whose features are read together where that is possible."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode._addresses.late import late
from graphmode.framework import dtypes
from graphmode.ops.data.example_columns import Column, column, features_of
from graphmode.ops.data.features_found import (
    NAMES,
    FeatureReader,
    bracketed,
    counted,
    joined,
    known,
    refused,
)

if TYPE_CHECKING:
    from graphmode.framework.dtypes import DType
    from graphmode.framework.shapes import TensorShape

_example = late("graphmode.files.examples", "parsed_example")


class _OfMessage(FeatureReader):
    """Says it of an `Example`; `where` begins it, `i` is its place in a batch, None for one."""

    def __init__(self, serialized: bytes, where: str, i: int | None, has_shape: bool) -> None:
        super().__init__(serialized)
        self._where, self._i, self._has_shape = where, i, has_shape

    def steps(self, feature: Any, key: str, dtype: DType, shape: tuple[int, ...]) -> np.ndarray:
        """The values of a feature of any number of steps, which have the shape `shape`."""
        found = self.values(feature, key, dtype)
        if found is None:
            return np.empty((0, *shape), dtype.numpy_dtype)
        stride = math.prod(shape)
        if not stride or found.size % stride:
            raise self.refusal(
                f"{self._of(key)}  Number of {counted(dtype)} values is not a multiple of "
                f"stride length. Saw {found.size} values but output shape is: "
                f"{bracketed(('?', *shape))}"
            )
        return found.reshape(-1, *shape)

    def other_kind(self, key: str, found: str, n: int, expected: str) -> str:
        said = (
            f"Data type: {NAMES[found]} but expected type: {expected}"
            if self._has_shape or self._i is None
            else f"Expected type: {expected}, Actual type: {NAMES[found]}"
        )
        return f"{self._of(key)}  Data types don't match. {said}"

    def other_size(self, key: str, kind: str, n: int, shape: tuple[int, ...]) -> str:
        lead = "Can't parse serialized Example.  " if self._i is None else ""
        return (
            f"{self._of(key)}  {lead}Number of {kind} values != expected.  "
            f"Values size: {n} but output shape: {bracketed(shape)}"
        )

    def missing(self, key: str, kind: str) -> str:
        return (
            f"{self._where}Feature: {key} (data type: {kind}) is required but could not be found."
        )

    def _of(self, key: str) -> str:
        place = "" if self._i is None else f", Index: {self._i}"
        return f"{self._where}Key: {key}{place}."


def _features(serialized: bytes, name: str) -> Any:
    from google.protobuf.message import DecodeError

    try:
        return _example(serialized).features.feature
    except DecodeError:
        shown = serialized[:40]
        raise refused(
            f"{name}Could not parse example input, value: {shown!r}"
            + (f" and {len(serialized) - 40} bytes more" if len(serialized) > 40 else ""),
            serialized,
        ) from None


class Messages:
    """Serialized `Example`s.

    A feature that is a column (`example_columns`) and fits is read for all of them at once, any
    other one by one, which also says what does not fit.

    Parameters
    ----------
    serialized : list of bytes
    names : list of str, optional
        What errors call them; None for one message that is no batch.
    """

    def __init__(self, serialized: Sequence[bytes], names: Sequence[str] | None) -> None:
        self._serialized = serialized
        self._where = [""] if names is None else [f"Name: {name}, " for name in names]
        self._is_batch = names is not None
        self._on_wire = features_of(serialized)

    @functools.cached_property
    def _parsed(self) -> list[Any]:
        """The features of each message."""
        return [
            _features(text, where)
            for text, where in zip(self._serialized, self._where, strict=True)
        ]

    def _each(self, key: str, has_shape: bool = True) -> list[tuple[_OfMessage, Any]]:
        """What reads a message, and its feature, for each of them."""
        messages = zip(self._serialized, self._where, self._parsed, strict=True)
        return [
            (_OfMessage(text, where, i if self._is_batch else None, has_shape), features.get(key))
            for i, (text, where, features) in enumerate(messages)
        ]

    def _column(self, key: str, dtype: DType) -> Column | None:
        if self._on_wire is None:
            return None
        return column([features.get(key, b"") for features in self._on_wire], dtype)

    def column(self, key: str, dtype: DType) -> Column:
        """The values of a feature of any length."""
        found = self._column(key, dtype)
        if found is not None:
            return found
        rows = [reader.or_empty(feature, key, dtype) for reader, feature in self._each(key, False)]
        return Column(joined(rows, dtype), [len(row) for row in rows])

    def dense(self, key: str, default: Any, shape: TensorShape) -> np.ndarray:
        """Those of a feature of a shape, whose first length is None if it has steps."""
        dims = known(shape)
        read = self._fixed if len(dims) == shape.ndims else self._steps
        return read(key, np.asarray(default), dims)

    def _fixed(self, key: str, default: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
        """The values of a feature that has a shape, ``[batch, *shape]``."""
        found = self._column(key, dtypes.as_dtype(default.dtype))
        n = math.prod(shape)
        if found is not None and n and found.lengths.count(n) == len(found.lengths):
            return found.values.reshape(-1, *shape)
        out = np.empty((len(self._where), *shape), default.dtype)
        for i, (reader, feature) in enumerate(self._each(key)):
            out[i, ...] = reader.fixed(feature, key, default, shape)
        return out

    def _steps(self, key: str, default: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
        """Those of a feature of steps of a shape, ``[batch, steps, *shape]``, filled up."""
        dtype, stride = dtypes.as_dtype(default.dtype), math.prod(shape)
        found = self._column(key, dtype)
        if found is None or not stride or any(n % stride for n in found.lengths):
            rows = [reader.steps(feature, key, dtype, shape) for reader, feature in self._each(key)]
            lengths = [len(row) for row in rows]
            values = np.concatenate([np.empty((0, *shape), default.dtype), *rows])
        else:
            lengths = [n // stride for n in found.lengths]
            values = found.values.reshape(-1, *shape)
        longest = max(lengths, default=0)
        if lengths.count(longest) == len(lengths):
            return values.reshape(len(lengths), longest, *shape)
        out = np.full((len(lengths), longest, *shape), default.item(), default.dtype)
        out[np.arange(longest) < np.array(lengths)[:, None]] = values
        return out
