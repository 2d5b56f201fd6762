"""`tf.contrib.losses`: the losses before `tf.losses`, with the predictions first."""

from __future__ import annotations

from typing import Any

from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import GraphKeys, name_scope
from graphmode.framework.operation import Tensor
from graphmode.losses import collected
from graphmode.ops import array, math
from graphmode.ops.nn import activation, cross_entropy


def _scaled_sum(losses: Tensor, weights: Tensor) -> Tensor:
    """The sum of the losses, those of one weight added up before they are multiplied by it."""
    rank, weighted = len(losses.shape), len(weights.shape)
    axes = [axis - rank for axis in range(weighted, rank)]
    return math.reduce_sum(math.multiply(math.reduce_sum(losses, axis=axes), weights))


def _number_present(losses: Tensor, weights: Tensor, per_batch: bool = False) -> Tensor:
    """How many losses have a weight that is not 0: of all, or of each example."""
    if not weights.dims:
        batch = math.cast(array.shape(losses)[0], dtypes.float32)
        number = math.div(math.cast(array.size(losses), dtypes.float32), batch)
        number = array.where(math.equal(weights, 0), array.zeros_like(number), number)
        counts = array.fill(array.shape(losses)[:1], number)
    else:
        rank = len(weights.dims)
        counted = math.cast(math.not_equal(weights, 0), dtypes.float32)
        rest = math.reduce_prod(array.slice(array.shape(losses), [rank], [-1]))
        counts = math.reduce_sum(counted, axis=list(range(1, rank)))
        counts = math.multiply(counts, math.cast(rest, dtypes.float32))
    return counts if per_batch else math.reduce_sum(counts)


def _ranked(tensor: Tensor, name: str) -> Tensor:
    if tensor.dims is None:
        raise ValueError(f"{name}.get_shape().ndims cannot be None")
    return tensor


def _as_floats(weights: Any) -> Tensor:
    return math.cast(convert_to_tensor(weights), dtypes.float32)


def _pair(predictions: Any, labels: Any) -> tuple[Tensor, Tensor]:
    predictions, labels = convert_to_tensor(predictions), convert_to_tensor(labels)
    predictions.get_shape().assert_is_compatible_with(labels.get_shape())
    return predictions, labels


def _float_pair(predictions: Any, labels: Any) -> tuple[Tensor, Tensor]:
    predictions, labels = _pair(predictions, labels)
    return math.cast(predictions, dtypes.float32), math.cast(labels, dtypes.float32)


def compute_weighted_loss(losses: Any, weights: Any = 1.0, scope: str | None = None) -> Tensor:
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
    with name_scope(scope, "weighted_loss", [losses, weights]):
        losses = convert_to_tensor(losses)
        dtype = losses.dtype.base_dtype
        losses = _ranked(math.cast(losses, dtypes.float32), "losses")
        weights = _ranked(_as_floats(weights), "weights")
        if len(weights.dims) > 1 and weights.dims[-1] in (1, None):
            weights = array.squeeze(weights, [-1])
        total = math.reduce_sum(_scaled_sum(losses, weights))
        mean = math.div_no_nan(total, _number_present(losses, weights), name="value")
        mean = math.cast(mean, dtype)
        add_loss(mean)
        return mean


def absolute_difference(
    predictions: Any, labels: Any = None, weights: Any = 1.0, scope: str | None = None
) -> Tensor:
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
    with name_scope(scope, "absolute_difference", [predictions, labels, weights]) as scope:
        predictions, labels = _float_pair(predictions, labels)
        losses = math.abs(math.subtract(predictions, labels))
        return compute_weighted_loss(losses, weights, scope)


def sigmoid_cross_entropy(
    logits: Any,
    multi_class_labels: Any,
    weights: Any = 1.0,
    label_smoothing: float = 0,
    scope: str | None = None,
) -> Tensor:
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
    values = [logits, multi_class_labels, weights]
    with name_scope(scope, "sigmoid_cross_entropy_loss", values) as scope:
        logits, labels = _pair(logits, multi_class_labels)
        labels = math.cast(labels, logits.dtype.base_dtype)
        if label_smoothing > 0:
            labels = labels * (1 - label_smoothing) + 0.5 * label_smoothing
        losses = cross_entropy.sigmoid_cross_entropy_with_logits(
            labels=labels, logits=logits, name="xentropy"
        )
        return compute_weighted_loss(losses, weights, scope)


