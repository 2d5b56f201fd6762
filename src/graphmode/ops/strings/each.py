"""What the kernels of strings share: a function applied to each element."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np


def as_array(values: Iterable[bytes], shape: tuple[int, ...]) -> np.ndarray:
    """Byte strings as an array of objects, which keeps zero bytes at their ends."""
    flat = list(values)
    array = np.empty(len(flat), object)
    array[:] = flat
    return array.reshape(shape)


def each(function: Callable[[bytes], Any], strings: Any, dtype: Any = object) -> np.ndarray:
    """``function(string)`` of each element, in an array of the same shape."""
    strings = np.asarray(strings, object)
    results = (function(string) for string in strings.ravel().tolist())
    if dtype is object:
        return as_array(results, strings.shape)
    return np.array(list(results), dtype).reshape(strings.shape)


def text_of(string: bytes) -> str:
    """`string` as text; bytes that are no UTF-8 survive the way back by `bytes_of`."""
    return string.decode("utf-8", "surrogateescape")


def bytes_of(text: str) -> bytes:
    """The bytes of what `text_of` gave."""
    return text.encode("utf-8", "surrogateescape")
