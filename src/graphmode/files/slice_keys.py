"""Keys of parts of tensors, whose order as bytes is that of names, offsets and lengths.

TensorFlow's "ordered code": numbers and texts written so that a table sorts them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

Extents = Sequence[tuple[int, int]]
"""(offset, length) along each axis; a length of -1 is the whole axis."""


def slice_key(name: str, extents: Extents) -> bytes:
    """The key of the part `extents` of the tensor `name`."""
    out = _number(0) + _text(name.encode()) + _number(len(extents))
    for offset, length in extents:
        out += _signed(offset) + _signed(length)
    return out


def _number(value: int) -> bytes:
    digits = value.to_bytes((value.bit_length() + 7) // 8)
    return bytes([len(digits)]) + digits


def _text(value: bytes) -> bytes:
    """Its end is \\0\\1, so a zero inside is \\0\\xff, and \\xff itself \\xff\\0."""
    escaped = re.sub(rb"[\0\xff]", lambda found: found[0] + bytes([found[0][0] ^ 0xFF]), value)
    return escaped + b"\0\1"


def _signed(value: int) -> bytes:
    """As many leading ones as there are bytes, then the number; of a negative one the inverse."""
    magnitude = ~value if value < 0 else value
    n_bytes = magnitude.bit_length() // 7 + 1
    header = ((1 << n_bytes) - 1) << 8 * n_bytes - n_bytes
    bits = value & (1 << 8 * n_bytes) - 1
    return (bits ^ header).to_bytes(n_bytes)
