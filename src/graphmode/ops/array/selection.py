"""Where a condition holds: its positions, or a choice between the elements of two tensors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import dtypes, shape_rules
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.dtypes import ANY
from graphmode.framework.errors import invalid
from graphmode.framework.op import op, overloaded
from graphmode.framework.shapes import broadcast_dims
from graphmode.ops import xp

if TYPE_CHECKING:
    from graphmode.framework.operation import Tensor


@op(
    "Where",
    "T -> index: int64",
    shape=lambda op: [(None, None if op.inputs[0].dims is None else len(op.inputs[0].dims))],
    data_dependent=True,
    T=ANY - {dtypes.string},
)
def _where(condition):
    return np.argwhere(condition).astype(np.int64, copy=False)


def _select_shape(op):
    condition, t, e = (tensor.dims for tensor in op.inputs)
    dims = shape_rules.merge(t, e)
    if condition is None or dims is None or condition == ():
        return [dims]
    if len(condition) == 1 and len(dims) > 1:
        shape_rules.merge(condition, dims[:1])
        return [dims]
    return [shape_rules.merge(dims, condition)]


@op("Select", "bool, T, T -> T", shape=_select_shape, T=ANY)
def select(condition, t, e):
    """The elements of `t` where `condition` is True, those of `e` elsewhere.

    Parameters
    ----------
    condition : bool Tensor
        Of the shape of `t`; or a scalar; or 1-D, then it chooses whole rows.
    t, e : Tensor, of any dtype
        Of one dtype and shape.

    Returns
    -------
    Tensor
        Of the shape and dtype of `t`.

    Raises
    ------
    ValueError, InvalidArgumentError
        If the shapes do not fit.

    Notes
    -----
    TF op Select.
    """
    dims, n = t.shape, len(condition.shape)
    if dims != e.shape:
        raise invalid(
            "Inputs to operation of type Select must have the same size and shape.  "
            f"Input 0: {shape_rules.dims_text(dims)} != input 2: {shape_rules.dims_text(e.shape)}"
        )
    if n == 1 and len(dims) > 1:
        if condition.shape[0] != dims[0]:
            raise invalid(
                "Number of batches of 'then' must match size of 'cond', but saw: "
                f"{dims[0]} vs. {condition.shape[0]}"
            )
        condition = condition.reshape((-1,) + (1,) * (len(dims) - 1))
    elif n and condition.shape != dims:
        raise invalid(
            "Inputs to operation of type Select must have the same size and shape.  "
            f"Input 0: {shape_rules.dims_text(condition.shape)} != input 1: "
            f"{shape_rules.dims_text(dims)}"
        )
    return xp.where(condition, t, e)


def _select_v2_shape(op):
    condition, t, e = (tensor.dims for tensor in op.inputs)
    try:
        return [broadcast_dims(condition, broadcast_dims(t, e))]
    except ValueError:
        listed = [shape_rules.dims_text(dims) for dims in (condition, t, e)]
        raise ValueError(
            f"condition {listed[0]}, then {listed[1]}, and else {listed[2]} must be broadcastable"
        ) from None


@op("SelectV2", "bool, T, T -> T", shape=_select_v2_shape, T=ANY)
def select_v2(condition, t, e):
    """The elements of `t` where `condition` is True, those of `e` elsewhere, with broadcasting."""
    try:
        return xp.where(condition, t, e)
    except (ValueError, TypeError):
        listed = [shape_rules.dims_text(value.shape) for value in (condition, t, e)]
        raise invalid(
            f"condition {listed[0]}, then {listed[1]}, and else {listed[2]} must be broadcastable"
        ) from None


@overloaded
def where(condition: Any, x: Any = None, y: Any = None, name: str | None = None) -> Tensor:
    """The positions of what is True; with `x` and `y`, a choice between their elements.

    Parameters
    ----------
    condition : Tensor
        Bool. Alone, any dtype: what is not zero counts as True.
    x, y : Tensor, optional
        Of one dtype and shape, see `select`.

    Returns
    -------
    Tensor
        Alone: int64 ``[number of True, rank]``, in row-major order. Otherwise as `x`.

    Raises
    ------
    ValueError
        If only one of `x` and `y` is given, or the shapes do not fit.
    """
    if x is None and y is None:
        with name_scope(name, "Where") as scope:
            return _where(convert_to_tensor(condition, name="condition"), name=scope)
    if x is None or y is None:
        raise ValueError("x and y must both be non-None or both be None.")
    return select(condition, x, y, name=name)


def where_v2(condition: Any, x: Any = None, y: Any = None, name: str | None = None) -> Tensor:
    """The elements of `x` where `condition` is True, those of `y` elsewhere, with broadcasting.

    Without `x` and `y` the places where `condition` is True, as `where` gives them.

    Parameters
    ----------
    condition : Tensor, bool
    x, y : Tensor, of one dtype, optional
        The shapes of all three broadcast.

    Returns
    -------
    Tensor
        Of the dtype of `x`; int64, [places, rank] without it.

    Raises
    ------
    ValueError
        If only one of `x` and `y` is given.

    Notes
    -----
    TF op SelectV2.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default(), tf.Session() as sess:
    ...     print(sess.run(tf.where_v2([True, False, True], [1, 2, 3], 0)))
    [1 0 3]
    """
    if x is None and y is None:
        return where(condition, name=name)
    if x is None or y is None:
        raise ValueError("x and y must both be non-None or both be None.")
    return select_v2(condition, x, y, name=name)
