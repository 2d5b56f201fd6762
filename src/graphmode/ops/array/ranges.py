"""Numbers at even distances."""

from __future__ import annotations

from typing import Any

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
from graphmode.ops.math.casts import cast


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
def range_op(start, limit, delta):
    """The numbers from `start` on, `delta` apart, before `limit`: the node behind `range`."""
    first, last, step = start.item(), limit.item(), delta.item()
    length = _range_length(first, last, step, invalid)
    dtype = start.dtype
    if dtype.kind in "iu":
        return np.arange(length, dtype=dtype) * dtype.type(step) + dtype.type(first)
    return start + np.arange(length).astype(dtype) * delta


_RANGE_ORDER = (dtypes.int32, dtypes.int64, dtypes.float16, dtypes.float32, dtypes.float64)


def range(
    start: Any, limit: Any = None, delta: Any = 1, dtype: Any = None, name: str | None = "range"
) -> Tensor:
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
            dtype = dtypes.as_dtype(dtype)
            tensors = {
                key: t if t.dtype.base_dtype is dtype else cast(t, dtype)
                for key, t in tensors.items()
            }
        return range_op(tensors["start"], tensors["limit"], tensors["delta"], name=scope)


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
