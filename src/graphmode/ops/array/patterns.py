"""Tensors of a regular pattern: grids, masks of sequences, unit matrices, classes as vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.dtypes import ANY, INDEX
from graphmode.framework.errors import invalid
from graphmode.framework.inference import constant_value
from graphmode.framework.op import op, overloaded
from graphmode.framework.shape_rules import dims_text
from graphmode.ops import xp
from graphmode.ops.array.broadcasting import broadcast_to
from graphmode.ops.array.constants import constant
from graphmode.ops.array.filling import ones
from graphmode.ops.array.joining import concat
from graphmode.ops.array.ranges import range, range_op
from graphmode.ops.array.shape_values import size
from graphmode.ops.array.shaping import expand_dims, reshape
from graphmode.ops.control.host_value import host_value
from graphmode.ops.math.arithmetic import maximum
from graphmode.ops.math.casts import cast
from graphmode.ops.math.comparison import less
from graphmode.ops.math.reduction import reduce_max

if TYPE_CHECKING:
    from graphmode.framework.operation import Tensor


def meshgrid(*args: Any, **kwargs: Any) -> list[Tensor]:
    """The coordinates of a grid: for n vectors, n tensors of rank n.

    Parameters
    ----------
    *args : Tensor, of any dtype, 1-D
    indexing : {"xy", "ij"}
        "xy" swaps the first two axes of the result.
    name : str, optional

    Returns
    -------
    list of Tensor

    Raises
    ------
    ValueError, TypeError
        If `indexing` is another one, or an argument is unknown.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default(), tf.Session() as sess:
    ...     print(*sess.run(tf.meshgrid([1, 2], [5, 6])))
    [[1 2]
     [1 2]] [[5 5]
     [6 6]]
    """
    indexing = kwargs.pop("indexing", "xy")
    name = kwargs.pop("name", "meshgrid")
    if kwargs:
        key = next(iter(kwargs))
        raise TypeError(f"'{key}' is an invalid keyword argument for this function")
    if indexing not in ("xy", "ij"):
        raise ValueError(
            f"Argument `indexing` parameter must be either 'xy' or 'ij', got '{indexing}'"
        )
    with name_scope(name, "meshgrid"):
        n = len(args)
        if not n:
            return []
        grids = [
            reshape(value, [-1 if axis == i else 1 for axis in np.arange(n)])
            for i, value in enumerate(args)
        ]
        lengths = [size(convert_to_tensor(value)) for value in args]
        if indexing == "xy" and n > 1:
            first = [[1, -1], [-1, 1]]
            for i in (0, 1):
                grids[i] = reshape(grids[i], first[i] + [1] * (n - 2))
            lengths[0], lengths[1] = lengths[1], lengths[0]
        mult = ones(lengths, grids[0].dtype.base_dtype)
        return [grid * mult for grid in grids]


def sequence_mask(
    lengths: Any, maxlen: Any = None, dtype: Any = dtypes.bool, name: str | None = None
) -> Tensor:
    """True in the first ``lengths[i]`` places of row i, False after them.

    Parameters
    ----------
    lengths : int Tensor
        Any shape.
    maxlen : int scalar, optional
        The length of a row; the greatest of `lengths` by default.
    dtype : dtype
        Of the result.

    Returns
    -------
    Tensor
        The shape of `lengths`, with an axis of length `maxlen` added.

    Raises
    ------
    ValueError
        If `maxlen` is no scalar.
    """
    with name_scope(name, "SequenceMask"):
        lengths = convert_to_tensor(lengths, name="Const")
        if maxlen is None:
            axes = None if lengths.dims is None else np.arange(len(lengths.dims), dtype=np.int32)
            greatest = reduce_max(lengths, axes, name="Max")
            maxlen = maximum(constant(0, greatest.dtype.base_dtype), greatest)
            if constant_value(maxlen) is None:
                maxlen = host_value(maxlen)
        else:
            maxlen = convert_to_tensor(maxlen, name="Const")
        if maxlen.dims not in ((), None):
            raise ValueError("maxlen must be scalar for sequence_mask")
        kind = maxlen.dtype.base_dtype
        row = range_op(constant(0, kind), maxlen, constant(1, kind), name="Range")
        column = expand_dims(lengths, -1)
        if column.dtype.base_dtype is not kind:
            column = cast(column, kind)
        result = less(row, column)
        return result if result.dtype is dtypes.as_dtype(dtype) else cast(result, dtype)


def eye(
    num_rows: Any,
    num_columns: Any = None,
    batch_shape: Any = None,
    dtype: Any = dtypes.float32,
    name: str | None = None,
) -> Tensor:
    """The identity matrix, or a batch of it.

    Parameters
    ----------
    num_rows, num_columns : int scalar
        As many columns as rows by default.
    batch_shape : sequence of int or int Tensor, optional
        Leading axes of the result.
    dtype : dtype

    Returns
    -------
    Tensor ``batch_shape + [num_rows, num_columns]``
    """
    with name_scope(name, "eye"):
        columns = num_rows if num_columns is None else num_columns
        places = range(num_rows)
        matrix = one_hot(places, columns, dtype=dtypes.as_dtype(dtype))
        if batch_shape is None:
            return matrix
        batch = convert_to_tensor(batch_shape, name="shape", dtype_hint=dtypes.int32)
        return broadcast_to(matrix, concat([batch, [num_rows, columns]], 0))


def _one_hot_shape(op):
    dims, axis = op.inputs[0].dims, op.attrs["axis"]
    depth = constant_value(op.inputs[1])
    if depth is not None and depth < 0:
        raise ValueError(
            f"Dimension size, given by scalar input 1, must be non-negative but is {depth}"
        )
    if dims is None:
        return [None]
    if not -1 <= axis <= len(dims):
        raise ValueError(f"axis must be >= -1 and <= {len(dims)}, got {axis}")
    at = len(dims) if axis == -1 else axis
    return [(*dims[:at], None if depth is None else int(depth), *dims[at:])]


@op(
    "OneHot",
    "TI, int32, T, T -> T",
    name="one_hot",
    shape=_one_hot_shape,
    static=("depth",),
    TI=INDEX | {dtypes.uint8, dtypes.int8},
    T=ANY,
)
def _one_hot(indices, depth, on_value, off_value, *, axis: int = -1):
    n = int(depth)
    if n < 0:
        raise invalid(f"depth must be non-negative, got: {n}")
    for what, value in (("on_value", on_value), ("off_value", off_value)):
        if value.ndim:
            raise invalid(f"{what} must be a scalar, but got: {dims_text(value.shape)}")
    at = len(indices.shape) if axis == -1 else axis
    shape = [1] * (len(indices.shape) + 1)
    shape[at] = n
    classes = np.arange(n).reshape(shape)
    return xp.where(xp.expand_dims(indices, at) == classes, on_value, off_value)


@overloaded
def one_hot(
    indices: Any,
    depth: Any,
    on_value: Any = None,
    off_value: Any = None,
    axis: int | None = None,
    dtype: Any = None,
    name: str | None = None,
) -> Tensor:
    """`on_value` where the class is `indices[i]`, `off_value` elsewhere.

    Parameters
    ----------
    indices : Tensor, int32, int64 or uint8
        Any shape. A class outside [0, depth) has `off_value` everywhere.
    depth : int or Tensor, int32 scalar
    on_value, off_value : scalar, optional
        1 and 0 by default.
    axis : int
        Where the axis of length `depth` goes; the last by default.
    dtype : DType, optional
        That of the values; float32 by default.

    Returns
    -------
    Tensor, `dtype`
        The shape of `indices` with an axis of length `depth` besides.

    Raises
    ------
    TypeError
        If the values' dtypes differ from each other or from `dtype`.

    Notes
    -----
    TF op OneHot.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default(), tf.Session() as sess:
    ...     print(sess.run(tf.one_hot([2, 0], 3)))
    [[0. 0. 1.]
     [1. 0. 0.]]
    """
    with name_scope(name, "one_hot") as scope:
        on_tensor = _value(on_value, dtype)
        off_tensor = _value(off_value, dtype)
        on_dtype = None if on_tensor is None else on_tensor.dtype.base_dtype
        off_dtype = None if off_tensor is None else off_tensor.dtype.base_dtype
        if dtype is not None:
            dtype = dtypes.as_dtype(dtype)
            for which, found in (("on_value", on_dtype), ("off_value", off_dtype)):
                if found not in (None, dtype):
                    raise TypeError(
                        f"dtype <dtype: '{found.name}'> of {which} does not match dtype parameter "
                        f"<dtype: '{dtype.name}'>"
                    )
        dtype = dtype or on_dtype or off_dtype or dtypes.float32
        if on_dtype is not None and off_dtype is not None and on_dtype is not off_dtype:
            raise TypeError(
                f"dtype <dtype: '{on_dtype.name}'> of on_value does not match dtype "
                f"<dtype: '{off_dtype.name}'> of off_value"
            )
        if on_tensor is None:
            on_tensor = convert_to_tensor(np.ones((), dtype.numpy_dtype), name="on_value")
        if off_tensor is None:
            off_tensor = convert_to_tensor(np.zeros((), dtype.numpy_dtype), name="off_value")
        axis = -1 if axis is None else axis
        return _one_hot(indices, depth, on_tensor, off_tensor, axis=axis, name=scope)


def _value(value, dtype):
    if value is None:
        return None
    hint = None if isinstance(value, np.ndarray | np.generic) else dtype
    return convert_to_tensor(value, dtype_hint=hint, name="Const")
