"""Elementwise arithmetic, reductions and products."""

from __future__ import annotations

from graphmode.framework import dtypes, shape_rules
from graphmode.framework.op_def import NUMBERS, SIGNED_NUMBERS, ANY, INDEX, op
from graphmode.ops import xp


@op("AddV2", "T, T -> T", name="Add", shape=shape_rules.broadcast, T=NUMBERS)
def add(x, y):
    return xp.add(x, y)


@op("Sub", "T, T -> T", shape=shape_rules.broadcast, T=NUMBERS)
def subtract(x, y):
    return xp.subtract(x, y)


@op("Mul", "T, T -> T", shape=shape_rules.broadcast, T=NUMBERS)
def multiply(x, y):
    return xp.multiply(x, y)


@op("Square", "T -> T", shape=shape_rules.unchanged, T=NUMBERS)
def square(x):
    return xp.square(x)


@op("Tanh", "T -> T", shape=shape_rules.unchanged, T=NUMBERS)
def tanh(x):
    return xp.tanh(x)


@op("MatMul", "T, T -> T", shape=shape_rules.matmul, T=NUMBERS)
def matmul(a, b, *, transpose_a=False, transpose_b=False):
    a = xp.swapaxes(a, -1, -2) if transpose_a else a
    b = xp.swapaxes(b, -1, -2) if transpose_b else b
    return xp.matmul(a, b)


@op("Sum", "T, Tidx -> T", shape=shape_rules.reduction, static=("axis",), T=NUMBERS, Tidx=INDEX)
def _sum(input, axis, *, keep_dims=False):
    return xp.sum(
        input, axis=tuple(int(a) for a in xp.ravel(axis)), keepdims=keep_dims, dtype=input.dtype
    )
