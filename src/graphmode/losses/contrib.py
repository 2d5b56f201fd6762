"""`tf.contrib.losses`: the losses before `tf.losses`, with the predictions first."""

from __future__ import annotations

from graphmode.framework.graph_collections import GraphKeys
from graphmode.losses import classification, collected, regression, weighted


def _not_none(weights):
    return 1.0 if weights is None else weights


def compute_weighted_loss(losses, weights=1.0, scope=None):
    """`tf.losses.compute_weighted_loss` by the number of weights that are not 0."""
    return weighted.compute_weighted_loss(losses, weights, scope)


def absolute_difference(predictions, labels=None, weights=1.0, scope=None):
    """`tf.losses.absolute_difference`."""
    return regression.absolute_difference(labels, predictions, _not_none(weights), scope)


def sigmoid_cross_entropy(logits, multi_class_labels, weights=1.0, label_smoothing=0, scope=None):
    """`tf.losses.sigmoid_cross_entropy`."""
    return classification.sigmoid_cross_entropy(
        multi_class_labels, logits, _not_none(weights), label_smoothing, scope
    )


def softmax_cross_entropy(logits, onehot_labels, weights=1.0, label_smoothing=0, scope=None):
    """`tf.losses.softmax_cross_entropy`."""
    return classification.softmax_cross_entropy(
        onehot_labels, logits, _not_none(weights), label_smoothing, scope
    )


def sparse_softmax_cross_entropy(logits, labels, weights=1.0, scope=None):
    """`tf.losses.sparse_softmax_cross_entropy`."""
    return classification.sparse_softmax_cross_entropy(labels, logits, _not_none(weights), scope)


def log_loss(predictions, labels=None, weights=1.0, epsilon=1e-7, scope=None):
    """`tf.losses.log_loss`."""
    return classification.log_loss(labels, predictions, _not_none(weights), epsilon, scope)


def hinge_loss(logits, labels=None, scope=None):
    """``max(0, 1 - t * logits)`` of each element: not reduced and not collected."""
    return classification.hinge_loss(
        labels, logits, scope=scope, loss_collection=None, reduction=weighted.Reduction.NONE
    )


def mean_squared_error(predictions, labels=None, weights=1.0, scope=None):
    """`tf.losses.mean_squared_error`."""
    return regression.mean_squared_error(labels, predictions, _not_none(weights), scope)


def mean_pairwise_squared_error(predictions, labels=None, weights=1.0, scope=None):
    """`tf.losses.mean_pairwise_squared_error`."""
    return regression.mean_pairwise_squared_error(labels, predictions, _not_none(weights), scope)


def cosine_distance(predictions, labels=None, axis=None, weights=1.0, scope=None, dim=None):
    """`tf.losses.cosine_distance`."""
    return regression.cosine_distance(labels, predictions, axis, _not_none(weights), scope, dim=dim)


def add_loss(loss, loss_collection=GraphKeys.LOSSES):
    """`tf.losses.add_loss`."""
    collected.add_loss(loss, loss_collection)


get_losses = collected.get_losses
get_regularization_losses = collected.get_regularization_losses
get_total_loss = collected.get_total_loss
