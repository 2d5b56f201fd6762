"""Patches of images."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from graphmode.framework import dtypes, shape_rules
from graphmode.framework.dtypes import NUMBERS
from graphmode.framework.op import op
from graphmode.framework.operation import Dims, Operation
from graphmode.ops import array, xp
from graphmode.ops.array import ranges
from graphmode.ops.math.unsorted_segment import unsorted_segment_sum
from graphmode.ops.nn.space_depth import scaled
from graphmode.ops.nn.windows import Windows, check_choice, output_dims
from graphmode.ops.old_names import either

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphmode.framework.operation import Tensor


def _patches_dims(op: Operation) -> list[Dims]:
    attrs = op.attrs
    check_choice(op.type, "padding", attrs["padding"], ("SAME", "VALID"))
    for name in ("ksizes", "strides", "rates"):
        if len(attrs[name]) != 4:
            raise ValueError(
                f"ExtractImagePatches requires the {name} attribute to contain 4 values, but got: "
                f"{len(attrs[name])}"
            )
    dims = shape_rules.with_rank(op.inputs[0].dims, 4)
    n, height, width, _ = output_dims(
        dims, attrs["ksizes"], attrs["strides"], attrs["padding"], (), attrs["rates"]
    )
    return [(n, height, width, scaled(dims[-1], math.prod(attrs["ksizes"][1:3])))]


@op("ExtractImagePatches", "T -> patches: T", shape=_patches_dims, T=NUMBERS | {dtypes.bool})
def extract_image_patches_op(
    images, *, ksizes: Sequence[int], strides: Sequence[int], rates: Sequence[int], padding: str
):
    """The node behind `extract_image_patches`."""
    windows = Windows.over(images.shape, ksizes, strides, padding, (), rates)
    return xp.concatenate(windows.parts(images, 0), axis=-1)


def _patches_gradient_dims(op: Operation) -> list[Dims]:
    return [op.inputs[0].dims]


def _spread_by_index(
    op: Operation, images: Tensor, grad: Tensor, *, ksizes: Sequence[int], strides: Sequence[int],
    rates: Sequence[int], padding: str,
) -> Tensor:  # fmt: skip
    """What ExtractImagePatchesGrad gives: each entry added to the pixel that it was taken from."""
    shape = array.shape(images)
    height, width, depth = shape[1], shape[2], shape[3]
    pixels = array.reshape(ranges.range(1, height * width + 1), [1, height, width, 1])
    taken = extract_image_patches_op(
        pixels, ksizes=ksizes, strides=strides, rates=rates, padding=padding
    )  # 0 for what is not there
    entries = array.reshape(grad, [shape[0], -1, depth])
    entries = array.reshape(array.transpose(entries, [1, 0, 2]), [-1, shape[0] * depth])
    sums = unsorted_segment_sum(entries, array.reshape(taken, [-1]), height * width + 1)
    by_pixel = array.reshape(sums[1:], [height, width, shape[0], depth])
    return array.transpose(by_pixel, [2, 0, 1, 3])


@op(
    "ExtractImagePatchesGrad",
    "T, T -> T",
    shape=_patches_gradient_dims,
    T=NUMBERS,
    written=_spread_by_index,
    differs="graphmode's own: TensorFlow adds the parts up by unsorted_segment_sum",
)
def extract_image_patches_grad(
    images,
    grad,
    *,
    ksizes: Sequence[int],
    strides: Sequence[int],
    rates: Sequence[int],
    padding: str,
):
    """Each patch's gradient added to where it was taken from."""
    windows = Windows.over(images.shape, ksizes, strides, padding, (), rates)
    n = math.prod(windows.window)
    return windows.spread(xp.split(grad, n, axis=-1), grad.dtype)


def extract_image_patches(
    images: Any,
    ksizes: Any = None,
    strides: Any = None,
    rates: Any = None,
    padding: str | None = None,
    name: str | None = None,
    sizes: Any = None,
) -> Tensor:
    """Patches of images, put into the channels.

    Parameters
    ----------
    images : Tensor, numeric, [batch, height, width, channels]
    ksizes, strides, rates, sizes : sequence of 4 int
        ``[1, rows, columns, 1]``: the size of a patch, the steps between patches, the steps
        between the elements of a patch. `sizes` is another name of `ksizes`.
    padding : {"SAME", "VALID"}

    Returns
    -------
    Tensor, [batch, rows out, columns out, rows * columns * channels]

    Notes
    -----
    TF op ExtractImagePatches.
    """
    return extract_image_patches_op(
        images,
        ksizes=[int(k) for k in either("sizes", sizes, "ksizes", ksizes)],
        strides=[int(s) for s in strides],
        rates=[int(r) for r in rates],
        padding=padding,
        name=name,
    )
