"""`tile_raster_images`, as the `utils` module of the old Theano deep-learning tutorials had it.

`graphmode run` lets ``from utils import tile_raster_images`` find this module.
"""

from __future__ import annotations

from typing import Any

import numpy as np

_TINY = 1e-8


def scale_to_unit_interval(ndar: Any, eps: float = _TINY) -> np.ndarray:
    """``(ndar - min) / (max - min + eps)``: an array of the same floating dtype, in [0, 1]."""
    array = np.asarray(ndar)
    if array.dtype.kind != "f":
        array = array.astype(np.float64)
    shifted = array - array.min()
    return shifted * array.dtype.type(1.0 / (float(shifted.max()) + eps))


def tile_raster_images(
    X: Any,  # noqa: N803  (the name programs give)
    img_shape: Any,
    tile_shape: Any,
    tile_spacing: Any = (0, 0),
    scale_rows_to_unit_interval: bool = True,
    output_pixel_vals: bool = True,
) -> np.ndarray:
    """The rows of `X`, each an image, in one picture.

    Parameters
    ----------
    X : array, shape [n, height * width], or tuple of four of them
        A tuple holds the red, green, blue and alpha channels; None stands for a channel of
        zeros, for alpha of ones.
    img_shape : (int, int)
        Height and width of an image.
    tile_shape : (int, int)
        Rows and columns of images. Images beyond their product are left out; places without an
        image stay 0.
    tile_spacing : (int, int)
        Pixels between rows and between columns.
    scale_rows_to_unit_interval : bool
        Stretch each image to [0, 1] by itself.
    output_pixel_vals : bool
        Give uint8 pixels, 255 for 1; else values of `X`'s dtype.

    Returns
    -------
    array, shape [tile_shape * (img_shape + tile_spacing) - tile_spacing]
        For a tuple, with a last axis of 4.

    Raises
    ------
    ValueError
        If a shape is not a pair, a tuple does not hold four channels, or a row of `X` does not
        have height * width values.
    """
    pairs = {"img_shape": img_shape, "tile_shape": tile_shape, "tile_spacing": tile_spacing}
    for name, pair in pairs.items():
        if len(pair) != 2:
            raise ValueError(f"{name} must be two numbers, got {pair}")
    if isinstance(X, tuple):
        return _tile_channels(
            X, img_shape, tile_shape, tile_spacing, scale_rows_to_unit_interval, output_pixel_vals
        )
    rows = np.asarray(X)
    (height, width), (down, across) = img_shape, tile_shape
    if rows[:1].size not in (0, height * width):
        raise ValueError(
            f"an image of shape {tuple(img_shape)} has {height * width} values, a row of X "
            f"{rows[:1].size}"
        )
    step_y, step_x = height + tile_spacing[0], width + tile_spacing[1]
    picture = np.zeros(
        (step_y * down - tile_spacing[0], step_x * across - tile_spacing[1]),
        np.uint8 if output_pixel_vals else rows.dtype,
    )
    for i, row in enumerate(rows[: down * across]):
        image = row.reshape(height, width)
        if scale_rows_to_unit_interval:
            image = scale_to_unit_interval(image)
        top, left = i // across * step_y, i % across * step_x
        tile = image * 255 if output_pixel_vals else image
        picture[top : top + height, left : left + width] = tile
    return picture


def _tile_channels(
    channels: Any, img_shape: Any, tile_shape: Any, tile_spacing: Any, scale: Any, pixels: Any
) -> np.ndarray:
    if len(channels) != 4:
        raise ValueError(f"a tuple must hold the four channels of RGBA, got {len(channels)}")
    tiled = [
        None
        if channel is None
        else tile_raster_images(channel, img_shape, tile_shape, tile_spacing, scale, pixels)
        for channel in channels
    ]
    known = next((picture for picture in tiled if picture is not None), None)
    if known is None:
        raise ValueError("at least one of the four channels must be an array")
    picture = np.zeros((*known.shape, 4), known.dtype)
    picture[..., 3] = 255 if pixels else 1
    for i, channel in enumerate(tiled):
        if channel is not None:
            picture[..., i] = channel
    return picture
