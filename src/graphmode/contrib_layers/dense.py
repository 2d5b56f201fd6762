"""Fully connected layers, biases and embeddings of `tf.contrib.layers`."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from graphmode.contrib_layers.arg_scope import add_arg_scope
from graphmode.contrib_layers.initializers import xavier_initializer
from graphmode.contrib_layers.outputs import collect_named_outputs, last_dimension
from graphmode.contrib_layers.variables import collections_of, model_variable
from graphmode.contrib_layers.weighted import weighted_layer
from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.layers.dense_layer import Dense
from graphmode.ops import array, math
from graphmode.ops.nn import bias
from graphmode.ops.nn.activation import elu as elu_op
from graphmode.ops.nn.activation import relu as relu_op
from graphmode.ops.nn.activation import relu6 as relu6_op
from graphmode.ops.nn.activation import softmax as softmax_op
from graphmode.ops.nn.embedding import embedding_lookup
from graphmode.variables.initializers import zeros_initializer
from graphmode.variables.scope import variable_scope

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphmode.framework.operation import Tensor


@add_arg_scope
def fully_connected(
    inputs: Any,
    num_outputs: Any,
    activation_fn: Any = relu_op,
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
    """``activation_fn(inputs @ weights + biases)``.

    Parameters
    ----------
    inputs : Tensor, floating, of rank 2 or more
        The last axis is the inputs of the layer.
    num_outputs : int
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

    Returns
    -------
    Tensor, [..., num_outputs]

    Raises
    ------
    ValueError
        If `num_outputs` is no int, or the inputs' rank is below 2.
    """
    if not isinstance(num_outputs, int):
        raise ValueError(f"num_outputs type should be one of [{int}], got {type(num_outputs)}.")
    return weighted_layer(
        lambda _: Dense,
        "fully_connected",
        inputs,
        {"units": num_outputs},
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


def _named(activation_fn: Any, name: str):
    """`fully_connected` with another activation."""
    partial = functools.partial(fully_connected, activation_fn=activation_fn)
    partial.__name__ = name  # type: ignore[attr-defined]
    return partial


linear = _named(None, "linear")
relu = _named(relu_op, "relu")
relu6 = _named(relu6_op, "relu6")
elu = _named(elu_op, "elu")


@add_arg_scope
def bias_add(
    inputs: Any,
    activation_fn: Callable[..., Any] | None = None,
    initializer: Callable[..., Any] = zeros_initializer(),  # noqa: B008 - TensorFlow's default; has no state
    regularizer: Callable[..., Any] | None = None,
    reuse: bool | None = None,
    variables_collections: Any = None,
    outputs_collections: Any = None,
    trainable: bool = True,
    data_format: str = "NHWC",
    scope: Any = None,
) -> Tensor:
    """Add a variable ``biases`` along the channels of `inputs`.

    Parameters
    ----------
    inputs : Tensor, floating or integer, of known channels
    activation_fn : callable, optional
    initializer : callable
        Zeros if not given.
    regularizer : callable, optional
    reuse : bool, optional
        Take the variable ``biases`` of `scope`.
    variables_collections, outputs_collections : optional
        Collections for the variable (a list, or a dict of lists by name) and for the result.
    trainable : bool
    data_format : {"NHWC", "NCHW"}
        Where the channels are: on the last axis, or on axis 1 of 4.
    scope : str or VariableScope, optional
        "BiasAdd", made unique, if not given.

    Returns
    -------
    Tensor
        Of the shape and dtype of `inputs`.

    Raises
    ------
    ValueError
        If the channels are unknown, or `data_format` is no "NHWC" or "NCHW".
    """
    if data_format not in ("NHWC", "NCHW"):
        raise ValueError("data_format has to be either NCHW or NHWC.")
    with variable_scope(scope, "BiasAdd", [inputs], reuse=reuse) as opened:
        inputs = convert_to_tensor(inputs)
        if inputs.dims is None:
            raise ValueError("Dims of shape must be known but is None")
        if data_format == "NCHW" and len(inputs.dims) != 4:
            raise ValueError("Data format NCHW only supports 4D Tensor")
        channels = inputs.dims[1 if data_format == "NCHW" else -1]
        if channels is None:
            raise ValueError("`C` dimension must be known but is None")
        biases = model_variable(
            "biases",
            shape=[channels],
            dtype=inputs.dtype.base_dtype,
            initializer=initializer,
            regularizer=regularizer,
            collections=collections_of(variables_collections, "biases"),
            trainable=trainable,
        )
        outputs = bias.bias_add(inputs, biases, data_format=data_format)
        outputs = outputs if activation_fn is None else activation_fn(outputs)
        return collect_named_outputs(outputs_collections, opened.name, outputs)


def embed_sequence(
    ids: Any,
    vocab_size: int | None = None,
    embed_dim: int | None = None,
    unique: bool = False,
    initializer: Callable[..., Any] | None = None,
    regularizer: Callable[..., Any] | None = None,
    trainable: bool = True,
    scope: Any = None,
    reuse: bool | None = None,
) -> Tensor:
    """Look up the rows of a variable ``embeddings``.

    Parameters
    ----------
    ids : Tensor, int32 or int64, [batch, length]
    vocab_size, embed_dim : int
        The shape of the variable; may be left out with `reuse`.
    unique : bool
        Accepted: a row is looked up as often as it occurs.
    initializer : callable, optional
        The scope's, then Glorot uniform, if not given.
    regularizer : callable, optional
    trainable : bool
    scope : str or VariableScope, optional
        "EmbedSequence", made unique, if not given.
    reuse : bool, optional
        Take the variable of `scope`.

    Returns
    -------
    Tensor, floating, [batch, length, embed_dim]

    Raises
    ------
    ValueError
        If a length is missing.
    """
    del unique  # a hint of speed
    if not (reuse or (vocab_size and embed_dim)):
        raise ValueError(
            "Must specify vocab size and embedding dimension when not reusing. Got "
            f"vocab_size={vocab_size} and embed_dim={embed_dim}"
        )
    with variable_scope(scope, "EmbedSequence", [ids], reuse=reuse):
        shape = [vocab_size, embed_dim]
        if (reuse and vocab_size is None) or embed_dim is None:
            shape = None
        embeddings = model_variable(
            "embeddings",
            shape=shape,
            initializer=initializer,
            regularizer=regularizer,
            trainable=trainable,
        )
        return embedding_lookup(embeddings, ids)


@add_arg_scope
def one_hot_encoding(
    labels: Any,
    num_classes: Any,
    on_value: float = 1.0,
    off_value: float = 0.0,
    outputs_collections: Any = None,
    scope: str | None = None,
) -> Tensor:
    """`tf.one_hot` of `labels`: ``[batch] -> [batch, num_classes]``, float32.

    Parameters
    ----------
    labels : Tensor, integer, [batch]
    num_classes : int or Tensor, int32 scalar
    on_value, off_value : float
        What stands at the place of a label, and elsewhere.
    outputs_collections : optional
        The collections that the result is added to.
    scope : str, optional
        "OneHotEncoding" if not given.

    Returns
    -------
    Tensor, float32, [batch, num_classes]
    """
    with name_scope(scope, "OneHotEncoding", [labels, num_classes]) as opened:
        labels = convert_to_tensor(labels)
        if labels.dtype.base_dtype is dtypes.int32:
            labels = math.cast(labels, dtypes.int64)
        outputs = array.one_hot(labels, num_classes, on_value=on_value, off_value=off_value)
        return collect_named_outputs(outputs_collections, opened, outputs)


@add_arg_scope
def softmax(logits: Any, scope: Any = None) -> Tensor:
    """Softmax along the last axis, which must have a static length.

    Parameters
    ----------
    logits : Tensor, floating, [..., classes]
    scope : str or VariableScope, optional
        "softmax" if not given.

    Returns
    -------
    Tensor
        Of the shape and dtype of `logits`.

    Raises
    ------
    ValueError
        If the rank or the last length is unknown.
    """
    with variable_scope(scope, "softmax", [logits]):
        logits = convert_to_tensor(logits)
        flat = array.reshape(logits, [-1, last_dimension(logits.get_shape())])
        outputs = array.reshape(softmax_op(flat), array.shape(logits))
        outputs.set_shape(logits.dims)
        return outputs
