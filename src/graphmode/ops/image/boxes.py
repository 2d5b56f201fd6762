"""Boxes in images: crops of them, random ones, drawing, suppression of overlapping ones.

A box is ``[y_min, x_min, y_max, x_max]`` in parts of the height and width.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from graphmode.framework import dtypes, shape_rules
from graphmode.framework.default_graph import name_scope
from graphmode.framework.dtypes import REALS
from graphmode.framework.errors import OutOfRangeError, invalid
from graphmode.framework.inference import constant_dims
from graphmode.framework.op import op
from graphmode.ops import xp

if TYPE_CHECKING:
    from collections.abc import Sequence

_RESERVED_PER_ATTEMPT = 4
_CORNERS = np.array([0, 0, 1, 1], np.float32)
_COLORS = np.array(
    [
        [1, 1, 0, 1], [0, 0, 1, 1], [1, 0, 0, 1], [0, 1, 0, 1], [0.5, 0, 0.5, 1],
        [0.5, 0.5, 0, 1], [0.5, 0, 0, 1], [0, 0, 0.5, 1], [0, 1, 1, 1], [1, 0, 1, 1],
    ],
    np.float32,
)  # fmt: skip
"""The colours that boxes are drawn in, in turn, if none are given."""


# ---- crops ---------------------------------------------------------------------------------------


def _crops_shape(op):
    image = shape_rules.with_rank(op.inputs[0].dims, 4)
    boxes = shape_rules.with_rank(op.inputs[1].dims, 2)
    indices = shape_rules.with_rank(op.inputs[2].dims, 1)
    size = constant_dims(op.inputs[3]) or (None, None)
    count = shape_rules.merge(boxes[:1], indices)
    return [(*count, *size, image[3])]


def _indices_inside(image, boxes, box_ind, crop_size, **attrs):
    return xp.all((box_ind >= 0) & (box_ind < image.shape[0]))


@op(
    "CropAndResize",
    "T, float32, int32, int32 -> float32",
    shape=_crops_shape,
    static=("crop_size",),
    check=_indices_inside,
    T=REALS - {dtypes.uint32, dtypes.uint64, dtypes.bfloat16},
)
def _crop_and_resize(
    image, boxes, box_ind, crop_size, *, method: str = "bilinear", extrapolation_value: float = 0.0
):
    if isinstance(box_ind, np.ndarray) and not _indices_inside(image, boxes, box_ind, None):
        raise OutOfRangeError(None, None, "box_index has values outside [0, batch_size)")
    sizes = [int(n) for n in crop_size]
    if min(sizes) <= 0:
        raise invalid("crop dimensions must be positive")
    # Boxes decide where to look, in float32; `gather` is linear in the image.
    places = [_places(boxes[:, i], boxes[:, i + 2], image.shape[1 + i], sizes[i]) for i in range(2)]
    rows, columns = places
    inside = [(p >= 0) & (p <= n - 1) for p, n in zip(places, image.shape[1:3], strict=True)]
    mask = (inside[0][:, :, None] & inside[1][:, None, :])[..., None]
    lowest = [xp.clip(p, 0, n - 1) for p, n in zip(places, image.shape[1:3], strict=True)]
    which = box_ind[:, None, None]

    def pixels(row, column):
        at = xp.astype(row, np.dtype(np.int32)), xp.astype(column, np.dtype(np.int32))
        found = image[which, at[0][:, :, None], at[1][:, None, :]]
        return xp.astype(found, np.dtype(np.float32))

    if method == "nearest":
        values = pixels(*[xp.floor(p + np.float32(0.5)) for p in lowest])
    else:
        low = [xp.floor(p) for p in lowest]
        high = [xp.ceil(p) for p in lowest]
        y = (rows - low[0])[:, :, None, None]
        x = (columns - low[1])[:, None, :, None]
        left, right = pixels(low[0], low[1]), pixels(low[0], high[1])
        top = left + (right - left) * x
        left, right = pixels(high[0], low[1]), pixels(high[0], high[1])
        values = top + (left + (right - left) * x - top) * y
    return xp.where(mask, values, np.float32(extrapolation_value))


def _places(low, high, length: int, n: int):
    """The positions in the image of `n` pixels of each crop, float32 [boxes, n]."""
    last = np.float32(length - 1)
    if n == 1:
        return (np.float32(0.5) * (low + high) * last)[:, None]
    steps = np.arange(n, dtype=np.float32)
    return (low * last)[:, None] + steps * ((high - low) * last / np.float32(n - 1))[:, None]


def crop_and_resize(
    image,
    boxes,
    box_ind=None,
    crop_size=None,
    method="bilinear",
    extrapolation_value=0,
    name=None,
    box_indices=None,
):
    """Boxes cut out of a batch of images, each resized to one size.

    Parameters
    ----------
    image : Tensor, real, ``[batch, height, width, channels]``
    boxes : Tensor, float32, [n, 4]
        May lie outside the image, and be mirrored.
    box_ind, box_indices : Tensor, int32, [n]
        The image that each box is cut out of; `box_indices` is the new name.
    crop_size : Tensor, int32, [2]
        Height and width.
    method : {"bilinear", "nearest"}
    extrapolation_value : float
        What is outside the image.

    Returns
    -------
    Tensor, float32 ``[n, height, width, channels]``

    Raises
    ------
    OutOfRangeError
        When it runs, if there is no such image.
    ValueError
        If `method` is another one.

    Notes
    -----
    TF op CropAndResize.
    """
    if method not in ("bilinear", "nearest"):
        raise ValueError(
            f"Value for attr 'method' of \"{method}\" is not in the list of allowed values: "
            '"bilinear", "nearest"'
        )
    return _crop_and_resize(
        image,
        boxes,
        box_indices if box_ind is None else box_ind,
        crop_size,
        method=method,
        extrapolation_value=float(extrapolation_value),
        name=name,
    )


# ---- random boxes --------------------------------------------------------------------------------


class _Draws:
    """The words of a stream, one after the other."""

    def __init__(self, stream, samples: int) -> None:
        self._stream = stream
        self._position = stream.reserve(samples)
        self._words: list[int] = []

    def word(self) -> int:
        if not self._words:
            positions = self._position + np.arange(64, dtype=np.uint64)
            self._words = np.stack(self._stream.words(positions), 1).ravel()[::-1].tolist()
            self._position += np.uint64(64)
        return self._words.pop()

    def unit(self) -> np.float32:
        return np.float32((self.word() & 0x7FFFFF) * 2.0**-23)

    def below(self, n: int) -> int:
        if n & (n - 1) == 0:
            return self.word() & (n - 1)
        least = (0xFFFFFFFF % n) + 1
        while (drawn := self.word()) < least:
            pass
        return drawn % n


def _random_box(draws: _Draws, height: int, width: int, area_range, aspect: float):
    """(y, x, height, width) of a box of that aspect and area inside the image, or None."""
    least, most = (np.float32(part) * np.float32(width) * height for part in area_range)
    if area_range[1] <= 0 or aspect <= 0 or area_range[0] > area_range[1]:
        return None
    rows, most_rows = (round(math.sqrt(area / aspect)) for area in (least, most))
    if round(most_rows * aspect) > width:
        most_rows = int((width + 0.5 - 1e-7) / aspect)
        if round(most_rows * aspect) > width:
            most_rows -= 1
    most_rows = min(most_rows, height)
    rows = min(rows, most_rows)
    if rows < most_rows:
        rows += draws.below(most_rows - rows + 1)
    columns = round(rows * aspect)
    if rows * columns < least:  # by rounding
        rows += 1
        columns = round(rows * aspect)
    if rows * columns > most:
        rows -= 1
        columns = round(rows * aspect)
    if not (least <= rows * columns <= most and 0 < columns <= width and 0 < rows <= height):
        return None
    y = draws.below(height - rows) if rows < height else 0
    x = draws.below(width - columns) if columns < width else 0
    return y, x, rows, columns


def _covers(box, objects, least: float) -> bool:
    """Whether `box` contains at least the part `least` of one of the `objects`, both in pixels."""
    y, x, rows, columns = box
    for top, left, bottom, right in objects:
        area = (bottom - top) * (right - left)
        if area <= 0:
            continue
        shared_rows = min(bottom, y + rows) - max(top, y)
        shared_columns = min(right, x + columns) - max(left, x)
        shared = max(shared_rows, 0) * max(shared_columns, 0)
        if shared / area >= least and shared > 0:
            return True
    return False


def _distorted_shape(op):
    return [(3,), (3,), (1, 1, 4)]


@op(
    "SampleDistortedBoundingBoxV2",
    "T, float32, float32 -> T, T, float32",
    shape=_distorted_shape,
    grad=lambda op, *dy: [None] * 3,
    effect="random",
    data_dependent=True,
    T=(dtypes.uint8, dtypes.int8, dtypes.int16, dtypes.int32, dtypes.int64),
)
def _sample_distorted_bounding_box(
    image_size,
    bounding_boxes,
    min_object_covered,
    *,
    seed: int = 0,
    seed2: int = 0,
    aspect_ratio_range: Sequence[float] = (0.75, 1.33),
    area_range: Sequence[float] = (0.05, 1.0),
    max_attempts: int = 100,
    use_image_if_no_bounding_boxes: bool = False,
    stream,
):
    if len(image_size) != 3:
        raise invalid("image_size must contain 3 elements")
    height, width = int(image_size[0]), int(image_size[1])
    if height <= 0 or width <= 0:
        raise invalid(f"Image height and width must be positive, got {height} and {width}")
    parts = np.reshape(bounding_boxes, (-1, 4))
    if not len(parts):
        if not use_image_if_no_bounding_boxes:
            raise invalid(
                "No bounding boxes provided as input. One must enable "
                "use_image_if_no_bounding_boxes if you wish to not provide any bounding boxes."
            )
        parts = _CORNERS[None]
    if (parts < 0).any() or (parts > 1).any():
        raise invalid("All bounding box coordinates must be in [0.0, 1.0]")
    scale = np.array([height, width, height, width], np.float32)
    objects = (parts * scale).astype(np.int64).tolist()
    low, high = (np.float32(ratio) for ratio in aspect_ratio_range)
    draws = _Draws(stream, _RESERVED_PER_ATTEMPT * max_attempts)
    y, x, rows, columns = 0, 0, height, width
    for _ in range(max_attempts):
        aspect = float(draws.unit() * (high - low) + low)
        box = _random_box(draws, height, width, area_range, aspect)
        if box is not None and _covers(box, objects, float(min_object_covered)):
            y, x, rows, columns = box
            break
    corners = np.array([y, x, y + rows, x + columns], np.float32) / scale
    begin = np.array([y, x, 0], image_size.dtype)
    return begin, np.array([rows, columns, -1], image_size.dtype), corners.reshape(1, 1, 4)


def sample_distorted_bounding_box(
    image_size,
    bounding_boxes,
    seed=None,
    seed2=None,
    min_object_covered=0.1,
    aspect_ratio_range=None,
    area_range=None,
    max_attempts=None,
    use_image_if_no_bounding_boxes=None,
    name=None,
):
    """A random box that contains enough of one of the given ones.

    Parameters
    ----------
    image_size : Tensor, integer, [3]
        ``[height, width, channels]``.
    bounding_boxes : Tensor, float32, [batch, n, 4]
    seed, seed2 : int, optional
    min_object_covered : float
        The part of a given box that must be inside.
    aspect_ratio_range, area_range : (float, float)
        Of width to height, (0.75, 1.33) by default; of the part of the image, (0.05, 1).
    max_attempts : int
        Afterwards the whole image is taken; 100 by default.
    use_image_if_no_bounding_boxes : bool
        Take the whole image as the given box if there is none.

    Returns
    -------
    begin, size : Tensor, [3]
        For `tf.slice`.
    bboxes : Tensor, float32 [1, 1, 4]

    Notes
    -----
    TF op SampleDistortedBoundingBoxV2.
    """
    with name_scope(name, "sample_distorted_bounding_box") as scope:
        return tuple(
            _sample_distorted_bounding_box(
                image_size,
                bounding_boxes,
                min_object_covered,
                seed=seed or 0,
                seed2=seed2 or 0,
                aspect_ratio_range=list(aspect_ratio_range or (0.75, 1.33)),
                area_range=list(area_range or (0.05, 1.0)),
                max_attempts=100 if max_attempts is None else max_attempts,
                use_image_if_no_bounding_boxes=bool(use_image_if_no_bounding_boxes),
                name=scope if name else None,
            )
        )


# ---- drawing and suppressing ---------------------------------------------------------------------


def _drawn_shape(op):
    dims = shape_rules.with_rank(op.inputs[0].dims, 4)
    if dims[3] not in (None, 1, 3, 4):
        raise ValueError(f"Channel depth should be either 1 (GRY), 3 (RGB), or 4 (RGBA): {dims[3]}")
    return [op.inputs[0].dims]


@op(
    "DrawBoundingBoxesV2",
    "T, float32, float32 -> T",
    shape=_drawn_shape,
    effect="host",
    grad=lambda op, dy: [None] * 3,
    T=(dtypes.float16, dtypes.float32),
)
def _draw_bounding_boxes(images, boxes, colors):
    result = np.array(images)
    _, height, width, depth = result.shape
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


def draw_bounding_boxes(images, boxes, name=None, colors=None):
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
    shape_rules.with_rank(op.inputs[0].dims, 2)
    shape_rules.with_rank(op.inputs[1].dims, 1)
    return [(None,)]


@op(
    "NonMaxSuppressionV3",
    "T, T, int32, T_threshold, T_threshold -> int32",
    shape=_selected_shape,
    grad=lambda op, dy: [None] * 5,
    data_dependent=True,
    T=(dtypes.float16, dtypes.float32),
    T_threshold=(dtypes.float16, dtypes.float32),
)
def _non_max_suppression(boxes, scores, max_output_size, iou_threshold, score_threshold):
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
    boxes, scores, max_output_size, iou_threshold=0.5, score_threshold=float("-inf"), name=None
):
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
        return _non_max_suppression(
            boxes, scores, max_output_size, np.float32(iou_threshold), np.float32(score_threshold)
        )
