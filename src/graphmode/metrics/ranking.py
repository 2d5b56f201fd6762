"""Streaming precision and recall of the k classes that score best."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.sparse_tensor import SparseTensor, SparseTensorValue
from graphmode.losses.weights import broadcast_weights
from graphmode.metrics.streaming import collected, metric_variable
from graphmode.ops import array, math
from graphmode.ops.array.sorting import top_k
from graphmode.ops.sparse.dense import as_sparse, sparse_tensor_to_dense
from graphmode.ops.state import variable_ops

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphmode.framework.operation import Tensor


def _name(kind: str, k: int | None, class_id: int | None) -> str:
    of_class = "" if class_id is None else f"_class{class_id}"
    return f"{kind}_at_{'k' if k is None else k}{of_class}"


class _Found:
    """Which of the predictions of each example are right, which of its labels are found.

    Labels and predictions count as sets: what is there twice counts once.
    """

    def __init__(self, labels: Any, predictions: Any, class_id: int | None = None) -> None:
        self.labels, self.is_label = _dense_labels(labels, predictions)
        self.predictions = math.cast(predictions, dtypes.int64)
        same = math.equal(
            array.expand_dims(self.predictions, -1), array.expand_dims(self.labels, -2)
        )
        same = math.logical_and(same, array.expand_dims(self.is_label, -2))
        self.is_right = math.reduce_any(same, -1)
        self.is_found = math.reduce_any(same, -2)
        self.is_first = _is_first(self.predictions)
        self.is_first_label = math.logical_and(self.is_label, _is_first(self.labels))
        if class_id is not None:
            self.is_first = math.logical_and(self.is_first, math.equal(self.predictions, class_id))
            self.is_first_label = math.logical_and(
                self.is_first_label, math.equal(self.labels, class_id)
            )

    def right(self) -> Tensor:
        return _counted(math.logical_and(self.is_first, self.is_right))

    def wrong(self) -> Tensor:
        return _counted(math.logical_and(self.is_first, math.logical_not(self.is_right)))

    def missed(self) -> Tensor:
        return _counted(math.logical_and(self.is_first_label, math.logical_not(self.is_found)))


def _dense_labels(labels: Any, predictions: Any) -> tuple[Tensor, Tensor]:
    """The labels of each example along the last axis, and which of them there are."""
    if isinstance(labels, SparseTensor | SparseTensorValue):
        sparse = as_sparse(labels)
        there = SparseTensor(
            sparse.indices, array.ones_like(sparse.values, dtype=dtypes.int64), sparse.dense_shape
        )
        values = SparseTensor(
            sparse.indices, math.cast(sparse.values, dtypes.int64), sparse.dense_shape
        )
        return sparse_tensor_to_dense(values), math.equal(sparse_tensor_to_dense(there), 1)
    labels = math.cast(convert_to_tensor(labels), dtypes.int64)
    rank = predictions.get_shape().ndims
    if rank is not None and labels.get_shape().ndims == rank - 1:
        labels = array.expand_dims(labels, -1)
    return labels, math.equal(labels, labels)


def _is_first(values: Tensor) -> Tensor:
    """Whether no element before it, along the last axis, is the same."""
    same = math.equal(array.expand_dims(values, -1), array.expand_dims(values, -2))
    return math.equal(math.argmax(math.cast(same, dtypes.int32), -1), _places(values))


def _places(values: Tensor) -> Tensor:
    count = math.cast(array.shape(values)[-1], dtypes.int64)
    return array.zeros_like(values) + array.range(count)


def _counted(flags: Tensor) -> Tensor:
    return math.reduce_sum(math.cast(flags, dtypes.float64), -1)


def _weighted_sum(counts: Tensor, weights: Any) -> Tensor:
    if weights is None:
        return math.reduce_sum(counts)
    return math.reduce_sum(counts * _fitting(weights, counts))


def _fitting(weights: Any, counts: Tensor) -> Tensor:
    return broadcast_weights(math.cast(weights, dtypes.float64), counts)


def _ratio(
    kind: str,
    other: str,
    labels: Any,
    predictions_idx: Any,
    k: int | None,
    class_id: int | None,
    weights: Any,
    metrics_collections: Any,
    updates_collections: Any,
    name: str | None,
) -> tuple[Tensor, Tensor]:
    """Right answers over these and the `other` ones ("false_positive", "false_negative")."""
    with name_scope(name, _name(kind, k, class_id), [predictions_idx, labels, weights]) as scope:
        predictions_idx = convert_to_tensor(predictions_idx)
        found = _Found(labels, predictions_idx, class_id)
        lost = found.wrong() if other == "false_positive" else found.missed()
        sums: list[tuple[Any, Any]] = []
        for what, counts in (("true_positive", found.right()), (other, lost)):
            total = metric_variable([], dtypes.float64, _name(what, k, class_id))
            sums.append((total, variable_ops.assign_add(total, _weighted_sum(counts, weights))))
        (right, new_right), (other_sum, new_other) = sums
        value = math.div(right, math.add(right, other_sum), name=scope)
        update = math.div(new_right, math.add(new_right, new_other), name="update")
        return collected(value, update, metrics_collections, updates_collections)


_TOP_K_DOC = """{summary}

    Parameters
    ----------
    labels : Tensor or SparseTensor, int64, [..., labels], or [...] for one label each
        What is there twice counts once.
    predictions_idx : Tensor, int64, [..., k]
        The classes that score best.
    k : int, optional
        For the names only.
    class_id : int, optional
        Count this class only.
    weights : Tensor, optional
        Real: a scalar, or of the rank of the examples with each length 1 or theirs.
    metrics_collections, updates_collections : list of str, optional
        The collections that the results are added to.

    Returns
    -------
    {kind}, update_op : Tensor, float64 scalar
        NaN before there is anything to count.
    """

_K_DOC = """{summary}

    Parameters
    ----------
    labels : Tensor or SparseTensor, int64, [..., labels], or [...] for one label each
        What is there twice counts once.
    predictions : Tensor, floating, [..., classes]
        The score of each class.
    k : int
        How many of the best count.
    class_id : int, optional
        Count this class only.
    weights : Tensor, optional
        Real: a scalar, or of the rank of the examples with each length 1 or theirs.
    metrics_collections, updates_collections : list of str, optional
        The collections that the results are added to.

    Returns
    -------
    {kind}, update_op : Tensor, float64 scalar
        NaN before there is anything to count.
    """


def _at_top_k(kind: str, other: str, summary: str) -> Any:
    def metric(
        labels: Any,
        predictions_idx: Any,
        k: int | None = None,
        class_id: int | None = None,
        weights: Any = None,
        metrics_collections: Sequence[str] | None = None,
        updates_collections: Sequence[str] | None = None,
        name: str | None = None,
    ) -> tuple[Tensor, Tensor]:
        return _ratio(
            kind, other, labels, predictions_idx, k, class_id, weights, metrics_collections,
            updates_collections, name,
        )  # fmt: skip

    metric.__name__ = metric.__qualname__ = f"{kind}_at_top_k"
    metric.__doc__ = _TOP_K_DOC.format(summary=summary, kind=kind)
    return metric


def _at_k(kind: str, other: str, summary: str) -> Any:
    def metric(
        labels: Any,
        predictions: Any,
        k: int,
        class_id: int | None = None,
        weights: Any = None,
        metrics_collections: Sequence[str] | None = None,
        updates_collections: Sequence[str] | None = None,
        name: str | None = None,
    ) -> tuple[Tensor, Tensor]:
        with name_scope(name, _name(kind, k, class_id), [predictions, labels, weights]) as scope:
            best = top_k(predictions, k).indices
            return _ratio(
                kind, other, labels, best, k, class_id, weights, metrics_collections,
                updates_collections, scope,
            )  # fmt: skip

    metric.__name__ = metric.__qualname__ = f"{kind}_at_k"
    metric.__doc__ = _K_DOC.format(summary=summary, kind=kind)
    return metric


_PRECISION = "false_positive", "How many of the {} best classes are among the labels."
_RECALL = "false_negative", "How many of the labels are among the {} best classes."
precision_at_top_k = _at_top_k("precision", _PRECISION[0], _PRECISION[1].format("given"))
recall_at_top_k = _at_top_k("recall", _RECALL[0], _RECALL[1].format("given"))
precision_at_k = _at_k("precision", _PRECISION[0], _PRECISION[1].format("`k`"))
recall_at_k = _at_k("recall", _RECALL[0], _RECALL[1].format("`k`"))


def average_precision_at_k(
    labels: Any,
    predictions: Any,
    k: int,
    weights: Any = None,
    metrics_collections: Sequence[str] | None = None,
    updates_collections: Sequence[str] | None = None,
    name: str | None = None,
) -> tuple[Tensor, Tensor]:
    r"""The mean over examples of the average precision of the `k` best classes.

    .. math:: \frac{1}{\min(k, n)} \sum_{i \le k} P(i) \, r(i)

    where n labels there are, P(i) is the precision of the first i classes and r(i) is 1 if class i
    is a label.

    Parameters
    ----------
    labels : Tensor or SparseTensor, int64, [..., labels], or [...] for one label each
    predictions : Tensor, floating, [..., classes]
        The score of each class.
    k : int
        How many of the best count.
    weights : Tensor, optional
        Real: a scalar, or of the rank of the examples with each length 1 or theirs.
    metrics_collections, updates_collections : list of str, optional
        The collections that the results are added to.

    Returns
    -------
    mean_average_precision, update_op : Tensor, float64 scalar

    Raises
    ------
    ValueError
        If `k` is below 1.
    """
    if k < 1:
        raise ValueError(f"Invalid k={k}.")
    with name_scope(
        name, _name("average_precision", k, None), [predictions, labels, weights]
    ) as scope:
        best = top_k(predictions, k).indices
        found = _Found(labels, best)
        is_right = math.cast(found.is_right, dtypes.float64)
        ranks = math.cumsum(array.ones_like(is_right), -1)
        precisions = math.divide(math.cumsum(is_right, -1), ranks)
        there = math.logical_and(found.is_label, math.greater_equal(found.labels, 0))
        if isinstance(labels, SparseTensor | SparseTensorValue):
            there = found.is_first_label
        relevant = math.minimum(_counted(there), float(k))
        averages = math.divide(math.reduce_sum(precisions * is_right, -1), relevant)
        if weights is None:
            batch_total = math.reduce_sum(averages)
            batch_count = math.cast(array.size(averages), dtypes.float64)
        else:
            fitted = _fitting(weights, averages)
            batch_total = math.reduce_sum(averages * fitted)
            batch_count = math.reduce_sum(fitted)
        count = metric_variable([], dtypes.float64, "max")
        total = metric_variable([], dtypes.float64, "total")
        new_count = variable_ops.assign_add(count, batch_count)
        new_total = variable_ops.assign_add(total, batch_total)
        value = math.div_no_nan(total, math.maximum(count, 0), name="mean")
        update = math.div_no_nan(new_total, math.maximum(new_count, 0), name=scope)
        return collected(value, update, metrics_collections, updates_collections)
