"""The operations on rows of different lengths that TensorFlow has kernels for.

*Splits* ``[rows + 1]`` rise from 0: row i is ``values[splits[i]:splits[i + 1]]``. Rows of rows have
splits of splits, the outermost first.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from graphmode.framework import shape_rules
from graphmode.framework.dtypes import ANY, INDEX, DType, bfloat16, float32, float64, int64
from graphmode.framework.errors import invalid
from graphmode.framework.op import op


def rows_of(starts: Any, limits: Any) -> Any:
    """The places from each of `starts` to its limit, one row after the other."""
    lengths = np.maximum(limits - starts, 0)
    ends = np.cumsum(lengths)
    return np.repeat(starts - (ends - lengths), lengths) + np.arange(lengths.sum())


def _splits_of(lengths: Any, dtype: Any) -> Any:
    return np.concatenate([[0], np.cumsum(lengths)]).astype(dtype)


def _require_splits(splits: Any, n: int, what: str) -> None:
    if not splits.size:
        raise invalid(f"{what} may not be empty")
    if splits[0] != 0 or splits[-1] != n or (np.diff(splits) < 0).any():
        raise invalid(
            f"{what} must rise from 0 to {n}, the number of values, got {splits.tolist()}"
        )


# ---- ranges --------------------------------------------------------------------------------------


def _range_shape(op):
    dims = [tensor.dims for tensor in op.inputs]
    for each in dims:
        if each is not None and len(each) > 1:
            raise ValueError(f"Shape must be at most rank 1 but is rank {len(each)}")
    vectors = [each for each in dims if each]
    (rows,) = functools.reduce(shape_rules.merge, vectors, (None,))
    if not vectors and None not in dims:
        rows = 1
    return [(None if rows is None else rows + 1,), (None,)]


@op(
    "RaggedRange",
    "T, T, T -> rt_nested_splits: Tsplits, rt_dense_values: T",
    shape=_range_shape,
    data_dependent=True,
    T=INDEX | {bfloat16, float32, float64},
    Tsplits=INDEX,
)
def ragged_range_op(
    starts,
    limits,
    deltas,
    *,
    Tsplits: DType = int64,  # noqa: N803 - TensorFlow's attribute
):
    """The numbers from each start to its limit, in steps of its delta: splits and values."""
    sizes = {len(x) for x in (starts, limits, deltas) if x.ndim}
    if len(sizes) > 1:
        raise invalid("starts, limits, and deltas must have the same shape")
    n = sizes.pop() if sizes else 1
    starts, limits, deltas = (np.broadcast_to(x, (n,)) for x in (starts, limits, deltas))
    if not deltas.all():
        raise invalid("Requires delta != 0")
    if starts.dtype.kind == "f":
        lengths = np.maximum(np.ceil((limits - starts) / deltas), 0).astype(np.int64)
        # Each number is the one before and the step, rounded: not the start and many steps.
        rows = [
            np.cumsum(np.append(starts[i], np.repeat(deltas[i], lengths[i]))[: lengths[i]])
            for i in range(n)
        ]
        values = np.concatenate([*rows, starts[:0]])
    else:
        wide = [x.astype(np.int64) for x in (starts, limits, deltas)]
        lengths = np.maximum(-(-(wide[1] - wide[0]) // wide[2]), 0)
        within = rows_of(np.zeros_like(lengths), lengths)
        values = np.repeat(wide[0], lengths) + within * np.repeat(wide[2], lengths)
    return _splits_of(lengths, Tsplits.numpy_dtype), values.astype(starts.dtype)


# ---- rows by number ------------------------------------------------------------------------------


def _gather_shape(op):
    n = op.attrs["OUTPUT_RAGGED_RANK"]
    params, indices = op.inputs[-2].dims, op.inputs[-1].dims
    if indices is not None and len(indices) + op.attrs["PARAMS_RAGGED_RANK"] - 1 != n:
        raise ValueError(
            f"output_ragged_rank must be {len(indices)} + PARAMS_RAGGED_RANK - 1, is {n}"
        )
    return [*[(None,)] * n, None if params is None else (None, *params[1:])]


@op(
    "RaggedGather",
    "Tsplits*PARAMS_RAGGED_RANK, Tvalues, Tindices -> "
    "output_nested_splits: Tsplits*OUTPUT_RAGGED_RANK, output_dense_values: Tvalues",
    shape=_gather_shape,
    data_dependent=True,
    Tvalues=ANY,
    Tindices=INDEX,
    Tsplits=INDEX,
)
def ragged_gather_op(
    params_nested_splits,
    params_dense_values,
    indices,
    *,
    OUTPUT_RAGGED_RANK: int,  # noqa: N803 - TensorFlow's attribute
):
    """The rows of a ragged tensor whose numbers are `indices`."""
    outer = params_nested_splits[0]
    rows = np.asarray(indices).reshape(-1).astype(np.int64)
    wrong = np.flatnonzero((rows < 0) | (rows >= len(outer) - 1))
    if wrong.size:
        place = ",".join(map(str, np.unravel_index(wrong[0], np.shape(indices))))
        raise invalid(f"indices[{place}] = {rows[wrong[0]]} is not in [0, {len(outer) - 1})")
    found = [
        (np.arange(np.prod(indices.shape[:axis], dtype=np.int64) + 1) * indices.shape[axis])
        for axis in range(1, indices.ndim)
    ]
    for splits in params_nested_splits:
        starts, limits = splits[rows], splits[rows + 1]
        found.append(_splits_of(limits - starts, np.int64))
        rows = rows_of(starts, limits)
    splits = [each.astype(outer.dtype) for each in found[:OUTPUT_RAGGED_RANK]]
    return *splits, params_dense_values[rows]


# ---- as a sparse tensor --------------------------------------------------------------------------


def _to_sparse_shape(op):
    n, values = op.attrs["RAGGED_RANK"], op.inputs[-1].dims
    rank = None if values is None else n + len(values)
    known = values is not None and None not in values
    count = int(np.prod(values)) if known else None
    return [(count, rank), (count,), (rank,)]


@op(
    "RaggedTensorToSparse",
    "Tsplits*RAGGED_RANK, T -> sparse_indices: int64, sparse_values: T, sparse_dense_shape: int64",
    shape=_to_sparse_shape,
    data_dependent=True,
    T=ANY,
    Tsplits=INDEX,
)
def ragged_tensor_to_sparse_op(rt_nested_splits, rt_dense_values):
    """The elements of a ragged tensor as those of a sparse one."""
    sizes = [len(splits) - 1 for splits in rt_nested_splits[1:]] + [len(rt_dense_values)]
    for splits, n in zip(rt_nested_splits, sizes, strict=True):
        _require_splits(splits, n, "rt_nested_splits")
    columns = [np.arange(len(rt_nested_splits[0]) - 1)]
    dense_shape = [len(columns[0])]
    for splits in rt_nested_splits:
        lengths = np.diff(splits)
        columns = [np.repeat(column, lengths) for column in columns]
        columns.append(rows_of(np.zeros_like(lengths), lengths))
        dense_shape.append(int(lengths.max(initial=0)))
    inner = rt_dense_values.shape[1:]
    places = np.argwhere(np.ones(inner))
    n = len(columns[0])
    columns = [np.repeat(column, len(places)) for column in columns]
    indices = np.column_stack([*columns, np.tile(places, (n, 1))])
    shape = np.array([*dense_shape, *inner], np.int64)
    return indices.astype(np.int64), rt_dense_values.reshape(-1), shape
