"""The pixels of JPEG files, as TensorFlow's decoder gives them, bit for bit.

Pillow decodes by the same library (libjpeg-turbo), but offers its fast transform only together with
colours that are repeated where the file has them at half the resolution. TensorFlow by default uses
that transform and interpolates. So colours are taken apart again and interpolated here, by the
integers of the library's "fancy" upsampling and of its conversion to RGB (jdsample.c, jdcolor.c).
"""

from __future__ import annotations

import io
from typing import Any

import numpy as np

ACCURATE = "INTEGER_ACCURATE"

_END = b"\xff\xd9"


def decode_jpeg_file(
    data: bytes,
    channels: int = 0,
    ratio: int = 1,
    is_fancy: bool = True,
    is_fast: bool = True,
    recovers: bool = False,
) -> np.ndarray:
    """The pixels of a JPEG file.

    Parameters
    ----------
    data : bytes
    channels : {0, 1, 3}
        0: as in the file.
    ratio : {1, 2, 4, 8}
        How many times smaller.
    is_fancy : bool
        Interpolate colours that have half the resolution.
    is_fast : bool
        The fast transform, not the accurate one.
    recovers : bool
        Take a file that ends too early; what is missing is grey.

    Returns
    -------
    uint8 [height, width, channels]

    Raises
    ------
    OSError
        If it is damaged.
    ValueError
        If it cannot be given in so many channels.
    """
    image = _opened(data, recovers)
    if image.mode == "CMYK":
        if channels == 1:
            raise ValueError("no grey of four inks")
        return _of_inks(image, ratio, is_fast)
    if channels == 1 or image.mode == "L":
        grey = _decoded(image, "L", ratio, is_fast)[..., None]
        return np.repeat(grey, 3, axis=-1) if channels == 3 else grey
    factors = _factors(image, ratio)
    if factors == (1, 1):
        return _decoded(image, None, ratio, is_fast)
    if not (is_fancy and is_fast and _is_ycc(image)):  # Pillow's two ways
        return _decoded(image, None, ratio, is_fast=not is_fancy)
    planes = _decoded(image, "YCbCr", ratio, is_fast=True)
    return _to_rgb(planes[..., 0], *(_fancy(planes[..., i], *factors) for i in (1, 2)))


def _opened(data: bytes, recovers: bool) -> Any:
    from PIL import JpegImagePlugin

    return JpegImagePlugin.JpegImageFile(io.BytesIO(data + _END if recovers else data))


def _decoded(image: Any, mode: str | None, ratio: int, is_fast: bool) -> np.ndarray:
    width, height = image.size
    if ratio > 1 and min(width, height) < ratio:  # which Pillow does not do
        whole = _decoded(image, mode, 1, is_fast)
        return _averaged(whole.reshape(height, width, -1), ratio).reshape(
            -(-height // ratio), -(-width // ratio), *whole.shape[2:]
        )
    image.draft(mode, (width // ratio, height // ratio))
    image.decoderconfig = (ratio, int(is_fast))  # what `draft` sets, and the fast transform
    return np.asarray(image)


def _averaged(pixels: np.ndarray, ratio: int) -> np.ndarray:
    height, width, channels = pixels.shape
    below, beside = -height % ratio, -width % ratio
    padded = np.pad(pixels, ((0, below), (0, beside), (0, 0)), mode="edge").astype(np.float32)
    blocks = padded.reshape(-1, ratio, padded.shape[1] // ratio, ratio, channels)
    return np.round(blocks.mean(axis=(1, 3))).astype(np.uint8)


def _of_inks(image: Any, ratio: int, is_fast: bool) -> np.ndarray:
    """RGB of four inks, which Pillow gives inverted."""
    inks = 255 - _decoded(image, None, ratio, is_fast).astype(np.uint32)
    colors, black = inks[..., :3], inks[..., 3:]
    if "adobe" not in image.info:
        colors, black = 255 - colors, 255 - black
    return (colors * black // 255).astype(np.uint8)


# ---- colours of half the resolution --------------------------------------------------------------


def _is_ycc(image: Any) -> bool:
    names = [layer[0] for layer in image.layer]
    return image.info.get("adobe_transform", 1) != 0 and bytes(names) != b"RGB"


def _factors(image: Any, ratio: int) -> tuple[int, int]:
    """How many times wider and higher colours become by interpolation."""
    (_, across, down, _), (_, *first), (_, *second) = ((*layer[:3], 0) for layer in image.layer)
    if first != second:
        return 1, 1
    wide, high = across // first[0], down // first[1]
    size = 8 // ratio
    while size < 8 and wide % 2 == 0 and high % 2 == 0:  # the transform gives the larger size
        size, wide, high = 2 * size, wide // 2, high // 2
    if ratio == 8 or (wide, high) not in ((2, 1), (2, 2), (1, 2)):
        return 1, 1
    if wide == 2 and image.size[0] <= 4 * ratio:  # two samples a row are not interpolated
        return 1, 1
    return wide, high


def _fancy(plane: np.ndarray, wide: int, high: int) -> np.ndarray:
    """A plane whose samples were repeated, interpolated instead."""
    height, width = plane.shape
    samples = plane[::high, ::wide].astype(np.int16)
    if high == 1:
        return _across(samples, (1, 2), 2)[:, :width]
    rows = np.empty((2 * len(samples), samples.shape[1]), np.int16)
    rows[::2] = rows[1::2] = 3 * samples
    rows[2::2] += samples[:-1]
    rows[0] += samples[0]
    rows[1:-1:2] += samples[1:]
    rows[-1] += samples[-1]
    if wide == 2:
        return _across(rows[:height], (8, 7), 4)[:, :width]
    rows[::2] += 1
    rows[1::2] += 2
    return (rows >> 2)[:height]


def _across(rows: np.ndarray, halves: tuple[int, int], shift: int) -> np.ndarray:
    """Twice as many columns, each of three parts of a sample and one of its neighbour."""
    columns = np.empty((len(rows), 2 * rows.shape[1]), np.int16)
    columns[:, ::2] = 3 * rows + halves[0]
    columns[:, 1::2] = columns[:, ::2] + (halves[1] - halves[0])
    columns[:, 2::2] += rows[:, :-1]
    columns[:, 0] += rows[:, 0]
    columns[:, 1:-1:2] += rows[:, 1:]
    columns[:, -1] += rows[:, -1]
    return columns >> shift


def _to_rgb(luma: np.ndarray, blue: np.ndarray, red: np.ndarray) -> np.ndarray:
    blue, red = blue.astype(np.int32), red.astype(np.int32)
    parts = (
        (91881 * red + (32768 - 128 * 91881)) >> 16,
        (-22554 * blue - 46802 * red + (32768 + 128 * (22554 + 46802))) >> 16,
        (116130 * blue + (32768 - 128 * 116130)) >> 16,
    )
    pixels = np.empty((*luma.shape, 3), np.uint8)
    for i, part in enumerate(parts):
        part += luma
        np.clip(part, 0, 255, out=part)
        pixels[..., i] = part
    return pixels
