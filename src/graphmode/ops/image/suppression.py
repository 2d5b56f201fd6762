"""Suppression: of boxes that overlap, those of the highest scores.

A box is ``[y_min, x_min, y_max, x_max]`` (any two opposite corners, in any unit). What two boxes
overlap by is the part that both share of what both cover. All of it runs on the host: how many
boxes are chosen is known when they are.
"""

from __future__ import annotations

import heapq
import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from graphmode.framework import dtypes, shape_rules
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.errors import invalid
from graphmode.framework.inference import constant_value
from graphmode.framework.op import op

if TYPE_CHECKING:
    from graphmode.framework.operation import Tensor

_HALF_OR_SINGLE = (dtypes.float16, dtypes.float32)


# ---- what is chosen ------------------------------------------------------------------------------


def _shares(boxes: np.ndarray):
    """A function of a box and some others: what each of them overlaps with it by."""
    low = np.minimum(boxes[:, :2], boxes[:, 2:])
    high = np.maximum(boxes[:, :2], boxes[:, 2:])
    areas = np.prod(high - low, axis=1)

    def shares(box: int, others: np.ndarray) -> np.ndarray:
        sides = np.minimum(high[box], high[others]) - np.maximum(low[box], low[others])
        inside = np.prod(sides.clip(0), axis=1)
        whole = areas[box] + areas[others] - inside
        covers = (areas[box] > 0) & (areas[others] > 0)
        return np.where(covers, inside / np.where(covers, whole, 1), 0)

    return shares


def _chosen(shares: Any, scores: np.ndarray, n: int, most: Any, least: Any) -> np.ndarray:
    """Numbers of at most `n` boxes of scores above `least`, no two of which share over `most`."""
    left = np.argsort(-scores, kind="stable")
    left = left[scores[left] > least]
    kept: list[int] = []
    while len(kept) < n and left.size:
        box, left = int(left[0]), left[1:]
        kept.append(box)
        left = left[~(shares(box, left) > most)]
    return np.array(kept, np.int32)


def _softly_chosen(shares: Any, scores: Any, n: int, most: Any, least: Any, sigma: float):
    """The numbers and scores of `n` boxes; each that is chosen lowers those that it overlaps.

    The score of a box is only lowered when its turn comes, by all that were chosen since: if it
    falls, the box waits for its next turn.
    """
    queue = [(-score, box, 0) for box, score in enumerate(scores.tolist()) if score > least]
    heapq.heapify(queue)
    kept: list[int] = []
    new_scores: list[float] = []
    kind = scores.dtype.type
    while len(kept) < n and queue:
        negative, box, seen = heapq.heappop(queue)
        score = before = kind(-negative)
        for share in shares(box, np.array(kept[seen:], np.int64))[::-1]:
            weight = math.exp(-0.5 / sigma * float(share) ** 2) if share <= most else 0.0
            score = kind(score * kind(weight))
            if not score > least:
                break
        if score == before:
            kept.append(box)
            new_scores.append(float(score))
        elif score > least:
            heapq.heappush(queue, (-float(score), box, len(kept)))
    return np.array(kept, np.int32), np.array(new_scores, scores.dtype)


def _padded(values: np.ndarray, length: int) -> np.ndarray:
    """`values` and zeros, up to `length`."""
    result = np.zeros((length, *values.shape[1:]), values.dtype)
    result[: len(values)] = values
    return result


# ---- checks --------------------------------------------------------------------------------------


def _check_equal(*lengths: int | None) -> None:
    known = [length for length in lengths if length is not None]
    for length in known[1:]:
        if length != known[0]:
            raise ValueError(f"Dimensions must be equal, but are {known[0]} and {length}")


def _check_corners(length: int | None) -> None:
    if length not in (4, None):
        raise ValueError(f"Dimension must be 4 but is {length}")


def _selected_shape(op):
    boxes = shape_rules.with_rank(op.inputs[0].dims, 2)
    scores = shape_rules.with_rank(op.inputs[1].dims, 1)
    _check_equal(boxes[0], scores[0])
    _check_corners(boxes[1])
    for scalar in op.inputs[2:]:
        shape_rules.with_rank(scalar.dims, 0)
    return [(None,)]


