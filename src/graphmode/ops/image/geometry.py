"""Geometry of images: flips, turns, crops, paddings, and resizing of one image or of a batch."""

from __future__ import annotations

from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.inference import constant_dims, constant_value
from graphmode.framework.operation import Tensor
from graphmode.ops import array, math
from graphmode.ops.control.checks import Assert
from graphmode.ops.control.grouping import with_dependencies
from graphmode.ops.image.resize import (
    resize_area,
    resize_bicubic,
    resize_bilinear,
    resize_nearest_neighbor,
)
from graphmode.ops.random.draws import random_uniform


class ResizeMethod:
    """The methods of `resize_images`."""

    BILINEAR = 0
    NEAREST_NEIGHBOR = 1
    BICUBIC = 2
    AREA = 3


_RESIZERS = {
    ResizeMethod.BILINEAR: resize_bilinear,
    ResizeMethod.NEAREST_NEIGHBOR: resize_nearest_neighbor,
    ResizeMethod.BICUBIC: resize_bicubic,
    ResizeMethod.AREA: resize_area,
    "bilinear": resize_bilinear,
    "nearest": resize_nearest_neighbor,
    "bicubic": resize_bicubic,
    "area": resize_area,
}


def _rank(image) -> int:
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
        raise ValueError(f"'image' (shape {image.shape}) must {least}.")
    return len(image.dims)


def _as_batch(image):
    """``[batch, height, width, channels]``, and whether `image` was that already."""
    if _rank(image) == 4:
        return image, True
    batch = array.expand_dims(image, 0)
    batch.set_shape([1, None, None, None])
    return batch, False


def _lengths(image):
    """The four lengths of a batch of images: numbers where known, else scalar tensors."""
    known = image.dims
    if None not in known:
        return list(known)
    dynamic = array.unstack(array.shape(image), 4)
    return [d if n is None else n for n, d in zip(known, dynamic, strict=True)]


def _required(image, *conditions):
    """`image`, once all (condition, text) hold: a ValueError now, or an Assert when it runs."""
    checks = []
    for condition, text in conditions:
        if isinstance(condition, Tensor):
            checks.append(Assert(condition, [text]))
        elif not condition:
            raise ValueError(text)
    return with_dependencies(checks, image) if checks else image


def _number(value):
    return None if isinstance(value, Tensor) else value


# ---- flips and turns -----------------------------------------------------------------------------


def _flip(image, axis: int, scope_name: str):
    with name_scope(None, scope_name, [image]):
        image = convert_to_tensor(image, name="image")
        _rank(image)
        return array.reverse(image, [axis - 3])


def flip_left_right(image):
    """`image`, of any dtype, mirrored left to right.

    It is ``[height, width, channels]``, or a batch of such images.
    """
    return _flip(image, 1, "flip_left_right")


def flip_up_down(image):
    """`image`, of any dtype, upside down.

    It is ``[height, width, channels]``, or a batch of such images.
    """
    return _flip(image, 0, "flip_up_down")


def _random_flip(image, axis: int, seed, scope_name: str):
    with name_scope(None, scope_name, [image]) as scope:
        image = convert_to_tensor(image, name="image")
        if _rank(image) == 3:
            drawn = random_uniform([], minval=0, maxval=1.0, seed=seed)
            flipped = array.reverse(image, [axis])
            shape = array.shape(image)
            chosen = array.fill(shape, math.less(drawn, 0.5))
            return array.where(chosen, flipped, image, name=scope)
        n = array.shape(image)[0]
        drawn = random_uniform([n], minval=0, maxval=1.0, seed=seed)
        flips = math.cast(math.round(array.reshape(drawn, [n, 1, 1, 1])), image.dtype)
        return flips * array.reverse(image, [axis + 1]) + (1 - flips) * image


def random_flip_left_right(image, seed=None):
    """`flip_left_right` of an image, or of each image of a batch, with probability one half.

    Parameters
    ----------
    image : Tensor, of any dtype, ``[height, width, channels]`` or a batch of them
    seed : int, optional

    Returns
    -------
    Tensor
        Of the shape and dtype of `image`.
    """
    return _random_flip(image, 1, seed, "random_flip_left_right")


