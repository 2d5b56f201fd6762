"""Images cut and padded."""

from __future__ import annotations

from typing import Any

from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.operation import Tensor
from graphmode.ops import array, math
from graphmode.ops.array.identities import ensure_shape
from graphmode.ops.image.batches import (
    as_batch,
    checked,
    known_number,
    lengths_of,
    rank_of,
    required,
)
from graphmode.ops.image.resize import ResizeMethod, resize_images


def crop_to_bounding_box(
    image: Any, offset_height: Any, offset_width: Any, target_height: Any, target_width: Any
) -> Tensor:
    """The part of `image`, or of a batch, that begins at the offsets and has the target size.

    Parameters
    ----------
    image : Tensor, of any dtype, ``[height, width, channels]`` or a batch of them
    offset_height, offset_width, target_height, target_width : int or Tensor, int32 scalar

    Returns
    -------
    Tensor, ``[target_height, target_width, channels]``, or a batch of them
        Of the dtype of `image`.

    Raises
    ------
    ValueError
        If the box is not inside the image; InvalidArgumentError when it runs, if that is not
        known before.
    """
    with name_scope(None, "crop_to_bounding_box", [image]):
        image, is_batch = as_batch(convert_to_tensor(image, name="image"))
        batch, height, width, depth = lengths_of(image)
        image = required(
            image,
            (offset_width >= 0, "offset_width must be >= 0."),
            (offset_height >= 0, "offset_height must be >= 0."),
            (target_width > 0, "target_width must be > 0."),
            (target_height > 0, "target_height must be > 0."),
            (width >= target_width + offset_width, "width must be >= target + offset."),
            (height >= target_height + offset_height, "height must be >= target + offset."),
        )
        cropped = array.slice(
            image,
            array.stack([0, offset_height, offset_width, 0]),
            array.stack([-1, target_height, target_width, -1]),
        )
        cropped.set_shape([known_number(n) for n in (batch, target_height, target_width, depth)])
        return cropped if is_batch else array.squeeze(cropped, axis=[0])


def pad_to_bounding_box(
    image: Any, offset_height: Any, offset_width: Any, target_height: Any, target_width: Any
) -> Tensor:
    """An image, or each of a batch, inside zeros.

    Parameters
    ----------
    image : Tensor, of any dtype, ``[height, width, channels]`` or a batch of them
    offset_height, offset_width, target_height, target_width : int or Tensor, int32 scalar
        Where it begins, and the size of the whole.

    Returns
    -------
    Tensor, ``[target_height, target_width, channels]``, or a batch of them
        Of the dtype of `image`.

    Raises
    ------
    ValueError
        If the image does not fit; InvalidArgumentError when it runs, if that is not known before.
    """
    with name_scope(None, "pad_to_bounding_box", [image]):
        image, is_batch = as_batch(convert_to_tensor(image, name="image"))
        batch, height, width, depth = lengths_of(image)
        right = target_width - offset_width - width
        below = target_height - offset_height - height
        image = required(
            image,
            (offset_height >= 0, "offset_height must be >= 0"),
            (offset_width >= 0, "offset_width must be >= 0"),
            (right >= 0, "width must be <= target - offset"),
            (below >= 0, "height must be <= target - offset"),
        )
        paddings = array.reshape(
            array.stack([0, 0, offset_height, below, offset_width, right, 0, 0]), [4, 2]
        )
        padded = array.pad(image, paddings)
        padded.set_shape([known_number(n) for n in (batch, target_height, target_width, depth)])
        return padded if is_batch else array.squeeze(padded, axis=[0])


def _larger(x, y):
    return math.maximum(x, y) if isinstance(x, Tensor) or isinstance(y, Tensor) else max(x, y)


def _smaller(x, y):
    return math.minimum(x, y) if isinstance(x, Tensor) or isinstance(y, Tensor) else min(x, y)


