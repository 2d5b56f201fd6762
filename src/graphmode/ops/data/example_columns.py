"""One feature of many `Example` messages from their wire bytes, without a loop over its values.

What nearly every writer makes of a feature is its kind, its size, and one list: a tag, a size, and
the values packed, or one text. Then sizes say all, and the values of all messages are read at once.
What is written otherwise (values one by one, several texts, another kind) is no column here:
`example_records` reads it message by message.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from graphmode._addresses.late import late
from graphmode.files.varints import write_varint
from graphmode.framework import dtypes
from graphmode.framework.dtypes import DType

_TAGS = {dtypes.string: b"\x0a", dtypes.float32: b"\x12", dtypes.int64: b"\x1a"}
_VALUES = b"\x0a"
_EMPTY = 2
"""The bytes of a feature whose list is empty."""
_LONGEST = 10
"""The bytes of the longest number."""

_features_on_wire = late("graphmode.files.examples", "features_on_wire")


class Column(NamedTuple):
    """The values of a feature in several messages.

    Attributes
    ----------
    values : array [n]
        Those of all messages, one behind the other.
    lengths : list of int
        How many of them each message has.
    """

    values: np.ndarray
    lengths: list[int]


def features_of(messages: Sequence[bytes]) -> list[Mapping[str, bytes]] | None:
    """The features of each message, as they are on the wire; None if one is no message."""
    try:
        return [_features_on_wire(message) for message in messages]
    except ValueError:
        return None


def column(rows: Sequence[bytes], dtype: DType) -> Column | None:
    """The column of a feature, ``b""`` where a message has none; None if it cannot be told."""
    tag, packed = _TAGS[dtype], list[bytes]()
    for row in rows:
        lead = _lead(tag, len(row))
        if not row.startswith(lead):
            return None
        packed.append(row[len(lead) :])
    if dtype is dtypes.string:
        return _texts(rows, packed)
    sizes = [len(part) for part in packed]
    data = bytearray().join(packed)
    return _floats(data, sizes) if dtype is dtypes.float32 else _integers(data, sizes)


@functools.lru_cache(maxsize=4096)
def _lead(tag: bytes, size: int) -> bytes:
    """What a feature of `size` bytes in all begins with if it is one list of one part."""
    if size in (0, _EMPTY):
        return (tag + b"\0")[:size]
    rest = b""
    for name in (tag, _VALUES):
        size -= 1
        width = next((w for w in range(1, 6) if len(write_varint(max(size - w, 0))) == w), 0)
        size -= width
        if not width or size < 0:
            return b"\xff"  # no such size: nothing begins so
        rest += name + write_varint(size)
    return rest


def _texts(rows: Sequence[bytes], packed: list[bytes]) -> Column:
    lengths = [int(len(row) > _EMPTY) for row in rows]
    values = np.empty(sum(lengths), object)
    values[:] = [text for text, n in zip(packed, lengths, strict=True) if n]
    return Column(values, lengths)


def _floats(data: bytearray, sizes: list[int]) -> Column | None:
    if any(size % 4 for size in sizes):
        return None
    return Column(np.frombuffer(data, "<f4"), [size // 4 for size in sizes])


def _integers(data: bytearray, sizes: list[int]) -> Column | None:
    content = np.frombuffer(data, np.uint8)
    if data.isascii():  # each number is one byte
        return Column(content.astype(np.int64), sizes)
    ends = np.flatnonzero(content < 0x80) + 1
    bounds = np.cumsum(sizes)
    places = np.searchsorted(ends, bounds, side="right")
    if not len(ends) or not np.isin(bounds[bounds > 0], ends).all():
        return None
    starts = np.concatenate([[0], ends[:-1]])
    widths = ends - starts
    if widths.max() > _LONGEST:
        return None
    shifts = (7 * (np.arange(len(content)) - np.repeat(starts, widths))).astype(np.uint64)
    parts = (content & 0x7F).astype(np.uint64) << shifts
    values = np.bitwise_or.reduceat(parts, starts).view(np.int64)
    return Column(values, np.diff(places, prepend=0).tolist())
