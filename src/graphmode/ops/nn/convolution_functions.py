"""Convolutions over one, two and three axes: what programs call.

Their transposes are in `transposed_convolution`.
"""

from __future__ import annotations

from typing import Any

from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.ops import array
from graphmode.ops.nn.convolution import (
    conv2d_backprop_filter_op,
    conv2d_backprop_input_op,
    conv2d_op,
    conv3d_backprop_filter_op,
    conv3d_op,
    depthwise_conv2d_native_backprop_filter_op,
    depthwise_conv2d_native_backprop_input_op,
    depthwise_conv2d_native_op,
)
from graphmode.ops.nn.windows import convert_padding, sequence, strides_and_dilation
from graphmode.ops.old_names import either

_ONES = (1, 1, 1, 1)
_ONES3 = (1, 1, 1, 1, 1)


def _of_images(strides, padding, data_format, dilations) -> dict[str, Any]:
    """The attributes of a convolution of images, as a program gives them."""
    padding, explicit_paddings = convert_padding(padding)
    return {
        "strides": list(strides),
        "padding": padding,
        "explicit_paddings": explicit_paddings,
        "data_format": data_format or "NHWC",
        "dilations": list(dilations),
    }


# ---- two axes ------------------------------------------------------------------------------------


def conv2d(
    input,
    filter=None,
    strides=None,
    padding=None,
    use_cudnn_on_gpu=True,
    data_format="NHWC",
    dilations=_ONES,
    name=None,
    filters=None,
):
    r"""Convolve images with a bank of filters (a cross-correlation: filters are not flipped).

    .. math:: y_{b,i,j,o} = \sum_{u,v,c} x_{b,\, i s + u d,\, j s + v d,\, c}\; w_{u,v,c,o}

    Parameters
    ----------
    input : Tensor, [batch, height, width, in_channels]
        Floating or int32. ``[batch, in_channels, height, width]`` when `data_format` is ``"NCHW"``.
    filter : Tensor, [height, width, in_channels, out_channels]
        Of the dtype of `input`. `filters` is another name. The channels of the input may be a
        multiple of `in_channels`: then they are convolved in groups.
    strides, dilations : int or sequence of 1, 2 or 4 int
        Steps between windows, and between the elements of a window; 4 go with `data_format`.
    padding : "SAME", "VALID" or four pairs of int
        SAME: ``ceil(n / stride)`` outputs, the larger half of the padding at the end; VALID: no
        padding.
    use_cudnn_on_gpu : bool
        Recorded; it does not change values.

    Returns
    -------
    Tensor, [batch, out_height, out_width, out_channels]

    Raises
    ------
    ValueError
        If channels do not match, a window is larger than the input under VALID, `strides` has
        another length, or `padding` or `data_format` is unknown.
    """
    padding, explicit_paddings = convert_padding(padding)
    data_format = data_format or "NHWC"
    return conv2d_op(
        input,
        either("filters", filters, "filter", filter),
        strides=sequence(strides, 2, data_format, "strides"),
        padding=padding,
        use_cudnn_on_gpu=use_cudnn_on_gpu is not False,
        explicit_paddings=explicit_paddings,
        data_format=data_format,
        dilations=sequence(dilations, 2, data_format, "dilations"),
        name=name,
    )


def conv2d_backprop_input(
    input_sizes,
    filter=None,
    out_backprop=None,
    strides=None,
    padding=None,
    use_cudnn_on_gpu=True,
    data_format="NHWC",
    dilations=_ONES,
    name=None,
    filters=None,
):
    """The gradient of `conv2d` by its input, whose shape is the int32 tensor `input_sizes`."""
    return conv2d_backprop_input_op(
        input_sizes,
        either("filters", filters, "filter", filter),
        out_backprop,
        use_cudnn_on_gpu=use_cudnn_on_gpu,
        **_of_images(strides, padding, data_format, dilations),
        name=name,
    )


def conv2d_backprop_filter(
    input,
    filter_sizes,
    out_backprop,
    strides,
    padding,
    use_cudnn_on_gpu=True,
    data_format="NHWC",
    dilations=_ONES,
    name=None,
):
    """The gradient of `conv2d` by its filter, whose shape is the int32 tensor `filter_sizes`."""
    return conv2d_backprop_filter_op(
        input,
        filter_sizes,
        out_backprop,
        use_cudnn_on_gpu=use_cudnn_on_gpu,
        **_of_images(strides, padding, data_format, dilations),
        name=name,
    )