def resize_image_with_crop_or_pad(image: Any, target_height: Any, target_width: Any) -> Tensor:
    """The middle of an image, or of each of a batch, cropped or padded with zeros.

    Parameters
    ----------
    image : Tensor, of any dtype, ``[height, width, channels]`` or a batch of them
    target_height, target_width : int or Tensor, int32 scalar

    Returns
    -------
    Tensor, ``[target_height, target_width, channels]``, or a batch of them
        Of the dtype of `image`.

    Raises
    ------
    ValueError
        If a target is not positive; InvalidArgumentError when it runs, if that is not known before.
    """
    with name_scope(None, "resize_image_with_crop_or_pad", [image]):
        image, is_batch = as_batch(convert_to_tensor(image, name="image"))
        image = required(
            image,
            (target_width > 0, "target_width must be > 0."),
            (target_height > 0, "target_height must be > 0."),
        )
        _, height, width, _ = lengths_of(image)
        more_width, more_height = target_width - width, target_height - height
        cropped = crop_to_bounding_box(
            image,
            _larger(-more_height // 2, 0),
            _larger(-more_width // 2, 0),
            _smaller(target_height, height),
            _smaller(target_width, width),
        )
        resized = pad_to_bounding_box(
            cropped,
            _larger(more_height // 2, 0),
            _larger(more_width // 2, 0),
            target_height,
            target_width,
        )
        return resized if is_batch else array.squeeze(resized, axis=[0])


def central_crop(image: Any, central_fraction: float) -> Tensor:
    """The middle of an image, or of each image of a batch.

    Parameters
    ----------
    image : Tensor, of any dtype, ``[height, width, channels]`` or a batch of them
    central_fraction : float
        The part of height and width that is kept.

    Returns
    -------
    Tensor
        Of the rank and dtype of `image`.

    Raises
    ------
    ValueError
        If `central_fraction` is not in (0, 1].
    """
    with name_scope(None, "central_crop", [image]):
        image = convert_to_tensor(image, name="image")
        if not 0.0 < central_fraction <= 1.0:
            raise ValueError("central_fraction must be within (0, 1]")
        if central_fraction == 1.0:
            return image
        if image.dims is None:
            raise ValueError(
                "`image` should either be a Tensor with rank = 3 or rank = 4. Had rank = None."
            )
        rank = rank_of(image)
        checked(image)  # as in TensorFlow nothing waits for them: lengths fed may be 0
        begins, sizes = [], []
        for axis in (rank - 3, rank - 2):
            length = image.dims[axis]
            if length is None:
                length = array.shape(image)[axis]
                wide = math.cast(length, dtypes.float64)
                begin = math.cast((wide - wide * central_fraction) / 2, dtypes.int32)
            else:
                begin = int((length - length * central_fraction) / 2)
            begins.append(begin)
            sizes.append(length - begin * 2)
        front = [0] * (rank - 3)
        cropped = array.slice(
            image,
            array.stack([*front, *begins, 0]),
            array.stack([*([-1] * len(front)), *sizes, -1]),
        )
        cropped.set_shape([*image.dims[: rank - 3], *map(known_number, sizes), image.dims[-1]])
        return cropped


def resize_image_with_pad(
    image: Any,
    target_height: Any,
    target_width: Any,
    method: Any = ResizeMethod.BILINEAR,
    align_corners: bool = False,
) -> Tensor:
    """Images resized without distortion, as large as they fit, amid zeros.

    Parameters
    ----------
    image : Tensor, of any numeric dtype, ``[height, width, channels]`` or a batch of them
    target_height, target_width : int or Tensor, int32 scalar
        The size of the whole.
    method : ResizeMethod
    align_corners : bool
        Keep the values at the corners, as `resize_images` does.

    Returns
    -------
    Tensor, float32, of the rank of `image`; of the dtype of `image` with NEAREST_NEIGHBOR

    Raises
    ------
    ValueError
        If a target is not positive, or the image has another rank.
    """
    with name_scope(None, "resize_image_with_pad", [image]):
        image = convert_to_tensor(image, name="image")
        if image.dims is None:
            image = ensure_shape(image, [None, None, None])
        for what, target in (("target_width", target_width), ("target_height", target_height)):
            known = known_number(target)
            if known is not None and known <= 0:
                raise ValueError(f"{what} must be > 0.")
        image = checked(image)
        lengths = array.shape(image)[-3:-1]
        targets = array.stack([target_height, target_width])
        ratio = math.reduce_max(_as_float(lengths) / _as_float(targets))
        fitted = math.floor(_as_float(lengths) / ratio)
        before = math.floor((_as_float(targets) - _as_float(lengths) / ratio) / 2)
        before = math.maximum(math.cast(before, dtypes.int32), 0)
        resized = resize_images(image, math.cast(fitted, dtypes.int32), method, align_corners)
        return pad_to_bounding_box(resized, before[0], before[1], target_height, target_width)


def _as_float(value: Any) -> Tensor:
    return math.cast(value, dtypes.float32)
