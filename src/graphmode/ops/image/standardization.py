"""Images brought to mean 0 and deviation 1; how much neighbours differ."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.ops import array, math
from graphmode.ops.image.batches import checked
from graphmode.ops.image.color import convert_image_dtype

if TYPE_CHECKING:
    from graphmode.framework.operation import Tensor

_KEPT = (dtypes.float16, dtypes.float32)


def per_image_standardization(image: Any) -> Tensor:
    r"""Each image with mean 0 and deviation 1.

    .. math:: \frac{x - \bar x}{\max(\sigma, 1 / \sqrt n)}

    The deviation is taken to be at least that of :math:`n` pixels, for images of one colour.

    Parameters
    ----------
    image : Tensor, real, [..., height, width, channels]

    Returns
    -------
    Tensor
        Of the shape of `image`; float16 and float32 as they are, other dtypes back from float32
        as `convert_image_dtype` does it, saturating.

    Raises
    ------
    ValueError
        If `image` has fewer than three axes.
    """
    with name_scope(None, "per_image_standardization", [image]) as scope:
        image = checked(convert_to_tensor(image, name="image"))
        given = image.dtype
        image = convert_image_dtype(image, dtypes.float32) if given not in _KEPT else image
        pixels = math.reduce_prod(array.shape(image)[-3:])
        mean = math.reduce_mean(image, axis=[-1, -2, -3], keepdims=True)
        deviation = math.reduce_std(image, axis=[-1, -2, -3], keepdims=True)
        least = math.rsqrt(math.cast(pixels, image.dtype))
        standard = math.divide(image - mean, math.maximum(deviation, least), name=scope)
        return convert_image_dtype(standard, given, saturate=True)


def total_variation(images: Any, name: str | None = None) -> Tensor:
    """The sum of the absolute differences of neighbouring pixels, of each image.

    Parameters
    ----------
    images : Tensor, real, ``[height, width, channels]`` or ``[batch, height, width, channels]``

    Returns
    -------
    Tensor, scalar or [batch]

    Raises
    ------
    ValueError
        If the rank is another.
    """
    with name_scope(name, "total_variation"):
        rank = None if images.dims is None else len(images.dims)
        if rank == 3:
            down = images[1:, :, :] - images[:-1, :, :]
            right = images[:, 1:, :] - images[:, :-1, :]
            axes = None
        elif rank == 4:
            down = images[:, 1:, :, :] - images[:, :-1, :, :]
            right = images[:, :, 1:, :] - images[:, :, :-1, :]
            axes = [1, 2, 3]
        else:
            raise ValueError("'images' must be either 3 or 4-dimensional.")
        return math.reduce_sum(math.abs(down), axis=axes) + math.reduce_sum(
            math.abs(right), axis=axes
        )
