"""Moving elements between space, channels and batch; patches of images."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from graphmode.framework import dtypes, shape_rules
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.dtypes import ANY, INDEX, NUMBERS
from graphmode.framework.errors import invalid
from graphmode.framework.inference import constant_value
from graphmode.framework.op import op
from graphmode.framework.operation import Dims, Operation
from graphmode.ops import array, xp
from graphmode.ops.nn.windows import Windows, check_choice, output_dims
from graphmode.ops.old_names import either

if TYPE_CHECKING:
    from collections.abc import Sequence

_FORMATS = ("NHWC", "NCHW", "NCHW_VECT_C")

# ---- space and depth -----------------------------------------------------------------------------


def _last(values, data_format: str) -> tuple:
    return tuple(values) if data_format == "NHWC" else (values[0], *values[2:], values[1])


def _divided(n, by: int):
    if n is not None and n % by:
        raise ValueError(f"Dimension size must be evenly divisible by {by} but is {n}")
    return None if n is None else n // by


def _scaled(n, by: int):
    return None if n is None else n * by


def _space_depth_dims(op: Operation) -> list[Dims]:
    fmt, block = op.attrs["data_format"], op.attrs["block_size"] = (
        op.attrs["data_format"],
        int(op.attrs["block_size"]),
    )
    check_choice(op.type, "data_format", fmt, _FORMATS)
    if block < 2:
        raise ValueError(
            f"Value for attr 'block_size' of {block} must be at least minimum 2\n\t; NodeDef"
        )
    if fmt == "NCHW_VECT_C":
        raise ValueError("data_format NCHW_VECT_C is for int8 on GPUs only; use 'NHWC' or 'NCHW'")
    n, height, width, depth = _last(shape_rules.with_rank(op.inputs[0].dims, 4), fmt)
    if op.type == "SpaceToDepth":
        dims = n, _divided(height, block), _divided(width, block), _scaled(depth, block * block)
    else:
        dims = n, _scaled(height, block), _scaled(width, block), _divided(depth, block * block)
    return [dims if fmt == "NHWC" else (dims[0], dims[3], *dims[1:3])]


def _check_divisible(op_type: str, what: str, n: int, by: int) -> None:
    if n % by:
        raise invalid(f"{op_type}: the {what} ({n}) must be divisible by {by}")


@op("SpaceToDepth", "T -> T", shape=_space_depth_dims, T=ANY)
def space_to_depth_op(input, *, block_size: int, data_format: str = "NHWC"):
    """The node behind `space_to_depth`."""
    if data_format == "NCHW":
        moved = space_to_depth_op.op_def.kernel(xp.moveaxis(input, 1, -1), block_size=block_size)
        return xp.moveaxis(moved, -1, 1)
    n, height, width, depth = input.shape
    _check_divisible("SpaceToDepth", "height", height, block_size)
    _check_divisible("SpaceToDepth", "width", width, block_size)
    h, w = height // block_size, width // block_size
    split = xp.reshape(input, (n, h, block_size, w, block_size, depth))
    moved = xp.transpose(split, (0, 1, 3, 2, 4, 5))
    return xp.reshape(moved, (n, h, w, depth * block_size**2))


@op("DepthToSpace", "T -> T", shape=_space_depth_dims, T=ANY)
def depth_to_space_op(input, *, block_size: int, data_format: str = "NHWC"):
    """The node behind `depth_to_space`."""
    if data_format == "NCHW":
        moved = depth_to_space_op.op_def.kernel(xp.moveaxis(input, 1, -1), block_size=block_size)
        return xp.moveaxis(moved, -1, 1)
    n, h, w, depth = input.shape
    _check_divisible("DepthToSpace", "depth", depth, block_size**2)
    out = depth // block_size**2
    split = xp.reshape(input, (n, h, w, block_size, block_size, out))
    moved = xp.transpose(split, (0, 1, 3, 2, 4, 5))
    return xp.reshape(moved, (n, h * block_size, w * block_size, out))


def space_to_depth(input, block_size, name=None, data_format="NHWC"):
    """Move blocks of pixels into the channels, rows of the block first.

    Parameters
    ----------
    input : Tensor, of any dtype, [batch, height * b, width * b, channels]
    block_size : int
        b.
    data_format : {"NHWC", "NCHW"}

    Returns
    -------
    Tensor, [batch, height, width, b * b * channels]
        Of the dtype of `input`.

    Raises
    ------
    ValueError
        If height or width is no multiple of `block_size`.

    Notes
    -----
    TF op SpaceToDepth.
    """
    return space_to_depth_op(input, block_size=block_size, data_format=data_format, name=name)


def depth_to_space(input, block_size, name=None, data_format="NHWC"):
    """Move channels into blocks of pixels: the inverse of `space_to_depth`.

    Parameters
    ----------
    input : Tensor, of any dtype, [batch, height, width, b * b * channels]
    block_size : int
        b.
    data_format : {"NHWC", "NCHW"}

    Returns
    -------
    Tensor, [batch, height * b, width * b, channels]
        Of the dtype of `input`.

    Notes
    -----
    TF op DepthToSpace.
    """
    return depth_to_space_op(input, block_size=block_size, data_format=data_format, name=name)


# ---- space and batch -----------------------------------------------------------------------------


def _space_batch_dims(op: Operation) -> list[Dims]:
    dims = op.inputs[0].dims
    block, margins = constant_value(op.inputs[1]), constant_value(op.inputs[2])
    block_dims = op.inputs[1].dims
    if block_dims is not None and len(block_dims) != 1:
        raise ValueError(f"Shape must be rank 1 but is rank {len(block_dims)}")
    n = None if not block_dims else block_dims[0]
    if dims is None:
        return [None]
    if n is None:
        return [(None,) * len(dims)] if len(dims) else [None]
    if len(dims) < n + 1:
        raise ValueError(f"Shape must be at least rank {n + 1} but is rank {len(dims)}")
    to_batch = op.type == "SpaceToBatchND"
    if block is None:
        return [(None,) * (n + 1) + tuple(dims[n + 1 :])]
    if (block < 1).any():
        raise ValueError(f"block_shape must be positive, got {block.tolist()}")
    if margins is not None and (margins < 0).any():
        what = "paddings" if to_batch else "crops"
        raise ValueError(f"{what} cannot be negative, got {margins.tolist()}")
    size = math.prod(int(b) for b in block)
    batch = _scaled(dims[0], size) if to_batch else _divided(dims[0], size)
    space = []
    for i, b in enumerate(int(b) for b in block):
        length = dims[1 + i]
        if margins is None or length is None:
            space.append(None)
        elif to_batch:
            space.append(_divided(length + int(margins[i].sum()), b))
        else:
            rest = length * b - int(margins[i].sum())
            if rest < 0:
                raise ValueError(
                    f"Negative dimension size caused by subtracting {int(margins[i].sum())} from "
                    f"{length * b}"
                )
            space.append(rest)
    return [(batch, *space, *dims[n + 1 :])]


def _block(op_type: str, input, block_shape, margins) -> tuple[list[int], list[list[int]]]:
    block = [int(b) for b in block_shape]
    if np.shape(margins) != (len(block), 2) or min([1, *block]) < 1:
        raise invalid(
            f"{op_type}: for {len(block)} block sizes {block} expected margins of shape "
            f"[{len(block)}, 2], got {np.shape(margins)}"
        )
    if input.ndim < len(block) + 1:
        raise invalid(
            f"{op_type}: input rank should be >= {len(block) + 1} instead of {input.ndim}"
        )
    return block, [[int(a), int(b)] for a, b in margins]


@op(
    "SpaceToBatchND",
    "T, Tblock_shape, Tpaddings -> T",
    shape=_space_batch_dims,
    static=("block_shape", "paddings"),
    T=ANY,
    Tblock_shape=INDEX,
    Tpaddings=INDEX,
)
def _space_to_batch_nd(input, block_shape, paddings):
    block, margins = _block("SpaceToBatchND", input, block_shape, paddings)
    m = len(block)
    rest = input.shape[m + 1 :]
    padded = xp.pad(input, [(0, 0), *margins, *[(0, 0)] * len(rest)])
    split = [padded.shape[0]]
    for i, b in enumerate(block):
        length = padded.shape[1 + i]
        _check_divisible("SpaceToBatchND", f"padded length of axis {i + 1}", length, b)
        split += [length // b, b]
    blocks = xp.reshape(padded, (*split, *rest))
    within = [2 + 2 * i for i in range(m)]
    around = [1 + 2 * i for i in range(m)]
    tail = range(1 + 2 * m, 1 + 2 * m + len(rest))
    moved = xp.transpose(blocks, (*within, 0, *around, *tail))
    return xp.reshape(moved, (-1, *split[1::2], *rest) if padded.size else _empty(split, rest))


def _empty(split, rest):
    return (split[0] * math.prod(split[2::2]), *split[1::2], *rest)


@op(
    "BatchToSpaceND",
    "T, Tblock_shape, Tcrops -> T",
    shape=_space_batch_dims,
    static=("block_shape", "crops"),
    T=ANY,
    Tblock_shape=INDEX,
    Tcrops=INDEX,
)
def _batch_to_space_nd(input, block_shape, crops):
    block, margins = _block("BatchToSpaceND", input, block_shape, crops)
    m = len(block)
    space, rest = input.shape[1 : m + 1], input.shape[m + 1 :]
    size = math.prod(block)
    _check_divisible("BatchToSpaceND", "batch", input.shape[0], size)
    batch = input.shape[0] // size
    blocks = xp.reshape(input, (*block, batch, *space, *rest))
    pairs = [axis for i in range(m) for axis in (m + 1 + i, i)]
    tail = range(2 * m + 1, 2 * m + 1 + len(rest))
    moved = xp.transpose(blocks, (m, *pairs, *tail))
    whole = xp.reshape(moved, (batch, *(n * b for n, b in zip(space, block, strict=True)), *rest))
    cut = tuple(
        slice(low, n * b - high) for n, b, (low, high) in zip(space, block, margins, strict=True)
    )
    return whole[(slice(None), *cut)]


def space_to_batch_nd(input, block_shape, paddings, name=None):
    """Pad `input` with zeros and move blocks of its axes 1, 2, ... into the batch.

    Parameters
    ----------
    input : Tensor, [batch, *space, *rest]
    block_shape : Tensor, int32 or int64, [m]
    paddings : Tensor, int32 or int64, [m, 2]

    Returns
    -------
    Tensor, [batch * prod(block_shape), *padded space / block_shape, *rest]

    Raises
    ------
    ValueError
        If a padded length is no multiple of its block size.
    """
    return _space_to_batch_nd(input, block_shape, paddings, name=name)


def batch_to_space_nd(input, block_shape, crops, name=None):
    """The inverse of `space_to_batch_nd`: blocks from the batch, whose borders are cut off.

    Parameters
    ----------
    input : Tensor, of any dtype, [batch * product of blocks, *space, ...]
    block_shape : Tensor, int32 or int64, [m]
    crops : Tensor, int32 or int64, [m, 2]
        What is cut off at the beginning and the end of each spatial axis.

    Returns
    -------
    Tensor, [batch, *space, ...]
        Of the dtype of `input`.

    Notes
    -----
    TF op BatchToSpaceND.
    """
    return _batch_to_space_nd(input, block_shape, crops, name=name)


def space_to_batch(input, paddings, block_size=None, name=None, block_shape=None):
    """`space_to_batch_nd` of images with one block size for height and width.

    Parameters
    ----------
    input : Tensor, of any dtype, [batch, height, width, channels]
    paddings : Tensor, int32 or int64, [2, 2]
        What is added at the beginning and the end of height and width.
    block_size, block_shape : int
        `block_shape` is the new name.

    Returns
    -------
    Tensor, [batch * b * b, out_height, out_width, channels]
        Of the dtype of `input`.

    Notes
    -----
    TF op SpaceToBatchND.
    """
    block = either("block_shape", block_shape, "block_size", block_size)
    block = np.broadcast_to(np.asarray(block, np.int64), (2,))
    result = space_to_batch_nd(input, block, paddings, name)
    result.set_shape([None] * 4)
    return result


def batch_to_space(input, crops, block_size, name=None, block_shape=None):
    """`batch_to_space_nd` of images with one block size for height and width.

    Parameters
    ----------
    input : Tensor, of any dtype, [batch * b * b, height, width, channels]
    crops : Tensor, int32 or int64, [2, 2]
        What is cut off at the beginning and the end of height and width.
    block_size, block_shape : int
        b. `block_shape` is the new name.

    Returns
    -------
    Tensor, [batch, out_height, out_width, channels]
        Of the dtype of `input`.

    Notes
    -----
    TF op BatchToSpaceND.
    """
    block = either("block_shape", block_shape, "block_size", block_size)
    block = np.broadcast_to(np.asarray(block, np.int64), (2,))
    result = batch_to_space_nd(input, block, crops, name)
    result.set_shape([None] * 4)
    return result


def required_space_to_batch_paddings(input_shape, block_shape, base_paddings=None, name=None):
    """The paddings that make each length a multiple of its block, and the crops that undo them.

    Parameters
    ----------
    input_shape, block_shape : int32, [m]
        The number of blocks must be known.
    base_paddings : int32, [m, 2], optional
        At least this padding.

    Returns
    -------
    paddings, crops : Tensor, int32, [m, 2]

    Raises
    ------
    ValueError
        If the number of blocks is not known.
    """
    with name_scope(name, "required_space_to_batch_paddings", [input_shape, block_shape]):
        sizes = convert_to_tensor(input_shape, dtype=dtypes.int32, name="input_shape")
        block = convert_to_tensor(block_shape, dtype=dtypes.int32, name="block_shape")
        n = block.shape.as_list()[0]
        if n is None:
            raise ValueError("the number of block sizes must be known")
        if base_paddings is None:
            base_paddings = np.zeros((n, 2), np.int32)
        base = convert_to_tensor(base_paddings, dtype=dtypes.int32, name="base_paddings")
        known = [constant_value(t) for t in (sizes, block, base)]
        if all(value is not None for value in known):
            sizes, block, base = known
        start, end = base[:, 0], base[:, 1]
        extra = (block - (sizes + start + end) % block) % block
        end = end + extra
        paddings = array.stack([[start[i], end[i]] for i in range(n)], name="paddings")
        crops = array.stack([[0, extra[i]] for i in range(n)], name="crops")
        return paddings, crops


# ---- patches -------------------------------------------------------------------------------------


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
    return [(n, height, width, _scaled(dims[-1], math.prod(attrs["ksizes"][1:3])))]


@op("ExtractImagePatches", "T -> T", shape=_patches_dims, T=NUMBERS | {dtypes.bool})
def extract_image_patches_op(
    images, *, ksizes: Sequence[int], strides: Sequence[int], rates: Sequence[int], padding: str
):
    """The node behind `extract_image_patches`."""
    windows = Windows.over(images.shape, ksizes, strides, padding, (), rates)
    return xp.concatenate(windows.parts(images, 0), axis=-1)


def _patches_gradient_dims(op: Operation) -> list[Dims]:
    return [op.inputs[0].dims]


@op(
    "ExtractImagePatchesGrad",
    "T, T -> T",
    shape=_patches_gradient_dims,
    T=NUMBERS,
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
    images, ksizes=None, strides=None, rates=None, padding=None, name=None, sizes=None
):
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
