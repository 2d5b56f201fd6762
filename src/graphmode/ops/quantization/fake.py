"""Numbers as they would be in few bits: the rounding of quantized networks, in training."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from graphmode.framework import shape_rules
from graphmode.framework.errors import invalid
from graphmode.framework.op import op
from graphmode.ops import xp


def _nudged(low: Any, high: Any, num_bits: int, narrow_range: bool):
    """The bounds moved so that 0 is one of the steps, and the length of a step; float32."""
    first, last = np.float32(1 if narrow_range else 0), np.float32(2**num_bits - 1)
    low, high = xp.asarray(low, np.float32), xp.asarray(high, np.float32)
    scale = (high - low) / (last - first)
    zero = first - low / scale
    # Half away from zero, as C rounds.
    inner = xp.floor(zero + np.float32(0.5))
    point = xp.where(zero < first, first, xp.where(zero > last, last, inner))
    return (first - point) * scale, (last - point) * scale, scale


def _quantized(x: Any, low: Any, high: Any, num_bits: int, narrow_range: bool):
    bottom, top, scale = _nudged(low, high, num_bits, narrow_range)
    inside = xp.minimum(xp.maximum(x, bottom), top)
    steps = xp.floor((inside - bottom) / scale + np.float32(0.5))
    return steps * scale + bottom


def _check_bits(num_bits: int) -> None:
    if not 2 <= num_bits <= 16:
        raise ValueError(f"num_bits must be between 2 and 16, inclusive, but is {num_bits}")


def _is_inside(x: Any, low: Any, high: Any, num_bits: int, narrow_range: bool):
    bottom, top, _ = _nudged(low, high, num_bits, narrow_range)
    return (x >= bottom) & (x <= top)


# ---- bounds that are numbers ---------------------------------------------------------------------


def _args_shape(op):
    _check_bits(op.attrs["num_bits"])
    if op.attrs["min"] >= op.attrs["max"]:
        raise ValueError(f"min has to be smaller than max, was: {op.attrs['min']} >= "
                         f"{op.attrs['max']}")  # fmt: skip
    return [functools.reduce(shape_rules.merge, [tensor.dims for tensor in op.inputs])]


@op(
    "FakeQuantWithMinMaxArgs",
    "float32 -> outputs: float32",
    name="FakeQuantWithMinMaxArgs",
    shape=_args_shape,
)
def fake_quant_with_min_max_args(
    inputs, *, min: float = -6.0, max: float = 6.0, num_bits: int = 8, narrow_range: bool = False
):
    """`inputs`, rounded to one of ``2 ** num_bits`` steps from `min` to `max`, one of which is 0.

    Parameters
    ----------
    inputs : Tensor, float32, of any shape
    min, max : float
        Moved a little, so that 0 is a step.
    num_bits : int
        2 to 16.
    narrow_range : bool
        Leave the lowest step out.

    Returns
    -------
    Tensor, float32, of the same shape

    Raises
    ------
    ValueError
        If `min` is not below `max`, or for another number of bits.

    Notes
    -----
    TF op FakeQuantWithMinMaxArgs. Its gradient passes inside of the bounds.
    """
    return _quantized(inputs, min, max, num_bits, narrow_range)


@op(
    "FakeQuantWithMinMaxArgsGradient",
    "float32, float32 -> backprops: float32",
    name="FakeQuantWithMinMaxArgsGradient",
    shape=_args_shape,
)
def fake_quant_with_min_max_args_gradient(
    gradients,
    inputs,
    *,
    min: float = -6.0,
    max: float = 6.0,
    num_bits: int = 8,
    narrow_range: bool = False,
):
    """The gradient of `fake_quant_with_min_max_args`: `gradients` where `inputs` are inside.

    Parameters
    ----------
    gradients, inputs : Tensor, float32, of one shape
    min, max : float
    num_bits : int
    narrow_range : bool
        As there.

    Returns
    -------
    Tensor, float32, of the same shape

    Notes
    -----
    TF op FakeQuantWithMinMaxArgsGradient.
    """
    return xp.where(_is_inside(inputs, min, max, num_bits, narrow_range), gradients, 0)


# ---- bounds that are tensors ---------------------------------------------------------------------


def _vars_shape(op):
    _check_bits(op.attrs["num_bits"])
    for bound in op.inputs[-2:]:
        shape_rules.with_rank(bound.dims, 0)
    return [op.inputs[0].dims]


@op(
    "FakeQuantWithMinMaxVars",
    "float32, float32, float32 -> outputs: float32",
    name="FakeQuantWithMinMaxVars",
    shape=_vars_shape,
)
def fake_quant_with_min_max_vars(
    inputs, min, max, *, num_bits: int = 8, narrow_range: bool = False
):
    """`fake_quant_with_min_max_args` with bounds that are tensors, and have gradients.

    Parameters
    ----------
    inputs : Tensor, float32, of any shape
    min, max : Tensor, float32, scalar
    num_bits : int
        2 to 16.
    narrow_range : bool
        Leave the lowest step out.

    Returns
    -------
    Tensor, float32, of the same shape

    Notes
    -----
    TF op FakeQuantWithMinMaxVars.
    """
    if xp.is_traced(min, max):
        quantized = _quantized(inputs, min, max, num_bits, narrow_range)
        return xp.where((min == 0) & (max == 0), xp.zeros_like(quantized), quantized)
    if min == max == 0:
        return np.zeros_like(inputs)
    return _quantized(inputs, min, max, num_bits, narrow_range)


def _vars_gradient_shape(op):
    _check_bits(op.attrs["num_bits"])
    return [shape_rules.merge(op.inputs[0].dims, op.inputs[1].dims), (), ()]


def _channels_gradient_shape(op):
    _check_bits(op.attrs["num_bits"])
    dims = shape_rules.merge(op.inputs[0].dims, op.inputs[1].dims)
    channels = shape_rules.merge(op.inputs[2].dims, op.inputs[3].dims)
    channels = shape_rules.merge(channels, (dims[-1] if dims else None,))
    return [dims and shape_rules.merge(dims, (*dims[:-1], *channels)), channels, channels]


@op(
    "FakeQuantWithMinMaxVarsGradient",
    "float32, float32, float32, float32 -> "
    "backprops_wrt_input: float32, backprop_wrt_min: float32, backprop_wrt_max: float32",
    name="FakeQuantWithMinMaxVarsGradient",
    shape=_vars_gradient_shape,
)
def fake_quant_with_min_max_vars_gradient(
    gradients, inputs, min, max, *, num_bits: int = 8, narrow_range: bool = False
):
    """The gradients of `fake_quant_with_min_max_vars`.

    Parameters
    ----------
    gradients, inputs : Tensor, float32, of one shape
    min, max : Tensor, float32, scalar
    num_bits : int
    narrow_range : bool
        As there.

    Returns
    -------
    list of Tensor, float32
        By `inputs`, `min` and `max`: what is below the bounds goes to `min`, above them to `max`.

    Notes
    -----
    TF op FakeQuantWithMinMaxVarsGradient.
    """
    return _parts(gradients, inputs, min, max, num_bits, narrow_range, None)


def _parts(gradients, inputs, low, high, num_bits, narrow_range, axes):
    nothing = (low == 0) & (high == 0)
    safe_high = xp.where(nothing, np.float32(1), high)
    bottom, top, _ = _nudged(low, safe_high, num_bits, narrow_range)
    inside = ((inputs >= bottom) & (inputs <= top)) | nothing
    below, above = (inputs < bottom) & ~nothing, (inputs > top) & ~nothing
    return [
        xp.where(inside, gradients, np.float32(0)),
        xp.sum(xp.where(below, gradients, np.float32(0)), axis=axes),
        xp.sum(xp.where(above, gradients, np.float32(0)), axis=axes),
    ]


# ---- bounds of channels --------------------------------------------------------------------------


def _channels_shape(op):
    _check_bits(op.attrs["num_bits"])
    inputs = op.inputs[0].dims
    if inputs == ():
        raise ValueError("Shape must be at least rank 1 but is rank 0")
    for bound in op.inputs[1:]:
        (length,) = shape_rules.with_rank(bound.dims, 1)
        if inputs is not None and None not in (length, inputs[-1]) and length != inputs[-1]:
            raise ValueError(f"Dimensions must be equal, but are {inputs[-1]} and {length}")
    return [inputs]


@op(
    "FakeQuantWithMinMaxVarsPerChannel",
    "float32, float32, float32 -> outputs: float32",
    name="FakeQuantWithMinMaxVarsPerChannel",
    shape=_channels_shape,
)
def fake_quant_with_min_max_vars_per_channel(
    inputs, min, max, *, num_bits: int = 8, narrow_range: bool = False
):
    """`fake_quant_with_min_max_vars` with bounds for each entry of the last axis.

    Parameters
    ----------
    inputs : Tensor, float32, [..., channels]
    min, max : Tensor, float32, [channels]
    num_bits : int
        2 to 16.
    narrow_range : bool
        Leave the lowest step out.

    Returns
    -------
    Tensor, float32, of the shape of `inputs`

    Raises
    ------
    InvalidArgumentError
        When it runs, if the lengths differ.

    Notes
    -----
    TF op FakeQuantWithMinMaxVarsPerChannel.
    """
    if inputs.shape[-1:] != min.shape or min.shape != max.shape:
        raise invalid(f"min has incorrect size, expected {inputs.shape[-1]} was {min.shape[0]}")
    nothing = (min == 0) & (max == 0)
    high = xp.where(nothing, np.float32(1), max)
    quantized = _quantized(inputs, min, high, num_bits, narrow_range)
    return xp.where(nothing, np.float32(0), quantized)


@op(
    "FakeQuantWithMinMaxVarsPerChannelGradient",
    "float32, float32, float32, float32 -> "
    "backprops_wrt_input: float32, backprop_wrt_min: float32, backprop_wrt_max: float32",
    name="FakeQuantWithMinMaxVarsPerChannelGradient",
    shape=_channels_gradient_shape,
)
def fake_quant_with_min_max_vars_per_channel_gradient(
    gradients, inputs, min, max, *, num_bits: int = 8, narrow_range: bool = False
):
    """The gradients of `fake_quant_with_min_max_vars_per_channel`.

    Parameters
    ----------
    gradients, inputs : Tensor, float32, of one shape, [..., channels]
    min, max : Tensor, float32, [channels]
    num_bits : int
    narrow_range : bool
        As there.

    Returns
    -------
    list of Tensor, float32
        By `inputs`, `min` and `max`.

    Notes
    -----
    TF op FakeQuantWithMinMaxVarsPerChannelGradient.
    """
    axes = tuple(range(inputs.ndim - 1))
    return _parts(gradients, inputs, min, max, num_bits, narrow_range, axes)
