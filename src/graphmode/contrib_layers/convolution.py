"""Convolution layers of `tf.contrib.layers`."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from graphmode.contrib_layers.arg_scope import add_arg_scope
from graphmode.contrib_layers.initializers import xavier_initializer
from graphmode.contrib_layers.outputs import collect_named_outputs, last_dimension
from graphmode.contrib_layers.variables import (
    collect_variable,
    collections_of,
    model_variable,
    renaming_getter,
)
from graphmode.contrib_layers.weighted import finished, weighted_layer
from graphmode.framework.convert import convert_to_tensor
from graphmode.layers.convolutional import Conv1D, Conv2D, Conv3D
from graphmode.layers.identifiers import lengths
from graphmode.layers.separable import SeparableConv2D
from graphmode.layers.transposed import Conv2DTranspose, Conv3DTranspose
from graphmode.ops.array.padding import tile
from graphmode.ops.nn.activation import relu
from graphmode.ops.nn.bias import bias_add
from graphmode.ops.nn.separable_convolution import depthwise_conv2d
from graphmode.variables.initializers import zeros_initializer
from graphmode.variables.scope import variable_scope

if TYPE_CHECKING:
    from graphmode.framework.operation import Tensor

_FORMATS = (None, "NWC", "NCW", "NHWC", "NCHW", "NDHWC", "NCDHW")
_LAYERS = {3: Conv1D, 4: Conv2D, 5: Conv3D}


def layer_format(data_format: str | None) -> str:
    """The layers' word for an op's data format.

    Raises
    ------
    ValueError
        If it is unknown.
    """
    if data_format not in _FORMATS:
        raise ValueError(f"Invalid data_format: {data_format!r}")
    is_first = data_format is not None and data_format.startswith("NC")
    return "channels_first" if is_first else "channels_last"


def check_image_format(data_format: str | None, n_axes: int) -> None:
    """Refuse a data format that is not one of images with `n_axes` axes of space.

    Raises
    ------
    ValueError
        In TensorFlow's words.
    """
    channels_first, channels_last = ("NCHW", "NHWC") if n_axes == 2 else ("NCDHW", "NDHWC")
    if data_format not in (None, channels_first, channels_last):
        raise ValueError(f"data_format has to be either {channels_first} or {channels_last}.")


@add_arg_scope
def convolution(
    inputs: Any,
    num_outputs: int,
    kernel_size: Any,
    stride: Any = 1,
    padding: str = "SAME",
    data_format: str | None = None,
    rate: Any = 1,
    activation_fn: Any = relu,
    normalizer_fn: Callable[..., Any] | None = None,
    normalizer_params: Any = None,
    weights_initializer: Callable[..., Any] = xavier_initializer(),  # noqa: B008 - TensorFlow's default; has no state
    weights_regularizer: Callable[..., Any] | None = None,
    biases_initializer: Callable[..., Any] = zeros_initializer(),  # noqa: B008
    biases_regularizer: Callable[..., Any] | None = None,
    reuse: bool | None = None,
    variables_collections: Any = None,
    outputs_collections: Any = None,
    trainable: bool = True,
    scope: Any = None,
    conv_dims: int | None = None,
) -> Tensor:
    """A convolution over one, two or three axes, as many as `inputs` have, less two.

    Parameters
    ----------
    inputs : Tensor, floating, [batch, *space, channels], or channels first by `data_format`
    num_outputs : int
        The number of filters.
    kernel_size, stride, rate : int or sequence of int
        The lengths of a window, the steps between windows, and between the elements of one.
    padding : {"SAME", "VALID"}
    data_format : str, optional
        "NHWC", "NCHW", ...
    activation_fn : callable or None
        ReLU if not given; None for a linear layer.
    normalizer_fn : callable, optional
        Used in the place of biases, such as `batch_norm`.
    normalizer_params : dict, optional
        Its arguments.
    weights_initializer, biases_initializer : callable
        No biases if the latter is None.
    weights_regularizer, biases_regularizer : callable, optional
    reuse : bool, optional
        Take the variables ``weights`` and ``biases`` of `scope`.
    variables_collections, outputs_collections : optional
        Collections for the variables (a list, or a dict of lists by name) and for the result.
    trainable : bool
    scope : str or VariableScope, optional
        "Conv", made unique, if not given.
    conv_dims : int, optional
        How many axes are wanted.

    Returns
    -------
    Tensor, floating, [batch, *space, num_outputs], or channels first

    Raises
    ------
    ValueError
        If `data_format` is unknown, or the rank of `inputs` is not 3, 4 or 5.
    """
    channels = layer_format(data_format)

    def layer_of(tensor: Any):
        rank = None if tensor.dims is None else len(tensor.dims)
        # `conv2d` was `convolution` before TensorFlow 1.5: programs give it sequences.
        is_old = conv_dims == 2 and rank == 3
        if conv_dims is not None and conv_dims + 2 != rank and not is_old:
            raise ValueError(f"Convolution expects input with rank {conv_dims + 2}, got {rank}")
        if rank not in _LAYERS:
            raise ValueError("Convolution not supported for input with rank", rank)
        return _LAYERS[rank]

    settings = {
        "filters": num_outputs,
        "kernel_size": kernel_size,
        "strides": stride,
        "padding": padding,
        "data_format": channels,
        "dilation_rate": rate,
    }
    return weighted_layer(
        layer_of,
        "Conv",
        inputs,
        settings,
        activation_fn=activation_fn,
        normalizer_fn=normalizer_fn,
        normalizer_params=normalizer_params,
        weights_initializer=weights_initializer,
        weights_regularizer=weights_regularizer,
        biases_initializer=biases_initializer,
        biases_regularizer=biases_regularizer,
        reuse=reuse,
        variables_collections=variables_collections,
        outputs_collections=outputs_collections,
        trainable=trainable,
        scope=scope,
    )


_ANY_AXES = "one, two or three axes, as many as `inputs` have, less two"
_WANTED_AXES = "    conv_dims : int, optional\n        How many axes are wanted.\n"


def _over_axes(n: int) -> Callable[..., Any]:
    """`convolution` of inputs with `n` spatial axes."""

    scoped: Any = convolution

    @functools.wraps(scoped.__wrapped__)
    def function(*args: Any, **kwargs: Any) -> Any:
        return scoped.__wrapped__(*args, **{"conv_dims": n, **kwargs})

    # `repeat` and `stack` make scopes of it.
    function.__name__ = function.__qualname__ = f"convolution{n}d"
    axes = ("one axis", "two axes", "three axes")[n - 1]
    text = convolution.__doc__ or ""
    function.__doc__ = text.replace(_ANY_AXES, axes).replace(_WANTED_AXES, "")
    signature = inspect.signature(function)
    given = [p for p in signature.parameters.values() if p.name != "conv_dims"]
    function.__signature__ = signature.replace(parameters=given)  # type: ignore[attr-defined]
    return add_arg_scope(function)


convolution1d = _over_axes(1)
convolution2d = _over_axes(2)
convolution3d = _over_axes(3)


def _transpose(layer_class: type, n: int) -> Callable[..., Any]:
    """The transposed convolution over `n` axes."""

    def function(
        inputs: Any,
        num_outputs: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: str = "SAME",
        data_format: str | None = None,
        activation_fn: Any = relu,
        normalizer_fn: Callable[..., Any] | None = None,
        normalizer_params: Any = None,
        weights_initializer: Callable[..., Any] = xavier_initializer(),  # noqa: B008 - TensorFlow's default
        weights_regularizer: Callable[..., Any] | None = None,
        biases_initializer: Callable[..., Any] = zeros_initializer(),  # noqa: B008
        biases_regularizer: Callable[..., Any] | None = None,
        reuse: bool | None = None,
        variables_collections: Any = None,
        outputs_collections: Any = None,
        trainable: bool = True,
        scope: Any = None,
    ) -> Any:
        """A transposed convolution, which enlarges `inputs`.

        Parameters
        ----------
        inputs : Tensor, floating, [batch, *space, channels], or channels first by `data_format`
        num_outputs : int
            The number of filters.
        kernel_size, stride : int or sequence of int
            The lengths of a window, and the factors by which `inputs` are enlarged.
        padding : {"SAME", "VALID"}
        data_format : str, optional
            "NHWC", "NCHW", ...; channels last if not given.
        activation_fn : callable or None
            ReLU if not given; None for a linear layer.
        normalizer_fn : callable, optional
            Used in the place of biases, such as `batch_norm`.
        normalizer_params : dict, optional
            Its arguments.
        weights_initializer, biases_initializer : callable
            No biases if the latter is None.
        weights_regularizer, biases_regularizer : callable, optional
        reuse : bool, optional
            Take the variables ``weights`` and ``biases`` of `scope`.
        variables_collections, outputs_collections : optional
            Collections for the variables (a list, or a dict of lists by name) and for the result.
        trainable : bool
        scope : str or VariableScope, optional
            "Conv2d_transpose" or "Conv3d_transpose", made unique, if not given.

        Returns
        -------
        Tensor, floating, [batch, *space, num_outputs], or channels first
        """
        check_image_format(data_format, n)
        settings = {
            "filters": num_outputs,
            "kernel_size": kernel_size,
            "strides": stride,
            "padding": padding,
            "data_format": layer_format(data_format),
        }
        return weighted_layer(
            lambda _: layer_class,
            f"Conv{n}d_transpose",
            inputs,
            settings,
            activation_fn=activation_fn,
            normalizer_fn=normalizer_fn,
            normalizer_params=normalizer_params,
            weights_initializer=weights_initializer,
            weights_regularizer=weights_regularizer,
            biases_initializer=biases_initializer,
            biases_regularizer=biases_regularizer,
            reuse=reuse,
            variables_collections=variables_collections,
            outputs_collections=outputs_collections,
            trainable=trainable,
            scope=scope,
        )

    function.__name__ = function.__qualname__ = f"convolution{n}d_transpose"
    return add_arg_scope(function)


convolution2d_transpose = _transpose(Conv2DTranspose, 2)
convolution3d_transpose = _transpose(Conv3DTranspose, 3)


@add_arg_scope
def separable_convolution2d(
    inputs: Any,
    num_outputs: Any,
    kernel_size: Any,
    depth_multiplier: int = 1,
    stride: Any = 1,
    padding: str = "SAME",
    data_format: str = "NHWC",
    rate: Any = 1,
    activation_fn: Any = relu,
    normalizer_fn: Callable[..., Any] | None = None,
    normalizer_params: Any = None,
    weights_initializer: Callable[..., Any] = xavier_initializer(),  # noqa: B008 - TensorFlow's default; has no state
    pointwise_initializer: Callable[..., Any] | None = None,
    weights_regularizer: Callable[..., Any] | None = None,
    biases_initializer: Callable[..., Any] = zeros_initializer(),  # noqa: B008
    biases_regularizer: Callable[..., Any] | None = None,
    reuse: bool | None = None,
    variables_collections: Any = None,
    outputs_collections: Any = None,
    trainable: bool = True,
    scope: Any = None,
) -> Tensor:
    """A convolution of each channel by itself, then one of size 1 that mixes them.

    Parameters
    ----------
    inputs : Tensor, floating, [batch, height, width, channels], or channels first by `data_format`
    num_outputs : int or None
        The number of filters of the second; None leaves it out.
    kernel_size, stride, rate : int or pair of int
        The lengths of a window, the steps between windows, and between the elements of one.
    depth_multiplier : int
        The number of filters of each channel.
    padding : {"SAME", "VALID"}
    data_format : {"NHWC", "NCHW"}
    activation_fn : callable or None
        ReLU if not given; None for a linear layer.
    normalizer_fn : callable, optional
        Used in the place of biases, such as `batch_norm`.
    normalizer_params : dict, optional
        Its arguments.
    weights_initializer, biases_initializer : callable
        Of ``depthwise_weights`` and ``biases``. No biases if the latter is None.
    pointwise_initializer : callable, optional
        Of ``pointwise_weights``; `weights_initializer` if not given.
    weights_regularizer, biases_regularizer : callable, optional
    reuse : bool, optional
        Take the variables of `scope` that exist.
    variables_collections, outputs_collections : optional
        Collections for the variables (a list, or a dict of lists by name) and for the result.
    trainable : bool
    scope : str or VariableScope, optional
        "SeparableConv2d", made unique, if not given.

    Returns
    -------
    Tensor, floating, [batch, height, width, num_outputs], or channels first
        ``channels * depth_multiplier`` channels without `num_outputs`.
    """
    check_image_format(data_format, 2)
    channels = layer_format(data_format)
    renamed = {
        "bias": "biases",
        "depthwise_kernel": "depthwise_weights",
        "pointwise_kernel": "pointwise_weights",
    }
    use_bias = normalizer_fn is None and biases_initializer is not None
    with variable_scope(
        scope, "SeparableConv2d", [inputs], reuse=reuse, custom_getter=renaming_getter(renamed)
    ) as opened:
        inputs = convert_to_tensor(inputs)
        if num_outputs is None:
            outputs = _depthwise(
                inputs,
                lengths(kernel_size, 2, "kernel_size"),
                depth_multiplier,
                lengths(stride, 2, "stride"),
                padding,
                data_format,
                lengths(rate, 2, "rate"),
                {
                    "weights": (weights_initializer, weights_regularizer),
                    "biases": (biases_initializer, biases_regularizer) if use_bias else None,
                },
                trainable,
                variables_collections,
            )
        else:
            if pointwise_initializer is None:
                pointwise_initializer = weights_initializer
            layer = SeparableConv2D(
                filters=num_outputs,
                kernel_size=kernel_size,
                strides=stride,
                padding=padding,
                data_format=channels,
                dilation_rate=lengths(rate, 2, "rate"),
                depth_multiplier=depth_multiplier,
                use_bias=use_bias,
                depthwise_initializer=weights_initializer,
                pointwise_initializer=pointwise_initializer,
                bias_initializer=biases_initializer,
                depthwise_regularizer=weights_regularizer,
                pointwise_regularizer=weights_regularizer,
                bias_regularizer=biases_regularizer,
                trainable=trainable,
                name=opened.name,
                dtype=inputs.dtype.base_dtype,
                _scope=opened,
                _reuse=reuse,
            )
            outputs = layer(inputs)
            collect_variable(layer.depthwise_kernel, variables_collections, "weights")
            collect_variable(layer.pointwise_kernel, variables_collections, "weights")
            if layer.bias is not None:
                collect_variable(layer.bias, variables_collections, "biases")
        outputs = finished(outputs, normalizer_fn, normalizer_params, activation_fn)
        return collect_named_outputs(outputs_collections, opened.name, outputs)


def _depthwise(
    inputs: Any,
    window: Any,
    depth_multiplier: Any,
    stride: Any,
    padding: Any,
    data_format: Any,
    rate: Any,
    parameters: Any,
    trainable: Any,
    variables_collections: Any,
):
    """A convolution of each channel by itself, with biases if `parameters` have them."""
    first = data_format.startswith("NC")
    channels = inputs.dims[1 if first else -1]

    def made(name: Any, kind: Any, shape: Any):
        initializer, regularizer = parameters[kind]
        return model_variable(
            name,
            shape=shape,
            dtype=inputs.dtype.base_dtype,
            initializer=initializer,
            regularizer=regularizer,
            trainable=trainable,
            collections=collections_of(variables_collections, kind),
        )

    weights = made("depthwise_weights", "weights", [*window, channels, depth_multiplier])
    strides = [1, 1, *stride] if first else [1, *stride, 1]
    outputs = depthwise_conv2d(
        inputs, weights, strides, padding, rate=rate, data_format=data_format
    )
    if parameters["biases"] is not None:
        biases = made("biases", "biases", [channels * depth_multiplier])
        outputs = bias_add(outputs, biases, data_format=data_format)
    return outputs


@add_arg_scope
def convolution2d_in_plane(
    inputs: Any,
    kernel_size: Any,
    stride: Any = 1,
    padding: str = "SAME",
    activation_fn: Any = relu,
    normalizer_fn: Callable[..., Any] | None = None,
    normalizer_params: Any = None,
    weights_initializer: Callable[..., Any] = xavier_initializer(),  # noqa: B008 - TensorFlow's default; has no state
    weights_regularizer: Callable[..., Any] | None = None,
    biases_initializer: Callable[..., Any] = zeros_initializer(),  # noqa: B008
    biases_regularizer: Callable[..., Any] | None = None,
    reuse: bool | None = None,
    variables_collections: Any = None,
    outputs_collections: Any = None,
    trainable: bool = True,
    scope: Any = None,
) -> Tensor:
    """A convolution of each channel by itself, all with the same filter.

    Parameters
    ----------
    inputs : Tensor, floating, [batch, height, width, channels]
        The channels are known.
    kernel_size, stride : int or pair of int
        The lengths of a window, and the steps between windows.
    padding : {"SAME", "VALID"}
    activation_fn : callable or None
        ReLU if not given; None for a linear layer.
    normalizer_fn : callable, optional
        Used in the place of biases, such as `batch_norm`.
    normalizer_params : dict, optional
        Its arguments.
    weights_initializer, biases_initializer : callable
        No biases if the latter is None.
    weights_regularizer, biases_regularizer : callable, optional
    reuse : bool, optional
        Take the variables ``weights`` and ``biases`` of `scope`.
    variables_collections, outputs_collections : optional
        Collections for the variables (a list, or a dict of lists by name) and for the result.
    trainable : bool
    scope : str or VariableScope, optional
        "ConvInPlane", made unique, if not given.

    Returns
    -------
    Tensor, floating, [batch, height, width, channels]
    """
    with variable_scope(scope, "ConvInPlane", [inputs], reuse=reuse) as opened:
        inputs = convert_to_tensor(inputs)
        dtype, channels = inputs.dtype.base_dtype, last_dimension(inputs.get_shape(), 4)

        def made(name: str, shape: list[int], initializer: Any, regularizer: Any):
            return model_variable(
                name,
                shape=shape,
                dtype=dtype,
                initializer=initializer,
                regularizer=regularizer,
                collections=collections_of(variables_collections, name),
                trainable=trainable,
            )

        window = [*lengths(kernel_size, 2, "kernel_size"), 1, 1]
        weights = made("weights", window, weights_initializer, weights_regularizer)
        strides = [1, *lengths(stride, 2, "stride"), 1]
        outputs = depthwise_conv2d(inputs, tile(weights, [1, 1, channels, 1]), strides, padding)
        if normalizer_fn is None and biases_initializer is not None:
            biases = made("biases", [channels], biases_initializer, biases_regularizer)
            outputs = bias_add(outputs, biases)
        outputs = finished(outputs, normalizer_fn, normalizer_params, activation_fn)
        return collect_named_outputs(outputs_collections, opened.name, outputs)
