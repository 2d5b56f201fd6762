"""Sparse parts of examples: a queue holds a number for each, under which the session keeps it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from graphmode.framework import nest
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import get_default_graph
from graphmode.framework.dtypes import DType, int64
from graphmode.framework.shapes import TensorShape
from graphmode.framework.sparse_tensor import SparseTensor
from graphmode.layers.condition import static_value
from graphmode.ops.array.constants import constant
from graphmode.ops.array.filling import ones
from graphmode.ops.array.gathering import gather
from graphmode.ops.array.shape_values import shape as shape_of
from graphmode.ops.array.shaping import expand_dims, squeeze
from graphmode.ops.control.cond import cond
from graphmode.ops.control.grouping import with_dependencies
from graphmode.ops.sparse.arrangement import sparse_retain
from graphmode.ops.sparse.kept import add_many_sparse, add_sparse, take_many_sparse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphmode.framework.operation import Tensor


class SparsePart(NamedTuple):
    """What is known of the sparse tensors that are one part of the examples."""

    kept_as: str
    """The shared name of the ops that keep and take them."""
    dtype: DType
    rank: int | None
    """Of a batch of them."""


def parts_of(value: Any) -> list[Any]:
    """The tensors of which `value` consists."""
    if isinstance(value, SparseTensor):
        return [value.indices, value.values, value.dense_shape]
    return [value]


def as_list(taken: Any) -> list[Any]:
    """What was dequeued as a list, also if it is of one part."""
    return list(taken) if isinstance(taken, nest.LISTS) else [taken]


def as_part(value: Any) -> Tensor | SparseTensor:
    """A part of an example: a SparseTensor as it is, everything else as a tensor."""
    return value if isinstance(value, SparseTensor) else convert_to_tensor(value)


def stored(
    lists: Sequence[Sequence[Any]], enqueue_many: bool, keep: Tensor
) -> tuple[list[list[Tensor]], list[SparsePart | None]]:
    """The parts of examples, with numbers in place of those that are sparse.

    Parameters
    ----------
    lists : list of lists of Tensor or SparseTensor
        The parts of an example, or of several, of each reader.
    enqueue_many : bool
        Whether they are several examples, along their first dimension.
    keep : Tensor, bool, scalar or vector
        Whether an example is taken.

    Returns
    -------
    lists : list of lists of Tensor
    sparse : list of SparsePart or None
        One for each part; None for a dense one.

    Raises
    ------
    ValueError
        If a part is sparse in one list and not in another.
    """
    first = [_description(value, enqueue_many) for value in lists[0]]
    for one in lists[1:]:
        described = [_description(value, enqueue_many) for value in one]
        if [part and part[1:] for part in described] != [part and part[1:] for part in first]:
            raise ValueError(f"Inconsistent SparseTensors list: {lists[0]} vs. {one}")
    numbered = [
        [
            value
            if part is None
            else expand_dims(_number(value, part.kept_as, enqueue_many, keep), [-1])
            for value, part in zip(one, first, strict=True)
        ]
        for one in lists
    ]
    return numbered, first


def _description(value: Any, enqueue_many: bool) -> SparsePart | None:
    if not isinstance(value, SparseTensor):
        return None
    name = get_default_graph().unique_name("kept_sparse_tensors")
    rank = value.dense_shape.shape.with_rank(1).as_list()[0]
    return SparsePart(name, value.dtype, rank if rank is None or enqueue_many else rank + 1)


def _number(value: SparseTensor, kept_as: str, enqueue_many: bool, keep: Tensor) -> Tensor:
    """The number of a sparse tensor, or of each of its rows; -1 if it is not taken."""
    if keep.shape.ndims == 1:
        value = sparse_retain(value, gather(keep, value.indices[:, 0]))
        return add_many_sparse(*parts_of(value), shared_name=kept_as)
    add = add_many_sparse if enqueue_many else add_sparse

    def kept() -> Tensor:
        return add(*parts_of(value), shared_name=kept_as)

    def left_out() -> Tensor:
        if not enqueue_many:
            return constant(-1, int64)
        return -1 * ones(shape_of(value)[0:1], int64)

    known = static_value(keep)
    if known is not None:
        return kept() if known else left_out()
    number = cond(keep, kept, left_out)
    if enqueue_many:
        number.set_shape([None])
    return number


def restored(taken: Any, sparse: Sequence[SparsePart | None]) -> Any:
    """What was dequeued, with sparse tensors in place of their numbers.

    Parameters
    ----------
    taken : Tensor or list of Tensor
    sparse : list of SparsePart or None

    Returns
    -------
    as `taken`, some of them SparseTensors
    """
    if not any(sparse):
        return taken
    found = [
        tensor if part is None else _taken(tensor, part)
        for tensor, part in zip(as_list(taken), sparse, strict=True)
    ]
    if not isinstance(taken, nest.LISTS):
        return found[0]
    # Each number is there once: whatever of a batch is fetched, all of it is taken.
    values = [part.values if isinstance(part, SparseTensor) else part for part in found]
    return [
        SparseTensor(*(with_dependencies(values, tensor) for tensor in parts_of(part)))
        if isinstance(part, SparseTensor)
        else with_dependencies(values, part)
        for part in found
    ]


def _taken(numbers: Tensor, part: SparsePart) -> SparseTensor:
    indices, values, shape = take_many_sparse(
        squeeze(numbers, [1]), dtype=part.dtype, shared_name=part.kept_as
    )
    indices.set_shape(TensorShape([None, part.rank]))
    shape.set_shape(TensorShape([part.rank]))
    return SparseTensor(indices, values, shape)
