"""Resizing of images with the corner conventions of TensorFlow 1.

Every method is linear and separable: an output row is a weighted sum of input rows. `_taps` says
of which rows and with which weights; the gradient multiplies by the transposed weights.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import dtypes, shape_rules
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.dtypes import REALS
from graphmode.framework.errors import invalid
from graphmode.framework.inference import constant_dims
from graphmode.framework.op import op
from graphmode.ops import array, math, xp
from graphmode.ops.image.batches import as_batch, lengths_of

if TYPE_CHECKING:
    from graphmode.framework.operation import Tensor

_IMAGES = REALS - {dtypes.uint32, dtypes.uint64}
_DECIMALS = frozenset((dtypes.bfloat16, dtypes.float16, dtypes.float32, dtypes.float64))
_TABLE = 1024
"""Bicubic weights are looked up at this many places between two pixels, as TensorFlow does."""


def _scale(n_in: int, n_out: int, align_corners: bool) -> np.float32:
    if align_corners and n_out > 1:
        return np.float32(n_in - 1) / np.float32(n_out - 1)
    return np.float32(n_in) / np.float32(n_out)


def _taps(method: str, n_in: int, n_out: int, align_corners: bool, half_pixel: bool):
    """The input positions of each output position, and their weights: two ``[n_out, taps]``."""
    scale = _scale(n_in, n_out, align_corners)
    place = np.arange(n_out, dtype=np.float32)
    if method == "area":
        return _area_taps(n_in, place, scale)
    centre = (place + np.float32(0.5)) * scale if half_pixel else place * scale
    if method == "nearest":
        index = np.floor(centre + np.float32(0.5)) if align_corners else np.floor(centre)
        return index.astype(np.int64).clip(0, n_in - 1)[:, None], np.ones((n_out, 1), np.float32)
    if half_pixel:
        centre = centre - np.float32(0.5)
    low = np.floor(centre).astype(np.int64)
    rest = centre - np.floor(centre)
    if method == "bilinear":
        index = np.stack([low.clip(0), np.minimum(np.ceil(centre).astype(np.int64), n_in - 1)], 1)
        return index.clip(0, n_in - 1), np.stack([1 - rest, rest], 1)
    return _cubic_taps(n_in, low, rest, half_pixel)


def _cubic_taps(n_in: int, low, rest, half_pixel: bool):
    a = -0.5 if half_pixel else -0.75
    x = np.rint(rest * _TABLE).astype(np.float64) / _TABLE
    near = ((a + 2) * x - (a + 3)) * x * x + 1
    y = 1 - x
    near_right = ((a + 2) * y - (a + 3)) * y * y + 1
    far = ((a * (x + 1) - 5 * a) * (x + 1) + 8 * a) * (x + 1) - 4 * a
    far_right = ((a * (y + 1) - 5 * a) * (y + 1) + 8 * a) * (y + 1) - 4 * a
    weights = np.stack([far, near, near_right, far_right], 1).astype(np.float32)
    index = low[:, None] + np.arange(-1, 3)
    inside = index.clip(0, n_in - 1)
    if half_pixel:
        weights = np.where(inside == index, weights, 0)
        total = weights.sum(1, keepdims=True)
        weights = weights / np.where(np.abs(total) < 1e-6, 1, total)
    return inside, weights.astype(np.float32)


def _area_taps(n_in: int, place, scale: np.float32):
    begin, end = place * scale, (place + 1) * scale
    first = np.floor(begin).astype(np.int64)
    width = int((np.ceil(end).astype(np.int64) - first).max(initial=1))
    index = first[:, None] + np.arange(width)
    covered = np.minimum(index + 1, end[:, None]) - np.maximum(index, begin[:, None])
    return index.clip(0, n_in - 1), (covered.clip(0) / scale).astype(np.float32)


def _along(values, axis: int, index, weights):
    """The weighted sums of `values` along `axis`, float32."""
    before, n, behind = values.shape[:axis], len(index), values.shape[axis + 1 :]
    if axis == 2 and not xp.is_traced(values):
        # Columns and channels are one axis: NumPy is slow in loops over three numbers.
        depth = behind[0]
        index = (index[:, None] * depth + np.arange(depth)[:, None]).reshape(n * depth, -1)
        weights = np.repeat(weights, depth, axis=0)
        values = values.reshape(*before, -1)
    shape = [1] * values.ndim
    shape[axis] = -1
    total: Any = None
    for tap in range(index.shape[1]):
        rows = xp.take(values, index[:, tap], axis=axis)
        rows *= weights[:, tap].reshape(shape)
        if total is None:
            total = rows
        else:
            total += rows
    return total.reshape(*before, n, *behind)


def _transposed(gradients, axis: int, index, weights, n_in: int):
    """The gradient of `_along`: ``[..., n_out, ...] -> [..., n_in, ...]``."""
    matrix = np.zeros((n_in, len(index)), weights.dtype)
    np.add.at(matrix, (index, np.arange(len(index))[:, None]), weights)
    moved = xp.tensordot(gradients, matrix.astype(gradients.dtype), axes=([axis], [1]))
    return xp.moveaxis(moved, -1, axis)


def _sizes(images, size):
    height, width = (int(n) for n in size)
    if height <= 0 or width <= 0:
        raise invalid("output dimensions must be positive")
    if 0 in images.shape[1:3]:
        raise invalid("input image must be of non-zero size")
    if not images.shape[3]:
        raise invalid("image must have at least one channel")
    return height, width


def _resized(method: str, images, size, align_corners: bool, half_pixel_centers: bool):
    lengths = _sizes(images, size)
    if half_pixel_centers and align_corners:
        raise invalid("If half_pixel_centers is True, align_corners must be False.")
    values = images if method == "nearest" else xp.astype(images, np.dtype(np.float32))
    for axis, n_out in zip((1, 2), lengths, strict=True):
        index, weights = _taps(method, images.shape[axis], n_out, align_corners, half_pixel_centers)
        if method == "nearest":
            values = xp.take(values, index[:, 0], axis=axis)
        else:
            values = _along(values, axis, index, weights)
    return values


def _pulled_back(method: str, gradients, lengths, dtype, align_corners, half_pixel_centers):
    wide = np.dtype(np.float64 if dtype == np.float64 else np.float32)
    values = xp.astype(gradients, wide)
    for axis, n_in in zip((1, 2), lengths, strict=True):
        n_out = gradients.shape[axis]
        taps = _taps(method, n_in, n_out, align_corners, half_pixel_centers)
        values = _transposed(values, axis, *taps, n_in)
    if np.dtype(dtype).kind in "iu":
        values = xp.rint(values)
    return xp.astype(values, np.dtype(dtype))


def _resized_shape(op):
    batch, _, _, channels = shape_rules.with_rank(op.inputs[0].dims, 4)
    shape_rules.with_rank(op.inputs[1].dims, 1)
    size = constant_dims(op.inputs[1])
    if size is not None and len(size) != 2:
        raise ValueError(f"Dimension must be 2 but is {len(size)}")
    return [(batch, *(size or (None, None)), channels)]


def _define_grad(op_type: str, method: str):
    @op(
        op_type,
        "float32, T -> T",
        shape=shape_rules.from_input(1),
        T=_DECIMALS,
    )
    def kernel(
        grads, original_image, *, align_corners: bool = False, half_pixel_centers: bool = False
    ):
        """The gradient of the images of an op that resizes."""
        return _pulled_back(
            method, grads, original_image.shape[1:3], original_image.dtype, align_corners,
            half_pixel_centers,
        )  # fmt: skip

    return kernel


def _define(op_type: str, method: str):
    @op(
        op_type,
        "T, int32 -> resized_images: float32",
        shape=_resized_shape,
        static=("size",),
        T=_IMAGES,
    )
    def kernel(images, size, *, align_corners: bool = False, half_pixel_centers: bool = False):
        """The op behind a function that resizes."""
        return _resized(method, images, size, align_corners, half_pixel_centers)

    return kernel


resize_bilinear_grad_op = _define_grad("ResizeBilinearGrad", "bilinear")
resize_bilinear_op = _define("ResizeBilinear", "bilinear")
resize_bicubic_grad_op = _define_grad("ResizeBicubicGrad", "bicubic")
resize_bicubic_op = _define("ResizeBicubic", "bicubic")


@op(
    "ResizeArea",
    "T, int32 -> resized_images: float32",
    shape=_resized_shape,
    static=("size",),
    T=_IMAGES,
)
def _resize_area(images, size, *, align_corners: bool = False):
    return _resized("area", images, size, align_corners, False)


@op(
    "ResizeNearestNeighborGrad",
    "T, int32 -> T",
    shape=_resized_shape,
    static=("size",),
    T=_DECIMALS | {dtypes.uint8, dtypes.int8, dtypes.int32},
)
def resize_nearest_neighbor_grad_op(
    grads, size, *, align_corners: bool = False, half_pixel_centers: bool = False
):
    """The gradient of the images of `resize_nearest_neighbor`."""
    lengths = [int(n) for n in size]
    return _pulled_back("nearest", grads, lengths, grads.dtype, align_corners, half_pixel_centers)


@op(
    "ResizeNearestNeighbor",
    "T, int32 -> resized_images: T",
    shape=_resized_shape,
    static=("size",),
    T=_IMAGES,
)
def resize_nearest_neighbor_op(
    images, size, *, align_corners: bool = False, half_pixel_centers: bool = False
):
    """The op behind `resize_nearest_neighbor`."""
    return _resized("nearest", images, size, align_corners, half_pixel_centers)


# ---- the public functions ------------------------------------------------------------------------


def resize_bilinear(
    images: Any,
    size: Any,
    align_corners: bool = False,
    name: str | None = None,
    half_pixel_centers: bool = False,
) -> Tensor:
    """Images ``[batch, height, width, channels]`` resized to `size`, interpolating linearly.

    Parameters
    ----------
    images : Tensor, real, 4-D
    size : int32 [2]
        The new height and width.
    align_corners : bool
        Corner pixels keep their places: the scale is ``(in - 1) / (out - 1)``, not ``in / out``.
    half_pixel_centers : bool
        Pixels are squares and not points: the convention of TensorFlow 2.

    Returns
    -------
    Tensor, float32

    Raises
    ------
    InvalidArgumentError
        When it runs, if a length is not positive.
    """
    return resize_bilinear_op(
        images, size, align_corners=align_corners, half_pixel_centers=half_pixel_centers, name=name
    )


def resize_nearest_neighbor(
    images: Any,
    size: Any,
    align_corners: bool = False,
    name: str | None = None,
    half_pixel_centers: bool = False,
) -> Tensor:
    """Images in another size, each pixel a copy of the nearest one.

    Parameters
    ----------
    images : Tensor, real, [batch, height, width, channels]
    size : Tensor, int32, [2]
        The new height and width.
    align_corners : bool
        Keep the middles of the pixels in the corners where they are.
    half_pixel_centers : bool
        Count places from the middles of pixels, not from their corners.

    Returns
    -------
    Tensor, [batch, *size, channels]
        Of the dtype of `images`.

    Notes
    -----
    TF op ResizeNearestNeighbor.
    """
    return resize_nearest_neighbor_op(
        images, size, align_corners=align_corners, half_pixel_centers=half_pixel_centers, name=name
    )


def resize_bicubic(
    images: Any,
    size: Any,
    align_corners: bool = False,
    name: str | None = None,
    half_pixel_centers: bool = False,
) -> Tensor:
    """Images in another size, by cubic interpolation of four by four pixels.

    Parameters
    ----------
    images : Tensor, real, [batch, height, width, channels]
    size : Tensor, int32, [2]
        The new height and width.
    align_corners : bool
        Keep the middles of the pixels in the corners where they are.
    half_pixel_centers : bool
        Count places from the middles of pixels, not from their corners.

    Returns
    -------
    Tensor, float32, [batch, *size, channels]

    Notes
    -----
    Keys, "Cubic convolution interpolation for digital image processing", 1981, with a = -0.75;
    with `half_pixel_centers`, a = -0.5 and no weight outside.

    TF op ResizeBicubic.
    """
    return resize_bicubic_op(
        images, size, align_corners=align_corners, half_pixel_centers=half_pixel_centers, name=name
    )


def resize_area(
    images: Any, size: Any, align_corners: bool = False, name: str | None = None
) -> Tensor:
    """Images in another size, each pixel the mean of the area that it covers.

    Parameters
    ----------
    images : Tensor, real, [batch, height, width, channels]
    size : Tensor, int32, [2]
        The new height and width.
    align_corners : bool
        Keep the middles of the pixels in the corners where they are.

    Returns
    -------
    Tensor, float32, [batch, *size, channels]

    Notes
    -----
    TF op ResizeArea.
    """
    return _resize_area(images, size, align_corners=align_corners, name=name)


# ---- any of them ---------------------------------------------------------------------------------


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


def resize_images(
    images: Any,
    size: Any,
    method: Any = ResizeMethod.BILINEAR,
    align_corners: bool = False,
    preserve_aspect_ratio: bool = False,
    name: str | None = None,
) -> Tensor:
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
        images, is_batch = as_batch(images)
        try:
            size = convert_to_tensor(size, dtype=dtypes.int32, name="size")
        except (TypeError, ValueError):
            raise ValueError("'size' must be a 1-D int32 Tensor") from None
        if not size.shape.is_compatible_with([2]):
            raise ValueError("'size' must be a 1-D Tensor of 2 elements: new_height, new_width")
        if preserve_aspect_ratio:
            size = _fitting(images, size)
        new = constant_dims(size) or (None, None)
        if not preserve_aspect_ratio and None not in new and tuple(new) == images.dims[1:3]:
            return images if is_batch else array.squeeze(images, axis=[0])
        if method not in _RESIZERS:
            raise ValueError(f"Resize method is not implemented: {method}")
        resized = _RESIZERS[method](images, size, align_corners=align_corners)
        resized.set_shape([None, *new, None])
        return resized if is_batch else array.squeeze(resized, axis=[0])


def _fitting(images, size):
    """The largest size with the aspect of `images` inside `size`, int32 [2]."""
    _, height, width, _ = lengths_of(images)
    lengths = [math.cast(n, dtypes.float32) for n in (height, width)]
    scale = math.minimum(
        math.cast(size[0], dtypes.float32) / lengths[0],
        math.cast(size[1], dtypes.float32) / lengths[1],
    )
    rounded = [math.cast(math.round(scale * n), dtypes.int32) for n in lengths]
    return convert_to_tensor(rounded, dtype=dtypes.int32, name="size")
