"""Convolution layers over one, two and three axes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from graphmode.framework.default_graph import get_default_graph
from graphmode.framework.shapes import TensorShape
from graphmode.layers.base import Layer
from graphmode.layers.functional import layer_function
from graphmode.layers.identifiers import (
    activation_of,
    channels_of,
    data_format_of,
    lengths,
    op_format,
    padding_of,
)
from graphmode.layers.input_spec import InputSpec
from graphmode.ops.array.padding import pad
from graphmode.ops.nn.bias import bias_add
from graphmode.ops.nn.convolution_functions import conv1d as conv1d_op
from graphmode.ops.nn.convolution_functions import conv2d as conv2d_op
from graphmode.ops.nn.convolution_functions import conv3d as conv3d_op
from graphmode.variables.initializers import zeros_initializer

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphmode.framework.operation import Tensor


class Conv(Layer):
    """What the convolution layers share: arguments, variables, bias and activation.

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
    activation : callable or str, optional
    use_bias : bool
    kernel_initializer, bias_initializer : callable or str, optional
        Of ``kernel`` (the scope's, then Glorot uniform, by default) and ``bias`` (0).
    kernel_regularizer, bias_regularizer, activity_regularizer : callable, optional
    kernel_constraint, bias_constraint : callable, optional
        Applied to the variable after each step of an optimizer.
    trainable : bool
    name : str, optional
    **kwargs
        As for `Layer`.

    Raises
    ------
    ValueError
        For arguments of the wrong length, or unknown words.
    """

    n_axes: ClassVar[int]

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str = "channels_last",
        dilation_rate: Any = 1,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = None,
        bias_initializer: Any = zeros_initializer(),  # noqa: B008 - TensorFlow's default; has no state
        kernel_regularizer: Callable[..., Any] | None = None,
        bias_regularizer: Callable[..., Any] | None = None,
        activity_regularizer: Callable[..., Any] | None = None,
        kernel_constraint: Callable[..., Any] | None = None,
        bias_constraint: Callable[..., Any] | None = None,
        trainable: bool = True,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            trainable=trainable, name=name, activity_regularizer=activity_regularizer, **kwargs
        )
        n = self.n_axes
        self.rank = n
        self.filters = filters
        self.kernel_size = lengths(kernel_size, n, "kernel_size")
        self.strides = lengths(strides, n, "strides")
        self.padding = padding_of(padding, causal=n == 1)
        self.data_format = data_format_of(data_format)
        self.dilation_rate = lengths(dilation_rate, n, "dilation_rate")
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
            raise ValueError(
                "`strides > 1` not supported in conjunction with `dilation_rate > 1`. Received: "
                f"strides={self.strides} and dilation_rate={self.dilation_rate}"
            )
        self.activation = activation_of(activation)
        self.use_bias = use_bias
        self.kernel_initializer = kernel_initializer
        self.bias_initializer = bias_initializer
        self.kernel_regularizer = kernel_regularizer
        self.bias_regularizer = bias_regularizer
        self.kernel_constraint = kernel_constraint
        self.bias_constraint = bias_constraint
        self.input_spec = InputSpec(min_ndim=n + 2)

    @property
    def _channel_axis(self) -> int:
        return 1 if self.data_format == "channels_first" else -1

    def _kernel_shape(self, channels: int) -> list[int]:
        return [*self.kernel_size, channels, self.filters]

    def build(self, input_shape: Any) -> None:
        channels = channels_of(input_shape, self.data_format)
        self.kernel = self.add_weight(
            "kernel",
            shape=self._kernel_shape(channels),
            initializer=self.kernel_initializer,
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
        )
        self._build_bias()
        self._specify(channels)
        get_default_graph().pass_ids(1)  # dilation_rate

    def _build_bias(self) -> None:
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(
                "bias",
                shape=[self.filters],
                initializer=self.bias_initializer,
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
            )

    def _specify(self, channels: int) -> None:
        axes = {self._channel_axis: channels}
        self.input_spec = InputSpec(ndim=self.n_axes + 2, axes=axes)
        self.built = True

    def _in_op_order(self, values: tuple[int, ...]) -> list[int]:
        """`values` of the spatial axes, with 1 for batch and channels, as ops want them."""
        return [1, 1, *values] if self.data_format == "channels_first" else [1, *values, 1]

    def call(self, inputs: Any) -> Tensor:
        """Convolve `inputs`, floating ``[batch, *space, channels]`` or channels first."""
        padding = self.padding
        if padding == "causal":
            inputs, padding = pad(inputs, self._causal_paddings()), "valid"
        if max(self.dilation_rate) > 1:
            get_default_graph().pass_ids(10)  # space goes to the batch and back in TensorFlow
        return self._finish(self._convolve(inputs, padding.upper()))

    def _causal_paddings(self) -> list[list[int]]:
        before = self.dilation_rate[0] * (self.kernel_size[0] - 1)
        if self.data_format == "channels_first":
            return [[0, 0], [0, 0], [before, 0]]
        return [[0, 0], [before, 0], [0, 0]]

    def _convolve(self, inputs: Any, padding: str) -> Any:
        raise NotImplementedError

    def _with_bias(self, outputs: Any) -> Tensor:
        if self.bias is None:
            return outputs
        first = self.data_format == "channels_first"
        return bias_add(outputs, self.bias, data_format="NCHW" if first else "NHWC")

    def _finish(self, outputs: Any) -> Tensor:
        """Bias and activation."""
        outputs = self._with_bias(outputs)
        return outputs if self.activation is None else self.activation(outputs)

    def compute_output_shape(self, input_shape: Any) -> TensorShape:
        dims = TensorShape(input_shape).as_list()
        first = 2 if self.data_format == "channels_first" else 1
        settings = (self.kernel_size, self.strides, self.dilation_rate)
        for i, (k, s, d) in enumerate(zip(*settings, strict=True), start=first):
            if dims[i] is not None:
                window = 0 if self.padding != "valid" else d * (k - 1)
                dims[i] = -(-(dims[i] - window) // s)
        dims[self._channel_axis] = self.filters
        return TensorShape(dims)


class Conv1D(Conv):
    """Convolution of ``[batch, width, channels]``; see `Conv` for the arguments."""

    n_axes = 1

    def _convolve(self, inputs: Any, padding: str) -> Tensor:
        return conv1d_op(
            inputs,
            self.kernel,
            stride=self.strides[0],
            padding=padding,
            data_format=op_format(self.data_format, 1),
            dilations=self.dilation_rate[0],
            name="Conv1D",
        )


class Conv2D(Conv):
    """Convolution of ``[batch, height, width, channels]``; see `Conv` for the arguments."""

    n_axes = 2

    def _convolve(self, inputs: Any, padding: str) -> Tensor:
        return conv2d_op(
            inputs,
            self.kernel,
            strides=self._in_op_order(self.strides),
            padding=padding,
            data_format=op_format(self.data_format, 2),
            dilations=self._in_op_order(self.dilation_rate),
            name="Conv2D",
        )


class Conv3D(Conv):
    """Convolution of ``[batch, depth, height, width, channels]``; see `Conv`."""

    n_axes = 3

    def _convolve(self, inputs: Any, padding: str) -> Tensor:
        return conv3d_op(
            inputs,
            self.kernel,
            strides=self._in_op_order(self.strides),
            padding=padding,
            data_format=op_format(self.data_format, 3),
            dilations=self._in_op_order(self.dilation_rate),
            name="Conv3D",
        )


conv1d = layer_function(Conv1D, "conv1d")
conv2d = layer_function(Conv2D, "conv2d")
conv3d = layer_function(Conv3D, "conv3d")