def _selected_length(op) -> int | None:
    """How many are selected, if the rest is filled up and the number is known."""
    n = constant_value(op.inputs[2]) if op.attrs["pad_to_max_output_size"] else None
    return None if n is None else int(n)


def _padded_shape(op):
    _selected_shape(op)
    return [(_selected_length(op),), ()]


def _scored_shape(op):
    _selected_shape(op)
    n = _selected_length(op)
    return [(n,), (n,), ()]


def _overlaps_shape(op):
    overlaps = shape_rules.with_rank(op.inputs[0].dims, 2)
    scores = shape_rules.with_rank(op.inputs[1].dims, 1)
    _check_equal(*overlaps, *scores)
    for scalar in op.inputs[2:]:
        shape_rules.with_rank(scalar.dims, 0)
    return [(None,)]


def _check_part(name: str, value: Any) -> None:
    if not 0 <= value <= 1:
        raise invalid(f"{name} must be in [0, 1]")


def _check_boxes(boxes: Any, scores: Any, n: Any, iou_threshold: Any) -> None:
    if boxes.ndim != 2:
        raise invalid(f"boxes must be 2-D, but have shape {list(boxes.shape)}")
    if boxes.shape[1] != 4:
        raise invalid("boxes must have 4 columns")
    if scores.shape != boxes.shape[:1]:
        raise invalid("scores has incompatible shape")
    _check_count(n)
    _check_part("iou_threshold", iou_threshold)


def _check_count(n: Any) -> None:
    if n < 0:
        raise invalid(f"max_output_size must be non-negative, got {n}")


# ---- one set of boxes ----------------------------------------------------------------------------


@op(
    "NonMaxSuppressionV3",
    "T, T, int32, T_threshold, T_threshold -> selected_indices: int32",
    shape=_selected_shape,
    data_dependent=True,
    T=_HALF_OR_SINGLE,
    T_threshold=_HALF_OR_SINGLE,
)
def _non_max_suppression(boxes, scores, max_output_size, iou_threshold, score_threshold):
    _check_boxes(boxes, scores, max_output_size, iou_threshold)
    return _chosen(_shares(boxes), scores, int(max_output_size), iou_threshold, score_threshold)


@op(
    "NonMaxSuppressionV4",
    "T, T, int32, T_threshold, T_threshold -> selected_indices: int32, valid_outputs: int32",
    shape=_padded_shape,
    data_dependent=True,
    T=_HALF_OR_SINGLE,
    T_threshold=_HALF_OR_SINGLE,
)
def _non_max_suppression_padded(
    boxes,
    scores,
    max_output_size,
    iou_threshold,
    score_threshold,
    *,
    pad_to_max_output_size: bool = False,
):
    kept = _non_max_suppression.op_def.kernel(
        boxes, scores, max_output_size, iou_threshold, score_threshold
    )
    filled = _padded(kept, int(max_output_size)) if pad_to_max_output_size else kept
    return [filled, np.int32(len(kept))]


@op(
    "NonMaxSuppressionV5",
    "T, T, int32, T, T, T -> selected_indices: int32, selected_scores: T, valid_outputs: int32",
    shape=_scored_shape,
    data_dependent=True,
    T=_HALF_OR_SINGLE,
)
def _non_max_suppression_with_scores(
    boxes,
    scores,
    max_output_size,
    iou_threshold,
    score_threshold,
    soft_nms_sigma,
    *,
    pad_to_max_output_size: bool = False,
):
    _check_boxes(boxes, scores, max_output_size, iou_threshold)
    if not soft_nms_sigma >= 0:
        raise invalid("soft_nms_sigma_val must be >= 0")
    n = int(max_output_size)
    if soft_nms_sigma > 0:
        kept, new_scores = _softly_chosen(
            _shares(boxes), scores, n, iou_threshold, score_threshold, float(soft_nms_sigma)
        )
    else:
        kept = _chosen(_shares(boxes), scores, n, iou_threshold, score_threshold)
        new_scores = scores[kept]
    filled = [_padded(each, n) if pad_to_max_output_size else each for each in (kept, new_scores)]
    return [*filled, np.int32(len(kept))]


