"""Transposed convolution layers, which enlarge images and volumes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.framework.shapes import TensorShape
from graphmode.layers.convolutional import Conv
from graphmode.layers.functional import layer_function
from graphmode.layers.identifiers import op_format
from graphmode.ops import array
from graphmode.ops.nn.transposed_convolution import conv2d_transpose as conv2d_transpose_op
from graphmode.ops.nn.transposed_convolution import conv3d_transpose as conv3d_transpose_op
from graphmode.variables.initializers import zeros_initializer

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphmode.framework.operation import Tensor


class ConvTranspose(Conv):
    """What the transposed convolution layers share.

    The output is the longest that a convolution with the same arguments makes the input of:
    ``n * stride`` under "same", and ``n * stride + max(kernel - stride, 0)`` under "valid".

    Parameters
    ----------
    filters : int
        The number of channels of the output.
    kernel_size : int or sequence of int
        The lengths of a window.
    strides : int or sequence of int
        The factors by which the input is enlarged.
    padding : {"valid", "same"}
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
    """

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str = "channels_last",
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
            filters,
            kernel_size,
            strides=strides,
            padding=padding,
            data_format=data_format,
            activation=activation,
            use_bias=use_bias,
            kernel_initializer=kernel_initializer,
            bias_initializer=bias_initializer,
            kernel_regularizer=kernel_regularizer,
            bias_regularizer=bias_regularizer,
            activity_regularizer=activity_regularizer,
            kernel_constraint=kernel_constraint,
            bias_constraint=bias_constraint,
            trainable=trainable,
            name=name,
            **kwargs,
        )

    def build(self, input_shape: Any) -> None:
        """Make ``kernel``, ``[*window, filters, channels]``, and ``bias``, ``[filters]``.

        Parameters
        ----------
        input_shape : TensorShape or sequence of int

        Raises
        ------
        ValueError
            If the rank is another than the layer's, or the number of channels is unknown.
        """
        rank = TensorShape(input_shape).ndims
        if rank is not None and rank != self.n_axes + 2:
            raise ValueError(
                f"Inputs should have rank {self.n_axes + 2}. Received input_shape="
                f"{TensorShape(input_shape)}."
            )
        super().build(input_shape)

    def _kernel_shape(self, channels: int) -> list[int]:
        return [*self.kernel_size, self.filters, channels]

    def _enlarged(self, length: Any, axis: int) -> Any:
        """The output's length along a spatial axis, an int or a scalar tensor as `length` is."""
        kernel, stride = self.kernel_size[axis], self.strides[axis]
        enlarged = length * stride
        extra = max(kernel - stride, 0) if self.padding == "valid" else 0
        return enlarged + extra if extra else enlarged

    def _spatial_axes(self) -> range:
        first = 2 if self.data_format == "channels_first" else 1
        return range(first, first + self.n_axes)

    def call(self, inputs: Any) -> Tensor:
        """`inputs`, ``[batch, *space, channels]`` or channels first, floating, made larger."""
        dims, shape = inputs.dims, array.shape(inputs)
        output_shape = [shape[0]]
        for i, axis in enumerate(self._spatial_axes()):
            length = shape[axis] if dims is None or dims[axis] is None else dims[axis]
            output_shape.append(self._enlarged(length, i))
        channel_place = 1 if self.data_format == "channels_first" else len(output_shape)
        output_shape.insert(channel_place, self.filters)
        outputs = self._transpose(inputs, array.stack(output_shape))
        if dims is not None:
            if None not in dims[1:]:  # lengths that TensorFlow computes in the run
                n = 11 + self.n_axes + (2 * self.n_axes if self.padding == "valid" else 0)
                inputs.graph.pass_ids(n)
            outputs.set_shape(self.compute_output_shape(TensorShape(dims)))
        return self._finish(outputs)

    def _transpose(self, inputs: Any, output_shape: Any) -> Any:
        raise NotImplementedError

    def compute_output_shape(self, input_shape: Any) -> TensorShape:
        dims = TensorShape(input_shape).as_list()
        for i, axis in enumerate(self._spatial_axes()):
            if dims[axis] is not None:
                dims[axis] = self._enlarged(dims[axis], i)
        dims[self._channel_axis] = self.filters
        return TensorShape(dims)


class Conv2DTranspose(ConvTranspose):
    """Transposed convolution of ``[batch, height, width, channels]``; see `ConvTranspose`."""

    n_axes = 2

    def _transpose(self, inputs: Any, output_shape: Any) -> Tensor:
        return conv2d_transpose_op(
            inputs,
            self.kernel,
            output_shape,
            strides=self._in_op_order(self.strides),
            padding=self.padding.upper(),
            data_format=op_format(self.data_format, 2),
        )


class Conv3DTranspose(ConvTranspose):
    """Transposed convolution of ``[batch, depth, height, width, channels]``."""

    n_axes = 3

    def _transpose(self, inputs: Any, output_shape: Any) -> Tensor:
        return conv3d_transpose_op(
            inputs,
            self.kernel,
            output_shape,
            strides=self._in_op_order(self.strides),
            padding=self.padding.upper(),
            data_format=op_format(self.data_format, 3),
        )


conv2d_transpose = layer_function(Conv2DTranspose, "conv2d_transpose")
conv3d_transpose = layer_function(Conv3DTranspose, "conv3d_transpose")
