"""Layers without variables of `tf.contrib.layers`: pooling, flattening, dropout, repetition."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from graphmode.contrib_layers.arg_scope import add_arg_scope
from graphmode.contrib_layers.convolution import check_image_format, layer_format
from graphmode.contrib_layers.outputs import collect_named_outputs, n_positive_integers
from graphmode.contrib_layers.variables import renaming_getter
from graphmode.framework import nest
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.layers.pooling import (
    AveragePooling2D,
    AveragePooling3D,
    MaxPooling2D,
    MaxPooling3D,
    Pooling,
)
from graphmode.layers.simple import Dropout
from graphmode.layers.simple import flatten as flatten_layer
from graphmode.ops import math
from graphmode.ops.nn.pooling_functions import pool as nn_pool
from graphmode.variables.scope import variable_scope

if TYPE_CHECKING:
    from graphmode.framework.operation import Tensor


def _pooling(layer_class: type[Pooling], name: str, default_scope: str) -> Callable[..., Tensor]:
    def pool(
        inputs: Any,
        kernel_size: Any,
        stride: Any = 2,
        padding: str = "VALID",
        data_format: Any = None,
        outputs_collections: Any = None,
        scope: Any = None,
    ) -> Tensor:
        check_image_format(data_format, layer_class.n_axes)
        with name_scope(scope, default_scope, [inputs]) as opened:
            layer = layer_class(
                pool_size=kernel_size,
                strides=stride,
                padding=padding,
                data_format=layer_format(data_format),
                _scope=opened,
            )
            outputs = layer(convert_to_tensor(inputs))
            return collect_named_outputs(outputs_collections, opened, outputs)

    pool.__name__ = pool.__qualname__ = name
    pool.__doc__ = f"""A `tf.layers.{layer_class.__name__}` with a stride of 2 and VALID padding.

    Parameters
    ----------
    inputs : Tensor, real, [batch, *space, channels], or channels first by `data_format`
    kernel_size, stride : int or sequence of int
        The lengths of a window, and the steps between windows.
    padding : {{"SAME", "VALID"}}
    data_format : str, optional
        "NHWC", "NCHW", ...; channels last if not given.
    outputs_collections : optional
        The collections that the result is added to.
    scope : str, optional
        "{default_scope}" if not given.

    Returns
    -------
    Tensor, [batch, *space, channels], or channels first
    """
    return add_arg_scope(pool)


max_pool2d = _pooling(MaxPooling2D, "max_pool2d", "MaxPool2D")
max_pool3d = _pooling(MaxPooling3D, "max_pool3d", "MaxPool3D")
avg_pool2d = _pooling(AveragePooling2D, "avg_pool2d", "AvgPool2D")
avg_pool3d = _pooling(AveragePooling3D, "avg_pool3d", "AvgPool3D")


@add_arg_scope
def pool(
    inputs: Any,
    kernel_size: Any,
    pooling_type: str,
    padding: str = "VALID",
    data_format: str | None = None,
    dilation_rate: Any = 1,
    stride: Any = 1,
    outputs_collections: Any = None,
    scope: str | None = None,
) -> Tensor:
    """The average or the greatest of windows, as `tf.nn.pool`.

    Parameters
    ----------
    inputs : Tensor, real, [batch, *space, channels], or channels first by `data_format`
    kernel_size, stride, dilation_rate : int or sequence of int
        The lengths of a window, the steps between windows, and between the elements of one.
    pooling_type : {"AVG", "MAX"}
    padding : {"VALID", "SAME"}
    data_format : str, optional
        "NHWC", "NCHW", ...; channels last if not given.
    outputs_collections : optional
        The collections that the result is added to.
    scope : str, optional
        "avg_pool" or "max_pool" if not given.

    Returns
    -------
    Tensor, [batch, *space, channels], or channels first

    Raises
    ------
    ValueError
        If the rank of `inputs` is not known, or below 3.
    """
    with name_scope(scope, f"{pooling_type.lower()}_pool", [inputs]) as opened:
        inputs = convert_to_tensor(inputs)
        if inputs.dims is None:
            raise ValueError("Rank of inputs must be known")
        if len(inputs.dims) < 3:
            raise ValueError("Rank of inputs must be >= 3")
        n = len(inputs.dims) - 2
        outputs = nn_pool(
            inputs,
            window_shape=n_positive_integers(n, kernel_size),
            pooling_type=pooling_type,
            padding=padding,
            data_format=data_format,
            dilation_rate=n_positive_integers(n, dilation_rate),
            strides=n_positive_integers(n, stride),
            name=opened,
        )
        return collect_named_outputs(outputs_collections, opened, outputs)


@add_arg_scope
def flatten(inputs: Any, outputs_collections: Any = None, scope: str | None = None) -> Tensor:
    """Join all axes but the first: ``[batch, ...] -> [batch, n]``.

    Parameters
    ----------
    inputs : Tensor, of any dtype, of rank 1 or more
    outputs_collections : optional
        The collections that the result is added to.
    scope : str, optional
        "Flatten" if not given.

    Returns
    -------
    Tensor, [batch, n]
    """
    with name_scope(scope, "Flatten", [inputs]) as opened:
        outputs = flatten_layer(convert_to_tensor(inputs))
        return collect_named_outputs(outputs_collections, opened, outputs)


@add_arg_scope
def dropout(
    inputs: Any,
    keep_prob: Any = 0.5,
    noise_shape: Any = None,
    is_training: Any = True,
    outputs_collections: Any = None,
    scope: Any = None,
    seed: int | None = None,
) -> Tensor:
    """Set elements to 0 at random in training, and scale up the others (`tf.nn.dropout`).

    Parameters
    ----------
    inputs : Tensor, floating
    keep_prob : float or scalar Tensor
        The probability that an element is kept.
    noise_shape : sequence of int, optional
        The shape of the random decisions, which broadcast to `inputs`.
    is_training : bool or Tensor, bool scalar
        If not, the result is `inputs`.
    outputs_collections : optional
        The collections that the result is added to.
    scope : str or VariableScope, optional
        "Dropout", made unique, if not given.
    seed : int, optional

    Returns
    -------
    Tensor
        Of the shape and dtype of `inputs`.
    """
    with variable_scope(scope, "Dropout", [inputs], custom_getter=renaming_getter()) as opened:
        layer = Dropout(
            rate=1 - keep_prob, noise_shape=noise_shape, seed=seed, name=opened.name, _scope=opened
        )
        outputs = layer(convert_to_tensor(inputs), training=is_training)
        return collect_named_outputs(outputs_collections, opened.name, outputs)


@add_arg_scope
def unit_norm(inputs: Any, dim: int, epsilon: float = 1e-7, scope: Any = None) -> Tensor:
    r"""Scale vectors to a length of 1.

    .. math:: \frac{x}{\epsilon + \sqrt{\sum_i x_i^2}}

    Parameters
    ----------
    inputs : Tensor, floating, of known rank
    dim : int
        The axis of the vectors.
    epsilon : float
    scope : str or VariableScope, optional
        "UnitNorm", made unique, if not given.

    Returns
    -------
    Tensor
        Of the shape and dtype of `inputs`.

    Raises
    ------
    ValueError
        If `dim` is no axis of the inputs, or their rank is unknown.
    """
    with variable_scope(scope, "UnitNorm", [inputs]):
        inputs = convert_to_tensor(inputs)
        if inputs.dims is None:
            raise ValueError("The input rank must be known.")
        rank = len(inputs.dims)
        if dim < -rank or dim >= rank:
            raise ValueError("dim must be positive but smaller than the input rank.")
        lengths = math.sqrt(math.reduce_sum(math.square(inputs), dim, keepdims=True))
        return math.div(inputs, epsilon + lengths)


def _scope_of(layer: Callable[..., Any], otherwise: str) -> str:
    named = getattr(layer, "func", layer)  # functools.partial
    return getattr(named, "__name__", otherwise)


@add_arg_scope
def repeat(
    inputs: Any, repetitions: int, layer: Callable[..., Any], *args: Any, **kwargs: Any
) -> Tensor:
    """Apply `layer` to `inputs`, to its output, and so on, each time in a scope of its own.

    ``repeat(x, 3, conv2d, 64, [3, 3], scope="conv1")`` makes ``conv1/conv1_1``, ``conv1/conv1_2``
    and ``conv1/conv1_3``.

    Parameters
    ----------
    inputs : Tensor, of any dtype that `layer` takes
    repetitions : int
    layer : callable
        ``layer(inputs, *args, **kwargs, scope=...)``.
    *args, **kwargs
        Given on to `layer`; ``scope`` is the beginning of each scope's name.

    Returns
    -------
    Tensor
        The last output.
    """
    scope = kwargs.pop("scope", None)
    with variable_scope(scope, "Repeat", [inputs]):
        outputs = convert_to_tensor(inputs)
        scope = scope or _scope_of(layer, "repeat")
        for i in range(repetitions):
            outputs = layer(outputs, *args, **{**kwargs, "scope": f"{scope}_{i + 1}"})
        return outputs


@add_arg_scope
def stack(inputs: Any, layer: Callable[..., Any], stack_args: Any, **kwargs: Any) -> Tensor:
    """Apply `layer` repeatedly, each time with the next of `stack_args`.

    ``stack(x, fully_connected, [32, 64], scope="fc")`` makes ``fc/fc_1`` and ``fc/fc_2``.

    Parameters
    ----------
    inputs : Tensor, of any dtype that `layer` takes
    layer : callable
        ``layer(inputs, *arguments, **kwargs, scope=...)``.
    stack_args : list or tuple
        For each layer its argument, or the list of them.
    **kwargs
        Given on to each layer; ``scope`` is the beginning of each scope's name.

    Returns
    -------
    Tensor
        The last output.

    Raises
    ------
    ValueError
        If `stack_args` is no list or tuple.
    """
    scope = kwargs.pop("scope", None)
    if not isinstance(stack_args, nest.LISTS):
        raise ValueError("stack_args need to be a list or tuple")
    with variable_scope(scope, "Stack", [inputs]):
        outputs = convert_to_tensor(inputs)
        scope = scope or _scope_of(layer, "stack")
        for i, given in enumerate(stack_args):
            arguments = given if isinstance(given, nest.LISTS) else [given]
            outputs = layer(outputs, *arguments, **{**kwargs, "scope": f"{scope}_{i + 1}"})
        return outputs
