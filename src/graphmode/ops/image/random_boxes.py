"""Boxes drawn at random that cover enough of what is in an image."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import dtypes
from graphmode.framework.default_graph import name_scope
from graphmode.framework.errors import invalid
from graphmode.framework.op import op
from graphmode.ops.image.boxes import CORNERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphmode.framework.operation import Tensor

_RESERVED_PER_ATTEMPT = 4


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
    "T, float32, float32 -> begin: T, size: T, bboxes: float32",
    shape=_distorted_shape,
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
        parts = CORNERS[None]
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
    image_size: Any,
    bounding_boxes: Any,
    seed: int | None = None,
    seed2: int | None = None,
    min_object_covered: float = 0.1,
    aspect_ratio_range: Any = None,
    area_range: Any = None,
    max_attempts: int | None = None,
    use_image_if_no_bounding_boxes: bool | None = None,
    name: str | None = None,
) -> tuple[Tensor, Tensor, Tensor]:
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
