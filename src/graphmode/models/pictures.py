"""Rows that are pictures: their shape, found or given, and small shifts of them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

Shape = tuple[int, int, int]


def picture_shape(n_features: int) -> Shape:
    """Height, width and channels of a row of numbers.

    A square of grey or of three colours if the number allows, else a strip of height 1.
    """
    for n_channels in (1, 3):
        side = math.isqrt(n_features // n_channels)
        if side * side * n_channels == n_features:
            return side, side, n_channels
    return 1, n_features, 1


def as_rows(X: Any, known: Shape | None, owner: str) -> tuple[Any, Shape | None]:
    """Pictures of more than two axes as rows, and their shape.

    Parameters
    ----------
    X : array, number [n, height, width], [n, height, width, channels] or [n, pixels]
    known : tuple of int, optional
        The shape that they must have.
    owner : str
        Who asks, for the error.

    Returns
    -------
    X : array [n, pixels]
    shape : (height, width, channels), or None where `X` has rows already

    Raises
    ------
    ValueError
        If they have another shape than `known`, or as many axes as no picture has.
    """
    if isinstance(X, list | tuple) and len(X) and np.ndim(X[0]) > 1:
        sizes = sorted({np.shape(picture) for picture in X})
        if len(sizes) > 1:
            raise ValueError(
                f"{owner}: pictures of {len(sizes)} sizes, as {sizes[0]} and {sizes[1]}. Resize "
                "them"
            )
        X = np.asarray(X)
    shape: tuple[int, ...] = getattr(X, "shape", ())
    if known is not None and shape == (known[:2] if known[2] == 1 else known) and shape[:1] != (1,):
        raise ValueError(f"{owner}: X is one picture, of shape {shape}: give X[np.newaxis]")
    if len(shape) < 3:
        return X, None
    if len(shape) > 4:
        raise ValueError(f"{owner}: X has shape {shape}; pictures are [n, height, width, channels]")
    found: Any = (*shape[1:], 1)[:3]
    if known is not None and found != known:
        raise ValueError(
            f"{owner}: pictures of {found[0]} x {found[1]} x {found[2]}; it was fitted to "
            f"{known[0]} x {known[1]} x {known[2]} (height, width, channels). Resize them"
        )
    return np.asarray(X).reshape(shape[0], -1), found


def as_pictures(rows: np.ndarray, shape: Shape) -> np.ndarray:
    """Rows of numbers as pictures: [n, height, width], of colours [n, height, width, channels]."""
    pictures = rows.reshape(-1, *shape)
    return pictures[..., 0] if shape[2] == 1 else pictures


def shifted(images: np.ndarray, most: int, random: np.random.Generator) -> np.ndarray:
    """Each image moved by up to `most` pixels up or down, left or right; what is bared is 0.

    Parameters
    ----------
    images : ndarray, float [n, height, width, channels]
    most : int
    random : Generator

    Returns
    -------
    ndarray, as `images`
    """
    n, height, width, _ = images.shape
    padded = np.pad(images, ((0, 0), (most, most), (most, most), (0, 0)))
    down, right = random.integers(0, 2 * most + 1, (2, n))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (height, width), axis=(1, 2))
    return np.moveaxis(windows[np.arange(n), down, right], 1, -1)


def some_of(n_shown: int, n_all: int) -> str:
    """How many are shown: ``"10"``, or ``"10 of 500"``."""
    return f"{n_shown:,}" if n_shown == n_all else f"{n_shown:,} of {n_all:,}"
