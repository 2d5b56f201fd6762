"""PNG files of 16 bits a channel: every kind, filter and order of rows, bit for bit."""

import struct
import zlib

import numpy as np
import pytest

import graphmode as gm
from graphmode.ops.image import png

COLOR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}
PASSES = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2),
          (1, 0, 2, 1)]  # fmt: skip


def scanlines(image):
    """The rows of `image`, each by the next one of the five filters."""
    step = 2 * image.shape[2]
    rows = np.ascontiguousarray(image.astype(">u2")).view(np.uint8).reshape(len(image), -1)
    above, written = np.zeros(rows.shape[1], int), b""
    for i, row in enumerate(rows.astype(int)):
        left = np.concatenate([np.zeros(step, int), row[:-step]])
        corner = np.concatenate([np.zeros(step, int), above[:-step]])
        estimate = left + above - corner
        distances = [abs(estimate - near) for near in (left, above, corner)]
        nearest = np.choose(np.argmin(distances, axis=0), [left, above, corner])
        guess = [0 * row, left, above, (left + above) // 2, nearest][i % 5]
        written += bytes([i % 5]) + ((row - guess) % 256).astype(np.uint8).tobytes()
        above = row
    return written


def chunk(kind, content):
    checksum = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)


def png_file(image, interlaced, transparent=None):
    height, width, channels = image.shape
    parts = [image[a::c, b::d] for a, b, c, d in PASSES] if interlaced else [image]
    content = zlib.compress(b"".join(scanlines(part) for part in parts if part.size))
    header = struct.pack(">IIBBBBB", width, height, 16, COLOR_TYPES[channels], 0, 0, interlaced)
    named = [] if transparent is None else [chunk(b"tRNS", transparent.astype(">u2").tobytes())]
    pieces = [chunk(b"IDAT", content[:50]), chunk(b"IDAT", content[50:])]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        [chunk(b"IHDR", header), *named, *pieces, chunk(b"IEND", b"")]
    )


@pytest.mark.parametrize("interlaced", [False, True], ids=["in order", "interlaced"])
@pytest.mark.parametrize("channels", COLOR_TYPES)
def test_pixels_are_those_of_the_file(channels, interlaced):
    image = np.random.default_rng(channels).integers(0, 2**16, (11, 13, channels), np.uint16)
    pixels, _ = png.decode_deep(png_file(image, interlaced))
    np.testing.assert_array_equal(pixels, image)


@pytest.mark.parametrize("clear", [False, True], ids=["opaque", "transparent"])
@pytest.mark.parametrize("channels", COLOR_TYPES)
def test_all_conversions_are_tensorflows(oracle, channels, clear):
    image = np.random.default_rng(9).integers(0, 2**16, (5, 3, channels), np.uint16)
    if clear and channels in (2, 4):
        pytest.skip("such a file has opacities")
    file = png_file(image, False, image[2, 1] if clear else None)
    found = []
    for tf in (gm, oracle):
        with tf.Graph().as_default(), tf.Session() as session:
            found.append(session.run([
                tf.image.decode_png(file, wanted, dtype=dtype)
                for wanted in (0, 1, 3, 4) for dtype in ("uint8", "uint16")
            ]))  # fmt: skip
    for ours, theirs in zip(*found, strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("cut", [40, 55, 70])
def test_a_damaged_file_is_refused(cut):
    file = png_file(np.ones((4, 4, 3), np.uint16), False)
    file = file[:cut] + file[-12:]
    refused = pytest.raises(gm.errors.InvalidArgumentError, match="Invalid PNG data, size")
    with gm.Graph().as_default(), gm.Session() as session, refused:
        session.run(gm.image.decode_png(file, dtype=gm.uint16))