def random_flip_up_down(image, seed=None):
    """`flip_up_down` of an image, or of each image of a batch, with probability one half.

    Parameters
    ----------
    image : Tensor, of any dtype, ``[height, width, channels]`` or a batch of them
    seed : int, optional

    Returns
    -------
    Tensor
        Of the shape and dtype of `image`.
    """
    return _random_flip(image, 0, seed, "random_flip_up_down")


def transpose_image(image, name=None):
    """`image`, of any dtype, with height and width exchanged.

    It is ``[height, width, channels]``, or a batch of such images.
    """
    with name_scope(name, "transpose", [image]):
        image = convert_to_tensor(image, name="image")
        order = [1, 0, 2] if _rank(image) == 3 else [0, 2, 1, 3]
        return array.transpose(image, order, name=name)


def rot90(image, k=1, name=None):
    """An image, or each of a batch, turned counter-clockwise by quarter turns.

    Parameters
    ----------
    image : Tensor, of any dtype, ``[height, width, channels]`` or a batch of them
    k : int or Tensor, int32 scalar
        The number of quarter turns.

    Returns
    -------
    Tensor
        Of the rank and dtype of `image`.

    Raises
    ------
    NotImplementedError
        If `k` is not known while the graph is built: the shape depends on it.
    ValueError
        If `k` is no scalar.
    """
    with name_scope(name, "rot90", [image, k]):
        image = convert_to_tensor(image, name="image")
        turns = constant_value(convert_to_tensor(k, dtype=dtypes.int32, name="k"))
        if turns is None:
            raise NotImplementedError("rot90 needs a k that is known while the graph is built")
        if turns.shape != ():
            raise ValueError(f"Shape {turns.shape} must have rank 0")
        first = _rank(image) - 3
        order = [1, 0, 2] if first == 0 else [0, 2, 1, 3]
        turns = int(turns) % 4
        if turns == 1:
            return array.transpose(array.reverse(image, [first + 1]), order)
        if turns == 2:
            return array.reverse(image, [first, first + 1])
        if turns == 3:
            return array.reverse(array.transpose(image, order), [first + 1])
        return array.identity(image)


# ---- crops and paddings --------------------------------------------------------------------------


