"""Convolutions over one, two and three axes: what programs call.

Their transposes are in `transposed_convolution`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.ops import array
from graphmode.ops.nn.convolution import (
    conv2d_backprop_filter_op,
    conv2d_backprop_input_op,
    conv2d_op,
    conv3d_backprop_filter_op,
    conv3d_op,
)
from graphmode.ops.nn.windows import convert_padding, sequence, strides_and_dilation
from graphmode.ops.old_names import either

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphmode.framework.operation import Tensor

ONES = (1, 1, 1, 1)
_ONES3 = (1, 1, 1, 1, 1)


def attrs_of_images(
    strides: Any, padding: Any, data_format: str | None, dilations: Any
) -> dict[str, Any]:
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
    input: Any,
    filter: Any = None,
    strides: Any = None,
    padding: Any = None,
    use_cudnn_on_gpu: bool = True,
    data_format: str = "NHWC",
    dilations: Any = ONES,
    name: str | None = None,
    filters: Any = None,
) -> Tensor:
    r"""Convolve images with a bank of filters (a cross-correlation: filters are not flipped).

    .. math:: y_{b,i,j,o} = \sum_{u,v,c} x_{b,\, i s + u d,\, j s + v d,\, c}\; w_{u,v,c,o}

    Parameters
    ----------
    input : Tensor, [batch, height, width, in_channels]
        Floating or int32. ``[batch, in_channels, height, width]`` when `data_format` is ``"NCHW"``.
    filter, filters : Tensor, [height, width, in_channels, out_channels]
        Of the dtype of `input`. `filters` is the new name. The channels of the input may be a
        multiple of `in_channels`: then they are convolved in groups.
    strides, dilations : int or sequence of 1, 2 or 4 int
        Steps between windows, and between the elements of a window; 4 go with `data_format`.
    padding : "SAME", "VALID" or four pairs of int
        SAME: ``ceil(n / stride)`` outputs, the larger half of the padding at the end; VALID: no
        padding.
    use_cudnn_on_gpu : bool
        Recorded; it does not change values.
    data_format : {"NHWC", "NCHW"}

    Returns
    -------
    Tensor, [batch, out_height, out_width, out_channels]

    Raises
    ------
    ValueError
        If channels do not match, a window is larger than the input under VALID, `strides` has
        another length, or `padding` or `data_format` is unknown.

    Notes
    -----
    TF op Conv2D.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default():
    ...     images, filters = tf.zeros([10, 28, 28, 1]), tf.zeros([5, 5, 1, 32])
    ...     print(tf.nn.conv2d(images, filters, strides=[1, 2, 2, 1], padding="SAME").shape)
    (10, 14, 14, 32)
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
    input_sizes: Any,
    filter: Any = None,
    out_backprop: Any = None,
    strides: Any = None,
    padding: Any = None,
    use_cudnn_on_gpu: bool = True,
    data_format: str = "NHWC",
    dilations: Any = ONES,
    name: str | None = None,
    filters: Any = None,
) -> Tensor:
    """The gradient of `conv2d` by its input.

    Parameters
    ----------
    input_sizes : Tensor, int32, [4]
        The shape of the input.
    filter, filters : Tensor, floating, [height, width, in_channels, out_channels]
        `filters` is the new name.
    out_backprop : Tensor, [batch, out_height, out_width, out_channels]
        The gradient of the output, of the dtype of `filter`.
    strides, dilations : sequence of 4 int
        As for `conv2d`.
    padding : "SAME", "VALID" or four pairs of int
    use_cudnn_on_gpu : bool
        Recorded; it does not change values.
    data_format : {"NHWC", "NCHW"}

    Returns
    -------
    Tensor, of shape `input_sizes`
        Of the dtype of `filter`.

    Notes
    -----
    TF op Conv2DBackpropInput.
    """
    return conv2d_backprop_input_op(
        input_sizes,
        either("filters", filters, "filter", filter),
        out_backprop,
        use_cudnn_on_gpu=use_cudnn_on_gpu,
        **attrs_of_images(strides, padding, data_format, dilations),
        name=name,
    )


def conv2d_backprop_filter(
    input: Any,
    filter_sizes: Any,
    out_backprop: Any,
    strides: Any,
    padding: Any,
    use_cudnn_on_gpu: bool = True,
    data_format: str = "NHWC",
    dilations: Any = ONES,
    name: str | None = None,
) -> Tensor:
    """The gradient of `conv2d` by its filter.

    Parameters
    ----------
    input : Tensor, floating, [batch, height, width, in_channels]
    filter_sizes : Tensor, int32, [4]
        The shape of the filter.
    out_backprop : Tensor, [batch, out_height, out_width, out_channels]
        The gradient of the output, of the dtype of `input`.
    strides, dilations : sequence of 4 int
        As for `conv2d`.
    padding : "SAME", "VALID" or four pairs of int
    use_cudnn_on_gpu : bool
        Recorded; it does not change values.
    data_format : {"NHWC", "NCHW"}

    Returns
    -------
    Tensor, of shape `filter_sizes`
        Of the dtype of `input`.

    Notes
    -----
    TF op Conv2DBackpropFilter.
    """
    return conv2d_backprop_filter_op(
        input,
        filter_sizes,
        out_backprop,
        use_cudnn_on_gpu=use_cudnn_on_gpu,
        **attrs_of_images(strides, padding, data_format, dilations),
        name=name,
    )


