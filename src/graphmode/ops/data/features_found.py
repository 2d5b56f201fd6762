"""The values of a feature of a message: what every op that parses messages takes out of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode._addresses.late import late
from graphmode.framework import dtypes
from graphmode.framework.errors import InvalidArgumentError, invalid

if TYPE_CHECKING:
    from graphmode.framework.dtypes import DType
    from graphmode.framework.operation import Dims
    from graphmode.framework.shapes import TensorShape

_place = late("graphmode.files.record_places", "place_of")
LISTS = {dtypes.float32: "float_list", dtypes.int64: "int64_list", dtypes.string: "bytes_list"}
NAMES = {"float_list": "float", "int64_list": "int64", "bytes_list": "string"}


def counted(dtype: DType) -> str:
    """What TensorFlow calls the values of a feature when it counts them."""
    return "bytes" if dtype is dtypes.string else NAMES[LISTS[dtype]]


def dims_of(shape: TensorShape) -> Dims:
    """The lengths of a shape, None if nothing is known."""
    return None if shape.ndims is None else tuple(shape.as_list())


def known(shape: TensorShape) -> tuple[int, ...]:
    """The lengths of a shape that are known: those of one step where the first is not."""
    return tuple(dim for dim in dims_of(shape) or () if dim is not None)


def bracketed(dims: Sequence[Any]) -> str:
    """A shape as errors of parsing print it: ``[2,3]``."""
    return f"[{','.join(map(str, dims))}]"


def array_of(values: Any, dtype: DType) -> np.ndarray:
    """A vector of `values`: of texts one of objects."""
    if dtype is not dtypes.string:
        return np.array(values, dtype.numpy_dtype)
    out = np.empty(len(values), object)
    out[:] = values
    return out


def texts(values: Sequence[Any]) -> list[str]:
    """Keys, which an op is given as arrays of bytes."""
    return [np.asarray(value).item().decode() for value in values]


class FeatureReader:
    """Takes the values out of features; a kind of it words what does not fit, as its op does.

    Parameters
    ----------
    serialized : bytes
        The message whose features are read.
    """

    def __init__(self, serialized: bytes) -> None:
        self._serialized = serialized

    def refusal(self, text: str) -> InvalidArgumentError:
        """The error of a message that does not fit, with the record that it is."""
        return refused(text, self._serialized)

    def values(self, feature: Any, key: str, dtype: DType) -> np.ndarray | None:
        """The values of `feature`, None if it is None or holds no list."""
        kind = None if feature is None else feature.WhichOneof("kind")
        if kind is None:
            return None
        if kind != LISTS[dtype]:
            n = len(getattr(feature, kind).value)
            raise self.refusal(self.other_kind(key, kind, n, NAMES[LISTS[dtype]]))
        return array_of(getattr(feature, kind).value, dtype)

    def or_empty(self, feature: Any, key: str, dtype: DType) -> np.ndarray:
        """The values of `feature`; none of what is missing."""
        found = self.values(feature, key, dtype)
        return array_of([], dtype) if found is None else found

    def shaped(
        self, values: np.ndarray, key: str, dtype: DType, shape: tuple[int, ...]
    ) -> np.ndarray:
        """`values` in `shape`, which they have to fill."""
        if values.size != math.prod(shape):
            raise self.refusal(self.other_size(key, counted(dtype), values.size, shape))
        return values.reshape(shape)

    def fixed(
        self, feature: Any, key: str, default: np.ndarray, shape: tuple[int, ...]
    ) -> np.ndarray:
        """The values of a feature that has a shape, or its default: an empty one is none."""
        dtype = dtypes.as_dtype(default.dtype)
        found = self.values(feature, key, dtype)
        if found is not None:
            return self.shaped(found, key, dtype, shape)
        if not default.size and math.prod(shape):
            raise self.refusal(self.missing(key, NAMES[LISTS[dtype]]))
        return default.reshape(shape)

    def other_kind(self, key: str, found: str, n: int, expected: str) -> str:
        """What is said of a feature whose list `found` holds `n` values."""
        raise NotImplementedError

    def other_size(self, key: str, kind: str, n: int, shape: tuple[int, ...]) -> str:
        """What is said of a feature whose `n` values do not fill `shape`."""
        raise NotImplementedError

    def missing(self, key: str, kind: str) -> str:
        """What is said of a message without a feature that has to be there."""
        raise NotImplementedError


def refused(text: str, serialized: bytes) -> InvalidArgumentError:
    """What is raised of a message that does not fit: `text`, and which record of a file it is."""
    place = _place(serialized)
    return invalid(f"{text}\n  {place}" if place else text)


def places_in_rows(lengths: Sequence[int]) -> np.ndarray:
    """The row and the place in it of each value of rows of `lengths`: int64 [n, 2]."""
    places = np.empty((sum(lengths), 2), np.int64)
    places[:, 0] = np.repeat(np.arange(len(lengths)), lengths)
    begins = np.cumsum(lengths, dtype=np.int64) - lengths
    places[:, 1] = np.arange(len(places)) - np.repeat(begins, lengths)
    return places


def joined(rows: Sequence[np.ndarray], dtype: DType) -> np.ndarray:
    """The values of all rows, one behind the other."""
    return np.concatenate([array_of([], dtype), *rows])
