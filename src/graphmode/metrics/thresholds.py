"""Streaming measures of scores in [0, 1], at many thresholds at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import control_dependencies
from graphmode.framework.operation import Tensor
from graphmode.losses.weights import broadcast_weights
from graphmode.metrics.streaming import collected, fitted, metric_variable
from graphmode.ops import array, math
from graphmode.ops.control.assertions import assert_greater_equal, assert_less_equal
from graphmode.ops.state import variable_ops
from graphmode.variables.scope import variable_scope

if TYPE_CHECKING:
    from collections.abc import Sequence

_NAMES = {
    "tp": "true_positives",
    "fn": "false_negatives",
    "tn": "true_negatives",
    "fp": "false_positives",
}
_MARGIN = 1e-7  # beyond 0 and 1, so that rounding puts no score outside


def evenly_spaced(n: int) -> list[float]:
    """`n` thresholds from just below 0 to just above 1."""
    inner = [(i + 1) * 1.0 / (n - 1) for i in range(n - 2)]
    return [0.0 - _MARGIN, *inner, 1.0 + _MARGIN]


def confusion_at_thresholds(
    labels: Any,
    predictions: Any,
    thresholds: Any,
    weights: Any = None,
    includes: Any = ("tp", "fn", "tn", "fp"),
) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """The streaming counts at each threshold.

    Parameters
    ----------
    labels : Tensor
        Taken as bool.
    predictions : Tensor, floating
        In [0, 1]; positive where above a threshold.
    thresholds : list of float
    includes : tuple of str
        Which of "tp", "fn", "tn" and "fp" to make.

    Returns
    -------
    values, updates : dict of str to float32 [thresholds]
    """
    predictions = convert_to_tensor(predictions)
    within = [
        assert_greater_equal(
            predictions,
            math.cast(0.0, predictions.dtype.base_dtype),
            message="predictions must be in [0, 1]",
        ),
        assert_less_equal(
            predictions,
            math.cast(1.0, predictions.dtype.base_dtype),
            message="predictions must be in [0, 1]",
        ),
    ]
    with control_dependencies(within):
        # A cast that changes nothing would make no op to wait for them.
        predictions = array.identity(predictions, name="predictions")
        predictions = math.cast(predictions, dtypes.float32)
        predictions, labels, weights = fitted(predictions, math.cast(labels, dtypes.bool), weights)
    limits = array.constant(thresholds, dtypes.float32, shape=[len(thresholds), 1])
    said = math.greater(array.reshape(predictions, [1, -1]), limits)
    true = array.reshape(labels, [1, -1])
    if weights is not None:
        weights = broadcast_weights(math.cast(weights, dtypes.float32), predictions)
        weights = array.reshape(weights, [1, -1])
    values: dict[str, Any] = {}
    updates: dict[str, Tensor] = {}
    for key in includes:
        total = metric_variable([len(thresholds)], dtypes.float32, _NAMES[key])
        is_true = true if key in ("tp", "fn") else math.logical_not(true)
        is_said = said if key in ("tp", "fp") else math.logical_not(said)
        counted = math.cast(math.logical_and(is_true, is_said), dtypes.float32)
        if weights is not None:
            counted = counted * weights
        values[key] = total
        updates[key] = variable_ops.assign_add(total, math.reduce_sum(counted, 1))
    return values, updates


# ---- the counts themselves, precision and recall -------------------------------------------------


_ARGUMENTS = """
    Parameters
    ----------
    labels : Tensor, of any numeric dtype or bool
        Taken as bool.
    predictions : Tensor, floating, of the shape of `labels`
        In [0, 1]; positive where above a threshold.
    thresholds : list of float
    weights : Tensor, optional
        Real: a scalar, or of the rank of the labels with each length 1 or theirs.
    metrics_collections, updates_collections : list of str, optional
        The collections that the results are added to.