def atrous_conv2d(
    value: Any, filters: Any, rate: int, padding: str, name: str | None = None
) -> Tensor:
    """`conv2d` with holes in its filters: their elements are `rate` apart.

    Parameters
    ----------
    value : Tensor, floating, [batch, height, width, in_channels]
    filters : Tensor, [rows, columns, in_channels, out_channels]
        Of the dtype of `value`.
    rate : int
    padding : {"SAME", "VALID"}

    Returns
    -------
    Tensor, [batch, out_height, out_width, out_channels]
        Of the dtype of `value`.

    Notes
    -----
    Chen et al., "Semantic image segmentation with deep convolutional nets and fully connected
    CRFs", ICLR 2015.
    """
    return convolution(value, filters, padding, dilation_rate=[rate, rate], name=name)


# ---- one and three axes --------------------------------------------------------------------------


def image_format(data_format: str | None) -> tuple[str, int]:
    """The format of images of height 1, and where the axis of height goes."""
    if data_format in (None, "NWC", "NHWC"):
        return "NHWC", 1
    if data_format in ("NCW", "NCHW"):
        return "NCHW", 2
    raise ValueError(f"`data_format` must be 'NWC' or 'NCW'. Received: data_format={data_format}")


def conv1d(
    value: Any = None,
    filters: Any = None,
    stride: Any = None,
    padding: str | None = None,
    use_cudnn_on_gpu: bool | None = None,
    data_format: str | None = None,
    name: str | None = None,
    input: Any = None,
    dilations: Any = None,
) -> Tensor:
    r"""Convolve sequences with a bank of filters (a cross-correlation: filters are not flipped).

    .. math:: y_{b,i,o} = \sum_{u,c} x_{b,\, i s + u d,\, c}\; w_{u,c,o}

    Parameters
    ----------
    value, input : Tensor, floating or int32, [batch, width, in_channels]
        ``[batch, in_channels, width]`` when `data_format` is ``"NCW"``. `input` is the new name.
    filters : Tensor, [width, in_channels, out_channels]
        Of the dtype of `value`.
    stride, dilations : int or sequence of 1 or 3 int
        Steps between windows, and between the elements of a window.
    padding : {"SAME", "VALID"}
        SAME: ``ceil(n / stride)`` outputs; VALID: no padding.
    use_cudnn_on_gpu : bool
        Recorded; it does not change values.
    data_format : {"NWC", "NCW"}

    Returns
    -------
    Tensor, [batch, out_width, out_channels]
        Of the dtype of `value`.
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
    input: Any,
    filter: Any = None,
    strides: Any = None,
    padding: str | None = None,
    data_format: str = "NDHWC",
    dilations: Any = _ONES3,
    name: str | None = None,
    filters: Any = None,
) -> Tensor:
    """Convolve volumes with a bank of filters, as `conv2d` does images.

    Parameters
    ----------
    input : Tensor, floating, [batch, depth, height, width, in_channels]
        Channels before depth when `data_format` is ``"NCDHW"``.
    filter, filters : Tensor, [depth, height, width, in_channels, out_channels]
        Of the dtype of `input`. `filters` is the new name.
    strides, dilations : sequence of 5 int
        Steps between windows, and between the elements of a window.
    padding : {"SAME", "VALID"}
    data_format : {"NDHWC", "NCDHW"}

    Returns
    -------
    Tensor, [batch, out_depth, out_height, out_width, out_channels]
        Of the dtype of `input`.

    Notes
    -----
    TF op Conv3D.
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
    input: Any,
    filter_sizes: Any,
    out_backprop: Any,
    strides: Any,
    padding: str,
    data_format: str = "NDHWC",
    dilations: Any = _ONES3,
    name: str | None = None,
) -> Tensor:
    """The gradient of `conv3d` by its filter.

    Parameters
    ----------
    input : Tensor, floating, [batch, depth, height, width, in_channels]
    filter_sizes : Tensor, int32, [5]
        The shape of the filter.
    out_backprop : Tensor, [batch, out_depth, out_height, out_width, out_channels]
        The gradient of the output, of the dtype of `input`.
    strides, dilations : sequence of 5 int
    padding : {"SAME", "VALID"}
    data_format : {"NDHWC", "NCDHW"}

    Returns
    -------
    Tensor, of shape `filter_sizes`
        Of the dtype of `input`.

    Notes
    -----
    TF op Conv3DBackpropFilterV2.
    """
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
    input: Any,
    filter: Any = None,
    padding: str | None = None,
    strides: Sequence[int] | None = None,
    dilation_rate: Sequence[int] | None = None,
    name: str | None = None,
    data_format: str | None = None,
    filters: Any = None,
    dilations: Sequence[int] | None = None,
) -> Tensor:
    """Convolve over one, two or three axes, as many as the filter has, less two.

    Parameters
    ----------
    input : Tensor, floating, [batch, *space, in_channels]
        Channels first when `data_format` says so.
    filter, filters : Tensor, [*window, in_channels, out_channels]
        Of the dtype of `input`. `filters` is the new name.
    padding : {"SAME", "VALID"}
    strides : sequence of int, optional
        One for each spatial axis.
    dilation_rate, dilations : sequence of int, optional
        One for each spatial axis; not above 1 where a stride is. `dilations` is the new name.
    data_format : str, optional
        "NWC", "NHWC", "NDHWC" by default, or "NCW", "NCHW", "NCDHW".

    Returns
    -------
    Tensor, [batch, *space, out_channels]
        Of the dtype of `input`.

    Raises
    ------
    ValueError
        If the rank of the filter is not 3, 4 or 5.

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