@op(
    "NonMaxSuppressionWithOverlaps",
    "float32, float32, int32, float32, float32 -> selected_indices: int32",
    shape=_overlaps_shape,
    data_dependent=True,
)
def _non_max_suppression_with_overlaps(
    overlaps, scores, max_output_size, overlap_threshold, score_threshold
):
    if overlaps.ndim != 2 or overlaps.shape[0] != overlaps.shape[1]:
        raise invalid(f"overlaps must be square, but have shape {list(overlaps.shape)}")
    if scores.shape != overlaps.shape[:1]:
        raise invalid("scores has incompatible shape")
    _check_count(max_output_size)

    def shares(box: int, others: np.ndarray) -> np.ndarray:
        return overlaps[others, box]

    return _chosen(shares, scores, int(max_output_size), overlap_threshold, score_threshold)


class PaddedSelection(NamedTuple):
    """What `non_max_suppression_padded` gives."""

    selected_indices: Tensor
    valid_outputs: Tensor


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
        Scores have to be above it.

    Returns
    -------
    Tensor, int32 [chosen]

    Notes
    -----
    TF op NonMaxSuppressionV3.
    """
    with name_scope(name, "non_max_suppression"):
        overlap = convert_to_tensor(iou_threshold, dtypes.float32, name="iou_threshold")
        least = convert_to_tensor(score_threshold, dtypes.float32, name="score_threshold")
        return _non_max_suppression(boxes, scores, max_output_size, overlap, least)


def non_max_suppression_padded(
    boxes: Any,
    scores: Any,
    max_output_size: Any,
    iou_threshold: float = 0.5,
    score_threshold: float = float("-inf"),
    pad_to_max_output_size: bool = False,
    name: str | None = None,
) -> PaddedSelection:
    """`non_max_suppression` in a tensor whose length can be known, and how many were chosen.

    Parameters
    ----------
    boxes : float Tensor [n, 4]
    scores : float Tensor [n]
    max_output_size : int32 scalar
    iou_threshold, score_threshold : float
        As there.
    pad_to_max_output_size : bool
        Fill the indices up with zeros to `max_output_size`.

    Returns
    -------
    selected_indices : Tensor, int32 [chosen] or [max_output_size]
    valid_outputs : Tensor, int32 scalar
        How many of them were chosen.

    Notes
    -----
    TF op NonMaxSuppressionV4.
    """
    with name_scope(name, "non_max_suppression_padded"):
        selected = _non_max_suppression_padded(
            boxes,
            scores,
            max_output_size,
            convert_to_tensor(iou_threshold, name="iou_threshold"),
            convert_to_tensor(score_threshold, name="score_threshold"),
            pad_to_max_output_size=pad_to_max_output_size,
        )
        return PaddedSelection(*selected)


def non_max_suppression_with_scores(
    boxes: Any,
    scores: Any,
    max_output_size: Any,
    iou_threshold: float = 0.5,
    score_threshold: float = float("-inf"),
    soft_nms_sigma: float = 0.0,
    name: str | None = None,
) -> tuple[Tensor, Tensor]:
    r"""`non_max_suppression` with scores; overlapping boxes may stay with lower ones.

    .. math:: s_i \leftarrow s_i \exp\left(-\frac{o_{ij}^2}{2\sigma}\right)

    of each box `i` that overlaps a chosen box `j` by :math:`o_{ij}`, up to `iou_threshold`.

    Parameters
    ----------
    boxes : float Tensor [n, 4]
    scores : float Tensor [n]
    max_output_size : int32 scalar
    iou_threshold, score_threshold : float
        As there.
    soft_nms_sigma : float
        How softly scores fall; 0 leaves those of all that stay as they are.

    Returns
    -------
    selected_indices : Tensor, int32 [chosen]
    selected_scores : Tensor, as `scores` [chosen]

    Notes
    -----
    TF op NonMaxSuppressionV5. Bodla et al., "Soft-NMS: improving object detection with one line of
    code", ICCV 2017.
    """
    with name_scope(name, "non_max_suppression_with_scores"):
        indices, new_scores, _ = _non_max_suppression_with_scores(
            boxes,
            scores,
            max_output_size,
            convert_to_tensor(iou_threshold, name="iou_threshold"),
            convert_to_tensor(score_threshold, name="score_threshold"),
            convert_to_tensor(soft_nms_sigma, name="soft_nms_sigma"),
        )
        return indices, new_scores


def non_max_suppression_with_overlaps(
    overlaps: Any,
    scores: Any,
    max_output_size: Any,
    overlap_threshold: float = 0.5,
    score_threshold: float = float("-inf"),
    name: str | None = None,
) -> Tensor:
    """`non_max_suppression` of anything whose overlaps are given.

    Parameters
    ----------
    overlaps : Tensor, float32 [n, n]
        What each two overlap by.
    scores : Tensor, float32 [n]
    max_output_size : int32 scalar
    overlap_threshold : float
        What a chosen one overlaps by more than this is left out.
    score_threshold : float
        Scores have to be above it.

    Returns
    -------
    Tensor, int32 [chosen]

    Notes
    -----
    TF op NonMaxSuppressionWithOverlaps.
    """
    with name_scope(name, "non_max_suppression_overlaps"):
        most = convert_to_tensor(overlap_threshold, name="overlap_threshold")
        return _non_max_suppression_with_overlaps(
            overlaps, scores, max_output_size, most, score_threshold
        )


# ---- a batch, of several classes -----------------------------------------------------------------


class _Detections(NamedTuple):
    """What was found in one image."""

    boxes: np.ndarray
    scores: np.ndarray
    classes: np.ndarray


def _combined_shape(op):
    boxes = shape_rules.with_rank(op.inputs[0].dims, 4)
    scores = shape_rules.with_rank(op.inputs[1].dims, 3)
    _check_corners(boxes[3])
    _check_equal(boxes[0], scores[0])
    _check_equal(boxes[1], scores[1])
    for scalar in op.inputs[2:]:
        shape_rules.with_rank(scalar.dims, 0)
    n_classes = scores[2]
    if None not in (boxes[2], n_classes) and boxes[2] not in (1, n_classes):
        raise ValueError(
            "third dimension of boxes must be either 1 or equal to the third dimension of scores"
        )
    n_each, n_all = (constant_value(op.inputs[i]) for i in (2, 3))
    for i, number in ((2, n_each), (3, n_all)):
        if number is not None and number < 0:
            raise ValueError(
                f"Dimension size, given by scalar input {i}, must be non-negative but is {number}"
            )
    if n_all == 0:
        raise ValueError("max_total_size should be > 0")
    count = boxes[0] if boxes[0] is not None else scores[0]
    length = None if n_all is None else int(n_all)
    if op.attrs["pad_per_class"]:
        known = None not in (length, n_each, n_classes)
        length = min(length, int(n_each) * n_classes) if known else None
    return [(count, length, 4), (count, length), (count, length), (count,)]


@op(
    "CombinedNonMaxSuppression",
    "float32, float32, int32, int32, float32, float32 -> nmsed_boxes: float32, "
    "nmsed_scores: float32, nmsed_classes: float32, valid_detections: int32",
    shape=_combined_shape,
    effect="host",
)
def _combined_non_max_suppression(
    boxes,
    scores,
    max_output_size_per_class,
    max_total_size,
    iou_threshold,
    score_threshold,
    *,
    pad_per_class: bool = False,
    clip_boxes: bool = True,
):
    if boxes.ndim != 4:
        raise invalid(f"boxes must be 4-D, but have shape {list(boxes.shape)}")
    if scores.ndim != 3:
        raise invalid(f"scores must be 3-D, but have shape {list(scores.shape)}")
    if boxes.shape[0] != scores.shape[0]:
        raise invalid("boxes and scores must have same batch size")
    if boxes.shape[3] != 4:
        raise invalid("boxes must have 4 columns")
    if boxes.shape[1] != scores.shape[1]:
        raise invalid("scores has incompatible shape")
    n_classes = scores.shape[2]
    if boxes.shape[2] not in (1, n_classes):
        raise invalid("third dimension of boxes must be either 1 or num classes")
    if max_output_size_per_class <= 0:
        raise invalid("max_size_per_class must be > 0")
    if max_total_size <= 0:
        raise invalid("max_total_size must be > 0")
    _check_part("iou_threshold", iou_threshold)
    n_each, length = int(max_output_size_per_class), int(max_total_size)
    if pad_per_class:
        length = min(length, n_each * n_classes)
    found = [
        _of_image(*image, n_each, length, iou_threshold, score_threshold)
        for image in zip(boxes, scores, strict=True)
    ]
    results = []
    for part, shape in enumerate(((length, 4), (length,), (length,))):
        filled = [_padded(each[part], length) for each in found]
        results.append(np.array(filled, np.float32).reshape(len(boxes), *shape))
    if clip_boxes:
        results[0] = results[0].clip(0, 1)
    return [*results, np.array([len(each.scores) for each in found], np.int32)]


def _of_image(boxes: Any, scores: Any, n_each: int, n_all: int, most: Any, least: Any):
    """The best of what is chosen of each class; `boxes` [n, 1 or classes, 4]."""
    parts: list[_Detections] = []
    for label in range(scores.shape[1]):
        # All classes may have the same boxes.
        of_class, likely = boxes[:, label % boxes.shape[1]], scores[:, label]
        kept = _chosen(_shares(of_class), likely, n_each, most, least)
        labels = np.full(len(kept), label, np.float32)
        parts.append(_Detections(of_class[kept], likely[kept], labels))
    if not parts:
        return _Detections(*(np.zeros((0, *n), np.float32) for n in ((4,), (), ())))
    joined = _Detections(*(np.concatenate(each) for each in zip(*parts, strict=True)))
    best = np.argsort(-joined.scores, kind="stable")[:n_all]
    return _Detections(*(each[best] for each in joined))


class CombinedSelection(NamedTuple):
    """What `combined_non_max_suppression` gives."""

    nmsed_boxes: Tensor
    nmsed_scores: Tensor
    nmsed_classes: Tensor
    valid_detections: Tensor


def combined_non_max_suppression(
    boxes: Any,
    scores: Any,
    max_output_size_per_class: Any,
    max_total_size: Any,
    iou_threshold: float = 0.5,
    score_threshold: float = float("-inf"),
    pad_per_class: bool = False,
    clip_boxes: bool = True,
    name: str | None = None,
) -> CombinedSelection:
    """`non_max_suppression` of a batch of images, of each class by itself; the best of all.

    Parameters
    ----------
    boxes : Tensor, float32 [batch, n, q, 4]
        `q` is the number of classes, or 1 if all have the same boxes.
    scores : Tensor, float32 [batch, n, classes]
    max_output_size_per_class : int32 scalar
    max_total_size : int32 scalar
        Of all classes together.
    iou_threshold, score_threshold : float
        As there.
    pad_per_class : bool
        Fill up to `max_output_size_per_class` times the number of classes if that is less than
        `max_total_size`.
    clip_boxes : bool
        Cut what reaches beyond 0 and 1 off the boxes.

    Returns
    -------
    nmsed_boxes : Tensor, float32 [batch, max_total_size, 4]
    nmsed_scores, nmsed_classes : Tensor, float32 [batch, max_total_size]
        The highest score first; zeros where there is no other box.
    valid_detections : Tensor, int32 [batch]
        How many there are.

    Notes
    -----
    TF op CombinedNonMaxSuppression.
    """
    with name_scope(name, "combined_non_max_suppression"):
        overlap = convert_to_tensor(iou_threshold, dtypes.float32, name="iou_threshold")
        least = convert_to_tensor(score_threshold, dtypes.float32, name="score_threshold")
        selected = _combined_non_max_suppression(
            boxes,
            scores,
            max_output_size_per_class,
            max_total_size,
            overlap,
            least,
            pad_per_class=pad_per_class,
            clip_boxes=clip_boxes,
        )
        return CombinedSelection(*selected)
