"""What contrib's layers with weights share: scope, names of variables, collections, the end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphmode.contrib_layers.outputs import collect_named_outputs
from graphmode.contrib_layers.variables import collect_variable, renaming_getter
from graphmode.framework.convert import convert_to_tensor
from graphmode.variables.scope import variable_scope

_RENAMED = {"bias": "biases", "kernel": "weights"}


def weighted_layer(
    layer_of: Callable[[Any], Any],
    default_scope: str,
    inputs: Any,
    settings: dict[str, Any],
    *,
    activation_fn: Any,
    normalizer_fn: Any,
    normalizer_params: Any,
    weights_initializer: Any,
    weights_regularizer: Any,
    biases_initializer: Any,
    biases_regularizer: Any,
    reuse: Any,
    variables_collections: Any,
    outputs_collections: Any,
    trainable: Any,
    scope: Any,
):
    """Make a layer, call it on `inputs`, normalize and activate.

    Parameters
    ----------
    layer_of : callable
        Gives the class of the layer for the inputs.
    default_scope : str
        The scope if none is given, made unique.
    settings : dict
        The layer's own arguments. The others are those of contrib's functions.
    """
    getter = renaming_getter(_RENAMED)
    with variable_scope(
        scope, default_scope, [inputs], reuse=reuse, custom_getter=getter
    ) as opened:
        inputs = convert_to_tensor(inputs)
        layer = layer_of(inputs)(
            **settings,
            activation=None,
            use_bias=normalizer_fn is None and biases_initializer is not None,
            kernel_initializer=weights_initializer,
            bias_initializer=biases_initializer,
            kernel_regularizer=weights_regularizer,
            bias_regularizer=biases_regularizer,
            trainable=trainable,
            name=opened.name,
            dtype=inputs.dtype.base_dtype,
            _scope=opened,
            _reuse=reuse,
        )
        outputs = layer(inputs)
        collect_variable(layer.kernel, variables_collections, "weights")
        if layer.bias is not None:
            collect_variable(layer.bias, variables_collections, "biases")
        outputs = finished(outputs, normalizer_fn, normalizer_params, activation_fn)
        return collect_named_outputs(outputs_collections, opened.name, outputs)


def finished(outputs: Any, normalizer_fn: Any, normalizer_params: Any, activation_fn: Any):
    """`outputs` normalized and activated."""
    if normalizer_fn is not None:
        outputs = normalizer_fn(outputs, **(normalizer_params or {}))
    return outputs if activation_fn is None else activation_fn(outputs)