"""


def _count_at_thresholds(key: str) -> Callable[..., tuple[Tensor, Tensor]]:
    def count(
        labels: Any,
        predictions: Any,
        thresholds: Any,
        weights: Any = None,
        metrics_collections: Any = None,
        updates_collections: Any = None,
        name: str | None = None,
    ) -> tuple[Tensor, Tensor]:
        with variable_scope(name, _NAMES[key], [predictions, labels, weights]):
            values, updates = confusion_at_thresholds(
                labels, predictions, thresholds, weights, (key,)
            )
            value = array.identity(values[key])
            return collected(value, updates[key], metrics_collections, updates_collections)

    count.__name__ = count.__qualname__ = f"{_NAMES[key]}_at_thresholds"
    count.__doc__ = f"""The sum of the weights of all {_NAMES[key].replace("_", " ")} at thresholds.
{_ARGUMENTS}
    Returns
    -------
    {_NAMES[key]}, update_op : Tensor, float32 [thresholds]
    """
    return count


true_positives_at_thresholds = _count_at_thresholds("tp")
false_negatives_at_thresholds = _count_at_thresholds("fn")
true_negatives_at_thresholds = _count_at_thresholds("tn")
false_positives_at_thresholds = _count_at_thresholds("fp")


def _ratio_at_thresholds(measure: str, other: str) -> Callable[..., tuple[Tensor, Tensor]]:
    def ratio(
        labels: Any,
        predictions: Any,
        thresholds: Any,
        weights: Any = None,
        metrics_collections: Any = None,
        updates_collections: Any = None,
        name: str | None = None,
    ) -> tuple[Tensor, Tensor]:
        with variable_scope(name, f"{measure}_at_thresholds", [predictions, labels, weights]):
            values, updates = confusion_at_thresholds(
                labels, predictions, thresholds, weights, ("tp", other)
            )

            def compute(counts: Any, kind: Any):
                total = _MARGIN + counts["tp"] + counts[other]
                return math.divide(counts["tp"], total, name=f"{measure}_{kind}")

            value, update = compute(values, "value"), compute(updates, "update_op")
            return collected(value, update, metrics_collections, updates_collections)

    ratio.__name__ = ratio.__qualname__ = f"{measure}_at_thresholds"
    ratio.__doc__ = f"""The {measure} at thresholds.
{_ARGUMENTS}
    Returns
    -------
    {measure}, update_op : Tensor, float32 [thresholds]
    """
    return ratio


precision_at_thresholds = _ratio_at_thresholds("precision", "fp")
recall_at_thresholds = _ratio_at_thresholds("recall", "fn")


# ---- areas ---------------------------------------------------------------------------------------


def auc(
    labels: Any,
    predictions: Any,
    weights: Any = None,
    num_thresholds: int = 200,
    metrics_collections: Sequence[str] | None = None,
    updates_collections: Sequence[str] | None = None,
    curve: str = "ROC",
    name: str | None = None,
    summation_method: str = "trapezoidal",
    thresholds: Any = None,
) -> tuple[Tensor, Tensor]:
    """The area under the ROC or the precision-recall curve.

    Parameters
    ----------
    labels : Tensor, of any numeric dtype or bool
        Taken as bool.
    predictions : Tensor, floating, of the shape of `labels`
        In [0, 1].
    weights : Tensor, optional
        Real: a scalar, or of the rank of the labels with each length 1 or theirs.
    num_thresholds : int
        How many points the curve has.
    metrics_collections, updates_collections : list of str, optional
        The collections that the results are added to.
    curve : {"ROC", "PR"}
    summation_method : {"trapezoidal", "careful_interpolation", "minoring", "majoring"}
        "careful_interpolation" is right for "PR" (Davis and Goadrich, ICML 2006).
    thresholds : list of float, optional
        In place of evenly spaced ones; 0 and 1 are added.

    Returns
    -------
    auc, update_op : Tensor, float32 scalar

    Raises
    ------
    ValueError
        If `curve` or `summation_method` is unknown.
    InvalidArgumentError
        When it runs, if a prediction is outside [0, 1].
    """
    with variable_scope(name, "auc", [labels, predictions, weights]):
        if curve not in ("ROC", "PR"):
            raise ValueError(f"Curve must be either ROC or PR. Curve {curve} is unknown.")
        if summation_method not in _SUMMATIONS:
            raise ValueError(
                f"Invalid summation_method: {summation_method} summation_method should be "
                "'trapezoidal', 'careful_interpolation', 'minoring', or 'majoring'."
            )
        if thresholds is None:
            thresholds = evenly_spaced(num_thresholds)
        else:
            thresholds = [0.0 - _MARGIN, *sorted(thresholds), 1.0 + _MARGIN]
        values, updates = confusion_at_thresholds(labels, predictions, thresholds, weights)
        value = _area(values, curve, summation_method, "value")
        update = _area(updates, curve, summation_method, "update_op")
        return collected(value, update, metrics_collections, updates_collections)


def _mean(left: Tensor, right: Tensor) -> Tensor:
    return (left + right) / 2.0


_SUMMATIONS: dict[str, Callable[..., Any]] = {
    "trapezoidal": _mean,
    "careful_interpolation": _mean,
    "minoring": math.minimum,
    "majoring": math.maximum,
}


def _area(counts: dict[str, Any], curve: str, summation_method: str, name: str) -> Tensor:
    tp, fn, tn, fp = (array.identity(counts[key]) for key in ("tp", "fn", "tn", "fp"))
    if curve == "PR" and summation_method == "careful_interpolation":
        return _interpolated_area(tp, fp, fn)
    epsilon = 1.0e-6
    recall = math.divide(tp + epsilon, tp + fn + epsilon)
    if curve == "ROC":
        x, y = math.divide(fp, fp + tn + epsilon), recall
    else:
        x, y = recall, math.divide(tp + epsilon, tp + fp + epsilon)
    heights = _SUMMATIONS[summation_method](y[:-1], y[1:])
    return math.reduce_sum(math.multiply(x[:-1] - x[1:], heights), name=name)


def _interpolated_area(tp: Tensor, fp: Tensor, fn: Tensor) -> Tensor:
    """Between two thresholds the positives grow in proportion; precision does not."""
    step = tp[:-1] - tp[1:]
    positives = tp + fp
    slope = math.div_no_nan(step, math.maximum(positives[:-1] - positives[1:], 0))
    intercept = tp[1:] - math.multiply(slope, positives[1:])
    ratio = array.where(
        math.logical_and(positives[:-1] > 0, positives[1:] > 0),
        math.div_no_nan(positives[:-1], math.maximum(positives[1:], 0)),
        array.ones_like(positives[1:]),
    )
    increments = math.div_no_nan(
        slope * (step + intercept * math.log(ratio)), math.maximum(tp[1:] + fn[1:], 0)
    )
    return math.reduce_sum(increments, name="interpolate_pr_auc")


# ---- one at a given other ------------------------------------------------------------------------


def sensitivity_at_specificity(
    labels: Any,
    predictions: Any,
    specificity: float,
    weights: Any = None,
    num_thresholds: int = 200,
    metrics_collections: Sequence[str] | None = None,
    updates_collections: Sequence[str] | None = None,
    name: str | None = None,
) -> tuple[Tensor, Tensor]:
    """The recall at the threshold whose specificity is closest to the one given.

    Parameters
    ----------
    labels : Tensor, of any numeric dtype or bool
        Taken as bool.
    predictions : Tensor, floating, of the shape of `labels`
        In [0, 1].
    specificity : float
        In [0, 1].
    weights : Tensor, optional
        Real: a scalar, or of the rank of the labels with each length 1 or theirs.
    num_thresholds : int
        How many evenly spaced thresholds are tried.
    metrics_collections, updates_collections : list of str, optional
        The collections that the results are added to.

    Returns
    -------
    sensitivity, update_op : Tensor, float32 scalar

    Raises
    ------
    ValueError
        If `specificity` is not in [0, 1].
    """
    if not 0 <= specificity <= 1:
        raise ValueError(
            "`specificity` must be in the range [0, 1]. Currently, `specificity` got "
            f"{specificity}."
        )
    with variable_scope(name, "sensitivity_at_specificity", [predictions, labels, weights]):
        thresholds = evenly_spaced(num_thresholds)
        values, updates = confusion_at_thresholds(labels, predictions, thresholds, weights)

        def compute(counts: Any, kind: Any):
            found = math.divide(counts["tn"], counts["tn"] + counts["fp"] + _MARGIN)
            place = math.argmin(math.abs(found - specificity), 0)
            tp, fn = array.gather(counts["tp"], place), array.gather(counts["fn"], place)
            return math.divide(tp, tp + fn + _MARGIN, name=kind)

        value, update = compute(values, "value"), compute(updates, "update_op")
        return collected(value, update, metrics_collections, updates_collections)


def specificity_at_sensitivity(
    labels: Any,
    predictions: Any,
    sensitivity: float,
    weights: Any = None,
    num_thresholds: int = 200,
    metrics_collections: Sequence[str] | None = None,
    updates_collections: Sequence[str] | None = None,
    name: str | None = None,
) -> tuple[Tensor, Tensor]:
    """The specificity at the last threshold whose recall is closest to the one given.

    Parameters
    ----------
    labels : Tensor, of any numeric dtype or bool
        Taken as bool.
    predictions : Tensor, floating, of the shape of `labels`
        In [0, 1].
    sensitivity : float
        In [0, 1].
    weights : Tensor, optional
        Real: a scalar, or of the rank of the labels with each length 1 or theirs.
    num_thresholds : int
        How many evenly spaced thresholds are tried.
    metrics_collections, updates_collections : list of str, optional
        The collections that the results are added to.

    Returns
    -------
    specificity, update_op : Tensor, float32 scalar

    Raises
    ------
    ValueError
        If `sensitivity` is not in [0, 1].
    """
    if not 0 <= sensitivity <= 1:
        raise ValueError(
            f"`sensitivity` must be in the range [0, 1]. Currently, `sensitivity` is {sensitivity}."
        )
    with variable_scope(name, "specificity_at_sensitivity", [predictions, labels, weights]):
        # As TensorFlow: the last threshold is below 1 here.
        thresholds = [*evenly_spaced(num_thresholds)[:-1], 1.0 - _MARGIN]
        values, updates = confusion_at_thresholds(labels, predictions, thresholds, weights)

        def compute(counts: Any, kind: Any):
            found = math.divide(counts["tp"], counts["tp"] + counts["fn"] + _MARGIN)
            distance = math.abs(found - sensitivity)
            is_closest = math.equal(distance, math.reduce_min(distance))
            place = math.argmax(math.cumsum(math.cast(is_closest, dtypes.int64)), 0)
            tn, fp = array.gather(counts["tn"], place), array.gather(counts["fp"], place)
            return math.divide(tn, tn + fp + _MARGIN, name=kind)

        value, update = compute(values, "value"), compute(updates, "update_op")
        return collected(value, update, metrics_collections, updates_collections)
