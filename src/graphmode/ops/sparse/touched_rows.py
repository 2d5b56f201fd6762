"""Rows of a tensor that were touched, in a form whose size depends on the tensor alone.

`IndexedSlices` hold as many rows as were looked up, which a branch of a program cannot leave open:
all of its results have one shape, whichever branch is taken. So what leaves a branch is the sum of
the slices, and how often each row was touched; those that were not touched are then named as
another one that was, with the value 0.
"""

# pyright: reportPrivateUsage=false

from __future__ import annotations

from graphmode.framework import dtypes
from graphmode.framework.indexed_slices import IndexedSlices
from graphmode.framework.operation import Tensor
from graphmode.ops.array.filling import ones, ones_like
from graphmode.ops.array.ranges import range as range_of
from graphmode.ops.array.selection import where
from graphmode.ops.math.casts import cast
from graphmode.ops.math.comparison import equal, greater
from graphmode.ops.math.extremes import argmax
from graphmode.ops.math.sums import add_n
from graphmode.ops.math.unsorted_segment import unsorted_segment_sum


def touches(slices: IndexedSlices | None, n_rows: Tensor) -> Tensor:
    """How often each row is among `slices`; once if there are none, as TensorFlow has it.

    Parameters
    ----------
    slices : IndexedSlices or None
    n_rows : Tensor, integer, scalar

    Returns
    -------
    Tensor, int32 [n_rows]
    """
    if slices is None:
        return ones([n_rows], dtypes.int32)
    if slices._touches is not None:
        return slices._touches
    each = ones_like(slices.indices, dtypes.int32)
    return unsorted_segment_sum(each, slices.indices, n_rows)


def touched_rows(dense: Tensor, touched: Tensor, dense_shape: Tensor) -> IndexedSlices:
    """The rows of `dense` that were touched, as slices.

    Parameters
    ----------
    dense : Tensor, floating [n, ...]
        0 where nothing was touched.
    touched : Tensor, int32 [n]
        How often each row was. If none was, the first counts.
    dense_shape : Tensor, int32, 1-D
    """
    rows = range_of(dense_shape[0])
    one_of_them = cast(argmax(touched), dtypes.int32)
    indices = where(greater(touched, 0), rows, ones_like(rows) * one_of_them)
    slices = IndexedSlices._with_dense(dense, indices, dense_shape, lambda: dense)
    slices._touches = touched
    return slices


def first_row(n_rows: Tensor) -> Tensor:
    """What `touches` gives where only the first row was touched: int32 [n_rows]."""
    return cast(equal(range_of(n_rows), 0), dtypes.int32)


def joined(parts: list[IndexedSlices]) -> list[IndexedSlices]:
    """The same rows, those that have a value for each row of the tensor in one."""
    whole = [part for part in parts if part._touches is not None]
    if len(whole) < 2:
        return parts
    dense_shape = whole[0].dense_shape
    assert dense_shape is not None  # noqa: S101 - `touched_rows` has given it
    together = touched_rows(
        add_n([part.values for part in whole]),
        add_n([touches(part, dense_shape[0]) for part in whole]),
        dense_shape,
    )
    return [together, *[part for part in parts if part._touches is None]]
