"""Where along an axis the largest and the smallest element is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import dtypes
from graphmode.framework.dtypes import INDEX, INDEX16, REALS
from graphmode.framework.errors import invalid
from graphmode.framework.inference import constant_value
from graphmode.framework.op import op
from graphmode.framework.shape_rules import dims_text
from graphmode.ops import xp
from graphmode.ops.old_names import either

if TYPE_CHECKING:
    from graphmode.framework.dtypes import DType
    from graphmode.framework.operation import Tensor


def _arg_shape(op):
    dims = op.inputs[0].dims
    if dims is None:
        return [None]
    axis = constant_value(op.inputs[1])
    if axis is None:
        return [(None,) * (len(dims) - 1)]
    rank = len(dims)
    if not -rank <= int(axis) < rank:
        raise ValueError(f"Dimension ({int(axis)}) must be in the range [{-rank}, {rank})")
    axis = int(axis) % rank
    return [dims[:axis] + dims[axis + 1 :]]


def _place(which, worst, input, axis):
    """The place of the extreme along `axis`; NaN is none, as it is in no order."""
    if not input.shape[axis]:
        raise invalid(f"Reduction axis {axis} is empty in shape {dims_text(input.shape)}")
    values, find = xp.wide(input), getattr(xp, which)
    if values.dtype.kind != "f":
        return find(values, axis=axis)
    if not xp.is_traced(values):
        found = find(values, axis=axis)
        extremes = np.take_along_axis(values, np.expand_dims(found, axis), axis)
        if not np.isnan(extremes).any():
            return found
    return find(xp.where(xp.isnan(values), values.dtype.type(worst), values), axis=axis)


def _arg_op(op_type, index, outputs):
    return op(
        op_type,
        "T, Tidx -> output_type",
        shape=_arg_shape,
        static=("dimension",),
        T=REALS | {dtypes.bool},
        Tidx=index,
        output_type=outputs,
    )


@_arg_op("ArgMax", INDEX16, INDEX16 | {dtypes.uint16})
def _arg_max(input, dimension, *, output_type: DType = dtypes.int64):
    return _place("argmax", -np.inf, input, int(dimension)).astype(output_type.numpy_dtype)


@_arg_op("ArgMin", INDEX, INDEX)
def _arg_min(input, dimension, *, output_type: DType = dtypes.int64):
    return _place("argmin", np.inf, input, int(dimension)).astype(output_type.numpy_dtype)


def argmax(
    input: Any,
    axis: int | None = None,
    name: str | None = None,
    dimension: int | None = None,
    output_type: Any = dtypes.int64,
) -> Tensor:
    """The index of the largest element along an axis; of the first one among equals.

    Parameters
    ----------
    input : Tensor, real or bool
    axis, dimension : int
        0 by default. `dimension` is the old name.
    output_type : DType
        int32 or int64.

    Returns
    -------
    Tensor, `output_type`
        The shape of `input` without `axis`.

    Raises
    ------
    ValueError
        If `axis` is outside the rank.

    Notes
    -----
    TF op ArgMax.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default(), tf.Session() as sess:
    ...     print(sess.run(tf.argmax([[1.0, 3.0, 2.0], [9.0, 8.0, 7.0]], axis=1)))
    [1 0]
    """
    axis = either("axis", axis, "dimension", dimension, 0)
    return _arg_max(input, axis, name=name, output_type=output_type)


def argmin(
    input: Any,
    axis: int | None = None,
    name: str | None = None,
    dimension: int | None = None,
    output_type: Any = dtypes.int64,
) -> Tensor:
    """The index of the smallest element along an axis; of the first one among equals.

    Parameters
    ----------
    input : Tensor, real or bool
    axis, dimension : int
        0 by default. `dimension` is the old name.
    output_type : DType
        int32 or int64.

    Returns
    -------
    Tensor, `output_type`
        The shape of `input` without `axis`.

    Raises
    ------
    ValueError
        If `axis` is outside the rank.

    Notes
    -----
    TF op ArgMin.
    """
    axis = either("axis", axis, "dimension", dimension, 0)
    return _arg_min(input, axis, name=name, output_type=output_type)


def arg_max(
    input: Any, dimension: Any, output_type: Any = dtypes.int64, name: str | None = None
) -> Tensor:
    """The index of the largest element along an axis; the older form of `argmax`.

    Parameters
    ----------
    input : Tensor, real or bool
    dimension : int or Tensor, int32 scalar
    output_type : DType
        int32 or int64.

    Returns
    -------
    Tensor, `output_type`
        The shape of `input` without `dimension`.

    Notes
    -----
    TF op ArgMax.
    """
    return _arg_max(input, dimension, output_type=output_type, name=name)


def arg_min(
    input: Any, dimension: Any, output_type: Any = dtypes.int64, name: str | None = None
) -> Tensor:
    """The index of the smallest element along an axis; the older form of `argmin`.

    Parameters
    ----------
    input : Tensor, real or bool
    dimension : int or Tensor, int32 scalar
    output_type : DType
        int32 or int64.

    Returns
    -------
    Tensor, `output_type`
        The shape of `input` without `dimension`.

    Notes
    -----
    TF op ArgMin.
    """
    return _arg_min(input, dimension, output_type=output_type, name=name)
