"""The transposes of convolutions over one, two and three axes."""

from __future__ import annotations

from collections.abc import Sized
from typing import Any

from graphmode.framework.default_graph import name_scope
from graphmode.framework.operation import Tensor
from graphmode.ops import array
from graphmode.ops.nn.convolution import conv2d_backprop_input_op, conv3d_backprop_input_op
from graphmode.ops.nn.convolution_functions import image_format
from graphmode.ops.nn.windows import convert_padding, sequence
from graphmode.ops.old_names import either


def conv1d_transpose(
    input: Any,
    filters: Any,
    output_shape: Any,
    strides: Any,
    padding: str = "SAME",
    data_format: str = "NWC",
    dilations: Any = None,
    name: str | None = None,
) -> Tensor:
    """The transpose of `conv1d`, as `conv2d_transpose` is of `conv2d`.

    Parameters
    ----------
    input : Tensor, floating, [batch, width, in_channels]
    filters : Tensor, [width, out_channels, in_channels]
        Of the dtype of `input`.
    output_shape : Tensor, int32, [3]
    strides, dilations : int or sequence of 1 or 3 int
    padding : {"SAME", "VALID"}
    data_format : {"NWC", "NCW"}

    Returns
    -------
    Tensor, of shape `output_shape`
        Of the dtype of `input`.
    """
    with name_scope(name, "conv1d_transpose", [input, filters, output_shape]) as scope:
        data_format, axis = image_format(data_format)
        input = array.expand_dims(input, axis)
        filters = array.expand_dims(filters, 0)
        if not isinstance(output_shape, Tensor):
            output_shape = list(output_shape)
        shape = array.concat([output_shape[:axis], [1], output_shape[axis:]], 0)
        result = conv2d_backprop_input_op(
            shape,
            filters,
            input,
            strides=[1, *sequence(strides, 1, data_format, "stride")],
            padding=padding,
            data_format=data_format,
            dilations=[1, *sequence(dilations, 1, data_format, "dilations")],
            name=scope,
        )
        return array.squeeze(result, axis)


def conv2d_transpose(
    value: Any = None,
    filter: Any = None,
    output_shape: Any = None,
    strides: Any = None,
    padding: Any = "SAME",
    data_format: str = "NHWC",
    name: str | None = None,
    input: Any = None,
    filters: Any = None,
    dilations: Any = None,
) -> Tensor:
    """The transpose of `conv2d`: the gradient of a convolution that gives a tensor like `value`.

    Parameters
    ----------
    value, input : Tensor, floating, [batch, height, width, in_channels]
        `input` is the new name.
    filter, filters : Tensor, [height, width, out_channels, in_channels]
        Of the dtype of `value`. `filters` is the new name.
    output_shape : int32, [4]
        The shape of the result, batch included: a list, or a tensor such as
        ``tf.stack([tf.shape(value)[0], 28, 28, 1])``. It must convolve back to that of `value`.
    strides, dilations : int or sequence of 1, 2 or 4 int
        As for `conv2d`.
    padding : "SAME", "VALID" or four pairs of int
    data_format : {"NHWC", "NCHW"}

    Returns
    -------
    Tensor, of shape `output_shape`
        Of the dtype of `value`.

    Raises
    ------
    ValueError
        If channels do not match.
    InvalidArgumentError
        If `output_shape` does not convolve back to the shape of `value`.

    Notes
    -----
    Zeiler et al., "Deconvolutional Networks", CVPR 2010.
    """
    value = either("input", input, "value", value)
    filter = either("filters", filters, "filter", filter)
    with name_scope(name, "conv2d_transpose", [value, filter, output_shape]) as scope:
        data_format = data_format or "NHWC"
        padding, explicit_paddings = convert_padding(padding)
        return conv2d_backprop_input_op(
            output_shape,
            filter,
            value,
            strides=sequence(strides, 2, data_format, "strides"),
            padding=padding,
            explicit_paddings=explicit_paddings,
            data_format=data_format,
            dilations=sequence(dilations, 2, data_format, "dilations"),
            name=scope,
        )


