"""Derivatives that are cheaper from the output than from the input, as ops of their own.

Each takes the output `y` of the forward op and the gradient `dy` of it.
"""

from __future__ import annotations

from graphmode.framework import shape_rules
from graphmode.framework.dtypes import FLOATS_COMPLEX
from graphmode.framework.op import op
from graphmode.ops import xp


def _backward(op_type):
    return op(op_type, "T, T -> z: T", shape=shape_rules.same, T=FLOATS_COMPLEX)


def _kept_zero(dy, gradient):
    """`gradient`, but 0 where nothing came in: a branch that is not taken leaves no NaN."""
    return xp.where(dy == 0, dy, gradient)


@_backward("TanhGrad")
def tanh_grad(y, dy):
    """`dy` (1 - `y` squared)."""
    return dy * (y.dtype.type(1) - y * y)


@_backward("SigmoidGrad")
def sigmoid_grad(y, dy):
    """`dy` `y` (1 - `y`)."""
    return dy * y * (y.dtype.type(1) - y)


@_backward("SqrtGrad")
def sqrt_grad(y, dy):
    """`dy` / (2 `y`), 0 where `dy` is."""
    return _kept_zero(dy, dy * y.dtype.type(0.5) / y)


@_backward("RsqrtGrad")
def rsqrt_grad(y, dy):
    """-`dy` `y` cubed / 2, 0 where `dy` is."""
    return _kept_zero(dy, dy * (y.dtype.type(-0.5) * (y * y * y)))


@_backward("ReciprocalGrad")
def reciprocal_grad(y, dy):
    """-`dy` `y` squared, 0 where `dy` is."""
    return _kept_zero(dy, -dy * (y * y))
