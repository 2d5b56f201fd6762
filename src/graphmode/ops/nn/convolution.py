"""Convolutions over two and three axes: the ops."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from graphmode.framework import dtypes, shape_rules
from graphmode.framework.dtypes import FLOATS, INDEX
from graphmode.framework.inference import constant_dims
from graphmode.framework.op import op
from graphmode.framework.op_def import Work
from graphmode.framework.operation import Dims, Operation
from graphmode.ops.nn.convolution_kernels import (
    Convolution,
    Depthwise,
    as_format,
    channels_last,
    channels_last_attrs,
    filter_gradient,
    forward,
    input_gradient,
    window_of,
)
from graphmode.ops.nn.windows import DATA_FORMATS, check_choice, has_channels_first, output_dims

FLOATS_INT32 = FLOATS | {dtypes.int32}
PADDINGS = ("SAME", "VALID", "EXPLICIT")


# ---- work ----------------------------------------------------------------------------------------


def _work(kernel: int, result: int) -> Callable[..., Any]:
    """Patches, and their products with the kernel.

    Parameters
    ----------
    kernel, result : int
        Where the kernel, or its gradient, and the result, or its gradient, stand among the inputs
        and outputs.
    """

    def work(op: Operation, inputs: Sequence[Any], outputs: Sequence[Any]) -> Work:
        shapes = [np.shape(value) for value in (*inputs, *outputs)]
        if not shapes[kernel] or not shapes[kernel][-1]:
            return Work()
        *window, out = shapes[kernel]
        patches = math.prod(shapes[result]) // out * math.prod(window)
        return Work(flops=2 * patches * out, elements=patches)

    return work


_WORK, _KERNEL_GRADIENT_WORK = _work(kernel=1, result=2), _work(kernel=3, result=2)


# ---- static shapes -------------------------------------------------------------------------------


def check_windows(op: Operation, n: int, paddings: Sequence[str] = PADDINGS) -> None:
    """The attributes that say where windows lie; ValueError with what is wrong in one."""
    attrs = op.attrs
    check_choice(op.type, "padding", attrs["padding"], paddings)
    data_format = attrs.get("data_format", DATA_FORMATS[n][0])
    check_choice(op.type, "data_format", data_format, DATA_FORMATS[n])
    for name in ("strides", "dilations", "ksize"):
        values = attrs.get(name)
        if values is None:
            continue
        attrs[name] = values = [int(v) for v in values]
        if len(values) != n + 2:
            raise ValueError(
                f"{op.type} requires the {name} attribute to contain {n + 2} values, but got: "
                f"{len(values)}. They go with {data_format}"
            )
        what = {"strides": "Stride", "dilations": "Dilation", "ksize": "Sliding window"}[name]
        if min(values) < 1:
            raise ValueError(f"{what} must be > 0, but got {min(values)}")
    explicit: Any = attrs.get("explicit_paddings")
    if attrs["padding"] == "EXPLICIT":
        batch_depth = (0, 1) if has_channels_first(data_format) else (0, n + 1)
        if any(explicit[2 * i] or explicit[2 * i + 1] for i in batch_depth):
            raise ValueError(
                "Nonzero explicit padding in the batch or depth dimensions is not supported"
            )
        if min(explicit) < 0:
            raise ValueError(f"All elements of explicit_paddings must be nonnegative: {explicit}")


def _convolution_dims(n: int, depthwise: bool = False) -> Callable[[Operation], list[Dims]]:
    def rule(op: Operation) -> list[Dims]:
        check_windows(op, n)
        fmt = op.attrs["data_format"]
        x = channels_last(shape_rules.with_rank(op.inputs[0].dims, n + 2), fmt)
        kernel = shape_rules.with_rank(op.inputs[1].dims, n + 2)
        depth: Any = x[-1]
        inner = kernel[-2]
        if depthwise:
            if None not in (depth, inner) and depth != inner:
                raise ValueError(
                    f"Dimensions must be equal, but are {depth} and {inner}: the input has {depth} "
                    f"channels, the filter {inner}; a depthwise filter is [height, width, "
                    "in_channels, channel_multiplier]"
                )
            depth = inner if depth is None else depth
            out = None if None in (depth, kernel[-1]) else depth * kernel[-1]
        else:
            if None not in (depth, inner) and (not inner or depth % inner):
                raise ValueError(
                    f"Depth of input ({depth}) is not a multiple of input depth of filter ({inner})"
                    f": a filter is {_filter_axes(n)}; tf.transpose the filter if its axes have "
                    f"another order, or check data_format={fmt!r}"
                )
            out = kernel[-1]
        strides, dilations, explicit = channels_last_attrs(op.attrs)
        lengths = output_dims(
            x, window_of(kernel), strides, op.attrs["padding"], explicit, dilations
        )
        return [as_format((*lengths[:-1], out), fmt)]

    return rule


def _filter_axes(n: int) -> str:
    space = "depth, height, width" if n == 3 else "height, width"
    return f"[{space}, in_channels, out_channels]"


def _input_gradient_dims(n: int, depthwise: bool = False) -> Callable[[Operation], list[Dims]]:
    def rule(op: Operation) -> list[Dims]:
        check_windows(op, n)
        fmt = op.attrs["data_format"]
        sizes = constant_dims(op.inputs[0])
        kernel = shape_rules.with_rank(op.inputs[1].dims, n + 2)
        grad = shape_rules.with_rank(op.inputs[2].dims, n + 2)
        channels = channels_last(grad, fmt)[-1]
        out = kernel[-1]
        if not depthwise and None not in (channels, out) and channels != out:
            raise ValueError(
                f"Dimensions must be equal, but are {channels} and {out}: the value has {channels} "
                f"channels, the filter {out} in its last axis; the filter of a transposed "
                "convolution is [height, width, output_channels, in_channels]"
            )
        return [shape_rules.with_rank(sizes, n + 2)]

    return rule


def _filter_gradient_dims(n: int) -> Callable[[Operation], list[Dims]]:
    def rule(op: Operation) -> list[Dims]:
        check_windows(op, n)
        shape_rules.with_rank(op.inputs[0].dims, n + 2)
        shape_rules.with_rank(op.inputs[2].dims, n + 2)
        return [shape_rules.with_rank(constant_dims(op.inputs[1]), n + 2)]

    return rule


# ---- ops -----------------------------------------------------------------------------------------

_ONES = (1, 1, 1, 1)
_ONES3 = (1, 1, 1, 1, 1)


@op("Conv2D", "T, T -> T", shape=_convolution_dims(2), work=_WORK, T=FLOATS_INT32)
def conv2d_op(
    input,
    filter,
    *,
    strides: Sequence[int],
    padding: str,
    use_cudnn_on_gpu: bool = True,
    explicit_paddings: Sequence[int] = (),
    data_format: str = "NHWC",
    dilations: Sequence[int] = _ONES,
):
    """The node behind `conv2d`."""
    attrs = _attrs(strides, padding, data_format, dilations, explicit_paddings)
    return forward(Convolution, input, filter, attrs)


def _attrs(strides, padding, data_format, dilations, explicit_paddings=()) -> dict[str, Any]:
    return {
        "strides": strides,
        "padding": padding,
        "data_format": data_format,
        "dilations": dilations,
        "explicit_paddings": explicit_paddings,
    }


@op(
    "Conv2DBackpropInput",
    "int32, T, T -> T",
    shape=_input_gradient_dims(2),
    static=("input_sizes",),
    work=_WORK,
    T=FLOATS_INT32,
)
def conv2d_backprop_input_op(
    input_sizes,
    filter,
    out_backprop,
    *,
    strides: Sequence[int],
    padding: str,
    use_cudnn_on_gpu: bool = True,
    explicit_paddings: Sequence[int] = (),
    data_format: str = "NHWC",
    dilations: Sequence[int] = _ONES,
):
    """The node behind `conv2d_backprop_input` and `conv2d_transpose`."""
    attrs = _attrs(strides, padding, data_format, dilations, explicit_paddings)
    return input_gradient(Convolution, input_sizes, filter, out_backprop, attrs)


@op(
    "Conv2DBackpropFilter",
    "T, int32, T -> T",
    shape=_filter_gradient_dims(2),
    static=("filter_sizes",),
    work=_KERNEL_GRADIENT_WORK,
    T=FLOATS,
)
def conv2d_backprop_filter_op(
    input,
    filter_sizes,
    out_backprop,
    *,
    strides: Sequence[int],
    padding: str,
    use_cudnn_on_gpu: bool = True,
    explicit_paddings: Sequence[int] = (),
    data_format: str = "NHWC",
    dilations: Sequence[int] = _ONES,
):
    """The node behind `conv2d_backprop_filter`."""
    attrs = _attrs(strides, padding, data_format, dilations, explicit_paddings)
    return filter_gradient(Convolution, input, filter_sizes, out_backprop, attrs)


@op("Conv3D", "T, T -> T", shape=_convolution_dims(3), work=_WORK, T=FLOATS)
def conv3d_op(
    input,
    filter,
    *,
    strides: Sequence[int],
    padding: str,
    data_format: str = "NDHWC",
    dilations: Sequence[int] = _ONES3,
):
    """The node behind `conv3d`."""
    return forward(Convolution, input, filter, _attrs(strides, padding, data_format, dilations))


@op(
    "Conv3DBackpropInputV2",
    "Tshape, T, T -> T",
    shape=_input_gradient_dims(3),
    static=("input_sizes",),
    work=_WORK,
    T=FLOATS,
    Tshape=INDEX,
)
def conv3d_backprop_input_op(
    input_sizes,
    filter,
    out_backprop,
    *,
    strides: Sequence[int],
    padding: str,
    data_format: str = "NDHWC",
    dilations: Sequence[int] = _ONES3,
):
    """The node behind `conv3d_transpose`: the gradient of a convolution by its input."""
    attrs = _attrs(strides, padding, data_format, dilations)
    return input_gradient(Convolution, input_sizes, filter, out_backprop, attrs)


@op(
    "Conv3DBackpropFilterV2",
    "T, int32, T -> T",
    shape=_filter_gradient_dims(3),
    static=("filter_sizes",),
    work=_KERNEL_GRADIENT_WORK,
    T=FLOATS,
)
def conv3d_backprop_filter_op(
    input,
    filter_sizes,
    out_backprop,
    *,
    strides: Sequence[int],
    padding: str,
    data_format: str = "NDHWC",
    dilations: Sequence[int] = _ONES3,
):
    """The node behind `conv3d_backprop_filter`."""
    attrs = _attrs(strides, padding, data_format, dilations)
    return filter_gradient(Convolution, input, filter_sizes, out_backprop, attrs)


@op("DepthwiseConv2dNative", "T, T -> T", shape=_convolution_dims(2, depthwise=True), T=FLOATS)
def depthwise_conv2d_native_op(
    input,
    filter,
    *,
    strides: Sequence[int],
    padding: str,
    explicit_paddings: Sequence[int] = (),
    data_format: str = "NHWC",
    dilations: Sequence[int] = _ONES,
):
    """The node behind `depthwise_conv2d`."""
    attrs = _attrs(strides, padding, data_format, dilations, explicit_paddings)
    return forward(Depthwise, input, filter, attrs)


@op(
    "DepthwiseConv2dNativeBackpropInput",
    "int32, T, T -> T",
    shape=_input_gradient_dims(2, depthwise=True),
    static=("input_sizes",),
    T=FLOATS,
)
def depthwise_conv2d_native_backprop_input_op(
    input_sizes,
    filter,
    out_backprop,
    *,
    strides: Sequence[int],
    padding: str,
    explicit_paddings: Sequence[int] = (),
    data_format: str = "NHWC",
    dilations: Sequence[int] = _ONES,
):
    """The node behind `depthwise_conv2d_native_backprop_input`."""
    attrs = _attrs(strides, padding, data_format, dilations, explicit_paddings)
    return input_gradient(Depthwise, input_sizes, filter, out_backprop, attrs)


@op(
    "DepthwiseConv2dNativeBackpropFilter",
    "T, int32, T -> T",
    shape=_filter_gradient_dims(2),
    static=("filter_sizes",),
    T=FLOATS,
)
def depthwise_conv2d_native_backprop_filter_op(
    input,
    filter_sizes,
    out_backprop,
    *,
    strides: Sequence[int],
    padding: str,
    explicit_paddings: Sequence[int] = (),
    data_format: str = "NHWC",
    dilations: Sequence[int] = _ONES,
):
    """The node behind `depthwise_conv2d_native_backprop_filter`."""
    attrs = _attrs(strides, padding, data_format, dilations, explicit_paddings)
    return filter_gradient(Depthwise, input, filter_sizes, out_backprop, attrs)
