"""Many images as one, for summaries."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from graphmode.framework.operation import Tensor
from graphmode.ops.array.filling import zeros_like
from graphmode.ops.array.joining import concat
from graphmode.ops.array.shaping import expand_dims, reshape, transpose
from graphmode.ops.array.splitting import unstack

if TYPE_CHECKING:
    from collections.abc import Sequence


def image_grid(
    input_tensor: Any,
    grid_shape: Sequence[int],
    image_shape: Sequence[int] = (32, 32),
    num_channels: int = 3,
) -> Tensor:
    """A batch of images as one, in rows and columns.

    Parameters
    ----------
    input_tensor : Tensor, shape [batch, height * width * channels] or [batch, height, width, \
channels]
    grid_shape : (int, int)
        Rows and columns, as many as there are images.
    image_shape : (int, int)
    num_channels : int

    Returns
    -------
    Tensor, shape [1, rows * height, columns * width, channels]

    Raises
    ------
    ValueError
        If the shapes do not fit.
    """
    shape = input_tensor.shape.as_list()
    (rows, columns), (height, width) = grid_shape, image_shape
    if rows * columns != shape[0]:
        raise ValueError(
            f"Grid shape {tuple(grid_shape)} incompatible with minibatch size {shape[0]}."
        )
    if len(shape) not in (2, 4):
        raise ValueError("Unrecognized input tensor format.")
    expected = [height * width * num_channels] if len(shape) == 2 else [height, width, num_channels]
    if shape[1:] != expected:
        raise ValueError("Image shape and number of channels incompatible with input tensor.")
    tiles = reshape(input_tensor, (rows, columns, height, width, num_channels))
    tiles = transpose(tiles, [0, 1, 3, 2, 4])
    tiles = reshape(tiles, [rows, columns * width, height, num_channels])
    tiles = transpose(tiles, [0, 2, 1, 3])
    return reshape(tiles, [1, rows * height, columns * width, num_channels])


def image_reshaper(images: Any, num_cols: int | None = None) -> Tensor:
    """Images as one, in rows and columns; the last row is filled up with black.

    Parameters
    ----------
    images : Tensor, shape [batch, height, width, 1 or 3], or list of such without batch
    num_cols : int, optional
        The least square has room for all if not given.

    Returns
    -------
    Tensor, shape [1, rows * height, columns * width, channels]

    Raises
    ------
    ValueError
        If a shape is not known, or no image's.
    """
    tiles: list[Any] = list(unstack(images) if isinstance(images, Tensor) else images)
    for image in tiles:
        image.shape.assert_has_rank(3)
        image.shape.assert_is_fully_defined()
        if image.shape.as_list()[-1] not in (1, 3):
            raise ValueError("image_reshaper only supports 1 or 3 channel images.")
    n_columns = num_cols or math.ceil(math.sqrt(len(tiles)))
    rows = [tiles[i : i + n_columns] for i in range(0, len(tiles), n_columns)]
    n_missing = n_columns - len(rows[-1])
    if n_missing:
        rows[-1] += [zeros_like(tiles[-1])] * n_missing
    return expand_dims(concat([concat(row, 1) for row in rows], 0), 0)
