"""The end of a network that tells classes: logits, loss, accuracy."""

from __future__ import annotations

from typing import Any

import graphmode as tf
from graphmode.models.network import Network


def class_head(
    inputs: dict[str, Any],
    logits: Any,
    loss: str = "softmax",
    penalty: Any = 0.0,
    training: Any = None,
    hidden: dict[str, Any] | None = None,
    weight: Any = None,
) -> Network:
    r"""What a classifier's network has after its logits.

    Parameters
    ----------
    inputs : dict of str to Tensor, any dtype and shape
        Without the labels, which become the input ``y``.
    logits : Tensor, float32 [batch, n_classes]
    loss : {"softmax", "squared"}
        Cross-entropy; or half the squared difference of :math:`\sigma(logits)` and 0 or 1.
    penalty : Tensor, float32 scalar, or float
    training : Tensor, bool scalar, optional
    hidden : dict of str to Tensor, float32 [batch, ..., units], optional
        Layers on the way, which become outputs of their names.
    weight : Tensor, float32 [batch], optional
        How much each row counts in the loss.

    Returns
    -------
    Network
    """
    y = tf.placeholder(tf.int32, [None], "y")
    if loss == "softmax":
        probabilities = tf.nn.softmax(logits, name="probabilities")
        errors = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=logits)
        error = weighted_mean(errors, weight)
    else:
        units = tf.sigmoid(logits)
        probabilities = tf.divide(units, tf.reduce_sum(units, 1, keepdims=True), "probabilities")
        difference = units - tf.one_hot(y, logits.shape[1])
        error = 0.5 * weighted_mean(tf.reduce_sum(tf.square(difference), 1), weight)
    classes = tf.argmax(logits, 1, name="class")
    accuracy = tf.reduce_mean(tf.cast(tf.equal(tf.cast(classes, tf.int32), y), tf.float32))
    return Network(
        inputs=inputs | {"y": y} | ({} if weight is None else {"weight": weight}),
        outputs={"probabilities": probabilities, "class": classes, **(hidden or {})},
        measures={"loss": error + penalty, "accuracy": accuracy},
        training=training,
        hidden=list(hidden or {}),
    )


def weighted_mean(errors: Any, weight: Any = None) -> Any:
    """The mean of the errors of rows, each times its weight where they have one.

    Parameters
    ----------
    errors : Tensor, float32 [batch]
    weight : Tensor, float32 [batch], optional

    Returns
    -------
    Tensor, float32 scalar
    """
    return tf.reduce_mean(errors if weight is None else weight * errors)