def atrous_conv2d(value, filters, rate, padding, name=None):
    """`conv2d` whose filter elements are `rate` apart (Chen et al., ICLR 2015)."""
    return convolution(value, filters, padding, dilation_rate=[rate, rate], name=name)


# ---- one and three axes --------------------------------------------------------------------------


def image_format(data_format) -> tuple[str, int]:
    """The format of images of height 1, and where the axis of height goes."""
    if data_format in (None, "NWC", "NHWC"):
        return "NHWC", 1
    if data_format in ("NCW", "NCHW"):
        return "NCHW", 2
    raise ValueError(f"`data_format` must be 'NWC' or 'NCW'. Received: data_format={data_format}")


def conv1d(
    value=None,
    filters=None,
    stride=None,
    padding=None,
    use_cudnn_on_gpu=None,
    data_format=None,
    name=None,
    input=None,
    dilations=None,
):
    """Convolve ``[batch, width, in_channels]`` with ``[width, in_channels, out_channels]``.

    `data_format` is ``"NWC"`` or ``"NCW"``; the rest is as for `conv2d`.
    """
    value = either("input", input, "value", value)
    with name_scope(name, "conv1d", [value, filters]) as scope:
        data_format, axis = image_format(data_format)
        result = conv2d_op(
            array.expand_dims(value, -3 if axis == 1 else -2),
            array.expand_dims(filters, 0),
            strides=[1, *sequence(stride, 1, data_format, "stride")],
            padding=padding,
            use_cudnn_on_gpu=use_cudnn_on_gpu is not False,
            data_format=data_format,
            dilations=[1, *sequence(dilations, 1, data_format, "dilations")],
            name=scope,
        )
        return array.squeeze(result, [-3 if axis == 1 else -2])


def conv3d(
    input,
    filter=None,
    strides=None,
    padding=None,
    data_format="NDHWC",
    dilations=_ONES3,
    name=None,
    filters=None,
):
    """Convolve volumes ``[batch, depth, height, width, in_channels]``.

    `filter` is ``[depth, height, width, in_channels, out_channels]``; `strides` and `dilations`
    have 5 elements; `data_format` is ``"NDHWC"`` or ``"NCDHW"``. The rest is as for `conv2d`.
    """
    return conv3d_op(
        input,
        either("filters", filters, "filter", filter),
        strides=list(strides),
        padding=padding,
        data_format=data_format or "NDHWC",
        dilations=list(dilations),
        name=name,
    )


def conv3d_backprop_filter(
    input,
    filter_sizes,
    out_backprop,
    strides,
    padding,
    data_format="NDHWC",
    dilations=_ONES3,
    name=None,
):
    """The gradient of `conv3d` by its filter, whose shape is the int32 tensor `filter_sizes`."""
    return conv3d_backprop_filter_op(
        input,
        filter_sizes,
        out_backprop,
        strides=list(strides),
        padding=padding,
        data_format=data_format,
        dilations=list(dilations),
        name=name,
    )


def convolution(
    input,
    filter=None,
    padding=None,
    strides=None,
    dilation_rate=None,
    name=None,
    data_format=None,
    filters=None,
    dilations=None,
):
    """Convolve over one, two or three axes, as many as the filter has, less two.

    Parameters
    ----------
    input : Tensor, [batch, *space, in_channels], or channels first by `data_format` ("NCHW", ...)
    filter : Tensor, [*window, in_channels, out_channels]
    padding : {"SAME", "VALID"}
    strides, dilation_rate : sequence of int, optional
        One for each spatial axis. Not both above 1.

    Notes
    -----
    TensorFlow makes a dilated convolution of SpaceToBatchND, a plain one and BatchToSpaceND; here
    it is one op with `dilations`, and the same numbers.
    """
    filter = convert_to_tensor(either("filters", filters, "filter", filter), name="filters")
    input = convert_to_tensor(input, name="input")
    dilation_rate = either("dilations", dilations, "dilation_rate", dilation_rate)
    rank = len(filter.dims) if filter.dims is not None else len(input.dims or ())
    n = rank - 2
    if not 1 <= n <= 3:
        raise ValueError(
            "`num_spatial_dims` must be 1, 2, or 3: the rank of the filter, or else of the input, "
            f"less 2. Received: filter {filter.shape}, input {input.shape}."
        )
    fmt = data_format or ("NWC", "NHWC", "NDHWC")[n - 1]
    strides = sequence(strides, n, fmt, "strides")
    dilations = sequence(dilation_rate, n, fmt, "dilations")
    space = slice(2, None) if fmt.startswith("NC") else slice(1, -1)
    strides_and_dilation(n, strides[space], dilations[space])
    with name_scope(name, "convolution", [input, filter]) as scope:
        if n == 1:
            return conv1d(
                input,
                filter,
                strides[space],
                padding,
                data_format=data_format,
                name=scope,
                dilations=dilations[space],
            )
        function = conv2d if n == 2 else conv3d
        return function(
            input, filter, strides, padding, data_format=fmt, dilations=dilations, name=scope
        )


