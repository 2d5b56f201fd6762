"""Let a tensor of a network depend on labels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.contrib_layers.dense import linear
from graphmode.contrib_layers.reshaping import flatten
from graphmode.framework.inference import constant_value
from graphmode.ops.array.shape_values import shape
from graphmode.ops.array.shaping import reshape
from graphmode.ops.math.extremes import argmax
from graphmode.ops.nn.embedding import embedding_lookup
from graphmode.variables.scope import get_variable

if TYPE_CHECKING:
    from graphmode.framework.operation import Tensor


def condition_tensor(tensor: Any, conditioning: Any) -> Tensor:
    """Add a linear function of `conditioning`, with weights of its own, to a tensor.

    Parameters
    ----------
    tensor : Tensor, shape [batch, ...], all but the first known
    conditioning : Tensor, shape [batch, ...]

    Returns
    -------
    Tensor, as `tensor`

    Raises
    ------
    ValueError
        If a length is not known, or `conditioning` has less than two axes.
    """
    tensor.shape[1:].assert_is_fully_defined()
    if conditioning.shape.ndims < 2:
        raise ValueError(f"conditioning must be at least 2D, but saw shape: {conditioning.shape}")
    mapped = linear(flatten(conditioning), tensor.shape[1:].num_elements())
    if not mapped.shape.is_compatible_with(tensor.shape):
        lengths = shape(tensor)
        known = constant_value(lengths)
        mapped = reshape(mapped, lengths if known is None else known)
    return tensor + mapped


def condition_tensor_from_onehot(
    tensor: Any, one_hot_labels: Any, embedding_size: int = 256
) -> Tensor:
    """Add a linear function of the embeddings of labels to a tensor.

    Parameters
    ----------
    tensor : Tensor, shape [batch, ...], all but the first known
    one_hot_labels : Tensor, shape [batch, classes]
    embedding_size : int
        Of the variable ``embedding``.

    Returns
    -------
    Tensor, as `tensor`

    Raises
    ------
    ValueError
        If the labels have another rank, or their number is not known.
    """
    one_hot_labels.shape.assert_has_rank(2)
    one_hot_labels.shape[1:].assert_is_fully_defined()
    classes = argmax(one_hot_labels, axis=1)
    embedding = get_variable("embedding", [one_hot_labels.shape.as_list()[1], embedding_size])
    looked_up = embedding_lookup(embedding, classes, name="token_to_embedding")
    return condition_tensor(tensor, looked_up)
