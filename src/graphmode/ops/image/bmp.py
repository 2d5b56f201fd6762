"""BMP files, read as TensorFlow does: 8, 24 or 32 bits a pixel, palettes left out."""

from __future__ import annotations

import struct

import numpy as np


def decode_bmp_file(data: bytes) -> np.ndarray:
    """The pixels of a BMP file.

    Returns
    -------
    uint8 [height, width, channels]
        1 channel of 8 bits (indices, where there is a palette), 3 of 24, 4 of 32.

    Raises
    ------
    ValueError
        With TensorFlow's words, if it is another kind or cut.
    """
    if len(data) < 32:
        raise ValueError(
            "Incomplete bmp content, requires at least 32 bytes to find the header size, width, "
            f"height, and bpp, got {len(data)} bytes"
        )
    (start,) = struct.unpack_from("<i", data, 10)
    width, height, _, bits = struct.unpack_from("<iihh", data, 18)
    channels = bits // 8
    if channels not in (1, 3, 4):
        raise ValueError(
            f"Number of channels inherent in the image must be 1, 3 or 4, was {channels}"
        )
    rows, row = abs(height), (width * channels + 3) // 4 * 4
    if width <= 0 or rows == 0:
        raise ValueError(f"a size of {width} by {rows}")
    if start < 0 or len(data) < start + (rows - 1) * row + width * channels:
        raise ValueError(
            f"Incomplete bmp content, requires at least {start + rows * row} bytes, got "
            f"{len(data)} bytes"
        )
    content = data[start:].ljust(rows * row, b"\0")
    lines = np.frombuffer(content, np.uint8, rows * row).reshape(rows, row)
    pixels = lines[:, : width * channels].reshape(rows, width, channels)
    if channels > 1:
        pixels = pixels[..., [2, 1, 0, 3][:channels]]
    return np.ascontiguousarray(pixels[::-1] if height > 0 else pixels)
