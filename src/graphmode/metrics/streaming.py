"""What all metrics share: variables that accumulate, and inputs made to fit.

A metric is a pair: a tensor that is its value so far, and an operation that takes in one more batch
and gives the value after it. What it accumulates is in local variables, which
`tf.local_variables_initializer` sets to 0.
"""

from __future__ import annotations

from typing import Any

from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import GraphKeys, add_to_collections
from graphmode.framework.operation import Tensor
from graphmode.losses.weights import ranked_as, remove_squeezable_dimensions
from graphmode.ops import array, math
from graphmode.variables.variable import Variable


def metric_variable(shape: Any, dtype: Any, name: Any) -> Variable:
    """A local variable of zeros."""
    return Variable(
        lambda: array.zeros(shape, dtype),
        trainable=False,
        collections=[GraphKeys.LOCAL_VARIABLES, GraphKeys.METRIC_VARIABLES],
        name=name,
    )


def fitted(predictions: Any, labels: Any, weights: Any) -> tuple[Tensor, Any, Any]:
    """Three tensors of one rank: last axes of length 1 are dropped or added.

    Parameters
    ----------
    predictions : Tensor
    labels, weights : Tensor or None

    Raises
    ------
    ValueError
        If the static shapes of predictions and labels differ.
    """
    predictions = convert_to_tensor(predictions)
    if labels is not None:
        labels, predictions = remove_squeezable_dimensions(labels, predictions)
        predictions.get_shape().assert_is_compatible_with(labels.get_shape())
    if weights is None:
        return predictions, labels, None
    return predictions, labels, ranked_as(convert_to_tensor(weights), predictions)


def as_bools(predictions: Any, labels: Any, weights: Any) -> tuple[Tensor, Any, Any]:
    """`fitted`, with predictions and labels as bool."""
    return fitted(
        predictions=math.cast(predictions, dtypes.bool),
        labels=math.cast(labels, dtypes.bool),
        weights=weights,
    )


def collected(
    value: Any, update: Any, metrics_collections: Any, updates_collections: Any
) -> tuple[Any, Any]:
    """The pair, added to the collections that the user named."""
    if metrics_collections:
        add_to_collections(metrics_collections, value)
    if updates_collections:
        add_to_collections(updates_collections, update)
    return value, update
