"""Elements moved between space and channels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.framework import shape_rules
from graphmode.framework.dtypes import ANY
from graphmode.framework.errors import invalid
from graphmode.framework.op import op
from graphmode.framework.operation import Dims, Operation
from graphmode.ops import xp
from graphmode.ops.nn.windows import check_choice

if TYPE_CHECKING:
    from graphmode.framework.operation import Tensor

_FORMATS = ("NHWC", "NCHW", "NCHW_VECT_C")


def _last(values, data_format: str) -> tuple[Any, ...]:
    return tuple(values) if data_format == "NHWC" else (values[0], *values[2:], values[1])


def divided(n, by: int):
    """The static length `n` over `by`; a ValueError if that is no whole number."""
    if n is not None and n % by:
        raise ValueError(f"Dimension size must be evenly divisible by {by} but is {n}")
    return None if n is None else n // by


def scaled(n, by: int):
    """The static length `n` times `by`."""
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
        dims = n, divided(height, block), divided(width, block), scaled(depth, block * block)
    else:
        dims = n, scaled(height, block), scaled(width, block), divided(depth, block * block)
    return [dims if fmt == "NHWC" else (dims[0], dims[3], *dims[1:3])]


def check_divisible(op_type: str, what: str, n: int, by: int) -> None:
    """InvalidArgumentError unless `by` divides the length `n`, which is called `what`."""
    if n % by:
        raise invalid(f"{op_type}: the {what} ({n}) must be divisible by {by}")


@op("SpaceToDepth", "T -> T", shape=_space_depth_dims, T=ANY)
def space_to_depth_op(input, *, block_size: int, data_format: str = "NHWC"):
    """The node behind `space_to_depth`."""
    if data_format == "NCHW":
        moved = space_to_depth_op.op_def.kernel(xp.moveaxis(input, 1, -1), block_size=block_size)
        return xp.moveaxis(moved, -1, 1)
    n, height, width, depth = input.shape
    check_divisible("SpaceToDepth", "height", height, block_size)
    check_divisible("SpaceToDepth", "width", width, block_size)
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
    check_divisible("DepthToSpace", "depth", depth, block_size**2)
    out = depth // block_size**2
    split = xp.reshape(input, (n, h, w, block_size, block_size, out))
    moved = xp.transpose(split, (0, 1, 3, 2, 4, 5))
    return xp.reshape(moved, (n, h * block_size, w * block_size, out))


def space_to_depth(
    input: Any, block_size: int, name: str | None = None, data_format: str = "NHWC"
) -> Tensor:
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


def depth_to_space(
    input: Any, block_size: int, name: str | None = None, data_format: str = "NHWC"
) -> Tensor:
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
