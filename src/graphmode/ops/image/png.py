"""`encode_png`: an image as the bytes of a PNG file, with nothing but the standard library."""

from __future__ import annotations

import struct
import zlib

import numpy as np

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_COLOR_TYPE = {1: 0, 2: 4, 3: 2, 4: 6}
"""Channels -> PNG's code: grey, grey with alpha, RGB, RGB with alpha."""


def encode_png(image: np.ndarray, compression: int = -1) -> bytes:
    """The PNG file of `image`.

    Parameters
    ----------
    image : uint8 or uint16 array, shape [height, width, channels]
        1 (grey), 2 (grey, alpha), 3 (RGB) or 4 (RGBA) channels; not empty.
    compression : int
        zlib's level: 0 (none) to 9, or -1 for its default.

    Notes
    -----
    W3C, "Portable Network Graphics (PNG) Specification", second edition. Rows are not filtered.
    """
    height, width, channels = image.shape
    big_endian = image.astype(image.dtype.newbyteorder(">"), copy=False)
    rows = np.ascontiguousarray(big_endian).reshape(height, -1).view(np.uint8)
    unfiltered = np.zeros((height, 1), np.uint8)
    pixels = np.concatenate([unfiltered, rows], axis=1).tobytes()
    depth = 8 * image.dtype.itemsize
    header = struct.pack(">IIBBBBB", width, height, depth, _COLOR_TYPE[channels], 0, 0, 0)
    return b"".join(
        [
            _SIGNATURE,
            _chunk(b"IHDR", header),
            _chunk(b"IDAT", zlib.compress(pixels, compression)),
            _chunk(b"IEND", b""),
        ]
    )


def _chunk(kind: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)
