"""The confusion matrix of classes, and streaming measures made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.operation import Tensor
from graphmode.losses.weights import remove_squeezable_dimensions
from graphmode.metrics.streaming import collected, metric_variable
from graphmode.ops import array, math
from graphmode.ops.control.assertions import assert_less, assert_non_negative
from graphmode.ops.control.grouping import with_dependencies
from graphmode.ops.linalg.diagonals import diag_part
from graphmode.ops.state import variable_ops
from graphmode.ops.state.scatter import scatter_add
from graphmode.variables.scope import variable_scope

if TYPE_CHECKING:
    from collections.abc import Sequence


def confusion_matrix(
    labels: Any,
    predictions: Any,
    num_classes: Any = None,
    dtype: Any = dtypes.int32,
    name: str | None = None,
    weights: Any = None,
) -> Tensor:
    """How often each class was taken for each.

    Parameters
    ----------
    labels, predictions : Tensor, integer, [n]
        Class indices.
    num_classes : int, optional
        One more than the largest index if not given.
    dtype : DType
        Of the result.
    weights : Tensor, [n], optional
        Real: how much each pair counts.

    Returns
    -------
    Tensor, of `dtype`, [classes, classes]
        Labels are rows, predictions columns.

    Raises
    ------
    InvalidArgumentError
        When it runs, if an index is negative or not below `num_classes`.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default(), tf.Session() as sess:
    ...     print(sess.run(tf.confusion_matrix(labels=[0, 1, 1], predictions=[0, 0, 1])))
    [[1 0]
     [1 1]]
    """
    dtype = dtypes.as_dtype(dtype)
    with name_scope(name, "confusion_matrix", [predictions, labels, num_classes, weights]):
        labels, predictions = remove_squeezable_dimensions(
            convert_to_tensor(labels, name="labels"),
            convert_to_tensor(predictions, name="predictions"),
        )
        labels = _non_negative(math.cast(labels, dtypes.int64), "labels")
        predictions = _non_negative(math.cast(predictions, dtypes.int64), "predictions")
        if num_classes is None:
            largest = math.maximum(math.reduce_max(predictions), math.reduce_max(labels))
            num_classes = largest + 1
        else:
            num_classes = math.cast(num_classes, dtypes.int64)
            labels = _below(labels, num_classes, "labels")
            predictions = _below(predictions, num_classes, "predictions")
        if weights is None:
            values = array.ones_like(predictions, dtype)
        else:
            predictions.get_shape().assert_is_compatible_with(
                convert_to_tensor(weights).get_shape()
            )
            values = math.cast(weights, dtype)
        shape = array.stack([num_classes, num_classes])
        indices = array.stack([labels, predictions], axis=1)
        indices.set_shape(indices.get_shape().with_rank(2))
        return array.scatter_nd(indices, values, shape)


def _non_negative(indices: Tensor, what: str) -> Tensor:
    check = assert_non_negative(indices, message=f"`{what}` contains negative values")
    return with_dependencies([check], indices)


def _below(indices: Tensor, num_classes: Any, what: str) -> Tensor:
    check = assert_less(indices, num_classes, message=f"`{what}` out of bound")
    return with_dependencies([check], indices)


def _flat(tensor: Any):
    tensor = convert_to_tensor(tensor)
    is_flat = tensor.dims is not None and len(tensor.dims) <= 1
    return tensor if is_flat else array.reshape(tensor, [-1])


def mean_iou(
    labels: Any,
    predictions: Any,
    num_classes: int,
    weights: Any = None,
    metrics_collections: Sequence[str] | None = None,
    updates_collections: Sequence[str] | None = None,
    name: str | None = None,
) -> Any:
    """The mean over classes of intersection over union.

    Parameters
    ----------
    labels, predictions : Tensor, integer
        Class indices, of one shape.
    num_classes : int
    weights : Tensor, optional
        Of their shape.
    metrics_collections, updates_collections : list of str, optional
        The collections that the results are added to.

    Returns
    -------
    mean_iou : Tensor, float32 scalar
        Over the classes that occur.
    update_op : Tensor, float64 [num_classes, num_classes]
        The confusion matrix after the batch.
    """
    with variable_scope(name, "mean_iou", [predictions, labels, weights]):
        predictions, labels = convert_to_tensor(predictions), convert_to_tensor(labels)
        predictions.get_shape().assert_is_compatible_with(labels.get_shape())
        shape = [num_classes, num_classes]
        total = metric_variable(shape, dtypes.float64, "total_confusion_matrix")
        current = confusion_matrix(
            _flat(math.cast(labels, dtypes.int64)),
            _flat(math.cast(predictions, dtypes.int64)),
            num_classes,
            weights=None if weights is None else _flat(weights),
            dtype=dtypes.float64,
        )
        update = variable_ops.assign_add(total, current)
        rows = math.cast(math.reduce_sum(total, 0), dtypes.float32)
        columns = math.cast(math.reduce_sum(total, 1), dtypes.float32)
        both = math.cast(diag_part(total), dtypes.float32)
        union = rows + columns - both
        n_classes = math.reduce_sum(math.cast(math.not_equal(union, 0.0), dtypes.float32))
        union = array.where(math.greater(union, 0), union, array.ones_like(union))
        summed = math.reduce_sum(math.divide(both, union), name="mean_iou")
        value = array.where(math.greater(n_classes, 0), summed / n_classes, 0.0)
        return collected(value, update, metrics_collections, updates_collections)


def mean_per_class_accuracy(
    labels: Any,
    predictions: Any,
    num_classes: int,
    weights: Any = None,
    metrics_collections: Sequence[str] | None = None,
    updates_collections: Sequence[str] | None = None,
    name: str | None = None,
) -> Any:
    """The mean over classes of the part of a class that is recognised.

    Parameters
    ----------
    labels, predictions : Tensor, integer
        Class indices, of one shape.
    num_classes : int
    weights : Tensor, optional
        Real, of the shape of the labels.
    metrics_collections, updates_collections : list of str, optional
        The collections that the results are added to.

    Returns
    -------
    mean_accuracy : Tensor, float32 scalar
    update_op : Tensor, float32 [num_classes]
        The accuracy of each class after the batch.
    """
    with variable_scope(name, "mean_accuracy", [predictions, labels, weights]):
        labels, predictions = _flat(math.cast(labels, dtypes.int64)), _flat(predictions)
        predictions.get_shape().assert_is_compatible_with(labels.get_shape())
        total = metric_variable([num_classes], dtypes.float32, "total")
        count = metric_variable([num_classes], dtypes.float32, "count")
        number = array.ones([array.size(labels)], dtypes.float32)
        if predictions.dtype.base_dtype is not dtypes.int64:
            predictions = math.cast(predictions, dtypes.int64)
        is_right = math.cast(math.equal(predictions, labels), dtypes.float32)
        if weights is not None:
            weights = math.cast(_flat(weights), dtypes.float32)
            is_right, number = is_right * weights, number * weights
        new_total = scatter_add(total, labels, number)
        new_count = scatter_add(count, labels, is_right)
        per_class = math.div_no_nan(count, math.maximum(total, 0))
        value = math.reduce_mean(per_class, name="mean_accuracy")
        update = math.div_no_nan(new_count, math.maximum(new_total, 0), name="update_op")
        return collected(value, update, metrics_collections, updates_collections)
