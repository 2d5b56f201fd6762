"""Elements moved between space and channels; the axes of one data format in another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import shape_rules
from graphmode.framework.dtypes import ANY, INDEX
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


def _check_formats(src_format: str, dst_format: str) -> None:
    """Refuse formats that are not one another's axes in another order."""
    for what, key, letters in (
        ("Source", "src_format", src_format),
        ("Destination", "dst_format", dst_format),
    ):
        if len(letters) not in (4, 5):
            raise invalid(f"{what} format must be of length 4 or 5, received {key} = {letters}")
    if sorted(src_format) != sorted(dst_format) or len({*src_format}) < len(src_format):
        raise invalid(
            "Destination and source format must determine a permutation, "
            f"got {src_format} and {dst_format}"
        )


@op("DataFormatDimMap", "T -> y: T", shape=shape_rules.unchanged, T=INDEX)
def data_format_dim_map(x, *, src_format: str = "NHWC", dst_format: str = "NCHW"):
    """Where the axes `x` of `src_format` are in `dst_format`.

    Parameters
    ----------
    x : Tensor, int32 or int64
        Axes; negative ones count from the end.
    src_format, dst_format : str
        Four or five different letters, one for each axis, in two orders.

    Returns
    -------
    Tensor
        Of the shape and dtype of `x`, not negative.

    Raises
    ------
    InvalidArgumentError
        If the letters are not the same, or are too few or too many.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default(), tf.Session() as sess:
    ...     print(sess.run(data_format_dim_map([1, -1], src_format="NHWC", dst_format="NCHW")))
    [2 1]

    Notes
    -----
    TF op DataFormatDimMap.
    """
    _check_formats(src_format, dst_format)
    places = np.array([dst_format.index(letter) for letter in src_format], x.dtype)
    return xp.take(places, x % len(places))


@op("DataFormatVecPermute", "T -> y: T", shape=shape_rules.unchanged, T=INDEX)
def data_format_vec_permute(x, *, src_format: str = "NHWC", dst_format: str = "NCHW"):
    """What `x` says of each axis of `src_format`, in the order of `dst_format`.

    Parameters
    ----------
    x : Tensor, int32 or int64
        A number for each axis, or two: ``[n]`` or ``[n, 2]``.
    src_format, dst_format : str
        Four or five different letters, one for each axis, in two orders.

    Returns
    -------
    Tensor
        Of the shape and dtype of `x`.

    Raises
    ------
    InvalidArgumentError
        If the letters are not the same, or are too few or too many, or `x` has another shape.

    Notes
    -----
    TF op DataFormatVecPermute, whose `x` is for four axes always in TensorFlow 1.15.
    """
    _check_formats(src_format, dst_format)
    n, shape = len(src_format), shape_rules.dims_text(x.shape)
    if x.ndim not in (1, 2):
        raise invalid(f"input must be a vector or 2D tensor, but got shape {shape}")
    if x.shape[0] != n:
        which = "1D input" if x.ndim == 1 else "First dimension of 2D input"
        raise invalid(f"{which} must be of size {n}, but got shape {shape}")
    if x.ndim == 2 and x.shape[1] != 2:
        raise invalid(f"Second dimension of 2D input must be of size 2, but got shape {shape}")
    return x[np.array([src_format.index(letter) for letter in dst_format])]
