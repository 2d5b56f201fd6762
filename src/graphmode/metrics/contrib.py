"""`tf.contrib.metrics`: the metrics before `tf.metrics`, with the predictions first."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from graphmode.framework import dtypes
from graphmode.framework.default_graph import name_scope
from graphmode.metrics import averages, confusion, counts, ranking, thresholds
from graphmode.metrics.streaming import collected, fitted
from graphmode.ops import math
from graphmode.ops.nn.ranking import in_top_k
from graphmode.variables.scope import variable_scope

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphmode.framework.operation import Tensor


def _predictions_first(metric: Callable[..., Any]) -> Callable[..., tuple[Any, Any]]:
    def streaming(predictions: Any, labels: Any, *args: Any, **kwargs: Any) -> tuple[Any, Any]:
        return metric(labels, predictions, *args, **kwargs)

    streaming.__name__ = streaming.__qualname__ = f"streaming_{metric.__name__}"
    streaming.__doc__ = f"""`tf.metrics.{metric.__name__}`, with the predictions first.

    Parameters
    ----------
    predictions, labels : Tensor, of the dtypes and shapes that it takes
    *args, **kwargs
        Its other arguments.

    Returns
    -------
    value, update_op : Tensor, as it gives them
    """
    return streaming


streaming_mean = averages.mean
streaming_mean_tensor = averages.mean_tensor
streaming_percentage_less = averages.percentage_below
streaming_accuracy = _predictions_first(averages.accuracy)
streaming_mean_absolute_error = _predictions_first(averages.mean_absolute_error)
streaming_mean_squared_error = _predictions_first(averages.mean_squared_error)
streaming_root_mean_squared_error = _predictions_first(averages.root_mean_squared_error)
streaming_mean_relative_error = _predictions_first(averages.mean_relative_error)
streaming_mean_cosine_distance = _predictions_first(averages.mean_cosine_distance)
streaming_precision = _predictions_first(counts.precision)
streaming_recall = _predictions_first(counts.recall)
streaming_true_positives = _predictions_first(counts.true_positives)
streaming_false_positives = _predictions_first(counts.false_positives)
streaming_true_negatives = _predictions_first(counts.true_negatives)
streaming_false_negatives = _predictions_first(counts.false_negatives)
streaming_auc = _predictions_first(thresholds.auc)
streaming_precision_at_thresholds = _predictions_first(thresholds.precision_at_thresholds)
streaming_recall_at_thresholds = _predictions_first(thresholds.recall_at_thresholds)
streaming_sensitivity_at_specificity = _predictions_first(thresholds.sensitivity_at_specificity)
streaming_specificity_at_sensitivity = _predictions_first(thresholds.specificity_at_sensitivity)
streaming_sparse_precision_at_k = _predictions_first(ranking.precision_at_k)
streaming_sparse_recall_at_k = _predictions_first(ranking.recall_at_k)
streaming_sparse_average_precision_at_k = _predictions_first(ranking.average_precision_at_k)
streaming_mean_iou = _predictions_first(confusion.mean_iou)


def streaming_recall_at_k(
    predictions: Any,
    labels: Any,
    k: int,
    weights: Any = None,
    metrics_collections: Sequence[str] | None = None,
    updates_collections: Sequence[str] | None = None,
    name: str | None = None,
) -> tuple[Tensor, Tensor]:
    """How often the class ``labels[i]`` is among the `k` largest of ``predictions[i]``.

    Parameters
    ----------
    predictions : Tensor, float32, [batch, classes]
    labels : Tensor, int32 or int64, [batch]
    k : int
    weights : Tensor, optional
        Real: a scalar or [batch].
    metrics_collections, updates_collections : list of str, optional
        The collections that the results are added to.

    Returns
    -------
    recall, update_op : Tensor, float32 scalar
        See `tf.metrics.mean`.
    """
    found = math.cast(in_top_k(predictions, labels, k), dtypes.float32)
    name = name or f"recall_at_{k}"
    return averages.mean(found, weights, metrics_collections, updates_collections, name)


def accuracy(predictions: Any, labels: Any, weights: Any = None, name: str | None = None) -> Tensor:
    """How often `predictions` equal `labels` in this batch, a float32 scalar.

    Parameters
    ----------
    predictions, labels : Tensor, integer, bool or string, of one shape
    weights : Tensor, optional
        Floating, of a shape that broadcasts to that of the labels.

    Returns
    -------
    Tensor, float32 scalar

    Raises
    ------
    ValueError
        If their dtypes differ, or are no integer, bool or string.
    """
    if predictions.dtype.base_dtype is not labels.dtype.base_dtype:
        raise ValueError(
            f"dtypes of predictions and labels should match: {predictions.dtype} and {labels.dtype}"
        )
    if predictions.dtype.is_floating:
        raise ValueError(
            f"Labels should have bool, integer, or string dtype, not {predictions.dtype.name}"
        )
    with name_scope(name, "accuracy", [predictions, labels]):
        predictions.get_shape().assert_is_compatible_with(labels.get_shape())
        is_right = math.cast(math.equal(predictions, labels), dtypes.float32)
        if weights is None:
            return math.reduce_mean(is_right)
        is_right = math.multiply(is_right, weights)
        number = math.reduce_sum(math.multiply(weights, is_right * 0 + 1))
        return math.div_no_nan(math.reduce_sum(is_right), number)


def f1_score(
    labels: Any,
    predictions: Any,
    weights: Any = None,
    num_thresholds: int = 200,
    metrics_collections: Sequence[str] | None = None,
    updates_collections: Sequence[str] | None = None,
    name: str | None = None,
) -> tuple[Tensor, Tensor]:
    r"""The largest F1 of `num_thresholds` thresholds, streaming.

    .. math:: F_1 = \frac{2 p r}{p + r}

    Parameters
    ----------
    labels : Tensor, of any dtype
        Taken as bool.
    predictions : Tensor, floating, of the shape of `labels`
        In [0, 1].
    weights : Tensor, optional
        Real: a scalar, or of the rank of the labels with each length 1 or theirs.
    num_thresholds : int
        How many evenly spaced thresholds are tried.
    metrics_collections, updates_collections : list of str, optional
        The collections that the results are added to.

    Returns
    -------
    f1, update_op : Tensor, float32 scalar
    """
    with variable_scope(name, "f1", [labels, predictions, weights]):
        predictions, labels, weights = fitted(predictions, labels, weights)
        values, updates = thresholds.confusion_at_thresholds(
            labels,
            predictions,
            thresholds.evenly_spaced(num_thresholds),
            weights,
            ("tp", "fp", "fn"),
        )

        def best(found: Any, name: Any):
            epsilon = 1e-7
            precision = math.divide(found["tp"], epsilon + found["tp"] + found["fp"])
            recall = math.divide(found["tp"], epsilon + found["tp"] + found["fn"])
            f1 = 2.0 * precision * recall / (precision + recall + epsilon)
            return math.reduce_max(f1, name=name)

        value, update = best(values, "value"), best(updates, "update_op")
        return collected(value, update, metrics_collections, updates_collections)


def aggregate_metrics(*value_update_tuples: Any) -> tuple[list[Any], list[Any]]:
    """The values and the update operations of several metrics.

    Parameters
    ----------
    *value_update_tuples
        Pairs (value, update_op).

    Returns
    -------
    values, update_ops : list of Tensor

    Raises
    ------
    ValueError
        If there are none.
    """
    if not value_update_tuples:
        raise ValueError("Expected at least one value_tensor/update_op pair")
    values, updates = zip(*value_update_tuples, strict=True)
    return list(values), list(updates)


def aggregate_metric_map(
    names_to_tuples: dict[str, tuple[Any, ...]],
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The values and the update operations of several metrics.

    Parameters
    ----------
    names_to_tuples : dict of str to (value, update_op)

    Returns
    -------
    values, update_ops : dict of str to Tensor
    """
    values = {name: pair[0] for name, pair in names_to_tuples.items()}
    return values, {name: pair[1] for name, pair in names_to_tuples.items()}
