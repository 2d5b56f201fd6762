"""What functions share that take one image or a batch of them."""

from __future__ import annotations

from typing import Any

from graphmode.framework.operation import Operation, Tensor
from graphmode.ops import array
from graphmode.ops.control.assertions import assert_greater_equal, assert_positive
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


_EMPTY = "all dims of 'image.shape' must be > 0"
_FLAT = "'image' must be at least three-dimensional."


def checks_of(image: Tensor) -> list[Operation]:
    """What has to run before `image` is used: no length is 0, and there are three at least.

    Raises
    ------
    ValueError
        If that is known not to hold.
    """
    dims = image.dims
    if dims is not None and len(dims) < 3:
        raise ValueError(f"{_FLAT}\nIts shape is {image.shape}.")
    if dims is not None and 0 in dims:
        raise ValueError(f"{_EMPTY}: {image.shape}")
    if dims is not None and None not in dims:
        return []
    return [
        assert_positive(array.shape(image), [f"{_EMPTY}."]),
        assert_greater_equal(array.rank(image), 3, message=_FLAT),
    ]


def checked(image: Tensor) -> Tensor:
    """`image`, once it is known to have no length that is 0 (`checks_of`)."""
    return with_dependencies(checks_of(image), image)


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
    """`image`, once all (condition, text) hold, and `checks_of` it: now, or when it runs."""
    checks = checks_of(image)
    for condition, text in conditions:
        if isinstance(condition, Tensor):
            checks.append(Assert(condition, [text]))
        elif not condition:
            raise ValueError(text)
    return with_dependencies(checks, image)


def known_number(value):
    """`value` if it is a number, None if it is a tensor."""
    return None if isinstance(value, Tensor) else value
