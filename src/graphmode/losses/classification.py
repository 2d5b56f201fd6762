"""Losses of scores or probabilities against classes.

`weights`, `scope`, `loss_collection` and `reduction` are those of `compute_weighted_loss` in all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import GraphKeys, name_scope
from graphmode.losses.regression import floats, required
from graphmode.losses.weighted import Reduction, compute_weighted_loss
from graphmode.losses.weights import remove_squeezable_dimensions, squeezed_if
from graphmode.ops import array, math
from graphmode.ops.nn import cross_entropy
from graphmode.ops.nn.activation import relu

if TYPE_CHECKING:
    from graphmode.framework.operation import Tensor


def softmax_cross_entropy(
    onehot_labels: Any,
    logits: Any,
    weights: Any = 1.0,
    label_smoothing: float = 0,
    scope: str | None = None,
    loss_collection: Any = GraphKeys.LOSSES,
    reduction: str = Reduction.SUM_BY_NONZERO_WEIGHTS,
) -> Tensor:
    """The cross entropy of ``softmax(logits)``, reduced as `compute_weighted_loss` says.

    Parameters
    ----------
    onehot_labels : Tensor, real, [batch, classes]
        Probabilities; no gradient goes to them.
    logits : Tensor, floating, [batch, classes]
    weights : Tensor or float
        Real: a scalar, or [batch].
    label_smoothing : float
        How much of each label goes to all classes in equal parts.
    scope : str, optional
        The name scope of the loss.
    loss_collection : str or None
        The collection that the loss is added to.
    reduction : str
        How losses become one, of `Reduction`.

    Returns
    -------
    Tensor, scalar, of the dtype of `logits`
        [batch] where `reduction` is NONE.

    Raises
    ------
    ValueError
        If shapes differ, or an argument is None.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default(), tf.Session() as sess:
    ...     loss = tf.losses.softmax_cross_entropy([[0.0, 1.0]], [[0.0, 0.0]])
    ...     print(round(float(sess.run(loss)), 4))
    0.6931
    """
    required(onehot_labels=onehot_labels, logits=logits)
    values = [logits, onehot_labels, weights]
    with name_scope(scope, "softmax_cross_entropy_loss", values) as scope:
        logits = convert_to_tensor(logits)
        labels = math.cast(onehot_labels, logits.dtype.base_dtype)
        logits.get_shape().assert_is_compatible_with(labels.get_shape())
        if label_smoothing > 0:
            n_classes = math.cast(array.shape(labels)[-1], logits.dtype.base_dtype)
            labels = labels * (1.0 - label_smoothing) + label_smoothing / n_classes
        labels = array.stop_gradient(labels, name="labels_stop_gradient")
        losses = cross_entropy.softmax_cross_entropy_with_logits_v2(
            labels=labels, logits=logits, name="xentropy"
        )
        return compute_weighted_loss(losses, weights, scope, loss_collection, reduction)


def sparse_softmax_cross_entropy(
    labels: Any,
    logits: Any,
    weights: Any = 1.0,
    scope: str | None = None,
    loss_collection: Any = GraphKeys.LOSSES,
    reduction: str = Reduction.SUM_BY_NONZERO_WEIGHTS,
) -> Tensor:
    """`softmax_cross_entropy` of class indices.

    Parameters
    ----------
    labels : Tensor, int32 or int64, [batch] or [batch, 1]
    logits : Tensor, floating, [batch, classes]
    weights : Tensor or float
        Real: a scalar, [batch] or [batch, 1].
    scope : str, optional
        The name scope of the loss.
    loss_collection : str or None
        The collection that the loss is added to.
    reduction : str
        How losses become one, of `Reduction`.

    Returns
    -------
    Tensor, scalar, of the dtype of `logits`
        [batch] where `reduction` is NONE.

    Raises
    ------
    ValueError
        If shapes do not fit, or an argument is None.
    InvalidArgumentError
        When it runs, if a label is no class.
    """
    required(labels=labels, logits=logits)
    values = [logits, labels, weights]
    with name_scope(scope, "sparse_softmax_cross_entropy_loss", values) as scope:
        labels, logits = remove_squeezable_dimensions(labels, logits, expected_rank_diff=1)
        if weights is not None:
            weights = convert_to_tensor(weights)
            dims, label_dims = weights.dims, labels.dims
            if dims is None or (label_dims is None and dims and dims[-1] in (1, None)):
                more = math.equal(math.subtract(array.rank(weights), array.rank(labels)), 1)
                weights = squeezed_if(more, weights)
            elif label_dims is not None and len(dims) == len(label_dims) + 1:
                weights = array.squeeze(weights, [-1])
        losses = cross_entropy.sparse_softmax_cross_entropy_with_logits(
            labels=labels, logits=logits, name="xentropy"
        )
        return compute_weighted_loss(losses, weights, scope, loss_collection, reduction)


def sigmoid_cross_entropy(
    multi_class_labels: Any,
    logits: Any,
    weights: Any = 1.0,
    label_smoothing: float = 0,
    scope: str | None = None,
    loss_collection: Any = GraphKeys.LOSSES,
    reduction: str = Reduction.SUM_BY_NONZERO_WEIGHTS,
) -> Tensor:
    """The cross entropy of ``sigmoid(logits)``, for classes that do not exclude each other.

    Parameters
    ----------
    multi_class_labels : Tensor, real, [batch, classes]
        0 or 1.
    logits : Tensor, floating, of the same shape
    weights : Tensor or float
        Real: a scalar, or of the rank of the losses with each length 1 or theirs.
    label_smoothing : float
        How far labels are moved towards 1/2.
    scope : str, optional
        The name scope of the loss.
    loss_collection : str or None
        The collection that the loss is added to.
    reduction : str
        How losses become one, of `Reduction`.

    Returns
    -------
    Tensor, scalar, of the dtype of `logits`
        Of their shape where `reduction` is NONE.

    Raises
    ------
    ValueError
        If shapes do not fit, or an argument is None.
    """
    required(multi_class_labels=multi_class_labels, logits=logits)
    values = [logits, multi_class_labels, weights]
    with name_scope(scope, "sigmoid_cross_entropy_loss", values) as scope:
        logits = convert_to_tensor(logits)
        labels = math.cast(multi_class_labels, logits.dtype.base_dtype)
        logits.get_shape().assert_is_compatible_with(labels.get_shape())
        if label_smoothing > 0:
            labels = labels * (1 - label_smoothing) + 0.5 * label_smoothing
        losses = cross_entropy.sigmoid_cross_entropy_with_logits(
            labels=labels, logits=logits, name="xentropy"
        )
        return compute_weighted_loss(losses, weights, scope, loss_collection, reduction)


def log_loss(
    labels: Any,
    predictions: Any,
    weights: Any = 1.0,
    epsilon: float = 1e-7,
    scope: str | None = None,
    loss_collection: Any = GraphKeys.LOSSES,
    reduction: str = Reduction.SUM_BY_NONZERO_WEIGHTS,
) -> Tensor:
    r"""The cross entropy of probabilities.

    .. math:: -t \log(p + \epsilon) - (1 - t) \log(1 - p + \epsilon)

    Parameters
    ----------
    labels, predictions : Tensor, real
        :math:`t` and :math:`p`, of one shape; taken as float32.
    weights : Tensor or float
        Real: a scalar, or of the rank of the losses with each length 1 or theirs.
    epsilon : float
        :math:`\epsilon`, which keeps the logarithm finite.
    scope : str, optional
        The name scope of the loss.
    loss_collection : str or None
        The collection that the loss is added to.
    reduction : str
        How losses become one, of `Reduction`.

    Returns
    -------
    Tensor, float32 scalar
        Of the shape of the losses where `reduction` is NONE.

    Raises
    ------
    ValueError
        If shapes do not fit, or an argument is None.
    """
    required(labels=labels, predictions=predictions)
    with name_scope(scope, "log_loss", [predictions, labels, weights]) as scope:
        predictions, labels = floats(predictions, labels)
        of_true = -math.multiply(labels, math.log(predictions + epsilon))
        of_false = math.multiply(1 - labels, math.log(1 - predictions + epsilon))
        losses = of_true - of_false
        return compute_weighted_loss(losses, weights, scope, loss_collection, reduction)


def hinge_loss(
    labels: Any,
    logits: Any,
    weights: Any = 1.0,
    scope: str | None = None,
    loss_collection: Any = GraphKeys.LOSSES,
    reduction: str = Reduction.SUM_BY_NONZERO_WEIGHTS,
) -> Tensor:
    r"""The hinge loss, for scores of two classes.

    .. math:: \max(0,\ 1 - t\, x), \qquad t = 2 y - 1

    Parameters
    ----------
    labels : Tensor, of the shape of `logits`
        :math:`y`: 0 or 1.
    logits : Tensor, real
        :math:`x`; taken as float32.
    weights : Tensor or float
        Real: a scalar, or of the rank of the losses with each length 1 or theirs.
    scope : str, optional
        The name scope of the loss.
    loss_collection : str or None
        The collection that the loss is added to.
    reduction : str
        How losses become one, of `Reduction`.

    Returns
    -------
    Tensor, float32 scalar
        Of the shape of the losses where `reduction` is NONE.

    Raises
    ------
    ValueError
        If shapes do not fit, or an argument is None.
    """
    required(labels=labels, logits=logits)
    with name_scope(scope, "hinge_loss", [logits, labels, weights]) as scope:
        logits, labels = floats(logits, labels)
        ones = array.ones_like(labels)
        signs = math.subtract(2 * labels, ones)
        losses = relu(math.subtract(ones, math.multiply(signs, logits)))
        return compute_weighted_loss(losses, weights, scope, loss_collection, reduction)
