"""Masked CRC-32C, which guards every block and tensor in TensorFlow's files."""

from __future__ import annotations

from typing import Any

import google_crc32c

_DELTA = 0xA282EAD8


def crc32c(data: Any, before: int = 0) -> int:
    """The checksum of bytes or a contiguous array, of which `before` is that of what came first."""
    return google_crc32c.extend(before, data)


def masked(crc: int) -> int:
    """`crc` as it is stored: the checksum of data that holds checksums would mean little."""
    return (((crc >> 15) | (crc << 17)) + _DELTA) & 0xFFFFFFFF


def masked_crc32c(data: Any) -> int:
    """The checksum of `data` as it is stored."""
    return masked(crc32c(data))
