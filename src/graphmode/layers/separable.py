"""Depthwise separable convolution layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.layers.convolutional import Conv
from graphmode.layers.functional import layer_function
from graphmode.layers.identifiers import channels_of, op_format
from graphmode.ops import array
from graphmode.ops.array.padding import pad
from graphmode.ops.nn.separable_convolution import separable_conv2d as separable_conv2d_op
from graphmode.variables.initializers import zeros_initializer

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphmode.framework.operation import Tensor


class SeparableConv(Conv):
    """A convolution of each channel with `depth_multiplier` filters, then one of size 1.

    Parameters
    ----------
    filters : int
        The number of channels of the output.
    kernel_size : int or sequence of int
        The lengths of a window.
    strides, dilation_rate : int or sequence of int
        Steps between windows, and between the elements of one. Not both above 1.
    padding : {"valid", "same"}
        In one dimension "causal" too: padding at the beginning only.
    data_format : {"channels_last", "channels_first"}
    depth_multiplier : int
        The number of filters of each channel.
    activation : callable or str, optional
    use_bias : bool
    depthwise_initializer, pointwise_initializer, bias_initializer : callable or str, optional
        Of ``depthwise_kernel`` and ``pointwise_kernel`` (the scope's, then Glorot uniform, by
        default) and ``bias`` (0).
    depthwise_regularizer, pointwise_regularizer, bias_regularizer : callable, optional
    activity_regularizer : callable, optional
        Of the output.
    depthwise_constraint, pointwise_constraint, bias_constraint : callable, optional
        Applied to the variable after each step of an optimizer.
    trainable : bool
    name : str, optional
    **kwargs
        As for `Layer`.

    Notes
    -----
    Chollet, "Xception: deep learning with depthwise separable convolutions", CVPR 2017.
    """

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str = "channels_last",
        dilation_rate: Any = 1,
        depth_multiplier: int = 1,
        activation: Any = None,
        use_bias: bool = True,
        depthwise_initializer: Any = None,
        pointwise_initializer: Any = None,
        bias_initializer: Any = zeros_initializer(),  # noqa: B008 - TensorFlow's default; has no state
        depthwise_regularizer: Callable[..., Any] | None = None,
        pointwise_regularizer: Callable[..., Any] | None = None,
        bias_regularizer: Callable[..., Any] | None = None,
        activity_regularizer: Callable[..., Any] | None = None,
        depthwise_constraint: Callable[..., Any] | None = None,
        pointwise_constraint: Callable[..., Any] | None = None,
        bias_constraint: Callable[..., Any] | None = None,
        trainable: bool = True,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            filters,
            kernel_size,
            strides=strides,
            padding=padding,
            data_format=data_format,
            dilation_rate=dilation_rate,
            activation=activation,
            use_bias=use_bias,
            bias_initializer=bias_initializer,
            bias_regularizer=bias_regularizer,
            activity_regularizer=activity_regularizer,
            bias_constraint=bias_constraint,
            trainable=trainable,
            name=name,
            **kwargs,
        )
        self.depth_multiplier = depth_multiplier
        self.depthwise_initializer = depthwise_initializer
        self.pointwise_initializer = pointwise_initializer
        self.depthwise_regularizer = depthwise_regularizer
        self.pointwise_regularizer = pointwise_regularizer
        self.depthwise_constraint = depthwise_constraint
        self.pointwise_constraint = pointwise_constraint

    def build(self, input_shape: Any) -> None:
        channels = channels_of(input_shape, self.data_format)
        self.depthwise_kernel = self.add_weight(
            "depthwise_kernel",
            shape=[*self.kernel_size, channels, self.depth_multiplier],
            initializer=self.depthwise_initializer,
            regularizer=self.depthwise_regularizer,
            constraint=self.depthwise_constraint,
        )
        self.pointwise_kernel = self.add_weight(
            "pointwise_kernel",
            shape=[*[1] * self.n_axes, channels * self.depth_multiplier, self.filters],
            initializer=self.pointwise_initializer,
            regularizer=self.pointwise_regularizer,
            constraint=self.pointwise_constraint,
        )
        self._build_bias()
        self._specify(channels)


class SeparableConv1D(SeparableConv):
    """Separable convolution of ``[batch, width, channels]``; see `SeparableConv`."""

    n_axes = 1

    def call(self, inputs: Any) -> Tensor:
        """Convolve `inputs`, floating ``[batch, width, channels]`` or channels first."""
        padding = self.padding
        if padding == "causal":
            inputs, padding = pad(inputs, self._causal_paddings()), "valid"
        # An image of height 1: the depthwise op wants equal strides along both axes.
        axis = 2 if self.data_format == "channels_first" else 1
        outputs = separable_conv2d_op(
            array.expand_dims(inputs, axis),
            array.expand_dims(self.depthwise_kernel, 0),
            array.expand_dims(self.pointwise_kernel, 0),
            strides=self._in_op_order(self.strides * 2),
            padding=padding.upper(),
            rate=(1, *self.dilation_rate),
            data_format=op_format(self.data_format, 2),
        )
        outputs = array.squeeze(self._with_bias(outputs), [axis])
        return outputs if self.activation is None else self.activation(outputs)


class SeparableConv2D(SeparableConv):
    """Separable convolution of ``[batch, height, width, channels]``; see `SeparableConv`."""

    n_axes = 2

    def call(self, inputs: Any) -> Tensor:
        """Convolve `inputs`, floating ``[batch, height, width, channels]`` or channels first."""
        outputs = separable_conv2d_op(
            inputs,
            self.depthwise_kernel,
            self.pointwise_kernel,
            strides=self._in_op_order(self.strides),
            padding=self.padding.upper(),
            rate=self.dilation_rate,
            data_format=op_format(self.data_format, 2),
        )
        return self._finish(outputs)


separable_conv1d = layer_function(SeparableConv1D, "separable_conv1d")
separable_conv2d = layer_function(SeparableConv2D, "separable_conv2d")
