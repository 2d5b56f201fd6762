"""Ranges and their like: tensors whose values follow from a few numbers."""

from __future__ import annotations

import numpy as np

from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.dtypes import FLOATS, INDEX, REALS
from graphmode.framework.errors import invalid
from graphmode.framework.inference import constant_value
from graphmode.framework.op import op
from graphmode.framework.operation import Tensor
from graphmode.ops import xp


def _range_shape(op):
    for tensor in op.inputs:
        if tensor.dims not in ((), None):
            raise ValueError(f"Shape must be rank 0 but is rank {len(tensor.dims)}")
    values = [constant_value(t) for t in op.inputs]
    if any(v is None for v in values):
        return [(None,)]
    return [(_range_length(*[v.item() for v in values], ValueError),)]


def _range_length(start, limit, delta, error):
    if delta == 0:
        raise error("Requires delta != 0")
    if (delta > 0 and start > limit) or (delta < 0 and start < limit):
        sign, order = ("> 0", "<=") if delta > 0 else ("< 0", ">=")
        raise error(f"Requires start {order} limit when delta {sign}: {start}/{limit}")
    if isinstance(start, int) and isinstance(limit, int) and isinstance(delta, int):
        return -(-(limit - start) // delta)
    return int(np.ceil(abs((limit - start) / delta)))


@op(
    "Range",
    "Tidx, Tidx, Tidx -> Tidx",
    name="range",
    shape=_range_shape,
    static=("start", "limit", "delta"),
    Tidx=REALS,
)
def _range(start, limit, delta):
    first, last, step = start.item(), limit.item(), delta.item()
    length = _range_length(first, last, step, invalid)
    dtype = start.dtype
    if dtype.kind in "iu":
        return np.arange(length, dtype=dtype) * dtype.type(step) + dtype.type(first)
    return start + np.arange(length).astype(dtype) * delta


_RANGE_ORDER = (dtypes.int32, dtypes.int64, dtypes.float16, dtypes.float32, dtypes.float64)


def range(start, limit=None, delta=1, dtype=None, name="range"):
    """The numbers `start`, `start` + `delta`, ... before `limit`; with one number, 0, 1, ... .

    Parameters
    ----------
    start, limit, delta : scalar Tensor or number
        ``range(limit)`` starts at 0.
    dtype : dtype, optional
        By default the widest of the arguments' dtypes.

    Returns
    -------
    Tensor, 1-D

    Raises
    ------
    ValueError
        If `delta` is 0, or leads away from `limit`.
    """
    if limit is None:
        start, limit = 0, start
    with name_scope(name, "Range") as scope:
        values = {"start": start, "limit": limit, "delta": delta}
        tensors = {
            key: value
            if isinstance(value, Tensor)
            else convert_to_tensor(value, dtype=dtype, name=key)
            for key, value in values.items()
        }
        if dtype is None:
            found = {t.dtype.base_dtype for t in tensors.values()}
            wide = [d for d in _RANGE_ORDER if d in found]
            if len(found) > 1 and wide:
                dtype = wide[-1]
        if dtype is not None:
            from graphmode.ops.math import cast

            dtype = dtypes.as_dtype(dtype)
            tensors = {
                key: t if t.dtype.base_dtype is dtype else cast(t, dtype)
                for key, t in tensors.items()
            }
        return _range(tensors["start"], tensors["limit"], tensors["delta"], name=scope)


def _linspace_shape(op):
    num = constant_value(op.inputs[2])
    if num is None:
        return [(None,)]
    if int(num) <= 0:
        raise ValueError(f"Requires num > 0: {int(num)}")
    return [(int(num),)]


@op(
    "LinSpace",
    "T, T, Tidx -> T",
    shape=_linspace_shape,
    static=("num",),
    T=FLOATS,
    Tidx=INDEX,
)
def linspace(start, stop, num):
    """`num` numbers from `start` to `stop`, both included, evenly spaced.

    Parameters
    ----------
    start, stop : Tensor, floating scalar
    num : int or Tensor, int32 or int64 scalar
        At least 1; for 1 the result is `start`.

    Returns
    -------
    Tensor, [num]
        Of the dtype of `start`.

    Raises
    ------
    ValueError, InvalidArgumentError
        If `num` is not positive.

    Notes
    -----
    TF op LinSpace.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default(), tf.Session() as sess:
    ...     print(sess.run(tf.linspace(0.0, 1.0, 5)))
    [0.   0.25 0.5  0.75 1.  ]
    """
    count = int(num)
    if count <= 0:
        raise invalid(f"Requires num > 0: {count}")
    if count == 1:
        return xp.reshape(start, (1,))
    dtype = start.dtype
    step = (stop - start) / dtype.type(count - 1)
    inner = start + step * np.arange(count - 1).astype(dtype)
    return xp.concatenate([inner, xp.reshape(stop, (1,))])


def meshgrid(*args, **kwargs):
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
    from graphmode.ops.array.constants import ones
    from graphmode.ops.array.shaping import reshape, size

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


def sequence_mask(lengths, maxlen=None, dtype=dtypes.bool, name=None):
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
    from graphmode.ops import math
    from graphmode.ops.array.constants import constant
    from graphmode.ops.array.shaping import expand_dims
    from graphmode.ops.control.host_value import host_value

    with name_scope(name, "SequenceMask"):
        lengths = convert_to_tensor(lengths, name="Const")
        if maxlen is None:
            axes = None if lengths.dims is None else np.arange(len(lengths.dims), dtype=np.int32)
            greatest = math.reduce_max(lengths, axes, name="Max")
            maxlen = math.maximum(constant(0, greatest.dtype.base_dtype), greatest)
            if constant_value(maxlen) is None:
                maxlen = host_value(maxlen)
        else:
            maxlen = convert_to_tensor(maxlen, name="Const")
        if maxlen.dims not in ((), None):
            raise ValueError("Argument `maxlen` must be scalar for sequence_mask")
        kind = maxlen.dtype.base_dtype
        row = _range(constant(0, kind), maxlen, constant(1, kind), name="Range")
        column = expand_dims(lengths, -1)
        if column.dtype.base_dtype is not kind:
            column = math.cast(column, kind)
        result = math.less(row, column)
        return result if result.dtype is dtypes.as_dtype(dtype) else math.cast(result, dtype)


def eye(num_rows, num_columns=None, batch_shape=None, dtype=dtypes.float32, name=None):
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
    from graphmode.ops.array.indexing import one_hot
    from graphmode.ops.array.joining import concat
    from graphmode.ops.array.shaping import broadcast_to

    with name_scope(name, "eye"):
        columns = num_rows if num_columns is None else num_columns
        places = range(num_rows)
        matrix = one_hot(places, columns, dtype=dtypes.as_dtype(dtype))
        if batch_shape is None:
            return matrix
        batch = convert_to_tensor(batch_shape, name="shape", dtype_hint=dtypes.int32)
        return broadcast_to(matrix, concat([batch, [num_rows, columns]], 0))
