"""Ragged tensors one after the other, beside each other, or under each other."""

from __future__ import annotations

from typing import Any

from graphmode.framework.default_graph import control_dependencies, name_scope
from graphmode.framework.operation import Tensor
from graphmode.ops import array
from graphmode.ops.control.assertions import assert_equal
from graphmode.ragged.arrays import expand_dims
from graphmode.ragged.gathering import gather
from graphmode.ragged.splits import positive_axis, same_splits, to_splits
from graphmode.ragged.tensor import RaggedTensor, as_ragged, same_split_dtypes


def concat(values: Any, axis: Any, name: str | None = None) -> Any:
    """Tensors, some of them ragged, one after the other along an axis.

    Parameters
    ----------
    values : list of Tensor or RaggedTensor, of one dtype and rank
    axis : int
        May count from the end.

    Returns
    -------
    Tensor or RaggedTensor

    Raises
    ------
    InvalidArgumentError
        When it runs, if other axes differ.
    """
    values = values if isinstance(values, list | tuple) else [values]
    with name_scope(name, "RaggedConcat", values):
        return _joined(values, axis, stacked=False)


def stack(values: Any, axis: Any = 0, name: str | None = None) -> Any:
    """Tensors, some of them perhaps ragged, along a new axis; their lengths may differ.

    Parameters
    ----------
    values : list of Tensor or RaggedTensor, of one dtype and rank
    axis : int
        The place of the new axis.

    Returns
    -------
    RaggedTensor
        Or a Tensor, if the lengths cannot differ.

    Raises
    ------
    InvalidArgumentError
        When it runs, if axes before the new one differ.

    Examples
    --------
    >>> import graphmode as tf
    >>> rows = tf.ragged.stack([tf.constant([1, 2]), tf.constant([3])])
    >>> tf.Session().run(rows).to_list()
    [[1, 2], [3]]
    """
    values = values if isinstance(values, list | tuple) else [values]
    with name_scope(name, "RaggedConcat", values):
        return _joined(values, axis, stacked=True)


def _joined(inputs: Any, axis: Any, stacked: bool) -> Any:
    if not inputs:
        raise ValueError("rt_inputs may not be empty.")
    inputs = [as_ragged(each, name="rt_input") for each in inputs]
    dtype = same_split_dtypes(*inputs)
    if len(inputs) == 1:
        return expand_dims(inputs[0], axis) if stacked else inputs[0]
    rank = inputs[0].shape.ndims
    if rank is not None:
        for each in inputs[1:]:
            each.shape.assert_has_rank(rank)
    new_rank = None if rank is None else rank + stacked
    axis = positive_axis(axis, new_rank)
    if not any(isinstance(each, RaggedTensor) for each in inputs):
        if rank == 1 and stacked and axis == 0 and _differ([each.dims for each in inputs]):
            return _of_vectors(inputs, dtype)
        if rank is not None and axis in (rank + stacked - 1, rank - 1):
            return array.stack(inputs, axis) if stacked else array.concat(inputs, axis)
    ranks = [each.ragged_rank for each in inputs if isinstance(each, RaggedTensor)]
    inputs = [_with_ragged_rank(each, max([*ranks, 1]), dtype) for each in inputs]
    if axis == 0:
        return _under_each_other(inputs, stacked)
    if axis == 1:
        return _beside_each_other(inputs, stacked)
    with control_dependencies(same_splits([[each.row_splits] for each in inputs])):
        values = _joined([each.values for each in inputs], axis - 1, stacked)
        return RaggedTensor.from_row_splits(values, inputs[0].row_splits, validate=False)


def _differ(dims: list[Any]) -> bool:
    """Whether vectors are known to be of different lengths."""
    return len({each[0] for each in dims} - {None}) > 1


def _of_vectors(vectors: list[Tensor], dtype: Any) -> RaggedTensor:
    sizes = array.stack([array.shape(each, out_type=dtype)[0] for each in vectors])
    return RaggedTensor.from_row_lengths(array.concat(vectors, 0), sizes, validate=False)


def _with_ragged_rank(value: Any, rank: int, dtype: Any) -> Any:
    """`value` with its first uniform axes as ragged ones."""
    if not isinstance(value, RaggedTensor):
        return RaggedTensor.from_tensor(value, ragged_rank=rank, row_splits_dtype=dtype)
    if value.ragged_rank < rank:
        return value.with_values(_with_ragged_rank(value.values, rank - 1, dtype))
    return value


def _under_each_other(inputs: list[RaggedTensor], stacked: bool) -> Any:
    values = array.concat([each.flat_values for each in inputs], 0)
    levels = zip(*(each.nested_row_splits for each in inputs), strict=True)
    nested = [_one_after_the_other(splits) for splits in levels]
    if stacked:
        nested.insert(0, to_splits(array.stack([each.nrows() for each in inputs])))
    return RaggedTensor.from_nested_row_splits(values, nested, validate=False)


def _one_after_the_other(splits: Any) -> Tensor:
    parts, end = [splits[0]], splits[0][-1]
    for each in splits[1:]:
        parts.append(each[1:] + end)
        end = end + each[-1]
    return array.concat(parts, 0)


def _beside_each_other(inputs: list[RaggedTensor], stacked: bool) -> Any:
    n, rows = len(inputs), inputs[0].nrows()
    text = "Input tensors have incompatible shapes."
    checks = [assert_equal(each.nrows(), rows, message=text) for each in inputs[1:]]
    with control_dependencies(checks):
        whole = _under_each_other(inputs, stacked=False)
        numbers = array.reshape(array.range(rows * n), [n, -1])
        ordered = gather(whole, array.reshape(array.transpose(numbers), [-1]))
        if stacked:
            splits = array.range(0, rows * n + 1, n)
            values = ordered
        else:
            splits = ordered.row_splits[::n]
            values = ordered.values
        known = next((v.shape[0].value for v in inputs if v.shape[0].value is not None), None)
        if known is not None:
            splits.set_shape([known + 1])
        return RaggedTensor.from_row_splits(values, splits, validate=False)
