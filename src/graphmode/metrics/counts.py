"""Streaming counts of right and wrong yes-no answers, and what is made of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from graphmode.framework import dtypes
from graphmode.framework.default_graph import control_dependencies
from graphmode.metrics.streaming import as_bools, collected, metric_variable
from graphmode.ops import array, math
from graphmode.ops.control.assertions import assert_rank_in
from graphmode.ops.state import variable_ops
from graphmode.variables.scope import variable_scope

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphmode.framework.operation import Tensor


def _count_of(name: str, label: bool, prediction: bool) -> Callable[..., tuple[Tensor, Tensor]]:
    """The metric that counts the examples with this label and this prediction."""
    default_name = name

    def count(
        labels: Any,
        predictions: Any,
        weights: Any = None,
        metrics_collections: Any = None,
        updates_collections: Any = None,
        name: str | None = None,
    ) -> tuple[Tensor, Tensor]:
        with variable_scope(name, default_name, [predictions, labels, weights]):
            predictions, labels, weights = as_bools(predictions, labels, weights)
            counted = math.logical_and(
                math.equal(labels, label), math.equal(predictions, prediction)
            )
            total = metric_variable([], dtypes.float32, "count")
            values = math.cast(counted, dtypes.float32)
            if weights is not None:
                weights = math.cast(weights, dtypes.float32)
                with control_dependencies([assert_rank_in(weights, [0, _rank(values)])]):
                    values = math.multiply(values, weights)
            value = array.identity(total)
            update = variable_ops.assign_add(total, math.reduce_sum(values))
            return collected(value, update, metrics_collections, updates_collections)

    count.__name__ = count.__qualname__ = name
    count.__doc__ = f"""The sum of the weights of all {name.replace("_", " ")}.

    Parameters
    ----------
    labels, predictions : Tensor
        Of one shape; taken as bool.
    weights : Tensor, optional
        A scalar, or of the rank of the labels with each length 1 or theirs.
    metrics_collections, updates_collections : list of str, optional
        The collections that the results are added to.

    Returns
    -------
    value, update_op : Tensor, float32 scalar
    """
    return count


def _rank(values: Any):
    return array.rank(values) if values.dims is None else len(values.dims)


true_positives = _count_of("true_positives", True, True)
false_positives = _count_of("false_positives", False, True)
true_negatives = _count_of("true_negatives", False, False)
false_negatives = _count_of("false_negatives", True, False)


def _ratio(found: Any, missed: Any, name: Any):
    total = found + missed
    return array.where(math.greater(total, 0), math.divide(found, total), 0.0, name)


def precision(
    labels: Any,
    predictions: Any,
    weights: Any = None,
    metrics_collections: Sequence[str] | None = None,
    updates_collections: Sequence[str] | None = None,
    name: str | None = None,
) -> tuple[Tensor, Tensor]:
    """The part of the positive predictions that is right; 0 if there are none.

    Parameters
    ----------
    labels, predictions : Tensor, of any numeric dtype or bool
        Of one shape; taken as bool.
    weights : Tensor, optional
        Real: a scalar, or of the rank of the labels with each length 1 or theirs.
    metrics_collections, updates_collections : list of str, optional
        The collections that the results are added to.

    Returns
    -------
    precision, update_op : Tensor, float32 scalar
    """
    with variable_scope(name, "precision", [predictions, labels, weights]):
        predictions, labels, weights = as_bools(predictions, labels, weights)
        right, new_right = true_positives(labels, predictions, weights)
        wrong, new_wrong = false_positives(labels, predictions, weights)
        value = _ratio(right, wrong, "value")
        update = _ratio(new_right, new_wrong, "update_op")
        return collected(value, update, metrics_collections, updates_collections)


def recall(
    labels: Any,
    predictions: Any,
    weights: Any = None,
    metrics_collections: Sequence[str] | None = None,
    updates_collections: Sequence[str] | None = None,
    name: str | None = None,
) -> tuple[Tensor, Tensor]:
    """The part of the positive labels that is predicted; 0 if there are none.

    Parameters
    ----------
    labels, predictions : Tensor, of any numeric dtype or bool
        Of one shape; taken as bool.
    weights : Tensor, optional
        Real: a scalar, or of the rank of the labels with each length 1 or theirs.
    metrics_collections, updates_collections : list of str, optional
        The collections that the results are added to.

    Returns
    -------
    recall, update_op : Tensor, float32 scalar
    """
    with variable_scope(name, "recall", [predictions, labels, weights]):
        predictions, labels, weights = as_bools(predictions, labels, weights)
        found, new_found = true_positives(labels, predictions, weights)
        missed, new_missed = false_negatives(labels, predictions, weights)
        value = _ratio(found, missed, "value")
        update = _ratio(new_found, new_missed, "update_op")
        return collected(value, update, metrics_collections, updates_collections)
