"""`tf.contrib.losses`: the losses before `tf.losses`, with the predictions first."""

from __future__ import annotations

from graphmode.framework.default_graph import GraphKeys
from graphmode.losses import classification, collected, regression, weighted


def _not_none(weights):
    return 1.0 if weights is None else weights


def compute_weighted_loss(losses, weights=1.0, scope=None):
    """`tf.losses.compute_weighted_loss` by the number of weights that are not 0.

    Parameters
    ----------
    losses : Tensor, real
    weights : Tensor or float
        Real: a scalar, or of the rank of the losses with each length 1 or theirs.
    scope : str, optional
        The name scope of the loss.

    Returns
    -------
    Tensor, scalar
        Of the dtype of `losses`.
    """
    return weighted.compute_weighted_loss(losses, weights, scope)


def absolute_difference(predictions, labels=None, weights=1.0, scope=None):
    """`tf.losses.absolute_difference`, with the predictions first.

    Parameters
    ----------
    predictions, labels : Tensor, real, of one shape
    weights : Tensor or float
        Real: a scalar, or of the rank of the losses with each length 1 or theirs.
    scope : str, optional
        The name scope of the loss.

    Returns
    -------
    Tensor, float32 scalar

    Raises
    ------
    ValueError
        If shapes do not fit, or an argument is None.
    """
    return regression.absolute_difference(labels, predictions, _not_none(weights), scope)


def sigmoid_cross_entropy(logits, multi_class_labels, weights=1.0, label_smoothing=0, scope=None):
    """`tf.losses.sigmoid_cross_entropy`, with the logits first.

    Parameters
    ----------
    logits : Tensor, floating, [batch, classes]
    multi_class_labels : Tensor, real, [batch, classes]
        0 or 1.
    weights : Tensor or float
        Real: a scalar, or of the rank of the losses with each length 1 or theirs.
    label_smoothing : float
        How far labels are moved towards 1/2.
    scope : str, optional
        The name scope of the loss.

    Returns
    -------
    Tensor, scalar, of the dtype of `logits`

    Raises
    ------
    ValueError
        If shapes do not fit, or an argument is None.
    """
    return classification.sigmoid_cross_entropy(
        multi_class_labels, logits, _not_none(weights), label_smoothing, scope
    )


def softmax_cross_entropy(logits, onehot_labels, weights=1.0, label_smoothing=0, scope=None):
    """`tf.losses.softmax_cross_entropy`, with the logits first.

    Parameters
    ----------
    logits : Tensor, floating, [batch, classes]
    onehot_labels : Tensor, real, [batch, classes]
        Probabilities; no gradient goes to them.
    weights : Tensor or float
        Real: a scalar, or [batch].
    label_smoothing : float
        How much of each label goes to all classes in equal parts.
    scope : str, optional
        The name scope of the loss.

    Returns
    -------
    Tensor, scalar, of the dtype of `logits`

    Raises
    ------
    ValueError
        If shapes do not fit, or an argument is None.
    """
    return classification.softmax_cross_entropy(
        onehot_labels, logits, _not_none(weights), label_smoothing, scope
    )


def sparse_softmax_cross_entropy(logits, labels, weights=1.0, scope=None):
    """`tf.losses.sparse_softmax_cross_entropy`, with the logits first.

    Parameters
    ----------
    logits : Tensor, floating, [batch, classes]
    labels : Tensor, int32 or int64, [batch] or [batch, 1]
    weights : Tensor or float
        Real: a scalar, [batch] or [batch, 1].
    scope : str, optional
        The name scope of the loss.

    Returns
    -------
    Tensor, scalar, of the dtype of `logits`

    Raises
    ------
    ValueError
        If shapes do not fit, or an argument is None.
    """
    return classification.sparse_softmax_cross_entropy(labels, logits, _not_none(weights), scope)


def log_loss(predictions, labels=None, weights=1.0, epsilon=1e-7, scope=None):
    """`tf.losses.log_loss`, with the predictions first.

    Parameters
    ----------
    predictions, labels : Tensor, real, of one shape
        Probabilities, and 0 or 1.
    weights : Tensor or float
        Real: a scalar, or of the rank of the losses with each length 1 or theirs.
    epsilon : float
        Added to what the logarithm is taken of.
    scope : str, optional
        The name scope of the loss.

    Returns
    -------
    Tensor, float32 scalar

    Raises
    ------
    ValueError
        If shapes do not fit, or an argument is None.
    """
    return classification.log_loss(labels, predictions, _not_none(weights), epsilon, scope)


def hinge_loss(logits, labels=None, scope=None):
    r"""The hinge loss of each element, not reduced and not collected.

    .. math:: \max(0,\ 1 - t\, x), \qquad t = 2 y - 1

    Parameters
    ----------
    logits : Tensor, real
        :math:`x`; taken as float32.
    labels : Tensor, of the shape of `logits`
        :math:`y`: 0 or 1.
    scope : str, optional
        The name scope of the loss.

    Returns
    -------
    Tensor, float32, of the shape of `logits`

    Raises
    ------
    ValueError
        If shapes do not fit, or an argument is None.
    """
    return classification.hinge_loss(
        labels, logits, scope=scope, loss_collection=None, reduction=weighted.Reduction.NONE
    )


def mean_squared_error(predictions, labels=None, weights=1.0, scope=None):
    """`tf.losses.mean_squared_error`, with the predictions first.

    Parameters
    ----------
    predictions, labels : Tensor, real, of one shape
    weights : Tensor or float
        Real: a scalar, or of the rank of the losses with each length 1 or theirs.
    scope : str, optional
        The name scope of the loss.

    Returns
    -------
    Tensor, float32 scalar

    Raises
    ------
    ValueError
        If shapes do not fit, or an argument is None.
    """
    return regression.mean_squared_error(labels, predictions, _not_none(weights), scope)


def mean_pairwise_squared_error(predictions, labels=None, weights=1.0, scope=None):
    """`tf.losses.mean_pairwise_squared_error`, with the predictions first.

    Parameters
    ----------
    predictions, labels : Tensor, real, of one shape
    weights : Tensor or float
        Real: a scalar, or of the rank of the losses with each length 1 or theirs.
    scope : str, optional
        The name scope of the loss.

    Returns
    -------
    Tensor, float32 scalar

    Raises
    ------
    ValueError
        If shapes do not fit, or an argument is None.
    """
    return regression.mean_pairwise_squared_error(labels, predictions, _not_none(weights), scope)


def cosine_distance(predictions, labels=None, axis=None, weights=1.0, scope=None, dim=None):
    """`tf.losses.cosine_distance`, with the predictions first.

    Parameters
    ----------
    predictions, labels : Tensor, real, of one shape
        Vectors of length 1 along `axis`.
    axis : int
        `dim` is its old name.
    weights : Tensor or float
        Real: a scalar, or of the rank of the losses with each length 1 or theirs.
    scope : str, optional
        The name scope of the loss.
    dim : int, optional

    Returns
    -------
    Tensor, float32 scalar

    Raises
    ------
    ValueError
        If shapes do not fit, or an argument is None.
    """
    return regression.cosine_distance(labels, predictions, axis, _not_none(weights), scope, dim=dim)


def add_loss(loss, loss_collection=GraphKeys.LOSSES):
    """`tf.losses.add_loss`.

    Parameters
    ----------
    loss : Tensor, floating
    loss_collection : str or None
        None for no collection.
    """
    collected.add_loss(loss, loss_collection)


get_losses = collected.get_losses
get_regularization_losses = collected.get_regularization_losses
get_total_loss = collected.get_total_loss
