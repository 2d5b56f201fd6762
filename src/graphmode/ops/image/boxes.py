"""Boxes in images: drawing, suppression of overlapping ones.

A box is ``[y_min, x_min, y_max, x_max]`` in parts of the height and width.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import dtypes, shape_rules
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
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


def _selected_shape(op):
    boxes = shape_rules.with_rank(op.inputs[0].dims, 2)
    scores = shape_rules.with_rank(op.inputs[1].dims, 1)
    n_boxes, n_scores = boxes and boxes[0], scores and scores[0]
    if None not in (n_boxes, n_scores) and n_boxes != n_scores:
        raise ValueError(f"Dimensions must be equal, but are {n_boxes} and {n_scores}")
    if boxes is not None and boxes[1] not in (4, None):
        raise ValueError(f"Dimension must be 4 but is {boxes[1]}")
    for scalar in op.inputs[2:]:
        shape_rules.with_rank(scalar.dims, 0)
    return [(None,)]


@op(
    "NonMaxSuppressionV3",
    "T, T, int32, T_threshold, T_threshold -> selected_indices: int32",
    shape=_selected_shape,
    data_dependent=True,
    T=(dtypes.float16, dtypes.float32),
    T_threshold=(dtypes.float16, dtypes.float32),
)
def _non_max_suppression(boxes, scores, max_output_size, iou_threshold, score_threshold):
    if boxes.shape[1] != 4:
        raise invalid("boxes must have 4 columns")
    if scores.shape != boxes.shape[:1]:
        raise invalid("scores has incompatible shape")
    if not 0 <= iou_threshold <= 1:
        raise invalid("iou_threshold must be in [0, 1]")
    low, high = (np.asarray(part(boxes[:, :2], boxes[:, 2:])) for part in (np.minimum, np.maximum))
    areas = np.prod(high - low, axis=1)
    kept: list[int] = []
    for i in np.argsort(-scores, kind="stable"):
        if len(kept) >= max_output_size or not scores[i] > score_threshold:
            break
        shared = np.minimum(high[i], high[kept]) - np.maximum(low[i], low[kept])
        inside = np.prod(shared.clip(0), axis=1)
        union = areas[i] + areas[kept] - inside
        if not (inside > iou_threshold * union).any():
            kept.append(int(i))
    return np.array(kept, np.int32)


def non_max_suppression(
    boxes: Any,
    scores: Any,
    max_output_size: Any,
    iou_threshold: float = 0.5,
    score_threshold: float = float("-inf"),
    name: str | None = None,
) -> Tensor:
    """The boxes of the highest scores, without those that overlap a chosen one too much.

    Parameters
    ----------
    boxes : float Tensor [n, 4]
    scores : float Tensor [n]
    max_output_size : int32 scalar
    iou_threshold : float
        The largest overlap, as the part that both share of what both cover.
    score_threshold : float

    Returns
    -------
    Tensor, int32 [chosen]
    """
    with name_scope(name, "non_max_suppression"):
        overlap = convert_to_tensor(iou_threshold, dtypes.float32, name="iou_threshold")
        least = convert_to_tensor(score_threshold, dtypes.float32, name="score_threshold")
        return _non_max_suppression(boxes, scores, max_output_size, overlap, least)
