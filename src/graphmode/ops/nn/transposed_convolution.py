"""The transposes of convolutions over one, two and three axes."""

from __future__ import annotations

from collections.abc import Sized

from graphmode.framework.default_graph import name_scope
from graphmode.framework.operation import Tensor
from graphmode.ops import array
from graphmode.ops.nn.convolution import conv2d_backprop_input_op, conv3d_backprop_input_op
from graphmode.ops.nn.convolution_functions import image_format
from graphmode.ops.nn.windows import convert_padding, sequence
from graphmode.ops.old_names import either


def conv1d_transpose(
    input,
    filters,
    output_shape,
    strides,
    padding="SAME",
    data_format="NWC",
    dilations=None,
    name=None,
):
    """The transpose of `conv1d`; `filters` is [width, output_channels, in_channels]."""
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
    value=None,
    filter=None,
    output_shape=None,
    strides=None,
    padding="SAME",
    data_format="NHWC",
    name=None,
    input=None,
    filters=None,
    dilations=None,
):
    """The transpose of `conv2d`: the gradient of a convolution that gives a tensor like `value`.

    Parameters
    ----------
    value : Tensor, [batch, height, width, in_channels]
    filter : Tensor, [height, width, output_channels, in_channels]
    output_shape : int32, [4]
        The shape of the result, batch included: a list, or a tensor such as
        ``tf.stack([tf.shape(value)[0], 28, 28, 1])``. It must convolve back to that of `value`.
    strides, padding, data_format, dilations
        As for `conv2d`.

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
    value,
    filter=None,
    output_shape=None,
    strides=None,
    padding="SAME",
    data_format="NDHWC",
    name=None,
    input=None,
    filters=None,
    dilations=None,
):
    """The transpose of `conv3d`, as `conv2d_transpose` is of `conv2d`."""
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
    input,
    filters,
    output_shape,
    strides,
    padding="SAME",
    data_format=None,
    dilations=None,
    name=None,
):
    """The transpose of a convolution over as many axes as `output_shape` has, less two."""
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


def atrous_conv2d_transpose(value, filters, output_shape, rate, padding, name=None):
    """The transpose of `atrous_conv2d`; `output_shape` [4] as for `conv2d_transpose`."""
    if rate < 1:
        raise ValueError(f"`rate` cannot be less than one. Received: rate={rate}")
    with name_scope(name, "atrous_conv2d_transpose", [value, filters, output_shape]) as scope:
        return conv2d_transpose(
            value, filters, output_shape, 1, padding, dilations=rate, name=scope
        )
