"""Vectors as sets: their distinct elements, and what one has that another lacks."""

from __future__ import annotations

from collections import namedtuple
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import dtypes, shape_rules
from graphmode.framework.dtypes import ANY
from graphmode.framework.errors import invalid
from graphmode.framework.op import op

if TYPE_CHECKING:
    from graphmode.framework.dtypes import DType

Unique = namedtuple("Unique", ["y", "idx"])

UniqueWithCounts = namedtuple("UniqueWithCounts", ["y", "idx", "count"])

ListDiff = namedtuple("ListDiff", ["out", "idx"])


def _unique_shape(op):
    (n,) = shape_rules.with_rank(op.inputs[0].dims, 1)
    return [(None,), (n,), (None,)][: len(op.outputs)]


def _unique_in_order(x, dtype):
    """The distinct elements in the order in which they first come, and where each one is."""
    if x.ndim != 1:
        raise invalid("unique expects a 1D vector.")
    _, first, inverse = np.unique(x, return_index=True, return_inverse=True, equal_nan=False)
    order = np.argsort(first)
    place = np.empty(len(order), dtype)
    place[order] = np.arange(len(order), dtype=dtype)
    return x[first[order]], place[inverse]


@op("Unique", "T -> y: T, idx: out_idx", shape=_unique_shape, data_dependent=True, T=ANY)
def _unique(x, *, out_idx: DType = dtypes.int32):
    return list(_unique_in_order(x, out_idx.numpy_dtype))


@op(
    "UniqueWithCounts",
    "T -> y: T, idx: out_idx, count: out_idx",
    shape=_unique_shape,
    data_dependent=True,
    T=ANY,
)
def _unique_with_counts(x, *, out_idx: DType = dtypes.int32):
    y, idx = _unique_in_order(x, out_idx.numpy_dtype)
    return [y, idx, np.bincount(idx, minlength=len(y)).astype(idx.dtype)]


def unique(x: Any, out_idx: Any = dtypes.int32, name: str | None = None) -> Any:
    """The distinct elements of the vector `x`, in the order in which they first come.

    Parameters
    ----------
    x : Tensor, of any dtype, 1-D
    out_idx : DType
        Of the places: int32 or int64.

    Returns
    -------
    y : Tensor, 1-D
    idx : int Tensor, as `x`
        ``x[i] == y[idx[i]]``.

    Raises
    ------
    ValueError
        If `x` is no vector.

    Notes
    -----
    TF op Unique.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default(), tf.Session() as sess:
    ...     print(*sess.run(tf.unique([7, 2, 7, 3])))
    [7 2 3] [0 1 0 2]
    """
    return Unique(*_unique(x, out_idx=out_idx, name=name))


def unique_with_counts(x: Any, out_idx: Any = dtypes.int32, name: str | None = None) -> Any:
    """As `unique`, with a third result: how often each element comes.

    Parameters
    ----------
    x : Tensor, of any dtype, 1-D
    out_idx : DType
        Of the places and the counts: int32 or int64.

    Returns
    -------
    y : Tensor, 1-D
    idx : int Tensor, as `x`
        ``x[i] == y[idx[i]]``.
    count : int Tensor, as `y`

    Raises
    ------
    ValueError
        If `x` is no vector.

    Notes
    -----
    TF op UniqueWithCounts.
    """
    return UniqueWithCounts(*_unique_with_counts(x, out_idx=out_idx, name=name))


def _difference_shape(op):
    for vector in op.inputs:
        shape_rules.with_rank(vector.dims, 1)
    return [(None,), (None,)]


@op(
    "ListDiff",
    "T, T -> out: T, idx: out_idx",
    shape=_difference_shape,
    data_dependent=True,
    T=ANY,
)
def _list_diff(x, y, *, out_idx: DType = dtypes.int32):
    for name, vector in (("x", x), ("y", y)):
        if vector.ndim != 1:
            raise invalid(f"{name} should be a 1D vector.")
    if x.dtype == object:  # np.isin would compare each with each
        left_out = frozenset(y.tolist())
        kept = np.flatnonzero([element not in left_out for element in x.tolist()])
    else:
        kept = np.flatnonzero(~np.isin(x, y))
    return [x[kept], kept.astype(out_idx.numpy_dtype)]


def setdiff1d(x: Any, y: Any, index_dtype: Any = dtypes.int32, name: str | None = None) -> Any:
    """The elements of a vector that are not in another one, and their places.

    Parameters
    ----------
    x, y : Tensor, of one dtype, 1-D
    index_dtype : DType
        int32 or int64.

    Returns
    -------
    out : Tensor, 1-D
    idx : int Tensor, as `out`

    Raises
    ------
    ValueError
        If `x` or `y` is no vector.

    Notes
    -----
    TF op ListDiff.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default(), tf.Session() as sess:
    ...     print(*sess.run(tf.setdiff1d([4, 5, 6, 7], [5, 7])))
    [4 6] [0 2]
    """
    return ListDiff(*_list_diff(x, y, out_idx=index_dtype, name=name))
