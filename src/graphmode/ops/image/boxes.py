"""Boxes drawn in images.

A box is ``[y_min, x_min, y_max, x_max]`` in parts of the height and width.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import dtypes, shape_rules
from graphmode.framework.errors import invalid
from graphmode.framework.inference import constant_value
from graphmode.framework.op import op
from graphmode.framework.proto.own_types import note_inputs, note_type

if TYPE_CHECKING:
    from graphmode.framework.operation import Operation, Tensor

CORNERS = np.array([0, 0, 1, 1], np.float32)

_COLORS = np.array(
    [
        [1, 1, 0, 1], [0, 0, 1, 1], [1, 0, 0, 1], [0, 1, 0, 1], [0.5, 0, 0.5, 1],
        [0.5, 0.5, 0, 1], [0.5, 0, 0, 1], [0, 0, 0.5, 1], [0, 1, 1, 1], [1, 0, 1, 1],
    ],
    np.float32,
)  # fmt: skip
"""The colours that boxes are drawn in, in turn, if none are given."""


_DEPTHS = "Channel depth should be either 1 (GRY), 3 (RGB), or 4 (RGBA)"


def _drawn_shape(op):
    dims = shape_rules.with_rank(op.inputs[0].dims, 4)
    if dims[3] not in (None, 1, 3, 4):
        raise ValueError(f"{_DEPTHS}: {dims[3]}")
    return [op.inputs[0].dims]


def _without_colors(nodes: Any, op: Operation, node: Any) -> None:
    """Colors that are not given are those of the op that takes none."""
    colors = constant_value(op.inputs[2])
    if colors is not None and not colors.size:
        note_type(node, op, is_replaced=False)
        note_inputs(node)
        node.op = "DrawBoundingBoxes"
        del node.input[2]


@op(
    "DrawBoundingBoxesV2",
    "T, float32, float32 -> T",
    shape=_drawn_shape,
    effect="host",
    rewritten=_without_colors,
    T=(dtypes.float16, dtypes.float32),
)
def _draw_bounding_boxes(images, boxes, colors):
    result = np.array(images)
    _, height, width, depth = result.shape
    if depth not in (1, 3, 4):
        raise invalid(f"{_DEPTHS}: {depth}")
    colors = np.asarray(colors) if np.size(colors) else _COLORS
    if depth == 1:
        colors = np.ones((len(colors), 1), np.float32)
    scale = np.array([height - 1, width - 1, height - 1, width - 1], np.float32)
    for image, image_boxes in zip(result, np.asarray(boxes), strict=True):
        for i, box in enumerate(image_boxes):
            top, left, bottom, right = (int(n) for n in box * scale)
            if top > bottom or left > right or bottom < 0 or right < 0:
                continue
            if top >= height or left >= width:
                continue
            color = colors[i % len(colors)][:depth].astype(result.dtype)
            rows = slice(max(top, 0), min(bottom, height - 1) + 1)
            columns = slice(max(left, 0), min(right, width - 1) + 1)
            for row in (top, bottom):
                if 0 <= row < height:
                    image[row, columns] = color
            for column in (left, right):
                if 0 <= column < width:
                    image[rows, column] = color
    return result


def draw_bounding_boxes(
    images: Any, boxes: Any, name: str | None = None, colors: Any = None
) -> Tensor:
    """A copy of the images with the border of each box drawn, one pixel thick.

    Parameters
    ----------
    images : Tensor, float16 or float32, ``[batch, height, width, channels]``
    boxes : Tensor, float32, [batch, n, 4]
    colors : Tensor, float32, [m, channels], optional
        Taken in turn; ten different ones by default.

    Returns
    -------
    Tensor
        Of the shape and dtype of `images`.

    Notes
    -----
    TF op DrawBoundingBoxesV2.
    """
    if colors is None:
        colors = np.zeros((0, 0), np.float32)
    return _draw_bounding_boxes(images, boxes, colors, name=name)
