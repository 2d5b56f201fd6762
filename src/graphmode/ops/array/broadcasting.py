"""Shapes that broadcast to each other, and tensors stretched to such a shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework.dtypes import ANY, INDEX
from graphmode.framework.errors import invalid
from graphmode.framework.inference import constant_dims
from graphmode.framework.op import op
from graphmode.framework.shape_rules import dims_text
from graphmode.framework.shapes import TensorShape, as_shape, broadcast_dims
from graphmode.ops import xp

if TYPE_CHECKING:
    from graphmode.framework.operation import Tensor


@op(
    "BroadcastGradientArgs",
    "T, T -> r0: T, r1: T",
    shape=lambda op: [(None,), (None,)],
    static=("s0", "s1"),
    T=INDEX,
    reads_shape=True,
)
def broadcast_gradient_args(s0, s1):
    """The axes over which to sum a gradient of a broadcast, for each of the two shapes.

    An axis of length 1 on both sides is in both, as in TensorFlow.

    Parameters
    ----------
    s0, s1 : Tensor, int32 or int64, 1-D

    Returns
    -------
    r0, r1 : Tensor, 1-D
        Of the dtype of `s0`.

    Notes
    -----
    TF op BroadcastGradientArgs.
    """
    rank = max(len(s0), len(s1))
    padded = [[1] * (rank - len(s)) + [int(d) for d in s] for s in (s0, s1)]
    axes = [[i for i in range(rank) if dims[i] == 1] for dims in padded]
    if len(s0) == len(s1) and padded[0] == padded[1]:
        axes = [[], []]
    return [np.array(a, s0.dtype) for a in axes]


def _broadcast_vector(op):
    a, b = (t.dims for t in op.inputs)
    known = a is not None and b is not None and None not in (a[0], b[0])
    return [(max(a[0], b[0]) if known else None,)]


@op("BroadcastArgs", "T, T -> r0: T", shape=_broadcast_vector, static=("s0", "s1"), T=INDEX)
def _broadcast_args(s0, s1):
    try:
        return np.array(np.broadcast_shapes(tuple(s0), tuple(s1)), s0.dtype)
    except ValueError:
        raise invalid(f"Incompatible shapes: {list(s0)} and {list(s1)}") from None


def broadcast_dynamic_shape(shape_x: Any, shape_y: Any) -> Tensor:
    """The shape, as a tensor, to which tensors of two shapes broadcast.

    Parameters
    ----------
    shape_x, shape_y : Tensor, int32 or int64, 1-D

    Returns
    -------
    Tensor, 1-D
        Of their dtype.
    """
    return _broadcast_args(shape_x, shape_y)


def broadcast_static_shape(shape_x: Any, shape_y: Any) -> TensorShape:
    """The shape to which tensors of two static shapes broadcast.

    Parameters
    ----------
    shape_x, shape_y : TensorShape

    Returns
    -------
    TensorShape

    Raises
    ------
    ValueError
        If they cannot be broadcast.

    Examples
    --------
    >>> import graphmode as tf
    >>> tf.broadcast_static_shape(tf.TensorShape([3, 1]), tf.TensorShape([4])).as_list()
    [3, 4]
    """
    return TensorShape(broadcast_dims(as_shape(shape_x)._dims, as_shape(shape_y)._dims))


def _broadcast_to_shape(op):
    dims, wanted = op.inputs[0].dims, constant_dims(op.inputs[1])
    if dims is None or wanted is None:
        return [wanted]
    if len(dims) > len(wanted):
        raise ValueError(f"Shape must be at most rank {len(wanted)} but is rank {len(dims)}")
    for have, want in zip(reversed(dims), reversed(wanted), strict=False):
        if None not in (have, want) and have not in (1, want):
            raise ValueError(f"Dimensions must be equal, but are {have} and {want}")
    return [wanted]


@op(
    "BroadcastTo",
    "T, Tidx -> T",
    shape=_broadcast_to_shape,
    static=("shape",),
    T=ANY,
    Tidx=INDEX,
)
def broadcast_to(input, shape):
    """`input` stretched, along its axes of length 1 and new leading ones, to `shape`.

    Parameters
    ----------
    input : Tensor, of any dtype
    shape : Tensor, int32 or int64, 1-D

    Returns
    -------
    Tensor
        Of the dtype of `input`.

    Raises
    ------
    InvalidArgumentError
        If it cannot be.

    Notes
    -----
    TF op BroadcastTo.
    """
    wanted = tuple(shape.tolist())
    try:
        return xp.broadcast_to(input, wanted)
    except ValueError:
        raise invalid(
            f"Incompatible shapes: {dims_text(input.shape)} vs. {dims_text(wanted)}"
        ) from None