# ---- channel by channel --------------------------------------------------------------------------


def depthwise_conv2d_native(
    input, filter, strides, padding, data_format="NHWC", dilations=_ONES, name=None
):
    """`depthwise_conv2d` with the dilation as four numbers."""
    return depthwise_conv2d_native_op(
        input,
        filter,
        **_of_images(strides, padding, data_format, dilations),
        name=name,
    )


def depthwise_conv2d_native_backprop_input(
    input_sizes,
    filter,
    out_backprop,
    strides,
    padding,
    data_format="NHWC",
    dilations=_ONES,
    name=None,
):
    """The gradient of `depthwise_conv2d_native` by its input of shape `input_sizes`."""
    return depthwise_conv2d_native_backprop_input_op(
        input_sizes,
        filter,
        out_backprop,
        **_of_images(strides, padding, data_format, dilations),
        name=name,
    )


def depthwise_conv2d_native_backprop_filter(
    input,
    filter_sizes,
    out_backprop,
    strides,
    padding,
    data_format="NHWC",
    dilations=_ONES,
    name=None,
):
    """The gradient of `depthwise_conv2d_native` by its filter of shape `filter_sizes`."""
    return depthwise_conv2d_native_backprop_filter_op(
        input,
        filter_sizes,
        out_backprop,
        **_of_images(strides, padding, data_format, dilations),
        name=name,
    )


def depthwise_conv2d(
    input, filter, strides, padding, rate=None, name=None, data_format=None, dilations=None
):
    """Convolve each channel of images with filters of its own.

    Parameters
    ----------
    input : Tensor, [batch, height, width, in_channels]
    filter : Tensor, [height, width, in_channels, channel_multiplier]
    strides : sequence of 4 int
        The same for height and width.
    rate : sequence of 2 int, optional
        The dilation of height and width. `dilations` is another name.

    Returns
    -------
    Tensor, [batch, out_height, out_width, in_channels * channel_multiplier]

    Raises
    ------
    ValueError
        If the channels differ.
    """
    rate = either("dilations", dilations, "rate", rate)
    with name_scope(name, "depthwise", [input, filter]) as scope:
        input = convert_to_tensor(input, name="tensor_in")
        filter = convert_to_tensor(filter, name="filter_in")
        return depthwise_conv2d_native(
            input, filter, strides, padding, data_format, _rates(rate, data_format), scope
        )


def _rates(rate, data_format) -> list[int]:
    rate = sequence([1, 1] if rate is None else rate, 2, data_format or "NHWC", "rate")
    if min(rate) < 1:
        raise ValueError(f"`dilation_rate` must be positive. Received: dilation_rate={rate}")
    return rate


def separable_conv2d(
    input,
    depthwise_filter,
    pointwise_filter,
    strides,
    padding,
    rate=None,
    name=None,
    data_format=None,
    dilations=None,
):
    """`depthwise_conv2d`, then a 1x1 convolution that mixes the channels.

    Parameters
    ----------
    depthwise_filter : Tensor, [height, width, in_channels, channel_multiplier]
    pointwise_filter : Tensor, [1, 1, in_channels * channel_multiplier, out_channels]

    Raises
    ------
    ValueError
        If `pointwise_filter` is not 1x1, or channels do not match.
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
        depthwise = depthwise_conv2d_native(
            input, depthwise_filter, strides, padding, data_format, rates, "depthwise"
        )
        return conv2d(depthwise, pointwise_filter, 1, "VALID", data_format=data_format, name=scope)
