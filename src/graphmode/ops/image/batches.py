"""What functions share that take one image or a batch of them."""

from __future__ import annotations

from typing import Any

from graphmode.framework.operation import Tensor
from graphmode.ops import array
from graphmode.ops.control.checks import Assert
from graphmode.ops.control.grouping import with_dependencies


def rank_of(image: Any) -> int:
    """3 or 4; an image of unknown rank is one image.

    Raises
    ------
    ValueError
        For any other rank.
    """
    if image.dims is None:
        return 3
    if len(image.dims) not in (3, 4):
        least = (
            "have either 3 or 4 dimensions"
            if len(image.dims) > 4
            else "be at least three-dimensional"
        )
        raise ValueError(f"'image' must {least}.\nIts shape is {image.shape}.")
    return len(image.dims)


def as_batch(image):
    """``[batch, height, width, channels]``, and whether `image` was that already."""
    if image.dims is not None and len(image.dims) not in (3, 4):
        raise ValueError(f"'image' must have either 3 or 4 dimensions. Its shape is {image.shape}.")
    if rank_of(image) == 4:
        return image, True
    batch = array.expand_dims(image, 0)
    batch.set_shape([1, None, None, None])
    return batch, False


def lengths_of(image):
    """The four lengths of a batch of images: numbers where known, else scalar tensors."""
    known = image.dims
    if None not in known:
        return list(known)
    dynamic = array.unstack(array.shape(image), 4)
    return [d if n is None else n for n, d in zip(known, dynamic, strict=True)]


def required(image, *conditions):
    """`image`, once all (condition, text) hold: a ValueError now, or an Assert when it runs."""
    checks = []
    for condition, text in conditions:
        if isinstance(condition, Tensor):
            checks.append(Assert(condition, [text]))
        elif not condition:
            raise ValueError(text)
    return with_dependencies(checks, image) if checks else image


def known_number(value):
    """`value` if it is a number, None if it is a tensor."""
    return None if isinstance(value, Tensor) else value
