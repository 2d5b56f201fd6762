"""Losses of numbers against numbers.

`weights`, `scope`, `loss_collection` and `reduction` are those of `compute_weighted_loss` in all.
"""

from __future__ import annotations

from typing import Any

from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import GraphKeys, control_dependencies, name_scope
from graphmode.framework.operation import Tensor
from graphmode.losses.collected import add_loss
from graphmode.losses.weighted import Reduction, compute_weighted_loss, number_present
from graphmode.losses.weights import assert_broadcastable
from graphmode.ops import array, math
from graphmode.ops.old_names import either


def required(**arguments: Any) -> None:
    """ValueError if one of `arguments` is None."""
    for name, value in arguments.items():
        if value is None:
            raise ValueError(f"{name} must not be None.")


def floats(predictions: Any, labels: Any) -> tuple[Tensor, Tensor]:
    """Both in float32, of one shape.

    Raises
    ------
    ValueError
        If their static shapes differ.
    """
    predictions = math.cast(predictions, dtypes.float32)
    labels = math.cast(labels, dtypes.float32)
    predictions.get_shape().assert_is_compatible_with(labels.get_shape())
    return predictions, labels


def absolute_difference(
    labels: Any,
    predictions: Any,
    weights: Any = 1.0,
    scope: str | None = None,
    loss_collection: Any = GraphKeys.LOSSES,
    reduction: str = Reduction.SUM_BY_NONZERO_WEIGHTS,
) -> Tensor:
    """The absolute values of errors.

    .. math:: |p - y|

    Parameters
    ----------
    labels, predictions : Tensor, real, of one shape
        :math:`y` and :math:`p`; taken as float32.
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
    required(labels=labels, predictions=predictions)
    with name_scope(scope, "absolute_difference", [predictions, labels, weights]) as scope:
        predictions, labels = floats(predictions, labels)
        losses = math.abs(math.subtract(predictions, labels))
        return compute_weighted_loss(losses, weights, scope, loss_collection, reduction)


def mean_squared_error(
    labels: Any,
    predictions: Any,
    weights: Any = 1.0,
    scope: str | None = None,
    loss_collection: Any = GraphKeys.LOSSES,
    reduction: str = Reduction.SUM_BY_NONZERO_WEIGHTS,
) -> Tensor:
    """The squares of errors.

    .. math:: (p - y)^2

    Parameters
    ----------
    labels, predictions : Tensor, real, of one shape
        :math:`y` and :math:`p`; taken as float32.
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
        If their shapes differ, or one is None.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default(), tf.Session() as sess:
    ...     print(sess.run(tf.losses.mean_squared_error([1.0, 2.0], [1.0, 4.0])))
    2.0
    """
    required(labels=labels, predictions=predictions)
    with name_scope(scope, "mean_squared_error", [predictions, labels, weights]) as scope:
        predictions, labels = floats(predictions, labels)
        losses = math.squared_difference(predictions, labels)
        return compute_weighted_loss(losses, weights, scope, loss_collection, reduction)


def huber_loss(
    labels: Any,
    predictions: Any,
    weights: Any = 1.0,
    delta: float = 1.0,
    scope: str | None = None,
    loss_collection: Any = GraphKeys.LOSSES,
    reduction: str = Reduction.SUM_BY_NONZERO_WEIGHTS,
) -> Tensor:
    r"""Squared error near 0, absolute error further away.

    .. math:: \tfrac12 e^2 \text{ where } |e| \le \delta, \quad
              \delta |e| - \tfrac12 \delta^2 \text{ elsewhere}

    Parameters
    ----------
    labels, predictions : Tensor, real, of one shape
        Taken as float32; :math:`e` is their difference.
    weights : Tensor or float
        Real: a scalar, or of the rank of the losses with each length 1 or theirs.
    delta : float
        :math:`\delta`.
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

    Notes
    -----
    Huber, "Robust estimation of a location parameter", 1964.
    """
    required(labels=labels, predictions=predictions)
    with name_scope(scope, "huber_loss", [predictions, labels, weights]) as scope:
        predictions, labels = floats(predictions, labels)
        distance = math.abs(math.subtract(predictions, labels))
        quadratic = math.minimum(distance, delta)
        # Not maximum(distance - delta, 0): at |e| = delta that would have a gradient too.
        linear = math.subtract(distance, quadratic)
        half = math.multiply(0.5, math.multiply(quadratic, quadratic))
        losses = math.add(half, math.multiply(delta, linear))
        return compute_weighted_loss(losses, weights, scope, loss_collection, reduction)


def cosine_distance(
    labels: Any,
    predictions: Any,
    axis: int | None = None,
    weights: Any = 1.0,
    scope: str | None = None,
    loss_collection: Any = GraphKeys.LOSSES,
    reduction: str = Reduction.SUM_BY_NONZERO_WEIGHTS,
    dim: int | None = None,
) -> Tensor:
    r"""How far two vectors point in different directions.

    .. math:: 1 - \sum_i p_i\, y_i

    Parameters
    ----------
    labels, predictions : Tensor, real, of one shape
        :math:`y` and :math:`p`, vectors of length 1 along `axis`; taken as float32.
    axis : int
        `dim` is its old name.
    weights : Tensor or float
        Real: a scalar, or of the rank of the losses with each length 1 or theirs.
    scope : str, optional
        The name scope of the loss.
    loss_collection : str or None
        The collection that the loss is added to.
    reduction : str
        How losses become one, of `Reduction`.
    dim : int, optional

    Returns
    -------
    Tensor, float32 scalar
        Of the shape of the losses, 1 long along `axis`, where `reduction` is NONE.

    Raises
    ------
    ValueError
        If there is no `axis`, shapes do not fit, or an argument is None.
    """
    axis = either("axis", axis, "dim", dim)
    if axis is None:
        raise ValueError("You must specify 'axis'.")
    required(labels=labels, predictions=predictions)
    with name_scope(scope, "cosine_distance_loss", [predictions, labels, weights]) as scope:
        predictions, labels = floats(predictions, labels)
        products = math.multiply(predictions, labels)
        losses = 1 - math.reduce_sum(products, axis=(axis,), keepdims=True)
        return compute_weighted_loss(losses, weights, scope, loss_collection, reduction)


def mean_pairwise_squared_error(
    labels: Any,
    predictions: Any,
    weights: Any = 1.0,
    scope: str | None = None,
    loss_collection: Any = GraphKeys.LOSSES,
) -> Tensor:
    r"""The squares of the differences between pairs of errors within each example.

    .. math:: \sum_b w_b \frac{1}{n(n-1)/2} \sum_{i<j} (e_{bi} - e_{bj})^2

    Parameters
    ----------
    labels, predictions : Tensor, real, [batch, ...]
        Of one shape; :math:`e` is their difference, :math:`n` the number of elements of an example.
    weights : Tensor or float
        Real: a scalar, or one for each example, ``[batch, 1, ...]``.
    scope : str, optional
        The name scope of the loss.
    loss_collection : str or None
        The collection that the loss is added to.

    Returns
    -------
    Tensor, float32 scalar

    Raises
    ------
    ValueError
        If shapes do not fit, or an argument is None.
    """
    required(labels=labels, predictions=predictions)
    scope_values = [predictions, labels, weights]
    with name_scope(scope, "mean_pairwise_squared_error", scope_values):
        weights = math.cast(weights, dtypes.float32)
        labels = convert_to_tensor(math.cast(labels, dtypes.float32))
        with control_dependencies([assert_broadcastable(weights, labels)]):
            predictions, labels = floats(predictions, labels)
            errors = math.subtract(predictions, labels)
            rank = array.rank(errors) if errors.dims is None else len(errors.dims)
            axes = array.range(1, rank)
            squares = math.reduce_sum(math.square(errors), axis=axes, keepdims=True)
            n = number_present(errors, weights, per_batch=True)
            mean_square = math.div_no_nan(squares, math.maximum(n - 1, 0), name="value")
            total = math.reduce_sum(errors, axis=axes, keepdims=True)
            pairs = math.maximum(math.multiply(n, n - 1), 0)
            of_means = math.div_no_nan(math.square(total), pairs, name="value")
            weighted = math.multiply(2.0 * mean_square - 2.0 * of_means, weights)
            loss = math.reduce_sum(weighted)
            loss = array.where(math.reduce_sum(n) > 0, loss, array.zeros_like(loss), name="value")
            add_loss(loss, loss_collection)
            return loss
