"""The cross entropies of `tf.contrib.nn`, with the order of arguments of before TensorFlow 1.0."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.ops.nn import cross_entropy

if TYPE_CHECKING:
    from graphmode.framework.operation import Tensor


def deprecated_flipped_softmax_cross_entropy_with_logits(
    logits: Any, labels: Any, dim: int = -1, name: str | None = None
) -> Tensor:
    """`tf.nn.softmax_cross_entropy_with_logits`, with `logits` first.

    Parameters
    ----------
    logits, labels : Tensor of one floating dtype and shape
    dim : int
        The axis of the classes.

    Returns
    -------
    Tensor
        The loss of each row.
    """
    return cross_entropy.softmax_cross_entropy_with_logits(
        labels=labels, logits=logits, dim=dim, name=name
    )


def deprecated_flipped_sparse_softmax_cross_entropy_with_logits(
    logits: Any, labels: Any, name: str | None = None
) -> Tensor:
    """`tf.nn.sparse_softmax_cross_entropy_with_logits`, with `logits` first.

    Parameters
    ----------
    logits : Tensor, floating, shape [..., n_classes]
    labels : Tensor, int32 or int64, shape [...]

    Returns
    -------
    Tensor
        Of the shape of `labels` and the dtype of `logits`.
    """
    return cross_entropy.sparse_softmax_cross_entropy_with_logits(
        labels=labels, logits=logits, name=name
    )


def deprecated_flipped_sigmoid_cross_entropy_with_logits(
    logits: Any, targets: Any, name: str | None = None
) -> Tensor:
    """`tf.nn.sigmoid_cross_entropy_with_logits`, with `logits` first.

    Parameters
    ----------
    logits, targets : Tensor of one floating dtype and shape

    Returns
    -------
    Tensor
        Of the shape and dtype of `logits`.
    """
    return cross_entropy.sigmoid_cross_entropy_with_logits(labels=targets, logits=logits, name=name)
