"""Glimpses: a window of each image, wherever a network looks."""

from __future__ import annotations

import functools

import numpy as np

from graphmode.framework import shape_rules
from graphmode.framework.errors import invalid
from graphmode.framework.inference import constant_dims
from graphmode.framework.op import op
from graphmode.ops import xp

_NOISES = ("uniform", "gaussian", "zero")


def _glimpse_shape(op):
    images = shape_rules.with_rank(op.inputs[0].dims, 4)
    (n_lengths,) = shape_rules.with_rank(op.inputs[1].dims, 1)
    offsets = shape_rules.with_rank(op.inputs[2].dims, 2)
    if None not in (images[0], offsets[0]) and images[0] != offsets[0]:
        raise ValueError(f"Dimensions must be equal, but are {images[0]} and {offsets[0]}")
    for length in (n_lengths, offsets[1]):
        if length not in (None, 2):
            raise ValueError(f"Dimension must be 2 but is {length}")
    size = constant_dims(op.inputs[1]) or (None, None)
    count = images[0] if images[0] is not None else offsets[0]
    return [(count, *size, images[3])]


@op(
    "ExtractGlimpse",
    "float32, int32, float32 -> glimpse: float32",
    name="ExtractGlimpse",
    shape=_glimpse_shape,
    static=("size",),
    differs="the numbers of the noise are others",
)
def extract_glimpse(
    input,
    size,
    offsets,
    *,
    centered: bool = True,
    normalized: bool = True,
    uniform_noise: bool = True,
    noise: str = "uniform",
):
    """A window of each image of a batch, with noise where the window leaves the image.

    Parameters
    ----------
    input : Tensor, float32 [batch, height, width, channels]
    size : Tensor, int32 [2]
        Height and width of the window.
    offsets : Tensor, float32 [batch, 2]
        ``(y, x)`` of the middle of the window.
    centered : bool
        0 is the middle of the image, else its upper left corner; lengths count from there, those
        of half an image as 1 if `normalized`.
    normalized : bool
        Lengths are parts of the image, else pixels (half pixels where `centered`).
    uniform_noise : bool
        As `noise` being "uniform".
    noise : {"uniform", "gaussian", "zero"}
        Between the smallest and the largest number of the image, or with mean and deviation of each
        channel, or none. It is the same in all runs.

    Returns
    -------
    Tensor, float32 [batch, size[0], size[1], channels]

    Raises
    ------
    InvalidArgumentError
        When it runs, for another noise or for shapes that do not fit.

    Notes
    -----
    TF op ExtractGlimpse, which has no gradient. Mnih et al., "Recurrent models of visual
    attention", NIPS 2014.
    """
    if input.ndim != 4:
        raise invalid(
            "input must be 4-dimensional (batch_size, height, width, depth), but has shape "
            f"{list(input.shape)}"
        )
    if len(size) != 2:
        raise invalid(f"input must be a vector of size 2 (height, width), but has {len(size)}")
    if offsets.ndim != 2 or offsets.shape != (len(input), 2):
        raise invalid(
            f"offsets must be a matrix of {len(input)} rows (first dimension should be batch) and "
            f"2 columns (y,x), but have shape {list(offsets.shape)}"
        )
    if noise not in _NOISES or (uniform_noise and noise != "uniform"):
        raise invalid(
            f"The noise could only be uniform, gaussian, or zero, got {noise!r}"
            if noise not in _NOISES
            else "The uniform_noise and noise should not be specified at the same time"
        )
    window = [int(n) for n in size]
    places, inside = [], []
    for axis in range(2):
        length = np.float32(input.shape[1 + axis])
        start = offsets[:, axis] * length if normalized else offsets[:, axis]
        if centered:
            start = start / np.float32(2) + length / np.float32(2)
        start = xp.trunc(start - np.float32(window[axis] / 2))
        # The numbers of far away windows are no whole numbers.
        start = xp.astype(xp.clip(start, -(2.0**30), 2.0**30), np.dtype(np.int32))
        place = start[:, None] + np.arange(window[axis], dtype=np.int32)
        inside.append((place >= 0) & (place < input.shape[1 + axis]))
        places.append(xp.clip(place, 0, input.shape[1 + axis] - 1))
    which = np.arange(len(input))[:, None, None]
    if xp.is_traced(offsets):
        import jax.numpy as jnp

        input = jnp.asarray(input)
    seen = input[which, places[0][:, :, None], places[1][:, None, :]]
    mask = (inside[0][:, :, None] & inside[1][:, None, :])[..., None]
    return xp.where(mask, seen, _noise(input, (*window, input.shape[3]), noise))


def _noise(images, shape: tuple[int, ...], kind: str):
    """Noise like each of the images, [batch, *shape] or to be broadcast to it."""
    if kind == "zero":
        return np.float32(0)
    axes = (1, 2) if kind == "gaussian" else (1, 2, 3)
    low = xp.min(images, axis=axes, keepdims=True)
    high = xp.max(images, axis=axes, keepdims=True)
    drawn = _drawn(shape, kind)
    if kind == "uniform":
        return low + drawn * (high - low)
    mean = xp.mean(images, axis=axes, keepdims=True)
    deviation = xp.sqrt(xp.mean(xp.square(images - mean), axis=axes, keepdims=True))
    return xp.clip(mean + drawn * deviation, low, high)


@functools.lru_cache(maxsize=16)
def _drawn(shape: tuple[int, ...], kind: str) -> np.ndarray:
    """Numbers that are the same for all images and runs, as TensorFlow's are."""
    # A RandomState gives the same numbers in every NumPy.
    random = np.random.RandomState(87654321)
    values = random.random_sample(shape) if kind == "uniform" else random.standard_normal(shape)
    return values.astype(np.float32)
