"""Convolutions channel by channel: depthwise and separable ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import get_default_graph, name_scope
from graphmode.ops.nn.convolution import (
    depthwise_conv2d_native_backprop_filter_op,
    depthwise_conv2d_native_backprop_input_op,
    depthwise_conv2d_native_op,
)
from graphmode.ops.nn.convolution_functions import ONES, attrs_of_images, conv2d
from graphmode.ops.nn.windows import sequence
from graphmode.ops.old_names import either

if TYPE_CHECKING:
    from graphmode.framework.operation import Tensor


def depthwise_conv2d_native(
    input: Any,
    filter: Any,
    strides: Any,
    padding: Any,
    data_format: str = "NHWC",
    dilations: Any = ONES,
    name: str | None = None,
) -> Tensor:
    """`depthwise_conv2d` with the dilation as four numbers.

    Parameters
    ----------
    input : Tensor, floating, [batch, height, width, in_channels]
    filter : Tensor, [height, width, in_channels, channel_multiplier]
        Of the dtype of `input`.
    strides, dilations : sequence of 4 int
        The same for height and width.
    padding : "SAME", "VALID" or four pairs of int
    data_format : {"NHWC", "NCHW"}

    Returns
    -------
    Tensor, [batch, out_height, out_width, in_channels * channel_multiplier]
        Of the dtype of `input`.

    Notes
    -----
    TF op DepthwiseConv2dNative.
    """
    return depthwise_conv2d_native_op(
        input,
        filter,
        **attrs_of_images(strides, padding, data_format, dilations),
        name=name,
    )


def depthwise_conv2d_native_backprop_input(
    input_sizes: Any,
    filter: Any,
    out_backprop: Any,
    strides: Any,
    padding: Any,
    data_format: str = "NHWC",
    dilations: Any = ONES,
    name: str | None = None,
) -> Tensor:
    """The gradient of `depthwise_conv2d_native` by its input.

    Parameters
    ----------
    input_sizes : Tensor, int32, [4]
        The shape of the input.
    filter : Tensor, floating, [height, width, in_channels, channel_multiplier]
    out_backprop : Tensor, [batch, out_height, out_width, in_channels * channel_multiplier]
        The gradient of the output, of the dtype of `filter`.
    strides, dilations : sequence of 4 int
    padding : "SAME", "VALID" or four pairs of int
    data_format : {"NHWC", "NCHW"}

    Returns
    -------
    Tensor, of shape `input_sizes`
        Of the dtype of `filter`.

    Notes
    -----
    TF op DepthwiseConv2dNativeBackpropInput.
    """
    return depthwise_conv2d_native_backprop_input_op(
        input_sizes,
        filter,
        out_backprop,
        **attrs_of_images(strides, padding, data_format, dilations),
        name=name,
    )


def depthwise_conv2d_native_backprop_filter(
    input: Any,
    filter_sizes: Any,
    out_backprop: Any,
    strides: Any,
    padding: Any,
    data_format: str = "NHWC",
    dilations: Any = ONES,
    name: str | None = None,
) -> Tensor:
    """The gradient of `depthwise_conv2d_native` by its filter.

    Parameters
    ----------
    input : Tensor, floating, [batch, height, width, in_channels]
    filter_sizes : Tensor, int32, [4]
        The shape of the filter.
    out_backprop : Tensor, [batch, out_height, out_width, in_channels * channel_multiplier]
        The gradient of the output, of the dtype of `input`.
    strides, dilations : sequence of 4 int
    padding : "SAME", "VALID" or four pairs of int
    data_format : {"NHWC", "NCHW"}

    Returns
    -------
    Tensor, of shape `filter_sizes`
        Of the dtype of `input`.

    Notes
    -----
    TF op DepthwiseConv2dNativeBackpropFilter.
    """
    return depthwise_conv2d_native_backprop_filter_op(
        input,
        filter_sizes,
        out_backprop,
        **attrs_of_images(strides, padding, data_format, dilations),
        name=name,
    )


def depthwise_conv2d(
    input: Any,
    filter: Any,
    strides: Any,
    padding: Any,
    rate: Any = None,
    name: str | None = None,
    data_format: Any = None,
    dilations: Any = None,
) -> Tensor:
    """Convolve each channel of images with filters of its own.

    Parameters
    ----------
    input : Tensor, floating, [batch, height, width, in_channels]
    filter : Tensor, [height, width, in_channels, channel_multiplier]
        Of the dtype of `input`.
    strides : sequence of 4 int
        The same for height and width.
    padding : "SAME", "VALID" or four pairs of int
    rate, dilations : sequence of 2 int, optional
        The dilation of height and width. `dilations` is the new name.
    data_format : {"NHWC", "NCHW"}

    Returns
    -------
    Tensor, [batch, out_height, out_width, in_channels * channel_multiplier]

    Raises
    ------
    ValueError
        If the channels differ.

    Notes
    -----
    TF op DepthwiseConv2dNative.
    """
    rate = either("dilations", dilations, "rate", rate)
    with name_scope(name, "depthwise", [input, filter]) as scope:
        input = convert_to_tensor(input, name="tensor_in")
        filter = convert_to_tensor(filter, name="filter_in")
        return depthwise_conv2d_native(
            input, filter, strides, padding, data_format, _rates(rate, data_format), scope
        )


def _rates(rate: Any, data_format: str | None) -> list[int]:
    rate = sequence([1, 1] if rate is None else rate, 2, data_format or "NHWC", "rate")
    if min(rate) < 1:
        raise ValueError(f"`dilation_rate` must be positive. Received: dilation_rate={rate}")
    return rate


def separable_conv2d(
    input: Any,
    depthwise_filter: Any,
    pointwise_filter: Any,
    strides: Any,
    padding: Any,
    rate: Any = None,
    name: str | None = None,
    data_format: Any = None,
    dilations: Any = None,
) -> Tensor:
    """`depthwise_conv2d`, then a 1x1 convolution that mixes the channels.

    Parameters
    ----------
    input : Tensor, floating, [batch, height, width, in_channels]
    depthwise_filter : Tensor, [height, width, in_channels, channel_multiplier]
    pointwise_filter : Tensor, [1, 1, in_channels * channel_multiplier, out_channels]
    strides : sequence of 4 int
        Of the first convolution; the same for height and width.
    padding : "SAME", "VALID" or four pairs of int
        Of the first convolution.
    rate, dilations : sequence of 2 int, optional
        The dilation of the first. `dilations` is the new name.
    data_format : {"NHWC", "NCHW"}

    Returns
    -------
    Tensor, [batch, out_height, out_width, out_channels]
        Of the dtype of `input`.

    Raises
    ------
    ValueError
        If `pointwise_filter` is not 1x1, or channels do not match.

    Notes
    -----
    Chollet, "Xception: deep learning with depthwise separable convolutions", CVPR 2017.
    """
    rate = either("dilations", dilations, "rate", rate)
    inputs = [input, depthwise_filter, pointwise_filter]
    with name_scope(name, "separable_conv2d", inputs) as scope:
        input = convert_to_tensor(input, name="tensor_in")
        depthwise_filter = convert_to_tensor(depthwise_filter, name="depthwise_filter")
        pointwise_filter = convert_to_tensor(pointwise_filter, name="pointwise_filter")
        dims = pointwise_filter.dims
        if dims is not None and (len(dims) != 4 or any(d not in (1, None) for d in dims[:2])):
            raise ValueError(
                "pointwise_filter must be [1, 1, in_channels * channel_multiplier, out_channels], "
                f"got {pointwise_filter.shape}"
            )
        rates = _rates(rate, data_format)
        get_default_graph().pass_ids(2)  # Shape, dilation_rate
        depthwise = depthwise_conv2d_native(
            input, depthwise_filter, strides, padding, data_format, rates, "depthwise"
        )
        return conv2d(depthwise, pointwise_filter, 1, "VALID", data_format=data_format, name=scope)
