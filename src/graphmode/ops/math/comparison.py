"""Comparisons, logic, and the bits of integers."""

from __future__ import annotations

import numpy as np

from graphmode.framework import dtypes, shape_rules
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.dtypes import ANY, INTEGERS, REALS
from graphmode.framework.op import op
from graphmode.ops import xp

broadcast = shape_rules.broadcast


# ---- comparisons ---------------------------------------------------------------------------------


@op("Equal", "T, T -> bool", shape=broadcast, T=ANY, cheap=True)
def equal(x, y):
    """Whether `x` equals `y`: numbers, booleans or strings, with broadcasting. TF op Equal."""
    return x == y


@op("NotEqual", "T, T -> bool", shape=broadcast, T=ANY, cheap=True)
def not_equal(x, y):
    """Whether `x` differs from `y`; NaN differs from itself. TF op NotEqual."""
    return x != y


@op("Less", "T, T -> bool", shape=broadcast, T=REALS, cheap=True)
def less(x, y):
    """Whether `x` < `y`, with broadcasting. TF op Less."""
    return x < y


@op("LessEqual", "T, T -> bool", shape=broadcast, T=REALS, cheap=True)
def less_equal(x, y):
    """Whether `x` <= `y`, with broadcasting. TF op LessEqual."""
    return x <= y


@op("Greater", "T, T -> bool", shape=broadcast, T=REALS, cheap=True)
def greater(x, y):
    """Whether `x` > `y`, with broadcasting. TF op Greater."""
    return x > y


@op("GreaterEqual", "T, T -> bool", shape=broadcast, T=REALS, cheap=True)
def greater_equal(x, y):
    """Whether `x` >= `y`, with broadcasting. TF op GreaterEqual."""
    return x >= y


# ---- logic ---------------------------------------------------------------------------------------


@op("LogicalAnd", "bool, bool -> bool", shape=broadcast, cheap=True)
def logical_and(x, y):
    """Whether both `x` and `y` are true, with broadcasting. TF op LogicalAnd."""
    return x & y


@op("LogicalOr", "bool, bool -> bool", shape=broadcast)
def logical_or(x, y):
    """Whether `x` or `y` is true, with broadcasting. TF op LogicalOr."""
    return x | y


@op("LogicalNot", "bool -> bool", shape=shape_rules.unchanged)
def logical_not(x):
    """Whether `x` is false. TF op LogicalNot."""
    return ~x


def logical_xor(x, y, name="LogicalXor"):
    """Whether exactly one of `x` and `y` is true, with broadcasting."""
    either = logical_or(x, y)
    both = logical_and(x, y)
    return logical_and(either, logical_not(both), name=name)


# ---- bits ----------------------------------------------------------------------------------------


@op("BitwiseAnd", "T, T -> T", shape=broadcast, T=INTEGERS)
def bitwise_and(x, y):
    """The bits that are set in both integers. TF op BitwiseAnd."""
    return x & y


@op("BitwiseOr", "T, T -> T", shape=broadcast, T=INTEGERS)
def bitwise_or(x, y):
    """The bits that are set in either integer. TF op BitwiseOr."""
    return x | y


@op("BitwiseXor", "T, T -> T", shape=broadcast, T=INTEGERS)
def bitwise_xor(x, y):
    """The bits that are set in one integer only. TF op BitwiseXor."""
    return x ^ y


@op("Invert", "T -> T", shape=shape_rules.unchanged, T=INTEGERS)
def invert(x):
    """Every bit of `x` flipped. TF op Invert."""
    return ~x


def _shift(x, y):
    """`y` as a shift of `x` that is defined: within the width of the integer."""
    return xp.clip(y, 0, np.iinfo(x.dtype).bits - 1)


@op("LeftShift", "T, T -> T", shape=broadcast, T=INTEGERS)
def left_shift(x, y):
    """`x` shifted left by `y` bits. TF op LeftShift."""
    return x << _shift(x, y)


@op("RightShift", "T, T -> T", shape=broadcast, T=INTEGERS)
def right_shift(x, y):
    """`x` shifted right by `y` bits, keeping the sign. TF op RightShift."""
    return x >> _shift(x, y)


# ---- Python's &, |, ^ and ~ ----------------------------------------------------------------------


def and_(x, y, name=None):
    """``x & y``: logical on booleans, bit by bit on integers."""
    return logical_and(x, y, name=name) if _is_bool(x) else bitwise_and(x, y)


def or_(x, y, name=None):
    """``x | y``: logical on booleans, bit by bit on integers."""
    return logical_or(x, y, name=name) if _is_bool(x) else bitwise_or(x, y)


def xor_(x, y, name=None):
    """``x ^ y``: logical on booleans, bit by bit on integers."""
    return logical_xor(x, y, name=name) if _is_bool(x) else bitwise_xor(x, y)


def invert_(x, name=None):
    """``~x``: logical on booleans, bit by bit on integers."""
    x = convert_to_tensor(x)
    return logical_not(x, name=name) if _is_bool(x) else invert(x, name=name)


def _is_bool(x) -> bool:
    return x.dtype.base_dtype is dtypes.bool
