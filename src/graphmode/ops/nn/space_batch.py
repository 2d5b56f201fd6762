"""Elements moved between space and batch."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import dtypes, shape_rules
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.dtypes import ANY, INDEX
from graphmode.framework.errors import invalid
from graphmode.framework.inference import constant_value
from graphmode.framework.op import op
from graphmode.framework.operation import Dims, Operation
from graphmode.ops import array, xp
from graphmode.ops.nn.space_depth import check_divisible, divided, scaled
from graphmode.ops.old_names import either

if TYPE_CHECKING:
    from graphmode.framework.operation import Tensor


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
    margin_dims = op.inputs[2].dims
    if margin_dims is not None:
        shape_rules.merge(margin_dims, (n, 2))
    to_batch = op.type == "SpaceToBatchND"
    if block is None:
        return [(None,) * (n + 1) + tuple(dims[n + 1 :])]
    if (block < 1).any():
        raise ValueError(f"block_shape must be positive, got {block.tolist()}")
    if margins is not None and (margins < 0).any():
        what = "paddings" if to_batch else "crops"
        raise ValueError(f"{what} cannot be negative, got {margins.tolist()}")
    size = math.prod(int(b) for b in block)
    batch = scaled(dims[0], size) if to_batch else divided(dims[0], size)
    space: list[Any] = []
    for i, b in enumerate(int(b) for b in block):
        length = dims[1 + i]
        if margins is None or length is None:
            space.append(None)
        elif to_batch:
            space.append(divided(length + int(margins[i].sum()), b))
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
        check_divisible("SpaceToBatchND", f"padded length of axis {i + 1}", length, b)
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
    check_divisible("BatchToSpaceND", "batch", input.shape[0], size)
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


def space_to_batch_nd(
    input: Any, block_shape: Any, paddings: Any, name: str | None = None
) -> Tensor:
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


def batch_to_space_nd(input: Any, block_shape: Any, crops: Any, name: str | None = None) -> Tensor:
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


def space_to_batch(
    input: Any,
    paddings: Any,
    block_size: int | None = None,
    name: str | None = None,
    block_shape: int | None = None,
) -> Tensor:
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


def batch_to_space(
    input: Any, crops: Any, block_size: int, name: str | None = None, block_shape: int | None = None
) -> Tensor:
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


def required_space_to_batch_paddings(
    input_shape: Any, block_shape: Any, base_paddings: Any = None, name: str | None = None
) -> tuple[Tensor, Tensor]:
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
        known: list[Any] = [constant_value(t) for t in (sizes, block, base)]
        if all(value is not None for value in known):
            sizes, block, base = known
        start, end = base[:, 0], base[:, 1]
        extra = (block - (sizes + start + end) % block) % block
        end = end + extra
        paddings = array.stack([[start[i], end[i]] for i in range(n)], name="paddings")
        crops = array.stack([[0, extra[i]] for i in range(n)], name="crops")
        return paddings, crops
