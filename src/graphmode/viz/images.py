"""From the arrays that programs have to images: `as_images`, `mosaic`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np


def as_images(array: Any, what: str = "images") -> np.ndarray:
    """`array` as [n, height, width] or [n, height, width, 3 or 4].

    Parameters
    ----------
    array : array
        [n, height, width], [n, height, width, channels] with 1, 3 or 4 channels, or [n, pixels]
        when `pixels` is a square number.
    what : str
        What the error calls it.

    Raises
    ------
    ValueError
        If it has another shape, or is empty.
    """
    images: Any = np.asarray(array)
    if images.dtype.kind == "b":
        images = images.astype(np.uint8)
    if images.ndim == 2:
        side = math.isqrt(images.shape[1])
        if side * side == images.shape[1]:
            images = images.reshape(-1, side, side)
    if images.ndim == 4 and images.shape[3] == 1:
        images = images[..., 0]
    fits = images.ndim == 3 or (images.ndim == 4 and images.shape[3] in (3, 4))
    if not fits or not images.size:
        raise ValueError(
            f"{what} must have shape [n, height, width], [n, height, width, 1, 3 or 4], or "
            f"[n, pixels] with a square number of pixels, and not be empty; got {np.shape(array)}"
        )
    return images


def unit_interval(images: np.ndarray) -> np.ndarray:
    """Each image stretched to [0, 1]; one that is the same everywhere becomes 0."""
    axes = tuple(range(1, images.ndim))
    images = images.astype(np.float64)
    low = images.min(axis=axes, keepdims=True)
    spread = images.max(axis=axes, keepdims=True) - low
    return (images - low) / np.where(spread > 0, spread, 1)


def mosaic(images: np.ndarray, columns: int, gap: int = 1, fill: float = np.nan) -> np.ndarray:
    """`images` row by row in one picture, `gap` pixels apart; `fill` is between them."""
    n, height, width = images.shape[:3]
    rows = -(-n // columns)
    tiles = np.full((rows * columns, height + gap, width + gap, *images.shape[3:]), fill)
    tiles[:n, :height, :width] = images
    tiles = tiles.reshape(rows, columns, *tiles.shape[1:]).swapaxes(1, 2)
    picture = tiles.reshape(rows * (height + gap), columns * (width + gap), *images.shape[3:])
    return picture[: picture.shape[0] - gap, : picture.shape[1] - gap]