def softmax_cross_entropy(
    logits: Any,
    onehot_labels: Any,
    weights: Any = 1.0,
    label_smoothing: float = 0,
    scope: str | None = None,
) -> Tensor:
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
    values = [logits, onehot_labels, weights]
    with name_scope(scope, "softmax_cross_entropy_loss", values) as scope:
        logits, labels = _pair(logits, onehot_labels)
        dtype = logits.dtype.base_dtype
        labels = math.cast(labels, dtype)
        if label_smoothing > 0:
            classes = math.cast(array.shape(labels)[1], dtype)
            labels = labels * (1.0 - label_smoothing) + label_smoothing / classes
        losses = cross_entropy.softmax_cross_entropy_with_logits(
            labels=labels, logits=logits, name="xentropy"
        )
        return compute_weighted_loss(losses, weights, scope)


def sparse_softmax_cross_entropy(
    logits: Any, labels: Any, weights: Any = 1.0, scope: str | None = None
) -> Tensor:
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
    values = [logits, labels, weights]
    with name_scope(scope, "sparse_softmax_cross_entropy_loss", values) as scope:
        labels = convert_to_tensor(labels)
        labels = array.reshape(labels, [array.shape(labels)[0]])
        losses = cross_entropy.sparse_softmax_cross_entropy_with_logits(
            labels=labels, logits=logits, name="xentropy"
        )
        return compute_weighted_loss(losses, weights, scope)


def log_loss(
    predictions: Any,
    labels: Any = None,
    weights: Any = 1.0,
    epsilon: float = 1e-7,
    scope: str | None = None,
) -> Tensor:
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
    with name_scope(scope, "log_loss", [predictions, labels, weights]) as scope:
        predictions, labels = _float_pair(predictions, labels)
        of_ones = math.multiply(labels, math.log(predictions + epsilon))
        of_zeros = math.multiply(1 - labels, math.log(1 - predictions + epsilon))
        return compute_weighted_loss(-of_ones - of_zeros, weights, scope)


def hinge_loss(logits: Any, labels: Any = None, scope: str | None = None) -> Tensor:
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
    with name_scope(scope, "hinge_loss", [logits, labels]):
        logits, labels = _pair(logits, labels)
        labels = math.cast(labels, dtypes.float32)
        ones = array.ones_like(labels)
        signs = math.subtract(2 * labels, ones)
        return activation.relu(math.subtract(ones, math.multiply(signs, logits)))


def mean_squared_error(
    predictions: Any, labels: Any = None, weights: Any = 1.0, scope: str | None = None
) -> Tensor:
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
    with name_scope(scope, "mean_squared_error", [predictions, labels, weights]) as scope:
        predictions, labels = _float_pair(predictions, labels)
        losses = math.squared_difference(predictions, labels)
        return compute_weighted_loss(losses, weights, scope)


def mean_pairwise_squared_error(
    predictions: Any, labels: Any = None, weights: Any = 1.0, scope: str | None = None
) -> Tensor:
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
    with name_scope(scope, "mean_pairwise_squared_error", [predictions, labels, weights]):
        predictions, labels = _float_pair(predictions, labels)
        weights = _as_floats(weights)
        differences = _ranked(math.subtract(predictions, labels), "diffs")
        weights = _ranked(weights, "weights")
        axes = list(range(1, len(differences.shape)))
        squares = math.reduce_sum(math.square(differences), axis=axes)
        number = _number_present(differences, weights, per_batch=True)
        of_squares = 2.0 * math.div_no_nan(squares, number, name="value")
        sums = math.square(math.reduce_sum(differences, axis=axes))
        of_sums = 2.0 * math.div_no_nan(sums, math.square(number), name="value")
        loss = _scaled_sum(of_squares - of_sums, weights)
        is_any = math.greater(math.reduce_sum(number), 0)
        mean = array.where(is_any, loss, array.zeros_like(loss), name="value")
        add_loss(mean)
        return mean


def cosine_distance(
    predictions: Any,
    labels: Any = None,
    axis: int | None = None,
    weights: Any = 1.0,
    scope: str | None = None,
    dim: int | None = None,
) -> Tensor:
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
    axis = dim if axis is None else axis
    if axis is None:
        raise ValueError("You must specify 'axis'.")
    with name_scope(scope, "cosine_distance_loss", [predictions, labels, weights]) as scope:
        predictions, labels = _float_pair(predictions, labels)
        losses = 1 - math.reduce_sum(math.multiply(predictions, labels), axis=[axis])
        return compute_weighted_loss(losses, weights, scope)


def add_loss(loss: Any, loss_collection: Any = GraphKeys.LOSSES) -> None:
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
