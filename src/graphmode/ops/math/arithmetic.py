"""Sums, products, powers and extremes, element by element, with NumPy's broadcasting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode._addresses.late import late
from graphmode.framework import dtypes, shape_rules
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.dtypes import FLOATS, FLOATS_COMPLEX, INDEX, NUMBERS, REALS, SIGNED_NUMBERS
from graphmode.framework.errors import invalid
from graphmode.framework.indexed_slices import IndexedSlices
from graphmode.framework.op import op
from graphmode.ops import xp
from graphmode.ops.math.division import of_integers

if TYPE_CHECKING:
    from graphmode.framework.operation import Tensor

_zeros_like = late("graphmode.ops.array.filling", "zeros_like")

broadcast = shape_rules.broadcast


# ---- sum, difference, product --------------------------------------------------------------------


@op("AddV2", "T, T -> z: T", name="Add", shape=broadcast, T=NUMBERS, cheap=True)
def _add(x, y):
    return x + y


@op("Add", "T, T -> z: T", shape=broadcast, T=NUMBERS | {dtypes.string})
def _add_strings(x, y):
    """Strings are joined. TensorFlow wrote numbers with this type too, before AddV2."""
    total = x + y
    return total if hasattr(total, "dtype") else np.asarray(total, object)


def add(x: Any, y: Any, name: str | None = None) -> Tensor:
    """`x` + `y`, element by element, with broadcasting; strings are joined.

    Parameters
    ----------
    x, y : Tensor
        Numbers or strings of one dtype.

    Returns
    -------
    Tensor

    Raises
    ------
    TypeError
        If the dtypes differ.
    ValueError
        If the shapes cannot be broadcast.

    Notes
    -----
    TF op AddV2; Add of strings.
    """
    if _is_string(x) or _is_string(y):
        return _add_strings(x, y, name=name)
    return _add(x, y, name=name)


def _is_string(x) -> bool:
    return isinstance(x, str | bytes) or getattr(x, "dtype", None) == dtypes.string


@op("Sub", "T, T -> z: T", shape=broadcast, T=NUMBERS, cheap=True)
def subtract(x, y):
    """`x` - `y`, element by element.

    Parameters
    ----------
    x, y : Tensor, numeric, of one dtype
        Their shapes broadcast.

    Returns
    -------
    Tensor
        Of the dtype of `x` and `y`.

    Notes
    -----
    TF op Sub.
    """
    return x - y


@op("Mul", "T, T -> z: T", shape=broadcast, T=NUMBERS, cheap=True)
def multiply(x, y):
    """`x` times `y`, element by element.

    Parameters
    ----------
    x, y : Tensor, numeric, of one dtype
        Their shapes broadcast.

    Returns
    -------
    Tensor
        Of the dtype of `x` and `y`.

    Notes
    -----
    TF op Mul.
    """
    return x * y


@op("MulNoNan", "T, T -> z: T", name="multiply_no_nan", shape=broadcast, T=FLOATS_COMPLEX)
def multiply_no_nan(x, y):
    """`x` times `y`, and 0 where `y` is 0 even if `x` is infinite or NaN.

    Parameters
    ----------
    x, y : Tensor, floating or complex, of one dtype
        Their shapes broadcast.

    Returns
    -------
    Tensor
        Of the dtype of `x` and `y`.

    Notes
    -----
    TF op MulNoNan.
    """
    return xp.where(y == 0, y.dtype.type(0), x * y)


@op("SquaredDifference", "T, T -> z: T", shape=broadcast, T=FLOATS_COMPLEX | INDEX)
def squared_difference(x, y):
    r"""The square of `x` - `y`, element by element; of complex numbers, times the conjugate.

    .. math:: (x - y)\,\overline{(x - y)}

    Parameters
    ----------
    x, y : Tensor, floating, complex, int32 or int64, of one dtype
        Their shapes broadcast.

    Returns
    -------
    Tensor
        Of the dtype of `x` and `y`.

    Notes
    -----
    TF op SquaredDifference.
    """
    difference = x - y
    return difference * (difference.conj() if difference.dtype.kind == "c" else difference)


def scalar_mul(scalar: Any, x: Any, name: str | None = None) -> Any:
    """`x` times a scalar.

    Parameters
    ----------
    scalar : Tensor or number
        Of shape [], converted to the dtype of `x`.
    x : Tensor or IndexedSlices, numeric

    Returns
    -------
    as `x`

    Raises
    ------
    ValueError
        If `scalar` is no scalar.
    """
    if not isinstance(x, IndexedSlices):
        x = convert_to_tensor(x)
    scalar = convert_to_tensor(scalar, dtype=x.dtype.base_dtype, name="scalar")
    if scalar.dims != ():
        raise ValueError(f"Only scalar multiply works, got shape {scalar.shape}")
    if isinstance(x, IndexedSlices):
        return IndexedSlices(multiply(scalar, x.values, name=name), x.indices, x.dense_shape)
    return multiply(scalar, x, name=name)


# ---- powers, extremes, and forms with a value at 0 -----------------------------------------------


def _no_negative_integer(x, y):
    return xp.all(y >= 0)


@op(
    "Pow",
    "T, T -> z: T",
    shape=broadcast,
    check=_no_negative_integer,
    checked=of_integers,
    T=SIGNED_NUMBERS,
)
def pow(x, y):
    """`x` to the power `y`, element by element; 1 where `y` is 0.

    Parameters
    ----------
    x, y : Tensor, of one floating, complex or signed integer dtype
        Their shapes broadcast.

    Returns
    -------
    Tensor
        Of the dtype of `x` and `y`.

    Raises
    ------
    InvalidArgumentError
        Where an integer `y` is negative, when it runs.

    Notes
    -----
    TF op Pow.
    """
    if y.dtype.kind == "i" and not xp.is_traced(y) and (y < 0).any():
        raise invalid("Integers to negative integer powers are not allowed")
    if y.size == 1 and y.dtype.kind == "f" and not xp.is_traced(x, y) and y.item() == 0.5:
        # NumPy takes the square root, which is not the same of -inf and -0.
        return np.where(np.isneginf(x), x.dtype.type(np.inf), np.power(x + y.dtype.type(0), y))
    return xp.power(x, y)


@op("Maximum", "T, T -> z: T", shape=broadcast, T=REALS)
def maximum(x, y):
    """The larger of `x` and `y`, element by element; NaN where one is NaN.

    Parameters
    ----------
    x, y : Tensor, real, of one dtype
        Their shapes broadcast.

    Returns
    -------
    Tensor
        Of the dtype of `x` and `y`.

    Notes
    -----
    TF op Maximum.
    """
    return xp.maximum(x, y)


@op("Minimum", "T, T -> z: T", shape=broadcast, T=REALS)
def minimum(x, y):
    """The smaller of `x` and `y`, element by element; NaN where one is NaN.

    Parameters
    ----------
    x, y : Tensor, real, of one dtype
        Their shapes broadcast.

    Returns
    -------
    Tensor
        Of the dtype of `x` and `y`.

    Notes
    -----
    TF op Minimum.
    """
    return xp.minimum(x, y)


@op("Atan2", "T, T -> z: T", shape=broadcast, T=FLOATS)
def atan2(y, x):
    """The angle of the point (`x`, `y`) in radians, in (-pi, pi].

    Parameters
    ----------
    y, x : Tensor, floating, of one dtype
        Their shapes broadcast.

    Returns
    -------
    Tensor
        Of the dtype of `x` and `y`.

    Notes
    -----
    TF op Atan2.
    """
    return xp.arctan2(y, x)


@op("Xdivy", "T, T -> z: T", shape=broadcast, T=FLOATS_COMPLEX)
def _xdivy(x, y):
    return xp.where(x == 0, x.dtype.type(0), x / y)


def xdivy(x: Any, y: Any, name: str | None = None) -> Tensor:
    """`x` / `y`, and 0 where `x` is 0.

    Parameters
    ----------
    x, y : Tensor, floating or complex, of one dtype
        Their shapes broadcast.

    Returns
    -------
    Tensor
        Of the dtype of `x` and `y`.

    Notes
    -----
    TF op Xdivy.
    """
    with name_scope(name, "xdivy", [x]):
        return _xdivy(x, y)


@op("Xlogy", "T, T -> z: T", shape=broadcast, T=FLOATS_COMPLEX)
def xlogy(x, y):
    """`x` times log `y`, and 0 where `x` is 0.

    Parameters
    ----------
    x, y : Tensor, floating or complex, of one dtype
        Their shapes broadcast.

    Returns
    -------
    Tensor
        Of the dtype of `x` and `y`.

    Notes
    -----
    TF op Xlogy.
    """
    return xp.where(x == 0, x.dtype.type(0), x * xp.log(y))


@op("Xlog1py", "T, T -> z: T", shape=broadcast, T=FLOATS_COMPLEX)
def _xlog1py(x, y):
    return xp.where(x == 0, x.dtype.type(0), x * xp.log1p(y))


def xlog1py(x: Any, y: Any, name: str | None = None) -> Tensor:
    """`x` times log(1 + `y`), and 0 where `x` is 0.

    Parameters
    ----------
    x, y : Tensor, floating or complex, of one dtype
        Their shapes broadcast.

    Returns
    -------
    Tensor
        Of the dtype of `x` and `y`.

    Notes
    -----
    TF op Xlog1py.
    """
    with name_scope(name, "xlog1py", [x]):
        return _xlog1py(x, y)


def polyval(coeffs: list[Any], x: Any, name: str | None = None) -> Tensor:
    r"""A polynomial at `x`.

    .. math:: c_0 x^{n-1} + c_1 x^{n-2} + \dots + c_{n-1}

    Parameters
    ----------
    coeffs : list of Tensor
        Of the dtype of `x`, the highest power first; they broadcast with it.
    x : Tensor, numeric

    Returns
    -------
    Tensor
        Of the dtype of `x`, 0 if there are no coefficients.

    Raises
    ------
    ValueError
        If `coeffs` is no list.
    """
    if not isinstance(coeffs, list):
        raise ValueError(f"Argument coeffs must be list type found {type(coeffs)}.")
    with name_scope(name, "polyval", [*coeffs, x]):
        x = convert_to_tensor(x, name="x")
        if not coeffs:
            return _zeros_like(x, name="zeros")
        total, *rest = [convert_to_tensor(c, name=f"coeff_{i}") for i, c in enumerate(coeffs)]
        for c in rest:
            total = c + total * x
        return total
