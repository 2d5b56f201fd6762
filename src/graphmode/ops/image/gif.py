"""GIF files: all frames as TensorFlow composes them.

A frame is drawn over the one before it, whatever the file says of disposal, and what is transparent
shows that one. Pillow unpacks the indices of a frame, as a file of its own; it composes otherwise.
"""

from __future__ import annotations

import io
import struct
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

_GREYS = bytes(value for grey in range(256) for value in (grey, grey, grey))


class _Frame(NamedTuple):
    left: int
    top: int
    width: int
    height: int
    is_interlaced: bool
    palette: bytes
    transparent: int | None
    packed: bytes


def decode_gif_file(data: bytes) -> np.ndarray:
    """The frames of a GIF file.

    Returns
    -------
    uint8 [frames, height, width, 3]
        What no frame covers is black.

    Raises
    ------
    ValueError, OSError
        If it is damaged or has no frame.
    """
    width, height = struct.unpack_from("<HH", data, 6)
    canvas = np.zeros((height, width, 3), np.uint8)
    composed: list[np.ndarray] = []
    for frame in _frames(data):
        canvas = canvas.copy()
        part = canvas[frame.top : frame.top + frame.height, frame.left : frame.left + frame.width]
        indices = _indices(frame)[: part.shape[0], : part.shape[1]]
        colors = np.zeros((256, 3), np.uint8)
        known = np.frombuffer(frame.palette, np.uint8).reshape(-1, 3)
        colors[: len(known)] = known
        drawn = colors[indices]
        if frame.transparent is None:
            part[...] = drawn
        else:
            part[...] = np.where((indices == frame.transparent)[..., None], part, drawn)
        composed.append(canvas)
    if not composed:
        raise ValueError("no frame")
    return np.stack(composed)


def _frames(data: bytes) -> Iterator[_Frame]:
    """The frames up to the end of the file, or to where it is cut between two frames."""
    flags = data[10]
    palette, at = _palette(data, 13, flags)
    transparent = None
    while at < len(data) and data[at] != 0x3B:
        if data[at] == 0x21:
            if data[at + 1] == 0xF9:
                transparent = data[at + 6] if data[at + 3] & 1 else None
            _, at = _blocks(data, at + 2)
        elif data[at] == 0x2C:
            left, top, width, height, flags = struct.unpack_from("<HHHHB", data, at + 1)
            own, at = _palette(data, at + 10, flags)
            first = at
            _, at = _blocks(data, at + 1)
            yield _Frame(
                left, top, width, height, bool(flags & 0x40), own or palette, transparent,
                data[first:at],
            )  # fmt: skip
            transparent = None
        else:
            raise ValueError(f"no block begins at byte {at}")


def _palette(data: bytes, at: int, flags: int) -> tuple[bytes, int]:
    size = 3 << ((flags & 7) + 1) if flags & 0x80 else 0
    return data[at : at + size], at + size


def _blocks(data: bytes, at: int) -> tuple[int, int]:
    """Where the blocks that begin at a byte begin and end."""
    first = at
    while data[at]:
        at += data[at] + 1
    return first, at + 1


def _indices(frame: _Frame) -> np.ndarray:
    """The numbers of the colours, ``[height, width]``."""
    from PIL import Image

    size = struct.pack("<HH", frame.width, frame.height)
    described = b"\x2c\0\0\0\0" + size + (b"\x40" if frame.is_interlaced else b"\0")
    file = b"GIF89a" + size + b"\xf7\0\0" + _GREYS + described + frame.packed + b";"
    return np.asarray(Image.open(io.BytesIO(file)))