def conv3d_transpose(
    value: Any,
    filter: Any = None,
    output_shape: Any = None,
    strides: Any = None,
    padding: str = "SAME",
    data_format: str = "NDHWC",
    name: str | None = None,
    input: Any = None,
    filters: Any = None,
    dilations: Any = None,
) -> Tensor:
    """The transpose of `conv3d`, as `conv2d_transpose` is of `conv2d`.

    Parameters
    ----------
    value, input : Tensor, floating, [batch, depth, height, width, in_channels]
        `input` is the new name.
    filter, filters : Tensor, [depth, height, width, out_channels, in_channels]
        Of the dtype of `value`. `filters` is the new name.
    output_shape : Tensor, int32, [5]
    strides, dilations : int or sequence of 1, 3 or 5 int
    padding : {"SAME", "VALID"}
    data_format : {"NDHWC", "NCDHW"}

    Returns
    -------
    Tensor, of shape `output_shape`
        Of the dtype of `value`.
    """
    value = either("input", input, "value", value)
    filter = either("filters", filters, "filter", filter)
    with name_scope(name, "conv3d_transpose", [value, filter, output_shape]) as scope:
        data_format = data_format or "NDHWC"
        return conv3d_backprop_input_op(
            output_shape,
            filter,
            value,
            strides=sequence(strides, 3, data_format, "strides"),
            padding=padding,
            data_format=data_format,
            dilations=sequence(dilations, 3, data_format, "dilations"),
            name=scope,
        )


def conv_transpose(
    input: Any,
    filters: Any,
    output_shape: Any,
    strides: Any,
    padding: str = "SAME",
    data_format: Any = None,
    dilations: Any = None,
    name: str | None = None,
) -> Tensor:
    """The transpose of a convolution over as many axes as `output_shape` has, less two.

    Parameters
    ----------
    input : Tensor, floating, [batch, *space, in_channels]
    filters : Tensor, [*window, out_channels, in_channels]
        Of the dtype of `input`.
    output_shape : sequence of int or Tensor, int32, [3, 4 or 5]
    strides, dilations : int or sequence of int
    padding : {"SAME", "VALID"}
    data_format : str, optional
        Channels last if not given.

    Returns
    -------
    Tensor, of shape `output_shape`
        Of the dtype of `input`.

    Raises
    ------
    ValueError
        If `output_shape` has no length, or another one than 3, 4 or 5.
    """
    with name_scope(name, "conv_transpose", [input, filters, output_shape]) as scope:
        if isinstance(output_shape, Tensor):
            n = output_shape.shape.as_list()[0] - 2
        elif isinstance(output_shape, Sized):
            n = len(output_shape) - 2
        else:
            raise ValueError(
                "`output_shape` must be a tensor or sized collection. Received: "
                f"output_shape={output_shape}"
            )
        if not 1 <= n <= 3:
            raise ValueError(
                f"`output_shape` must be of length 3, 4 or 5. Received: output_shape={output_shape}"
                f" of length {n + 2}."
            )
        transpose = (conv1d_transpose, conv2d_transpose, conv3d_transpose)[n - 1]
        return transpose(
            input,
            filters,
            output_shape,
            strides,
            padding=padding,
            data_format=data_format,
            dilations=dilations,
            name=scope,
        )


def atrous_conv2d_transpose(
    value: Any, filters: Any, output_shape: Any, rate: int, padding: str, name: str | None = None
) -> Tensor:
    """The transpose of `atrous_conv2d`.

    Parameters
    ----------
    value : Tensor, floating, [batch, height, width, in_channels]
    filters : Tensor, [rows, columns, out_channels, in_channels]
        Of the dtype of `value`.
    output_shape : Tensor, int32, [4]
        As for `conv2d_transpose`.
    rate : int
        How far the elements of a filter are apart.
    padding : {"SAME", "VALID"}

    Returns
    -------
    Tensor, of shape `output_shape`
        Of the dtype of `value`.

    Raises
    ------
    ValueError
        If `rate` is below 1.
    """
    if rate < 1:
        raise ValueError(f"`rate` cannot be less than one. Received: rate={rate}")
    with name_scope(name, "atrous_conv2d_transpose", [value, filters, output_shape]) as scope:
        return conv2d_transpose(
            value, filters, output_shape, 1, padding, dilations=rate, name=scope
        )
