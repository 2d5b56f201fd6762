"""Gradient rules of resizing; none flows through boxes and glimpses."""

from __future__ import annotations

from graphmode.autodiff.registry import STOPS, register
from graphmode.framework import dtypes
from graphmode.framework.dtypes import FLOATS
from graphmode.ops import array
from graphmode.ops.image.resize import (
    resize_bicubic_grad_op,
    resize_bicubic_op,
    resize_bilinear_grad_op,
    resize_bilinear_op,
    resize_nearest_neighbor_grad_op,
    resize_nearest_neighbor_op,
)


def _corners(op) -> dict[str, bool]:
    return {key: op.attrs[key] for key in ("align_corners", "half_pixel_centers")}


def _bilinear_grad(op, dy):
    images = op.inputs[0]
    if images.dtype not in FLOATS:
        return [None, None]
    return [resize_bilinear_grad_op(dy, images, **_corners(op)), None]


def _bilinear_second(op, ddy):
    size = _spatial_lengths(op.inputs[0])
    return [resize_bilinear_op(ddy, size, **_corners(op)), None]


def _bicubic_grad(op, dy):
    images = op.inputs[0]
    if images.dtype not in (dtypes.float32, dtypes.float64):
        return [None, None]
    return [resize_bicubic_grad_op(dy, images, **_corners(op)), None]


def _bicubic_second(op, ddy):
    size = _spatial_lengths(op.inputs[0])
    return [resize_bicubic_op(ddy, size, **_corners(op)), None]


def _nearest_grad(op, dy):
    size = _spatial_lengths(op.inputs[0])
    return [resize_nearest_neighbor_grad_op(dy, size, **_corners(op)), None]


def _nearest_second(op, ddy):
    size = _spatial_lengths(op.inputs[0])
    return [resize_nearest_neighbor_op(ddy, size, **_corners(op)), None]


def _spatial_lengths(images):
    """Height and width of a batch of images: numbers if known, else a tensor."""
    if images.dims is not None and None not in images.dims[1:3]:
        return list(images.dims[1:3])
    return array.shape(images)[1:3]


register(
    {
        "ResizeBilinear": _bilinear_grad,
        "ResizeBilinearGrad": _bilinear_second,
        "ResizeBicubic": _bicubic_grad,
        "ResizeBicubicGrad": _bicubic_second,
        "ResizeNearestNeighbor": _nearest_grad,
        "ResizeNearestNeighborGrad": _nearest_second,
        "CombinedNonMaxSuppression": STOPS,
        "DrawBoundingBoxesV2": STOPS,
        "ExtractGlimpse": STOPS,
        "NonMaxSuppressionV3": STOPS,
        "NonMaxSuppressionV4": STOPS,
        "NonMaxSuppressionV5": STOPS,
        "NonMaxSuppressionWithOverlaps": STOPS,
        "SampleDistortedBoundingBoxV2": STOPS,
    }
)
