"""PNG files: an image as the bytes of one, and the pixels of those of 16 bits a channel."""

from __future__ import annotations

import io
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
    scanlines = np.concatenate([unfiltered, rows], axis=1)
    return _file(scanlines, width, channels, 8 * image.dtype.itemsize, compression)


def _file(scanlines, width: int, channels: int, depth: int, compression: int) -> bytes:
    """The file of rows that begin with the number of their filter."""
    color = _COLOR_TYPE[channels]
    header = struct.pack(">IIBBBBB", width, len(scanlines), depth, color, 0, 0, 0)
    return b"".join(
        [
            _SIGNATURE,
            _chunk(b"IHDR", header),
            _chunk(b"IDAT", zlib.compress(scanlines.tobytes(), compression)),
            _chunk(b"IEND", b""),
        ]
    )


def _chunk(kind: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)


# ---- 16 bits -------------------------------------------------------------------------------------

# Of each pass of an interlaced file the first row and column, and the steps to the next.
_ADAM7 = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2),
          (1, 0, 2, 1)]  # fmt: skip


def is_deep(data: bytes) -> bool:
    """Whether the bytes of a PNG file say 16 bits a channel."""
    return data[12:16] == b"IHDR" and data[24:25] == b"\x10"


def decode_deep(data: bytes) -> tuple[np.ndarray, np.ndarray | None]:
    """The pixels of a PNG file of 16 bits a channel, which Pillow has no place for in colour.

    A filter takes each byte by the same byte of the pixel before and above, so bytes in groups of
    four make files of 8 bits that Pillow reads.

    Returns
    -------
    pixels : uint16 [height, width, channels]
    transparent : uint16 [channels] or None
        The one colour that is transparent, if the file names one.

    Raises
    ------
    ValueError
        If the file is damaged.
    """
    try:
        chunks = _chunks_of(data)
        width, height, _, color, _, _, interlaced = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
        channels = next(n for n, code in _COLOR_TYPE.items() if code == color)
        content = zlib.decompress(chunks[b"IDAT"])
        pixels = np.zeros((height, width, channels), np.uint16)
        for top, left, down, right in _ADAM7 if interlaced else [(0, 0, 1, 1)]:
            place = pixels[top::down, left::right]
            if place.size:
                size = place.shape[0] * (1 + 2 * channels * place.shape[1])
                place[...] = _unfiltered(content[:size], *place.shape)
                content = content[size:]
    except (struct.error, zlib.error, KeyError, StopIteration) as error:
        raise ValueError("damaged") from error
    named = chunks.get(b"tRNS")
    return pixels, None if named is None else np.frombuffer(named, ">u2").astype(np.uint16)


def _chunks_of(data: bytes) -> dict[bytes, bytes]:
    """What the chunks of each kind hold, joined."""
    chunks: dict[bytes, bytes] = {}
    at = len(_SIGNATURE)
    while at < len(data):
        (size,) = struct.unpack(">I", data[at : at + 4])
        kind = data[at + 4 : at + 8]
        chunks[kind] = chunks.get(kind, b"") + data[at + 8 : at + 8 + size]
        at += size + 12
    return chunks


def _unfiltered(content: bytes, height: int, width: int, channels: int) -> np.ndarray:
    from PIL import Image

    scanlines = np.frombuffer(content, np.uint8).reshape(height, -1)
    filters, rows = scanlines[:, :1], scanlines[:, 1:].reshape(height, width, 2 * channels)
    planes = []
    for first in range(0, 2 * channels, 4):
        group = rows[..., first : first + 4]
        part = np.concatenate([filters, group.reshape(height, -1)], axis=1)
        image = Image.open(io.BytesIO(_file(part, width, group.shape[-1], 8, 0)))
        planes.append(np.asarray(image))
    joined = np.ascontiguousarray(np.concatenate(planes, axis=-1))
    return joined.view(">u2").astype(np.uint16)
