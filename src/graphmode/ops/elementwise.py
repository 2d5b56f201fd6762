"""Functions of one tensor, element by element."""

from __future__ import annotations

from graphmode.framework import shape_rules
from graphmode.framework.op_def import FLOATS_COMPLEX, NUMBERS, SIGNED_NUMBERS, op
from graphmode.ops import xp


@op("Neg", "T -> T", shape=shape_rules.unchanged, T=SIGNED_NUMBERS)
def negative(x):
    """-`x`."""
    return -x


@op("Abs", "T -> T", shape=shape_rules.unchanged, T=SIGNED_NUMBERS)
def abs(x):
    """The absolute value of `x`."""
    return xp.abs(x)


@op("Square", "T -> T", shape=shape_rules.unchanged, T=NUMBERS)
def square(x):
    """The square of `x`."""
    return x * x


@op("Exp", "T -> T", shape=shape_rules.unchanged, T=FLOATS_COMPLEX)
def exp(x):
    """e to the power `x`."""
    return xp.exp(x)


@op("Log", "T -> T", shape=shape_rules.unchanged, T=FLOATS_COMPLEX)
def log(x):
    """The natural logarithm of `x`: -inf at 0, NaN below."""
    return xp.log(x)


@op("Tanh", "T -> T", shape=shape_rules.unchanged, T=FLOATS_COMPLEX)
def tanh(x):
    """The hyperbolic tangent of `x`."""
    return xp.tanh(x)
