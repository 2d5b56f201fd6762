"""The fully connected layer before `fully_connected`, of any rank."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from graphmode.contrib_layers.initializers import xavier_initializer
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import GraphKeys, add_to_collections
from graphmode.ops import array, math
from graphmode.ops.nn.activation import relu
from graphmode.ops.nn.bias import bias_add
from graphmode.variables.initializers import zeros_initializer
from graphmode.variables.scope import get_variable, variable_scope

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from graphmode.framework.operation import Tensor


def legacy_fully_connected(
    x: Any,
    num_output_units: int,
    activation_fn: Callable[..., Any] | None = None,
    weight_init: Callable[..., Any] = xavier_initializer(),  # noqa: B008 - TensorFlow's default; has no state
    bias_init: Callable[..., Any] = zeros_initializer(),  # noqa: B008
    name: str | None = None,
    weight_collections: Sequence[str] = (GraphKeys.WEIGHTS,),
    bias_collections: Sequence[str] = (GraphKeys.BIASES,),
    output_collections: Sequence[str] = (GraphKeys.ACTIVATIONS,),
    trainable: bool = True,
    weight_regularizer: Callable[..., Any] | None = None,
    bias_regularizer: Callable[..., Any] | None = None,
) -> Tensor:
    """``activation_fn(x @ weights + bias)``, with the last axis of `x` as inputs.

    Parameters
    ----------
    x : Tensor, floating, of rank 2 or more
    num_output_units : int
    activation_fn : callable, optional
    weight_init : callable
    bias_init : callable, optional
        No ``bias`` if None.
    name : str, optional
        The variable scope; "fully_connected", made unique, if not given.
    weight_collections, bias_collections, output_collections : sequence of str
    trainable : bool
    weight_regularizer, bias_regularizer : callable, optional

    Returns
    -------
    Tensor
        Of the shape of `x` but for its last axis.

    Raises
    ------
    ValueError
        If the rank of `x` is unknown or less than 2, or its last length is unknown.
    """
    with variable_scope(name, "fully_connected", [x]):
        x = convert_to_tensor(x)
        dims = x.dims
        if dims is None:
            raise ValueError("dims of x must be known but is None")
        if len(dims) < 2:
            raise ValueError(f"rank of x must be at least 2 not: {len(dims)}")
        if dims[-1] is None:
            raise ValueError("last dimension of x must be known but is None")

        def variable(
            key: str, shape: list[Any], initializer: Any, regularizer: Any, collections: Any
        ):
            return get_variable(
                key,
                shape=shape,
                dtype=x.dtype.base_dtype,
                initializer=initializer,
                collections=list(dict.fromkeys([*(collections or ()), GraphKeys.GLOBAL_VARIABLES])),
                regularizer=regularizer,
                trainable=trainable,
            )

        shape = [dims[-1], num_output_units]
        weights = variable("weights", shape, weight_init, weight_regularizer, weight_collections)
        rows = x if len(dims) == 2 else array.reshape(x, [-1, dims[-1]])
        outputs = math.matmul(rows, weights)
        if bias_init is not None:
            shape = [num_output_units]
            bias = variable("bias", shape, bias_init, bias_regularizer, bias_collections)
            outputs = bias_add(outputs, bias)
        if len(dims) > 2:
            lengths = array.unstack(array.shape(x))
            lengths[-1] = num_output_units
            outputs = array.reshape(outputs, array.stack(lengths))
            outputs.set_shape([*dims[:-1], num_output_units])
        if activation_fn is not None:
            outputs = activation_fn(outputs)
        add_to_collections([*(output_collections or ()), GraphKeys.ACTIVATIONS], outputs)
        return outputs


legacy_relu = functools.partial(legacy_fully_connected, activation_fn=relu)
legacy_linear = functools.partial(legacy_fully_connected, activation_fn=None)