def crop_to_bounding_box(image, offset_height, offset_width, target_height, target_width):
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
        image, is_batch = _as_batch(convert_to_tensor(image, name="image"))
        batch, height, width, depth = _lengths(image)
        image = _required(
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
        cropped.set_shape([_number(n) for n in (batch, target_height, target_width, depth)])
        return cropped if is_batch else array.squeeze(cropped, axis=[0])


def pad_to_bounding_box(image, offset_height, offset_width, target_height, target_width):
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
        image, is_batch = _as_batch(convert_to_tensor(image, name="image"))
        batch, height, width, depth = _lengths(image)
        right = target_width - offset_width - width
        below = target_height - offset_height - height
        image = _required(
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
        padded.set_shape([_number(n) for n in (batch, target_height, target_width, depth)])
        return padded if is_batch else array.squeeze(padded, axis=[0])


def _larger(x, y):
    return math.maximum(x, y) if isinstance(x, Tensor) or isinstance(y, Tensor) else max(x, y)


def _smaller(x, y):
    return math.minimum(x, y) if isinstance(x, Tensor) or isinstance(y, Tensor) else min(x, y)


def resize_image_with_crop_or_pad(image, target_height, target_width):
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
        image, is_batch = _as_batch(convert_to_tensor(image, name="image"))
        image = _required(
            image,
            (target_width > 0, "target_width must be > 0."),
            (target_height > 0, "target_height must be > 0."),
        )
        _, height, width, _ = _lengths(image)
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


def central_crop(image, central_fraction):
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
        rank = _rank(image)
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
        cropped.set_shape([*image.dims[: rank - 3], *map(_number, sizes), image.dims[-1]])
        return cropped


# ---- sizes ---------------------------------------------------------------------------------------


def resize_images(
    images,
    size,
    method=ResizeMethod.BILINEAR,
    align_corners=False,
    preserve_aspect_ratio=False,
    name=None,
):
    """`images`, one or a batch, resized to `size`.

    Parameters
    ----------
    images : Tensor, ``[height, width, channels]`` or ``[batch, height, width, channels]``
    size : int32 [2]
        The new height and width.
    method : ResizeMethod
    align_corners : bool
        See `resize_bilinear`.
    preserve_aspect_ratio : bool
        The largest size of the same aspect that fits into `size`.

    Returns
    -------
    Tensor
        float32; of the dtype of `images` for `NEAREST_NEIGHBOR`, or if it has the size already.

    Raises
    ------
    ValueError
        If `images` is not 3-D or 4-D, `size` not two integers, or `method` not known.
    """
    with name_scope(name, "resize", [images, size]):
        images = convert_to_tensor(images, name="images")
        if images.dims is None:
            raise ValueError("'images' contains no shape.")
        if len(images.dims) not in (3, 4):
            raise ValueError("'images' must have either 3 or 4 dimensions.")
        images, is_batch = _as_batch(images)
        try:
            size = convert_to_tensor(size, dtype=dtypes.int32, name="size")
        except (TypeError, ValueError):
            raise ValueError("'size' must be a 1-D int32 Tensor") from None
        if not size.shape.is_compatible_with([2]):
            raise ValueError("'size' must be a 1-D Tensor of 2 elements: new_height, new_width")
        if preserve_aspect_ratio:
            size = _fitting(images, size)
        new = constant_dims(size) or (None, None)
        if None not in new and tuple(new) == images.dims[1:3]:
            return images if is_batch else array.squeeze(images, axis=[0])
        if method not in _RESIZERS:
            raise ValueError(f"Resize method is not implemented: {method}")
        resized = _RESIZERS[method](images, size, align_corners=align_corners)
        resized.set_shape([None, *new, None])
        return resized if is_batch else array.squeeze(resized, axis=[0])


def _fitting(images, size):
    """The largest size with the aspect of `images` inside `size`, int32 [2]."""
    _, height, width, _ = _lengths(images)
    lengths = [math.cast(n, dtypes.float32) for n in (height, width)]
    scale = math.minimum(
        math.cast(size[0], dtypes.float32) / lengths[0],
        math.cast(size[1], dtypes.float32) / lengths[1],
    )
    rounded = [math.cast(math.round(scale * n), dtypes.int32) for n in lengths]
    return convert_to_tensor(rounded, dtype=dtypes.int32, name="size")


# ---- the whole image -----------------------------------------------------------------------------


def per_image_standardization(image):
    r"""Each image with mean 0 and deviation 1.

    .. math:: \frac{x - \bar x}{\max(\sigma, 1 / \sqrt n)}

    The deviation is taken to be at least that of :math:`n` pixels, for images of one colour.

    Parameters
    ----------
    image : Tensor, real, [..., height, width, channels]

    Returns
    -------
    Tensor, float32
        Of the shape of `image`.

    Raises
    ------
    ValueError
        If `image` has fewer than three axes.
    """
    with name_scope(None, "per_image_standardization", [image]) as scope:
        image = convert_to_tensor(image, name="image")
        if image.dims is not None and len(image.dims) < 3:
            raise ValueError(f"'image' (shape {image.shape}) must be at least three-dimensional.")
        image = math.cast(image, dtypes.float32)
        pixels = math.reduce_prod(array.shape(image)[-3:])
        mean = math.reduce_mean(image, axis=[-1, -2, -3], keepdims=True)
        deviation = math.reduce_std(image, axis=[-1, -2, -3], keepdims=True)
        least = math.rsqrt(math.cast(pixels, dtypes.float32))
        return math.divide(image - mean, math.maximum(deviation, least), name=scope)


def total_variation(images, name=None):
    """The sum of the absolute differences of neighbouring pixels, of each image.

    Parameters
    ----------
    images : Tensor, real, ``[height, width, channels]`` or ``[batch, height, width, channels]``

    Returns
    -------
    Tensor, scalar or [batch]

    Raises
    ------
    ValueError
        If the rank is another.
    """
    with name_scope(name, "total_variation"):
        rank = None if images.dims is None else len(images.dims)
        if rank == 3:
            down = images[1:, :, :] - images[:-1, :, :]
            right = images[:, 1:, :] - images[:, :-1, :]
            axes = None
        elif rank == 4:
            down = images[:, 1:, :, :] - images[:, :-1, :, :]
            right = images[:, :, 1:, :] - images[:, :, :-1, :]
            axes = [1, 2, 3]
        else:
            raise ValueError("'images' must be either 3 or 4-dimensional.")
        return math.reduce_sum(math.abs(down), axis=axes) + math.reduce_sum(
            math.abs(right), axis=axes
        )
