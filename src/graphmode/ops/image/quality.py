"""How alike two images are: PSNR, SSIM and SSIM over several sizes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import control_dependencies, name_scope
from graphmode.framework.operation import Operation, Tensor
from graphmode.ops import array, math
from graphmode.ops.control.checks import Assert
from graphmode.ops.image.color import convert_image_dtype
from graphmode.ops.nn.activation import relu, softmax
from graphmode.ops.nn.pooling_functions import avg_pool
from graphmode.ops.nn.separable_convolution import depthwise_conv2d

_IMAGE_AXES = (-3, -2, -1)
_WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)


def _checks_of(first: Tensor, second: Tensor) -> list[Operation]:
    """What makes sure that two batches of images fit.

    Raises
    ------
    ValueError
        If their static shapes do not.
    """
    shapes = [tensor.get_shape().with_rank_at_least(3) for tensor in (first, second)]
    shapes[0][-3:].assert_is_compatible_with(shapes[1][-3:])
    if None not in (shapes[0].ndims, shapes[1].ndims):
        pairs = zip(reversed(shapes[0].as_list()[:-3]), reversed(shapes[1].as_list()[:-3]),
                    strict=False)  # fmt: skip
        if any(1 not in pair and None not in pair and pair[0] != pair[1] for pair in pairs):
            raise ValueError(f"Two images are not compatible: {shapes[0]} and {shapes[1]}")
    if shapes[0][-3:].is_fully_defined() and shapes[1][-3:].is_fully_defined():
        return []
    found = [array.shape(first), array.shape(second)]
    same = math.reduce_all(math.equal(found[0][-3:], found[1][-3:]))
    return [Assert(same, found, summarize=10)]


def _as_floats(first: Any, second: Any, max_val: Any) -> tuple[Tensor, Tensor, Tensor]:
    first = convert_to_tensor(first, name="img1")
    second = convert_to_tensor(second, name="img2")
    with control_dependencies(_checks_of(first, second)):
        first = array.identity(first)
    max_val = convert_image_dtype(math.cast(max_val, first.dtype), dtypes.float32)
    return (
        convert_image_dtype(first, dtypes.float32),
        convert_image_dtype(second, dtypes.float32),
        max_val,
    )


def psnr(a: Any, b: Any, max_val: Any, name: str | None = None) -> Tensor:
    r"""The peak signal-to-noise ratio of two images, in decibels.

    .. math:: 20 \log_{10} \frac{m}{\sqrt{\mathrm{mean}((a-b)^2)}}

    Parameters
    ----------
    a, b : Tensor, of one dtype, [..., height, width, channels]
        The axes before the last three broadcast.
    max_val : float
        The distance m from the smallest to the largest value that their dtype has.

    Returns
    -------
    Tensor, float32, [...]
        inf where they are equal.

    Raises
    ------
    ValueError
        If the static shapes do not fit.
    """
    with name_scope(name, "PSNR", [a, b]):
        a, b, max_val = _as_floats(a, b, max_val)
        error = math.reduce_mean(math.squared_difference(a, b), list(_IMAGE_AXES))
        ten = math.log(10.0)
        peak = math.multiply(20.0, math.log(max_val) / ten)
        return math.subtract(peak, 10.0 / ten * math.log(error), name="psnr")


def _gaussian_window(size: int, sigma: float) -> Tensor:
    """``[size, size, 1, 1]``, with the sum 1."""
    places = math.cast(array.range(size), dtypes.float32) - (size - 1) / 2
    powers = math.square(places) * (-0.5 / sigma**2)
    both = array.reshape(powers, [1, -1]) + array.reshape(powers, [-1, 1])
    return array.reshape(softmax(array.reshape(both, [1, -1])), [size, size, 1, 1])


def _each_channel(
    x: Tensor, y: Tensor, max_val: Tensor, size: int, sigma: float, k1: float, k2: float
) -> tuple[Tensor, Tensor]:
    """The means of SSIM and of its part for contrast and structure, ``[..., channels]``."""
    checks = [_is_large(image, size) for image in (x, y)]
    with control_dependencies([check for check in checks if check is not None]):
        x = array.identity(x)
    window = array.tile(_gaussian_window(size, sigma), [1, 1, array.shape(x)[-1], 1])

    def local_mean(image: Tensor) -> Tensor:
        lengths = array.shape(image)
        flat = array.reshape(image, array.concat([[-1], lengths[-3:]], 0))
        means = depthwise_conv2d(flat, window, strides=[1, 1, 1, 1], padding="VALID")
        return array.reshape(means, array.concat([lengths[:-3], array.shape(means)[1:]], 0))

    low, high = (k1 * max_val) ** 2, (k2 * max_val) ** 2
    mean_x, mean_y = local_mean(x), local_mean(y)
    product = mean_x * mean_y * 2.0
    squares = math.square(mean_x) + math.square(mean_y)
    luminance = (product + low) / (squares + low)
    both = local_mean(x * y) * 2.0
    each = local_mean(math.square(x) + math.square(y))
    contrast = (both - product + high) / (each - squares + high)
    return math.reduce_mean(luminance * contrast, [-3, -2]), math.reduce_mean(contrast, [-3, -2])


def _is_large(image: Tensor, size: int) -> Operation | None:
    known = image.dims
    if known is not None and None not in known[-3:-1]:
        if min(n for n in known[-3:-1] if n is not None) < size:
            raise ValueError(
                f"images of shape {image.shape} are smaller than filter_size = {size}"
            )  # fmt: skip
        return None
    lengths = array.shape(image)
    fits = math.reduce_all(math.greater_equal(lengths[-3:-1], size))
    return Assert(fits, [lengths, size], summarize=8)


def ssim(
    img1: Any,
    img2: Any,
    max_val: Any,
    filter_size: int = 11,
    filter_sigma: float = 1.5,
    k1: float = 0.01,
    k2: float = 0.03,
) -> Tensor:
    """The structural similarity of two images, the mean over windows and channels.

    Parameters
    ----------
    img1, img2 : Tensor, of one dtype, [..., height, width, channels]
        The axes before the last three broadcast.
    max_val : float
        The distance from the smallest to the largest value that their dtype has.
    filter_size : int
        Of the windows, whose elements have Gaussian weights.
    filter_sigma : float
        The width of the Gaussian.
    k1, k2 : float
        Small numbers that keep the quotients from 0 / 0.

    Returns
    -------
    Tensor, float32, [...]
        At most 1, the value of equal images.

    Raises
    ------
    ValueError
        If the static shapes do not fit, or are smaller than a window.

    Notes
    -----
    Wang et al., "Image quality assessment: from error visibility to structural similarity", 2004.
    """
    with name_scope(None, "SSIM", [img1, img2]):
        x, y, max_val = _as_floats(img1, img2, max_val)
        found, _ = _each_channel(x, y, max_val, filter_size, filter_sigma, k1, k2)
        return math.reduce_mean(found, [-1])


def _halved(image: Tensor) -> Tensor:
    """Means of 2 x 2 pixels; an odd last row or column is doubled first."""
    lengths = array.shape(image)
    flat = array.reshape(image, array.concat([[-1], lengths[-3:]], 0))
    rest = math.floormod(lengths[-3:], [2, 2, 1])
    behind = array.expand_dims(array.concat([[0], rest], 0), -1)
    paddings = array.concat([array.zeros_like(behind), behind], 1)
    padded = array.pad(flat, paddings, mode="SYMMETRIC")
    small = avg_pool(padded, ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding="VALID")
    return array.reshape(small, array.concat([lengths[:-3], array.shape(small)[1:]], 0))


def ssim_multiscale(
    img1: Any,
    img2: Any,
    max_val: Any,
    power_factors: Sequence[float] = _WEIGHTS,
    filter_size: int = 11,
    filter_sigma: float = 1.5,
    k1: float = 0.01,
    k2: float = 0.03,
) -> Tensor:
    """The structural similarity of two images at several sizes, each half of the one before.

    Parameters
    ----------
    img1, img2 : Tensor, of one dtype, [..., height, width, channels]
        The axes before the last three broadcast.
    max_val : float
        The distance from the smallest to the largest value that their dtype has.
    power_factors : sequence of float
        The exponent of each size; there are as many sizes.
    filter_size : int
        Of the windows, whose elements have Gaussian weights.
    filter_sigma : float
        The width of the Gaussian.
    k1, k2 : float
        Small numbers that keep the quotients from 0 / 0.

    Returns
    -------
    Tensor, float32, [...]

    Raises
    ------
    ValueError
        If the static shapes do not fit, or are smaller than a window at some size.

    Notes
    -----
    Wang, Simoncelli, Bovik, "Multiscale structural similarity for image quality assessment", 2003.
    """
    with name_scope(None, "MS-SSIM", [img1, img2]):
        x, y, max_val = _as_floats(img1, img2, max_val)
        factors: list[Tensor] = []
        whole = None
        for i in range(len(power_factors)):
            if i:
                x, y = _halved(x), _halved(y)
            whole, contrast = _each_channel(x, y, max_val, filter_size, filter_sigma, k1, k2)
            factors.append(relu(contrast))
        if whole is not None:
            factors[-1] = relu(whole)
        powers = math.pow(array.stack(factors, axis=-1), list(power_factors))
        return math.reduce_mean(math.reduce_prod(powers, [-1]), [-1])
