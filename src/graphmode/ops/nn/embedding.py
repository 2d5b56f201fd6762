"""`embedding_lookup`: rows of one table, or of a table in several parts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import colocate_with, name_scope
from graphmode.framework.nodes import handle_of
from graphmode.framework.shapes import TensorShape
from graphmode.ops import array, math

if TYPE_CHECKING:
    from graphmode.framework.operation import Tensor


def embedding_lookup(
    params: Any,
    ids: Any,
    partition_strategy: str = "mod",
    name: str | None = None,
    validate_indices: Any = True,
    max_norm: float | None = None,
) -> Tensor:
    """The rows of an embedding table that `ids` name.

    Parameters
    ----------
    params : Tensor, Variable, PartitionedVariable or list of them
        The table ``[rows, ...]``; a list, as a partitioned variable, holds its parts, of one dtype
        and row shape.
    ids : int Tensor of any shape
    partition_strategy : {"mod", "div"}
        Where a list keeps row `i`: part ``i % n``, or parts of consecutive rows, the first ones
        one longer if the rows do not divide evenly. What a partitioner has cut is "div".
    validate_indices : unused
    max_norm : float, optional
        Scale down rows of a larger Euclidean norm.

    Returns
    -------
    Tensor
        ``ids.shape + row shape``. Its gradient by `params` is an IndexedSlices.

    Raises
    ------
    ValueError
        If `params` is None or empty, or the strategy is not known.
    InvalidArgumentError
        When it runs, if an id is outside the table.
    """
    del validate_indices
    if params is None:
        raise ValueError("params must be specified")
    params = tables_of(params)
    if not params:
        raise ValueError("Length of params is currently 0. Need at least one param.")
    with name_scope(name, "embedding_lookup", [*params, ids]) as scope:
        # Of a resource variable only the rows that are wanted are read.
        params = [
            convert_to_tensor(part, name=f"params_{i}") if handle_of(part) is None else part
            for i, part in enumerate(params)
        ]
        ids = convert_to_tensor(ids, name="ids")
        if len(params) == 1:
            with colocate_with(params[0]):
                rows = _clipped(array.gather(params[0], ids, name=scope), ids, max_norm)
            return array.identity(rows)
        return _clipped(_from_parts(params, ids, partition_strategy, scope), ids, max_norm)


def tables_of(params: Any) -> list[Any]:
    """The parts of a list or of a partitioned variable; a table alone is its only one."""
    params = getattr(params, "_get_variable_list", lambda: params)()
    return list(params) if isinstance(params, list | tuple) else [params]


def _from_parts(params: list[Any], ids, strategy: str, scope: str):
    flat_ids = array.reshape(ids, [-1])
    positions = array.range(array.size(flat_ids))
    part, row = _placed(params, flat_ids, strategy)
    part = math.cast(part, dtypes.int32)
    rows = array.dynamic_partition(row, part, len(params))
    places = array.dynamic_partition(positions, part, len(params))
    found: list[Any] = []
    for table, wanted in zip(params, rows, strict=True):
        with colocate_with(table):
            found.append(array.gather(table, wanted))
    stitched = array.dynamic_stitch(places, found, name=scope)
    row_shape = params[0].shape[1:]
    for table in params[1:]:
        row_shape = row_shape.merge_with(table.shape[1:])
    tail = row_shape if row_shape.is_fully_defined() else array.shape(params[0])[1:]
    if isinstance(tail, TensorShape):
        tail = array.constant(tail.as_list(), dtypes.int32, shape=[len(tail.as_list())])
    result = array.reshape(stitched, array.concat([array.shape(ids), tail], 0))
    result.set_shape(ids.shape.concatenate(row_shape))
    return result


def _placed(params: list[Any], ids, strategy: str) -> tuple[Any, ...]:
    """(part, row in it) of each id."""
    n = len(params)
    if strategy == "mod":
        return ids % n, ids // n
    if strategy != "div":
        raise ValueError(
            f"Unrecognized partition strategy: {strategy}. Must be one of either `mod` or `div`."
        )
    total = _total_rows(params, ids.dtype.base_dtype)
    short = total // n
    longer = total % n  # this many parts, the first, have one row more
    part = math.maximum(ids // (short + 1), (ids - longer) // short)
    row = array.where(
        math.less(part, longer),
        ids % (short + 1),
        (ids - longer) % short,
    )
    return part, row


def _total_rows(params: list[Any], dtype):
    shapes = [table.get_shape() for table in params]
    lengths = [None if shape.ndims is None else shape[0].value for shape in shapes]
    if None not in lengths:
        return array.constant(sum(length or 0 for length in lengths), dtype)
    known = [
        array.shape(table)[0] if length is None else length
        for table, length in zip(params, lengths, strict=True)
    ]
    return math.reduce_sum(math.cast(array.stack(known), dtype))


def _clipped(rows, ids, max_norm):
    if max_norm is None:
        return rows
    if ids.dims is not None and rows.dims is not None:
        axes = list(range(len(ids.dims), len(rows.dims)))
    else:
        axes = array.range(array.rank(ids), array.rank(rows))
    return math.clip_by_norm(rows, max_norm, axes=axes)
