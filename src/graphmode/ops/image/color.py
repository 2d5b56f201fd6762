"""Colours of images: conversions, adjustments, random adjustments."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphmode.framework import dtypes, shape_rules
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.dtypes import FLOATS
from graphmode.framework.errors import FailedPreconditionError, invalid
from graphmode.framework.op import op
from graphmode.framework.operation import Tensor
from graphmode.ops import array, math, xp
from graphmode.ops.control.checks import Assert
from graphmode.ops.control.grouping import with_dependencies
from graphmode.ops.random.draws import random_uniform

_SHORT = frozenset((dtypes.float16, dtypes.float32))
_LUMA = (0.2989, 0.5870, 0.1140)


def _colors_shape(op):
    dims = op.inputs[0].dims
    if dims is not None and len(dims) < 1:
        raise ValueError("Shape must be at least rank 1 but is rank 0")
    if dims is not None and dims[-1] not in (None, 3):
        raise ValueError(f"Dimension must be 3 but is {dims[-1]}")
    return [None if dims is None else (*dims[:-1], 3)]


def _images_shape(op):
    dims = op.inputs[0].dims
    if dims is not None and len(dims) < 3:
        raise ValueError(f"Shape must be at least rank 3 but is rank {len(dims)}")
    shape_rules.with_rank(op.inputs[1].dims, 0)
    return [dims]


def _check_channels(images) -> None:
    if images.shape[-1] != 3:
        raise invalid(f"input must have 3 channels but instead has {images.shape[-1]} channels.")


def _colors(images):
    if images.shape[-1] != 3:
        raise FailedPreconditionError(
            None,
            None,
            f"input must have 3 channels but input only has {images.shape[-1]} channels.",
        )
    return _split(images)


def _split(images):
    return images[..., 0], images[..., 1], images[..., 2]


def _hsv_of(images):
    red, green, blue = _colors(images)
    value = xp.maximum(xp.maximum(red, green), blue)
    spread = value - xp.minimum(xp.minimum(red, green), blue)
    one = images.dtype.type(1)
    saturation = xp.where(value > 0, spread / xp.where(value > 0, value, one), one * 0)
    sixth = one / (one * 6 * xp.where(spread > 0, spread, one))
    hue = xp.where(
        red == value,
        sixth * (green - blue),
        xp.where(
            green == value,
            sixth * (blue - red) + one * 2 / 6,
            sixth * (red - green) + one * 4 / 6,
        ),
    )
    hue = xp.where(spread > 0, hue, one * 0)
    return xp.where(hue < 0, hue + one, hue), saturation, value


def _rgb_of(hue, saturation, value):
    turned = hue * hue.dtype.type(6)
    shares = (abs(turned - 3) - 1, 2 - abs(turned - 2), 2 - abs(turned - 4))
    channels = [((1 - saturation) + saturation * xp.clip(share, 0, 1)) * value for share in shares]
    return xp.stack(channels, axis=-1)


@op("RGBToHSV", "T -> T", shape=_colors_shape, T=FLOATS)
def rgb_to_hsv(images):
    """Hue, saturation and value, each in [0, 1], of images in RGB in [0, 1].

    Parameters
    ----------
    images : Tensor, floating, ``[..., 3]``

    Returns
    -------
    Tensor, ``[..., 3]``
    """
    return xp.astype(xp.stack(list(_hsv_of(images)), axis=-1), images.dtype)


@op("HSVToRGB", "T -> T", shape=_colors_shape, T=FLOATS)
def hsv_to_rgb(images):
    """RGB in [0, 1] of `images`, floating ``[..., 3]``, in hue, saturation and value.

    The inverse of `rgb_to_hsv`. TF op HSVToRGB.
    """
    return xp.astype(_rgb_of(*_colors(images)), images.dtype)


@op("AdjustContrastv2", "T, float32 -> T", shape=_images_shape, T=_SHORT)
def _adjust_contrast(images, contrast_factor):
    wide = xp.astype(images, np.dtype(np.float32))
    mean = xp.mean(wide, axis=(-3, -2), keepdims=True)
    return xp.astype((wide - mean) * contrast_factor + mean, images.dtype)


@op("AdjustHue", "T, float32 -> T", shape=_images_shape, T=_SHORT)
def _adjust_hue(images, delta):
    _check_channels(images)
    hue, saturation, value = _hsv_of(xp.astype(images, np.dtype(np.float32)))
    hue = hue + delta
    return xp.astype(_rgb_of(hue - xp.floor(hue), saturation, value), images.dtype)


@op("AdjustSaturation", "T, float32 -> T", shape=_images_shape, T=_SHORT)
def _adjust_saturation(images, scale):
    _check_channels(images)
    hue, saturation, value = _hsv_of(xp.astype(images, np.dtype(np.float32)))
    return xp.astype(_rgb_of(hue, xp.clip(saturation * scale, 0, 1), value), images.dtype)


# ---- the public functions ------------------------------------------------------------------------


def convert_image_dtype(
    image: Any, dtype: Any, saturate: bool = False, name: str | None = None
) -> Tensor:
    """`image` in another dtype, scaled: integers are in [0, max], floats in [0, 1].

    Parameters
    ----------
    image : Tensor, real
    dtype : DType, integer or floating
    saturate : bool
        Clip what does not fit, in place of wrapping it around.

    Returns
    -------
    Tensor, `dtype`
        Of the shape of `image`.

    Raises
    ------
    AttributeError
        If a dtype is neither integer nor floating.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default(), tf.Session() as sess:
    ...     pixels = tf.constant([0, 51, 255], tf.uint8)
    ...     print(sess.run(tf.image.convert_image_dtype(pixels, tf.float32)).round(3))
    [0.  0.2 1. ]
    """
    image = convert_to_tensor(image, name="image")
    dtype, given = dtypes.as_dtype(dtype), image.dtype.base_dtype
    for kind, prefix in ((dtype, ""), (given, "image ")):
        if not kind.is_floating and not kind.is_integer:
            raise AttributeError(f"{prefix}dtype must be either floating point or integer")
    if dtype == given:
        return array.identity(image, name=name)
    cast = math.saturate_cast if saturate else math.cast
    with name_scope(name, "convert_image", [image]) as scope:
        if given.is_floating and dtype.is_floating:
            return math.cast(image, dtype, name=scope)
        if given.is_integer and dtype.is_floating:
            return math.multiply(math.cast(image, dtype), 1.0 / given.max, name=scope)
        if given.is_floating:
            # The half avoids that rounding makes the largest one smaller.
            return cast(math.multiply(image, dtype.max + 0.5), dtype, name=scope)
        if given.max > dtype.max:
            scaled = math.floordiv(image, (given.max + 1) // (dtype.max + 1))
            return cast(scaled, dtype, name=scope)
        return math.multiply(cast(image, dtype), (dtype.max + 1) // (given.max + 1), name=scope)


def _as_float(image):
    """`image` as it is if float16 or float32, else converted to float32."""
    return image if image.dtype in _SHORT else convert_image_dtype(image, dtypes.float32)


def rgb_to_grayscale(images: Any, name: str | None = None) -> Tensor:
    r"""The brightness of `images`, real ``[..., 3]``: ``[..., 1]``, of their dtype.

    .. math:: 0.2989\, R + 0.587\, G + 0.114\, B
    """
    with name_scope(name, "rgb_to_grayscale", [images]) as scope:
        images = convert_to_tensor(images, name="images")
        gray = math.tensordot(convert_image_dtype(images, dtypes.float32), list(_LUMA), [-1, -1])
        return convert_image_dtype(array.expand_dims(gray, -1), images.dtype, name=scope)


def grayscale_to_rgb(images: Any, name: str | None = None) -> Tensor:
    """Three equal channels of grey images.

    Parameters
    ----------
    images : Tensor, real, [..., 1]

    Returns
    -------
    Tensor, [..., 3]
        Of the dtype of `images`.

    Raises
    ------
    ValueError
        If the last axis is not of length 1.
    """
    with name_scope(name, "grayscale_to_rgb", [images]) as scope:
        images = convert_to_tensor(images, name="images")
        if images.dims is not None and images.dims[-1] not in (None, 1):
            raise ValueError("Last dimension of a grayscale image should be size 1.")
        last = array.expand_dims(array.rank(images) - 1, 0)
        multiples = array.concat([array.ones(last, dtype=dtypes.int32), array.expand_dims(3, 0)], 0)
        rgb = array.tile(images, multiples, name=scope)
        rgb.set_shape(images.shape[:-1].concatenate([3]))
        return rgb


_YIQ = (
    (0.299, 0.59590059, 0.2115),
    (0.587, -0.27455667, -0.52273617),
    (0.114, -0.32134392, 0.31119955),
)
_RGB_OF_YIQ = (
    (1, 1, 1),
    (0.95598634, -0.27201283, -1.10674021),
    (0.6208248, -0.64720424, 1.70423049),
)
_YUV = (
    (0.299, -0.14714119, 0.61497538),
    (0.587, -0.28886916, -0.51496512),
    (0.114, 0.43601035, -0.10001026),
)
_RGB_OF_YUV = ((1, 1, 1), (0, -0.394642334, 2.03206185), (1.13988303, -0.58062185, 0))


def _in_colors(images: Any, kernel: Any) -> Tensor:
    images = convert_to_tensor(images, name="images")
    kernel = convert_to_tensor(kernel, dtype=images.dtype, name="kernel")
    if images.dims is None:
        raise ValueError("images of unknown rank: set_shape says how many axes there are")
    return math.tensordot(images, kernel, axes=[[len(images.dims) - 1], [0]])


def rgb_to_yiq(images: Any) -> Tensor:
    """The colours of `images`, floating, [..., 3], as luma, orange-blue and purple-green."""
    return _in_colors(images, _YIQ)


def yiq_to_rgb(images: Any) -> Tensor:
    """What `rgb_to_yiq` made `images`, floating, [..., 3], of."""
    return _in_colors(images, _RGB_OF_YIQ)


def rgb_to_yuv(images: Any) -> Tensor:
    """The colours of `images`, floating, [..., 3], as luma and two differences from it."""
    return _in_colors(images, _YUV)


def yuv_to_rgb(images: Any) -> Tensor:
    """What `rgb_to_yuv` made `images`, floating, [..., 3], of."""
    return _in_colors(images, _RGB_OF_YUV)


def adjust_brightness(image: Any, delta: Any) -> Tensor:
    """An image with a number added, in the scale of [0, 1] whatever its dtype, and clipped to it.

    Parameters
    ----------
    image : Tensor, real
    delta : float or Tensor, floating scalar

    Returns
    -------
    Tensor
        Of the shape and dtype of `image`.
    """
    with name_scope(None, "adjust_brightness", [image, delta]) as scope:
        image = convert_to_tensor(image, name="image")
        values = _as_float(image)
        adjusted = math.add(values, math.cast(delta, values.dtype), name=scope)
        return convert_image_dtype(adjusted, image.dtype, saturate=True)


def adjust_contrast(images: Any, contrast_factor: Any) -> Tensor:
    r"""Images whose pixels are several times as far from the mean.

    .. math:: (x - \bar x)\, c + \bar x

    The mean is that of each channel of each image.

    Parameters
    ----------
    images : Tensor, real, [..., height, width, channels]
    contrast_factor : float or Tensor, float32 scalar
        :math:`c`.

    Returns
    -------
    Tensor
        Of the shape and dtype of `images`.

    Notes
    -----
    TF op AdjustContrastv2.
    """
    with name_scope(None, "adjust_contrast", [images, contrast_factor]) as scope:
        images = convert_to_tensor(images, name="images")
        adjusted = _adjust_contrast(_as_float(images), contrast_factor, name=scope)
        return convert_image_dtype(adjusted, images.dtype, saturate=True)


def adjust_hue(image: Any, delta: Any, name: str | None = None) -> Tensor:
    """An image whose colours are turned around the colour circle.

    Parameters
    ----------
    image : Tensor, real, RGB, [..., 3]
    delta : float or Tensor, float32 scalar
        In full turns, -1 to 1.

    Returns
    -------
    Tensor
        Of the shape and dtype of `image`.

    Notes
    -----
    TF op AdjustHue.
    """
    with name_scope(name, "adjust_hue", [image]):
        image = convert_to_tensor(image, name="image")
        return convert_image_dtype(_adjust_hue(_as_float(image), delta), image.dtype)


def adjust_saturation(image: Any, saturation_factor: Any, name: str | None = None) -> Tensor:
    """An image whose colours are several times as strong.

    Parameters
    ----------
    image : Tensor, real, RGB, [..., 3]
    saturation_factor : float or Tensor, float32 scalar

    Returns
    -------
    Tensor
        Of the shape and dtype of `image`.

    Notes
    -----
    TF op AdjustSaturation.
    """
    with name_scope(name, "adjust_saturation", [image]):
        image = convert_to_tensor(image, name="image")
        adjusted = _adjust_saturation(_as_float(image), saturation_factor)
        return convert_image_dtype(adjusted, image.dtype)


def adjust_gamma(image: Any, gamma: Any = 1, gain: Any = 1) -> Tensor:
    r"""An image whose pixels are raised to a power, in the scale of [0, 1].

    .. math:: a\, x^\gamma

    Parameters
    ----------
    image : Tensor, real
    gamma : float or Tensor, floating scalar
        :math:`\gamma`, not negative.
    gain : float or Tensor, floating scalar
        :math:`a`.

    Returns
    -------
    Tensor
        Of the shape and dtype of `image`.

    Raises
    ------
    ValueError
        If `gamma` is a negative number.
    """
    with name_scope(None, "adjust_gamma", [image, gamma, gain]):
        image = convert_to_tensor(image, name="image")
        values = _as_float(image)
        text = "Gamma should be a non-negative real number."
        if isinstance(gamma, Tensor):
            gamma = with_dependencies([Assert(gamma >= 0, [text])], gamma)
        elif gamma < 0:
            raise ValueError(text)
        return convert_image_dtype(gain * values**gamma, image.dtype, saturate=True)


def _checked_range(lower, upper) -> None:
    if upper <= lower:
        raise ValueError("upper must be > lower.")
    if lower < 0:
        raise ValueError("lower must be non-negative.")


def random_brightness(image: Any, max_delta: float, seed: int | None = None) -> Tensor:
    """`adjust_brightness` by a random amount.

    Parameters
    ----------
    image : Tensor, real
    max_delta : float
        The amount is in [-max_delta, max_delta).
    seed : int, optional

    Returns
    -------
    Tensor
        Of the shape and dtype of `image`.

    Raises
    ------
    ValueError
        If `max_delta` is negative.
    """
    if max_delta < 0:
        raise ValueError("max_delta must be non-negative.")
    return adjust_brightness(image, random_uniform([], -max_delta, max_delta, seed=seed))


def random_contrast(image: Any, lower: float, upper: float, seed: int | None = None) -> Tensor:
    """`adjust_contrast` by a random factor.

    Parameters
    ----------
    image : Tensor, real, [..., height, width, channels]
    lower, upper : float
        The factor is in [lower, upper).
    seed : int, optional

    Returns
    -------
    Tensor
        Of the shape and dtype of `image`.

    Raises
    ------
    ValueError
        If `lower` is negative, or not below `upper`.
    """
    _checked_range(lower, upper)
    return adjust_contrast(image, random_uniform([], lower, upper, seed=seed))


def random_hue(image: Any, max_delta: float, seed: int | None = None) -> Tensor:
    """`adjust_hue` by a random part of a turn.

    Parameters
    ----------
    image : Tensor, real, RGB, [..., 3]
    max_delta : float
        In [0, 0.5]; the part is in [-max_delta, max_delta).
    seed : int, optional

    Returns
    -------
    Tensor
        Of the shape and dtype of `image`.

    Raises
    ------
    ValueError
        If `max_delta` is another.
    """
    if max_delta > 0.5:
        raise ValueError("max_delta must be <= 0.5.")
    if max_delta < 0:
        raise ValueError("max_delta must be non-negative.")
    return adjust_hue(image, random_uniform([], -max_delta, max_delta, seed=seed))


def random_saturation(image: Any, lower: float, upper: float, seed: int | None = None) -> Tensor:
    """`adjust_saturation` by a random factor.

    Parameters
    ----------
    image : Tensor, real, [..., height, width, channels]
    lower, upper : float
        The factor is in [lower, upper).
    seed : int, optional

    Returns
    -------
    Tensor
        Of the shape and dtype of `image`.

    Raises
    ------
    ValueError
        If `lower` is negative, or not below `upper`.
    """
    _checked_range(lower, upper)
    return adjust_saturation(image, random_uniform([], lower, upper, seed=seed))
