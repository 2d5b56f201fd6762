"""Where images change: Sobel's filters, differences of neighbours."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.operation import Tensor
from graphmode.ops import array
from graphmode.ops.nn.separable_convolution import depthwise_conv2d

_DOWN = ((-1, -2, -1), (0, 0, 0), (1, 2, 1))


def image_gradients(image: Any) -> tuple[Tensor, Tensor]:
    """How much each pixel differs from the next one below and to the right.

    Parameters
    ----------
    image : Tensor, numeric, [batch, height, width, channels]

    Returns
    -------
    dy, dx : Tensor, as `image`
        0 in the last row, and in the last column.

    Raises
    ------
    ValueError
        If `image` has another rank.
    """
    image = convert_to_tensor(image)
    if image.get_shape().ndims != 4:
        raise ValueError(
            f"image_gradients expects a 4D tensor [batch_size, h, w, d], not {image.get_shape()}."
        )
    down = image[:, 1:] - image[:, :-1]
    right = image[:, :, 1:] - image[:, :, :-1]
    dy = array.concat([down, array.zeros_like(image[:, :1])], 1)
    dx = array.concat([right, array.zeros_like(image[:, :, :1])], 2)
    return array.reshape(dy, array.shape(image)), array.reshape(dx, array.shape(image))


def sobel_edges(image: Any) -> Tensor:
    """How much images change downwards and to the right, by Sobel's filters.

    Parameters
    ----------
    image : Tensor, float32 or float64, [batch, height, width, channels]

    Returns
    -------
    Tensor, [batch, height, width, channels, 2]
        Of the dtype of `image`.
    """
    image = convert_to_tensor(image)
    lengths = array.shape(image)
    channels = None if image.dims is None else image.dims[-1]
    down = np.array(_DOWN, image.dtype.base_dtype.as_numpy_dtype)
    filters = np.stack([down, down.T], axis=-1)[:, :, None, :]
    count = lengths[3] if channels is None else channels
    window = array.tile(filters, [1, 1, count, 1], name="sobel_filters")
    padded = array.pad(image, [[0, 0], [1, 1], [1, 1], [0, 0]], mode="REFLECT")
    found = depthwise_conv2d(padded, window, [1, 1, 1, 1], "VALID")
    result = array.reshape(found, array.concat([lengths, [2]], 0))
    result.set_shape(image.get_shape().concatenate([2]))
    return result
