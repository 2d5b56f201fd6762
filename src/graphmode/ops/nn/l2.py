"""The L2 norm as networks use it: a loss, and vectors scaled to length 1."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import shape_rules
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.dtypes import FLOATS
from graphmode.framework.op import op
from graphmode.ops import xp
from graphmode.ops.math.arithmetic import maximum, multiply
from graphmode.ops.math.casts import cast
from graphmode.ops.math.complex_numbers import imag, real
from graphmode.ops.math.elementwise import rsqrt, square
from graphmode.ops.math.reduction import reduce_sum
from graphmode.ops.old_names import either

if TYPE_CHECKING:
    from graphmode.framework.operation import Tensor


@op("L2Loss", "T -> T", shape=shape_rules.scalar, T=FLOATS)
def l2_loss(t):
    r"""Half the sum of the squares of `t`, floating: a scalar of its dtype.

    .. math:: \tfrac12 \sum_i t_i^2

    Notes
    -----
    TF op L2Loss.
    """
    values = xp.wide(t)
    total = (
        xp.sum(xp.square(values), dtype=values.dtype) if xp.is_traced(t) else _square_sum(values)
    )
    return (total * values.dtype.type(0.5)).astype(t.dtype)


def _square_sum(values):
    flat = values.ravel()
    return np.dot(flat, flat)


def l2_normalize(
    x: Any, axis: Any = None, epsilon: float = 1e-12, name: str | None = None, dim: Any = None
) -> Tensor:
    r"""Scale vectors to a length of 1.

    .. math:: \frac{x}{\sqrt{\max(\sum_i |x_i|^2,\ \epsilon)}}

    Parameters
    ----------
    x : Tensor, floating or complex
    axis, dim : int or list of int
        The axes of a vector. `dim` is the old name.
    epsilon : float
        :math:`\epsilon`.

    Returns
    -------
    Tensor
        Of the shape and dtype of `x`.
    """
    axis = either("axis", axis, "dim", dim)
    with name_scope(name, "l2_normalize", [x]) as scope:
        x = convert_to_tensor(x, name="x")
        squares = square(real(x)) + square(imag(x)) if x.dtype.is_complex else square(x)
        total = reduce_sum(squares, axis, keepdims=True)
        scale = rsqrt(maximum(total, epsilon))
        if x.dtype.is_complex:
            scale = cast(scale, x.dtype.base_dtype)
        return multiply(x, scale, name=scope)
