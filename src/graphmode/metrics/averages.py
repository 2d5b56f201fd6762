"""Streaming averages: of values, of errors, of right answers.

`weights` (a scalar, or of the rank of the values with each length 1 or theirs), the collections
that the two results are added to, and `name` mean the same in all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.framework import dtypes
from graphmode.framework.default_graph import control_dependencies
from graphmode.losses.weights import broadcast_weights, remove_squeezable_dimensions
from graphmode.metrics.streaming import collected, fitted, metric_variable
from graphmode.ops import array, math
from graphmode.ops.state import variable_ops
from graphmode.variables.scope import variable_scope

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphmode.framework.operation import Tensor


def mean(
    values: Any,
    weights: Any = None,
    metrics_collections: Sequence[str] | None = None,
    updates_collections: Sequence[str] | None = None,
    name: str | None = None,
) -> Any:
    """The weighted mean of all elements of all batches.

    Parameters
    ----------
    values : Tensor
        Of any shape; taken as float32.
    weights : Tensor, optional
        A scalar, or of the rank of `values` with each length 1 or theirs.
    metrics_collections, updates_collections : list of str, optional
        The collections that the results are added to.
    name : str, optional
        The scope of the local variables ``total`` and ``count``.

    Returns
    -------
    mean : Tensor, float32 scalar
        0 before the first batch.
    update_op : Tensor, float32 scalar
        Takes in a batch, and is the mean after it.

    Raises
    ------
    ValueError
        If `weights` do not fit.
    """
    with variable_scope(name, "mean", [values, weights]):
        values = math.cast(values, dtypes.float32)
        total = metric_variable([], dtypes.float32, "total")
        count = metric_variable([], dtypes.float32, "count")
        if weights is None:
            number = math.cast(array.size(values), dtypes.float32)
        else:
            values, _, weights = fitted(values, None, weights)
            weights = broadcast_weights(math.cast(weights, dtypes.float32), values)
            values = math.multiply(values, weights)
            number = math.reduce_sum(weights)
        new_total = variable_ops.assign_add(total, math.reduce_sum(values))
        with control_dependencies([values]):
            new_count = variable_ops.assign_add(count, number)
        value = math.div_no_nan(total, math.maximum(count, 0), name="value")
        update = math.div_no_nan(new_total, math.maximum(new_count, 0), name="update_op")
        return collected(value, update, metrics_collections, updates_collections)


def mean_tensor(
    values: Any,
    weights: Any = None,
    metrics_collections: Sequence[str] | None = None,
    updates_collections: Sequence[str] | None = None,
    name: str | None = None,
) -> tuple[Tensor, Tensor]:
    """The mean of each element over all batches, in the static shape of `values`.

    Parameters
    ----------
    values : Tensor, real, of a known shape
        Taken as float32.
    weights : Tensor, optional
        Real: a scalar, or of the rank of `values` with each length 1 or theirs.
    metrics_collections, updates_collections : list of str, optional
        The collections that the results are added to.

    Returns
    -------
    mean, update_op : Tensor, float32, of the shape of `values`
        See `mean`.
    """
    with variable_scope(name, "mean", [values, weights]):
        values = math.cast(values, dtypes.float32)
        total = metric_variable(values.get_shape(), dtypes.float32, "total_tensor")
        count = metric_variable(values.get_shape(), dtypes.float32, "count_tensor")
        number = array.ones_like(values)
        if weights is not None:
            values, _, weights = fitted(values, None, weights)
            weights = broadcast_weights(math.cast(weights, dtypes.float32), values)
            values, number = math.multiply(values, weights), math.multiply(number, weights)
        new_total = variable_ops.assign_add(total, values)
        with control_dependencies([values]):
            new_count = variable_ops.assign_add(count, number)
        value = math.div_no_nan(total, math.maximum(count, 0), name="value")
        update = math.div_no_nan(new_total, math.maximum(new_count, 0), name="update_op")
        return collected(value, update, metrics_collections, updates_collections)


def accuracy(
    labels: Any,
    predictions: Any,
    weights: Any = None,
    metrics_collections: Sequence[str] | None = None,
    updates_collections: Sequence[str] | None = None,
    name: str | None = None,
) -> tuple[Tensor, Tensor]:
    """How often `predictions` equal `labels`.

    Parameters
    ----------
    labels, predictions : Tensor, of any dtype
        Of one shape, up to a last axis of length 1.
    weights : Tensor, optional
        Real: a scalar, or of the rank of the labels with each length 1 or theirs.
    metrics_collections, updates_collections : list of str, optional
        The collections that the results are added to.

    Returns
    -------
    accuracy, update_op : Tensor, float32 scalar
        See `mean`.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default(), tf.Session() as sess:
    ...     _, update = tf.metrics.accuracy(labels=[1, 2, 3, 4], predictions=[1, 2, 0, 4])
    ...     sess.run(tf.local_variables_initializer())
    ...     print(sess.run(update))
    0.75
    """
    predictions, labels, weights = fitted(predictions, labels, weights)
    if labels.dtype.base_dtype is not predictions.dtype.base_dtype:
        predictions = math.cast(predictions, labels.dtype.base_dtype)
    is_right = math.cast(math.equal(predictions, labels), dtypes.float32)
    return mean(is_right, weights, metrics_collections, updates_collections, name or "accuracy")


def mean_absolute_error(
    labels: Any,
    predictions: Any,
    weights: Any = None,
    metrics_collections: Sequence[str] | None = None,
    updates_collections: Sequence[str] | None = None,
    name: str | None = None,
) -> tuple[Tensor, Tensor]:
    """The mean of ``abs(predictions - labels)``.

    Parameters
    ----------
    labels, predictions : Tensor, real, of one shape
        Up to a last axis of length 1.
    weights : Tensor, optional
        Real: a scalar, or of the rank of the labels with each length 1 or theirs.
    metrics_collections, updates_collections : list of str, optional
        The collections that the results are added to.

    Returns
    -------
    mean_absolute_error, update_op : Tensor, float32 scalar
        See `mean`.
    """
    predictions, labels, weights = fitted(predictions, labels, weights)
    errors = math.abs(predictions - labels)
    name = name or "mean_absolute_error"
    return mean(errors, weights, metrics_collections, updates_collections, name)


def mean_squared_error(
    labels: Any,
    predictions: Any,
    weights: Any = None,
    metrics_collections: Sequence[str] | None = None,
    updates_collections: Sequence[str] | None = None,
    name: str | None = None,
) -> tuple[Tensor, Tensor]:
    """The mean of ``(predictions - labels) ** 2``.

    Parameters
    ----------
    labels, predictions : Tensor, real, of one shape
        Up to a last axis of length 1.
    weights : Tensor, optional
        Real: a scalar, or of the rank of the labels with each length 1 or theirs.
    metrics_collections, updates_collections : list of str, optional
        The collections that the results are added to.

    Returns
    -------
    mean_squared_error, update_op : Tensor, float32 scalar
        See `mean`.
    """
    predictions, labels, weights = fitted(predictions, labels, weights)
    errors = math.squared_difference(labels, predictions)
    name = name or "mean_squared_error"
    return mean(errors, weights, metrics_collections, updates_collections, name)


def root_mean_squared_error(
    labels: Any,
    predictions: Any,
    weights: Any = None,
    metrics_collections: Sequence[str] | None = None,
    updates_collections: Sequence[str] | None = None,
    name: str | None = None,
) -> tuple[Tensor, Tensor]:
    """The square root of `mean_squared_error`.

    Parameters
    ----------
    labels, predictions : Tensor, real, of one shape
        Up to a last axis of length 1.
    weights : Tensor, optional
        Real: a scalar, or of the rank of the labels with each length 1 or theirs.
    metrics_collections, updates_collections : list of str, optional
        The collections that the results are added to.

    Returns
    -------
    root_mean_squared_error, update_op : Tensor, float32 scalar
        See `mean`.
    """
    name = name or "root_mean_squared_error"
    value, update = mean_squared_error(labels, predictions, weights, None, None, name)
    value, update = math.sqrt(value), math.sqrt(update)
    return collected(value, update, metrics_collections, updates_collections)


def mean_relative_error(
    labels: Any,
    predictions: Any,
    normalizer: Any,
    weights: Any = None,
    metrics_collections: Sequence[str] | None = None,
    updates_collections: Sequence[str] | None = None,
    name: str | None = None,
) -> tuple[Tensor, Tensor]:
    """The mean of ``abs(labels - predictions) / normalizer``, 0 where `normalizer` is 0.

    Parameters
    ----------
    labels, predictions : Tensor, real, of one shape
        Up to a last axis of length 1.
    normalizer : Tensor, real, of the shape of `predictions`
    weights : Tensor, optional
        Real: a scalar, or of the rank of the labels with each length 1 or theirs.
    metrics_collections, updates_collections : list of str, optional
        The collections that the results are added to.

    Returns
    -------
    mean_relative_error, update_op : Tensor, float32 scalar
        See `mean`.
    """
    predictions, labels, weights = fitted(predictions, labels, weights)
    predictions, normalizer = remove_squeezable_dimensions(predictions, normalizer)
    predictions.get_shape().assert_is_compatible_with(normalizer.get_shape())
    errors = array.where(
        math.equal(normalizer, 0.0),
        array.zeros_like(labels),
        math.divide(math.abs(labels - predictions), normalizer),
    )
    name = name or "mean_relative_error"
    return mean(errors, weights, metrics_collections, updates_collections, name)


def mean_cosine_distance(
    labels: Any,
    predictions: Any,
    dim: int,
    weights: Any = None,
    metrics_collections: Sequence[str] | None = None,
    updates_collections: Sequence[str] | None = None,
    name: str | None = None,
) -> tuple[Tensor, Tensor]:
    """1 less the mean of ``sum(predictions * labels, dim)``, of vectors of length 1.

    Parameters
    ----------
    labels, predictions : Tensor, real, of one shape
        Up to a last axis of length 1.
    dim : int
        The axis of the vectors.
    weights : Tensor, optional
        Real: a scalar, or of the rank of the labels with each length 1 or theirs.
    metrics_collections, updates_collections : list of str, optional
        The collections that the results are added to.

    Returns
    -------
    mean_distance, update_op : Tensor, float32 scalar
        See `mean`.
    """
    predictions, labels, weights = fitted(predictions, labels, weights)
    products = math.reduce_sum(math.multiply(predictions, labels), axis=[dim], keepdims=True)
    value, update = mean(products, weights, None, None, name or "mean_cosine_distance")
    value, update = math.subtract(1.0, value), math.subtract(1.0, update)
    return collected(value, update, metrics_collections, updates_collections)


def percentage_below(
    values: Any,
    threshold: Any,
    weights: Any = None,
    metrics_collections: Sequence[str] | None = None,
    updates_collections: Sequence[str] | None = None,
    name: str | None = None,
) -> tuple[Tensor, Tensor]:
    """The part of `values` (between 0 and 1) that is below `threshold`.

    Parameters
    ----------
    values : Tensor, real
    threshold : float or Tensor
        Of the dtype of `values`, a scalar or of a shape that broadcasts.
    weights : Tensor, optional
        Real: a scalar, or of the rank of `values` with each length 1 or theirs.
    metrics_collections, updates_collections : list of str, optional
        The collections that the results are added to.

    Returns
    -------
    percentage, update_op : Tensor, float32 scalar
        See `mean`.
    """
    is_below = math.cast(math.less(values, threshold), dtypes.float32)
    name = name or "percentage_below_threshold"
    return mean(is_below, weights, metrics_collections, updates_collections, name)
