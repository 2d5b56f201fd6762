"""JPEG files: what tells them from others, their size, parts of them, lower quality."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import dtypes, shape_rules
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.dtypes import INDEX
from graphmode.framework.errors import invalid
from graphmode.framework.inference import constant_value
from graphmode.framework.op import op
from graphmode.ops.image.color import convert_image_dtype
from graphmode.ops.image.files import decode_jpeg, encode_jpeg, jpeg_pixels
from graphmode.ops.math.comparison import equal
from graphmode.ops.strings.pieces import substr

if TYPE_CHECKING:
    from graphmode.framework.dtypes import DType
    from graphmode.framework.operation import Tensor

_BEGIN = b"\xff\xd8\xff"


def is_jpeg(contents: Any, name: str | None = None) -> Tensor:
    """Whether `contents`, a string scalar, begins as a JPEG file does."""
    with name_scope(name, "is_jpeg"):
        return equal(substr(contents, 0, 3), _BEGIN)


def _lengths_shape(op):
    shape_rules.with_rank(op.inputs[0].dims, 0)
    return [(3,)]


@op(
    "ExtractJpegShape",
    "string -> image_shape: output_type",
    name="ExtractJpegShape",
    shape=_lengths_shape,
    effect="host",
    output_type=INDEX,
)
def extract_jpeg_shape(contents, *, output_type: DType = dtypes.int32):
    """Height, width and channels of a JPEG file, without decoding it.

    Parameters
    ----------
    contents : Tensor, string scalar
        The bytes of the file.
    output_type : DType
        int32 or int64.

    Returns
    -------
    Tensor, `output_type`, [3]

    Raises
    ------
    InvalidArgumentError
        When it runs, if it is no JPEG file.

    Notes
    -----
    TF op ExtractJpegShape.
    """
    data = contents.item()
    found = _frame(data) if data.startswith(_BEGIN) else None
    if found is None:
        raise invalid(f"Invalid JPEG data, size {len(data)}")
    return np.array(found, output_type.numpy_dtype)


def _frame(data: bytes) -> tuple[int, int, int] | None:
    """Height, width and channels that the header of the frame says; None without a whole one."""
    at, found = 2, None
    while at + 9 < len(data) and data[at] == 0xFF:
        marker, size = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            frame = data[at + 5 : at + 10]
            found = int.from_bytes(frame[:2], "big"), int.from_bytes(frame[2:4], "big"), frame[4]
        if marker == 0xDA:  # the pixels begin
            return found
        at += 1 if marker == 0xFF else 2 + size
    return None


def _cropped_shape(op):
    shape_rules.with_rank(op.inputs[0].dims, 0)
    shape_rules.with_rank(op.inputs[1].dims, 1)
    window = constant_value(op.inputs[1])
    height, width = (None, None) if window is None else (int(n) for n in window[2:])
    return [(height, width, op.attrs["channels"] or None)]


@op(
    "DecodeAndCropJpeg",
    "string, int32 -> image: uint8",
    shape=_cropped_shape,
    effect="host",
    differs="as of DecodeJpeg",
)
def _decode_and_crop(
    contents,
    crop_window,
    *,
    channels: int = 0,
    ratio: int = 1,
    fancy_upscaling: bool = True,
    try_recover_truncated: bool = False,
    acceptable_fraction: float = 1.0,
    dct_method: str = "",
):
    top, left, height, width = crop_window.tolist()
    image = jpeg_pixels(
        contents, channels, ratio, fancy_upscaling, dct_method, try_recover_truncated
    )
    rows, columns = image.shape[:2]
    fits = top >= 0 and left >= 0 and height > 0 and width > 0
    if not fits or top + height > rows or left + width > columns:
        raise invalid(f"Invalid JPEG data or crop window, data size {len(contents.item())}")
    return image[top : top + height, left : left + width]


def decode_and_crop_jpeg(
    contents: Any,
    crop_window: Any,
    channels: int = 0,
    ratio: int = 1,
    fancy_upscaling: bool = True,
    try_recover_truncated: bool = False,
    acceptable_fraction: float = 1,
    dct_method: str = "",
    name: str | None = None,
) -> Tensor:
    """A part of the pixels of a JPEG file.

    Parameters
    ----------
    contents : Tensor, string scalar
        The bytes of the file.
    crop_window : Tensor, int32, [4]
        First row, first column, height, width.
    channels : int
        1 grey, 3 RGB; 0 as in the file.
    ratio : {1, 2, 4, 8}
        Make the image this many times smaller, before it is cropped.
    fancy_upscaling, try_recover_truncated, acceptable_fraction, dct_method : optional
        As of `decode_jpeg`.

    Returns
    -------
    Tensor, uint8, [height, width, channels]

    Raises
    ------
    InvalidArgumentError
        When it runs, if the file is damaged or the window is not inside.

    Notes
    -----
    TF op DecodeAndCropJpeg.
    """
    return _decode_and_crop(
        contents,
        crop_window,
        channels=channels,
        ratio=ratio,
        fancy_upscaling=fancy_upscaling,
        try_recover_truncated=try_recover_truncated,
        acceptable_fraction=acceptable_fraction,
        dct_method=dct_method,
        name=name,
    )


def adjust_jpeg_quality(image: Any, jpeg_quality: int, name: str | None = None) -> Tensor:
    """An image with the faults of a JPEG file of low quality.

    Parameters
    ----------
    image : Tensor, uint8 or float32 in [0, 1], [height, width, 1 or 3]
    jpeg_quality : int
        0 to 100.

    Returns
    -------
    Tensor, as `image`
    """
    with name_scope(name, "adjust_jpeg_quality", [image]):
        image = convert_to_tensor(image, name="image")
        pixels = convert_image_dtype(image, dtypes.uint8)
        depth = None if pixels.dims is None else pixels.dims[-1]
        decoded = decode_jpeg(encode_jpeg(pixels, quality=jpeg_quality), channels=depth or 0)
        return convert_image_dtype(decoded, image.dtype)
