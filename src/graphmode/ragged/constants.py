"""Ragged tensors of Python lists, and ragged placeholders."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from graphmode.framework import dtypes
from graphmode.framework.default_graph import name_scope
from graphmode.ops import array
from graphmode.ragged.tensor import RaggedTensor, is_ragged
from graphmode.ragged.value import RaggedTensorValue


def constant(
    pylist: Any,
    dtype: Any = None,
    ragged_rank: int | None = None,
    inner_shape: Sequence[int] | None = None,
    name: str | None = None,
    row_splits_dtype: Any = dtypes.int64,
) -> Any:
    """A constant of nested lists whose lengths differ.

    Parameters
    ----------
    pylist : list, tuple or array
        All scalars at one depth.
    dtype : DType, optional
        That of the scalars by default.
    ragged_rank : int, optional
        How many axes after the first are ragged; by default all that `inner_shape` does not name.
    inner_shape : tuple of int, optional
        The shape of what is inside of the ragged axes.
    row_splits_dtype : DType
        int32 or int64.

    Returns
    -------
    RaggedTensor
        Or a Tensor, if no axis is ragged.

    Raises
    ------
    TypeError
        If `pylist` is ragged already.
    ValueError
        If scalars stand at different depths, or the depth does not fit the other arguments.

    Examples
    --------
    >>> import graphmode as tf
    >>> tf.Session().run(tf.ragged.constant([[1, 2], [], [3]])).to_list()
    [[1, 2], [], [3]]
    """

    def rows(values: Any, splits: list[int]) -> RaggedTensor:
        row_splits = array.constant(splits, dtypes.as_dtype(row_splits_dtype))
        return RaggedTensor.from_row_splits(values, row_splits, validate=False)

    def inner(values: Any, shape: Any) -> Any:
        return array.constant(values, dtype, shape, name="values" if shape else "Const")

    with name_scope(name, "RaggedConstant"):
        return _nested(pylist, rows, inner, ragged_rank, inner_shape)


def constant_value(
    pylist: Any,
    dtype: Any = None,
    ragged_rank: int | None = None,
    inner_shape: Sequence[int] | None = None,
    row_splits_dtype: Any = "int64",
) -> Any:
    """The value of nested lists whose lengths differ.

    Parameters
    ----------
    pylist : list, tuple or array
        All scalars at one depth.
    dtype : DType or NumPy's, optional
        That of the scalars by default.
    ragged_rank : int, optional
        How many axes after the first are ragged; by default all that `inner_shape` does not name.
    inner_shape : tuple of int, optional
        The shape of what is inside of the ragged axes.
    row_splits_dtype : DType or str
        int32 or int64.

    Returns
    -------
    RaggedTensorValue
        Or an array, if no axis is ragged.

    Raises
    ------
    TypeError
        If `pylist` is ragged already.
    ValueError
        If scalars stand at different depths, or the depth does not fit the other arguments.

    Examples
    --------
    >>> import graphmode as tf
    >>> tf.ragged.constant_value([[1, 2], [], [3]]).row_splits.tolist()
    [0, 2, 2, 3]
    """
    if isinstance(dtype, dtypes.DType):
        dtype = dtype.as_numpy_dtype
    splits_dtype = dtypes.as_dtype(row_splits_dtype).as_numpy_dtype

    def rows(values: Any, splits: list[int]) -> RaggedTensorValue:
        return RaggedTensorValue(values, np.array(splits, splits_dtype))

    def inner(values: Any, shape: Any) -> Any:
        found = np.array(values, dtype)
        return found if shape is None else found.reshape(shape)

    return _nested(pylist, rows, inner, ragged_rank, inner_shape)


def placeholder(
    dtype: Any, ragged_rank: int, value_shape: Any = None, name: str | None = None
) -> Any:
    """A ragged tensor that a run is given.

    Parameters
    ----------
    dtype : DType
    ragged_rank : int
        The number of ragged axes.
    value_shape : TensorShape or list of int, optional
        The shape of what is inside of the ragged axes.

    Returns
    -------
    RaggedTensor
        Or a Tensor, if `ragged_rank` is 0.

    Examples
    --------
    >>> import graphmode as tf
    >>> x = tf.ragged.placeholder(tf.float32, 1)
    >>> value = tf.ragged.constant_value([[1.0], [2.0, 3.0]])
    >>> tf.Session().run(tf.reduce_sum(x, axis=1), {x: value}).tolist()
    [1.0, 5.0]
    """
    if ragged_rank == 0:
        return array.placeholder(dtype, value_shape, name)
    with name_scope(name, "RaggedPlaceholder", []):
        shape = None if value_shape is None else [None, *value_shape]
        result = array.placeholder(dtype, shape, "flat_values")
        for i in reversed(range(ragged_rank)):
            splits = array.placeholder(dtypes.int64, [None], f"row_splits_{i}")
            result = RaggedTensor(result, splits, internal=True)
        return result


# ---- nested lists --------------------------------------------------------------------------------


def _is_list(item: Any) -> bool:
    return isinstance(item, list | tuple) or np.ndim(item) != 0


def _nested(
    pylist: Any,
    rows: Callable[[Any, list[int]], Any],
    inner: Callable[[Any, Any], Any],
    ragged_rank: int | None,
    inner_shape: Sequence[int] | None,
) -> Any:
    """What `rows` makes of values and splits, of what `inner` makes of the innermost lists."""
    if is_ragged(pylist):
        raise TypeError("pylist may not be a RaggedTensor or RaggedTensorValue.")
    if not _is_list(pylist):
        if ragged_rank:
            raise ValueError(
                f"Invalid pylist={pylist!r}: incompatible with ragged_rank={ragged_rank}"
            )
        if inner_shape:
            raise ValueError(
                f"Invalid pylist={pylist!r}: incompatible with dim(inner_shape)={len(inner_shape)}"
            )
        return inner(pylist, ())
    if ragged_rank is not None and ragged_rank < 0:
        raise ValueError(f"Invalid ragged_rank={ragged_rank}: must be nonnegative")
    at, deepest = _depths(pylist)
    if at is not None and deepest > at:
        raise ValueError(
            f"Invalid pylist={pylist!r}: empty list nesting is greater than scalar value nesting"
        )
    if inner_shape is not None and ragged_rank is not None:
        wanted = ragged_rank + len(inner_shape) + 1
        if (at is not None and wanted != at) or (at is None and wanted < deepest):
            raise ValueError(
                f"Invalid pylist={pylist!r}: incompatible with ragged_rank={ragged_rank} and "
                f"dim(inner_shape)={len(inner_shape)}"
            )
    n_inner = 0 if inner_shape is None else len(inner_shape)
    if ragged_rank == 0 or (ragged_rank is None and deepest - n_inner < 2):
        return inner(pylist, inner_shape)
    if inner_shape is None:
        inner_shape = () if ragged_rank is None else _shape_inside(pylist, ragged_rank)
    if ragged_rank is None:
        ragged_rank = max(1, (deepest if at is None else at - n_inner) - 1)
    nested: list[list[int]] = []
    values = pylist
    for _ in range(ragged_rank):
        nested.append([0, *np.cumsum([len(row) for row in values]).tolist()])
        values = [item for row in values for item in row]
    result = inner(values, (len(values), *inner_shape))
    for splits in reversed(nested):
        result = rows(result, splits)
    return result


def _depths(pylist: Any) -> tuple[int | None, int]:
    """At which depth the scalars stand (None without any), and how deep the deepest list is.

    Raises
    ------
    ValueError
        If two scalars stand at different depths.
    """
    level, depth = [pylist], 0
    at, first = None, None
    while level:
        scalars = [item for item in level if not _is_list(item)]
        if scalars and at is None:
            at, first = depth, scalars[0]
        elif scalars:
            raise ValueError(
                "all scalar values must have the same nesting depth: "
                f"{first!r} is at depth {at}, {scalars[0]!r} at depth {depth}"
            )
        lists = [item for item in level if _is_list(item)]
        if not lists:
            break
        depth += 1
        level = [item for each in lists for item in each]
    return at, depth


def _shape_inside(pylist: Any, ragged_rank: int) -> tuple[int, ...]:
    """The shape of what is inside of the ragged axes, which all have to share."""
    level = pylist
    for depth in range(ragged_rank):
        if not all(_is_list(item) for item in level):
            raise ValueError(
                f"pylist has scalar values depth {depth + 1}, but ragged_rank={ragged_rank} "
                f"requires scalar value depth greater than {ragged_rank}"
            )
        level = [item for each in level for item in each]
    shape: list[int] = []
    while level and _is_list(level[0]):
        n = len(level[0])
        if not all(_is_list(item) and len(item) == n for item in level):
            raise ValueError("inner values have inconsistent shape")
        shape.append(n)
        level = [item for each in level for item in each]
    if any(_is_list(item) for item in level):
        raise ValueError("inner values have inconsistent shape")
    return tuple(shape)
