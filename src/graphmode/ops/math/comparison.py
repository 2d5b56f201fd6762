"""Comparisons, logic, and the bits of integers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import dtypes, shape_rules
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.dtypes import ANY, INTEGERS, NUMBERS, REALS
from graphmode.framework.errors import invalid
from graphmode.framework.op import op, overloaded
from graphmode.ops import xp

if TYPE_CHECKING:
    from graphmode.framework.operation import Tensor

broadcast = shape_rules.broadcast


# ---- comparisons ---------------------------------------------------------------------------------


@op("Equal", "T, T -> z: bool", shape=broadcast, T=ANY, cheap=True)
def equal(x, y):
    """Where `x` equals `y`.

    Parameters
    ----------
    x, y : Tensor, numeric, bool or string, of one dtype
        Their shapes broadcast.

    Returns
    -------
    Tensor, bool

    Notes
    -----
    TF op Equal. In graphs of TensorFlow 1 ``x == y`` asks whether two tensors are the same object.
    """
    return x == y


@op("NotEqual", "T, T -> z: bool", shape=broadcast, T=ANY, cheap=True)
def not_equal(x, y):
    """Where `x` differs from `y`; NaN differs from itself.

    Parameters
    ----------
    x, y : Tensor, numeric, bool or string, of one dtype
        Their shapes broadcast.

    Returns
    -------
    Tensor, bool

    Notes
    -----
    TF op NotEqual.
    """
    return x != y


@op("Less", "T, T -> z: bool", shape=broadcast, T=REALS, cheap=True)
def less(x, y):
    """Where `x` < `y`.

    Parameters
    ----------
    x, y : Tensor, real, of one dtype
        Their shapes broadcast.

    Returns
    -------
    Tensor, bool

    Notes
    -----
    TF op Less.
    """
    return x < y


@op("LessEqual", "T, T -> z: bool", shape=broadcast, T=REALS, cheap=True)
def less_equal(x, y):
    """Where `x` <= `y`.

    Parameters
    ----------
    x, y : Tensor, real, of one dtype
        Their shapes broadcast.

    Returns
    -------
    Tensor, bool

    Notes
    -----
    TF op LessEqual.
    """
    return x <= y


@op("Greater", "T, T -> z: bool", shape=broadcast, T=REALS, cheap=True)
def greater(x, y):
    """Where `x` > `y`.

    Parameters
    ----------
    x, y : Tensor, real, of one dtype
        Their shapes broadcast.

    Returns
    -------
    Tensor, bool

    Notes
    -----
    TF op Greater.
    """
    return x > y


@op("GreaterEqual", "T, T -> z: bool", shape=broadcast, T=REALS, cheap=True)
def greater_equal(x, y):
    """Where `x` >= `y`.

    Parameters
    ----------
    x, y : Tensor, real, of one dtype
        Their shapes broadcast.

    Returns
    -------
    Tensor, bool

    Notes
    -----
    TF op GreaterEqual.
    """
    return x >= y


@op(
    "ApproximateEqual",
    "T, T -> z: bool",
    shape=shape_rules.same,
    T=NUMBERS,
)
def approximate_equal(x, y, *, tolerance: float = 1e-5):
    """Where `x` and `y` differ by less than `tolerance`.

    Parameters
    ----------
    x, y : Tensor, numeric, of one dtype and one shape
        Nothing broadcasts.
    tolerance : float
        Taken to the dtype: for integers it is a whole number.

    Returns
    -------
    Tensor, bool

    Raises
    ------
    InvalidArgumentError
        If the shapes differ.

    Notes
    -----
    TF op ApproximateEqual.
    """
    if x.shape != y.shape:
        shapes = shape_rules.dims_text(x.shape), shape_rules.dims_text(y.shape)
        raise invalid("x and y must be of the same shape. x shape: {}. y shape: {}".format(*shapes))
    if x.dtype.kind in "iu":
        return xp.maximum(x, y) - xp.minimum(x, y) < x.dtype.type(tolerance)
    distance = xp.abs(x - y)
    return distance < distance.dtype.type(tolerance)


# ---- logic ---------------------------------------------------------------------------------------


@op("LogicalAnd", "bool, bool -> z: bool", shape=broadcast, cheap=True)
def logical_and(x, y):
    """Where both `x` and `y` are true.

    Parameters
    ----------
    x, y : Tensor, bool
        Their shapes broadcast.

    Returns
    -------
    Tensor, bool

    Notes
    -----
    TF op LogicalAnd.
    """
    return x & y


@op("LogicalOr", "bool, bool -> z: bool", shape=broadcast)
def logical_or(x, y):
    """Where `x` or `y` is true, or both are.

    Parameters
    ----------
    x, y : Tensor, bool
        Their shapes broadcast.

    Returns
    -------
    Tensor, bool

    Notes
    -----
    TF op LogicalOr.
    """
    return x | y


@op("LogicalNot", "bool -> y: bool", shape=shape_rules.unchanged)
def logical_not(x):
    """Where `x`, bool, is false. TF op LogicalNot."""
    return ~x


@overloaded
def logical_xor(x: Any, y: Any, name: str | None = "LogicalXor") -> Tensor:
    """Where exactly one of `x` and `y` is true.

    Parameters
    ----------
    x, y : Tensor, bool
        Their shapes broadcast.

    Returns
    -------
    Tensor, bool
    """
    either = logical_or(x, y)
    both = logical_and(x, y)
    return logical_and(either, logical_not(both), name=name)


# ---- bits ----------------------------------------------------------------------------------------


@op("BitwiseAnd", "T, T -> z: T", shape=broadcast, T=INTEGERS)
def bitwise_and(x, y):
    """The bits that are set in both integers.

    Parameters
    ----------
    x, y : Tensor, of one integer dtype
        Their shapes broadcast.

    Returns
    -------
    Tensor
        Of the dtype of `x` and `y`.

    Notes
    -----
    TF op BitwiseAnd.
    """
    return x & y


@op("BitwiseOr", "T, T -> z: T", shape=broadcast, T=INTEGERS)
def bitwise_or(x, y):
    """The bits that are set in either integer.

    Parameters
    ----------
    x, y : Tensor, of one integer dtype
        Their shapes broadcast.

    Returns
    -------
    Tensor
        Of the dtype of `x` and `y`.

    Notes
    -----
    TF op BitwiseOr.
    """
    return x | y


@op("BitwiseXor", "T, T -> z: T", shape=broadcast, T=INTEGERS)
def bitwise_xor(x, y):
    """The bits that are set in one integer only.

    Parameters
    ----------
    x, y : Tensor, of one integer dtype
        Their shapes broadcast.

    Returns
    -------
    Tensor
        Of the dtype of `x` and `y`.

    Notes
    -----
    TF op BitwiseXor.
    """
    return x ^ y


@op("Invert", "T -> y: T", shape=shape_rules.unchanged, T=INTEGERS)
def invert(x):
    """Every bit of `x`, of any integer dtype, flipped. TF op Invert."""
    return ~x


def _shift(x, y):
    """`y` as a shift of `x` that is defined: within the width of the integer."""
    return xp.clip(y, 0, np.iinfo(x.dtype).bits - 1)


@op("LeftShift", "T, T -> z: T", shape=broadcast, T=INTEGERS)
def left_shift(x, y):
    """`x` shifted left by `y` bits.

    Parameters
    ----------
    x, y : Tensor, of one integer dtype
        Their shapes broadcast.

    Returns
    -------
    Tensor
        Of the dtype of `x` and `y`.

    Notes
    -----
    TF op LeftShift.
    """
    return x << _shift(x, y)


@op("RightShift", "T, T -> z: T", shape=broadcast, T=INTEGERS)
def right_shift(x, y):
    """`x` shifted right by `y` bits, keeping the sign.

    Parameters
    ----------
    x, y : Tensor, of one integer dtype
        Their shapes broadcast.

    Returns
    -------
    Tensor
        Of the dtype of `x` and `y`.

    Notes
    -----
    TF op RightShift.
    """
    return x >> _shift(x, y)


# ---- Python's &, |, ^ and ~ ----------------------------------------------------------------------


def and_(x: Any, y: Any, name: str | None = None) -> Any:
    """``x & y``: logical on booleans, bit by bit on integers."""
    return logical_and(x, y, name=name) if _is_bool(x) else bitwise_and(x, y)


def or_(x: Any, y: Any, name: str | None = None) -> Any:
    """``x | y``: logical on booleans, bit by bit on integers."""
    return logical_or(x, y, name=name) if _is_bool(x) else bitwise_or(x, y)


def xor_(x: Any, y: Any, name: str | None = None) -> Any:
    """``x ^ y``: logical on booleans, bit by bit on integers."""
    return logical_xor(x, y, name=name) if _is_bool(x) else bitwise_xor(x, y)


def invert_(x: Any, name: str | None = None) -> Any:
    """``~x``: logical on booleans, bit by bit on integers."""
    x = convert_to_tensor(x)
    return logical_not(x, name=name) if _is_bool(x) else invert(x, name=name)


def _is_bool(x) -> bool:
    return x.dtype.base_dtype is dtypes.bool
