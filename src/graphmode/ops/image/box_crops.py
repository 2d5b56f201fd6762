"""Crops of images by boxes, all resized to one size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import dtypes, shape_rules
from graphmode.framework.dtypes import REALS
from graphmode.framework.errors import OutOfRangeError, invalid
from graphmode.framework.inference import constant_dims
from graphmode.framework.op import op
from graphmode.ops import xp

if TYPE_CHECKING:
    from graphmode.framework.operation import Tensor


def _crops_shape(op):
    image = shape_rules.with_rank(op.inputs[0].dims, 4)
    boxes = shape_rules.with_rank(op.inputs[1].dims, 2)
    if boxes[1] not in (None, 4):
        raise ValueError(f"Dimension must be 4 but is {boxes[1]}")
    indices = shape_rules.with_rank(op.inputs[2].dims, 1)
    lengths = shape_rules.with_rank(op.inputs[3].dims, 1)
    if lengths[0] not in (None, 2):
        raise ValueError(f"Dimension must be 2 but is {lengths[0]}")
    size = constant_dims(op.inputs[3]) or (None, None)
    count = shape_rules.merge(boxes[:1], indices)
    return [(*count, *size, image[3])]


def _indices_inside(image, boxes, box_ind, crop_size, **attrs):
    return xp.all((box_ind >= 0) & (box_ind < image.shape[0]))


@op(
    "CropAndResize",
    "T, float32, int32, int32 -> crops: float32",
    shape=_crops_shape,
    static=("crop_size",),
    check=_indices_inside,
    T=REALS - {dtypes.uint32, dtypes.uint64, dtypes.bfloat16},
)
def _crop_and_resize(
    image, boxes, box_ind, crop_size, *, method: str = "bilinear", extrapolation_value: float = 0.0
):
    if 0 in image.shape[1:3]:
        raise invalid("image dimensions must be positive")
    if boxes.shape[1] != 4:
        raise invalid("boxes must have 4 columns")
    if box_ind.shape != boxes.shape[:1]:
        raise invalid(
            f"box_index has incompatible shape\n  it has {len(box_ind)} entries for {len(boxes)} "
            "boxes"
        )
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
    if xp.is_traced(boxes, box_ind):
        import jax.numpy as jnp

        image = jnp.asarray(image)

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
    image: Any,
    boxes: Any,
    box_ind: Any = None,
    crop_size: Any = None,
    method: str = "bilinear",
    extrapolation_value: float = 0,
    name: str | None = None,
    box_indices: Any = None,
) -> Tensor:
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
