"""Functions of one real or complex tensor, element by element."""

from __future__ import annotations

from typing import Any

from graphmode.framework import dtypes, shape_rules
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.dtypes import FLOATS, FLOATS_COMPLEX, NUMBERS, SIGNED_NUMBERS
from graphmode.framework.op import op, overloaded
from graphmode.framework.operation import Tensor
from graphmode.framework.sparse_tensor import SparseTensor
from graphmode.ops import xp
from graphmode.ops.math.complex_numbers import complex_abs


def _unary(op_type, family=FLOATS_COMPLEX, **options):
    return op(op_type, "T -> y: T", shape=shape_rules.unchanged, T=family, **options)


# ---- sign and size -------------------------------------------------------------------------------


@_unary("Neg", SIGNED_NUMBERS)
def _neg(x):
    return -x


@overloaded
def negative(x: Any, name: str | None = None) -> Any:
    """-`x`, of any signed dtype; of a SparseTensor, that of its values. TF op Neg."""
    return over_values(_neg, x, name)


@_unary("Abs", SIGNED_NUMBERS - {dtypes.complex64, dtypes.complex128})
def _abs(x):
    return xp.abs(x)


@overloaded
def abs(x: Any, name: str | None = None) -> Any:
    """The absolute value of `x`; of a complex one, its modulus as a float.

    Notes
    -----
    TF ops Abs, ComplexAbs.
    """
    if type(x) is Tensor:
        return (complex_abs if x.dtype.is_complex else _abs)(x, name=name or "Abs")
    if isinstance(x, SparseTensor):
        return over_values(abs, x, name)
    with name_scope(name, "Abs", [x]) as scope:
        x = convert_to_tensor(x, name="x")
        return (complex_abs if x.dtype.is_complex else _abs)(x, name=scope)


@_unary("Sign", SIGNED_NUMBERS)
def _sign(x):
    signs = xp.sign(x)
    # XLA keeps the sign of a zero.
    return xp.where(x == 0, x.dtype.type(0), signs) if xp.is_traced(x) else signs


@overloaded
def sign(x: Any, name: str | None = None) -> Any:
    """-1, 0 or 1; ``x / |x|`` of a complex `x`. TF op Sign."""
    return over_values(_sign, x, name)


def over_values(function: Any, x: Any, name: Any) -> Any:
    """`function` of a tensor, or of the values of a sparse one."""
    if isinstance(x, SparseTensor):
        return SparseTensor(x.indices, function(x.values, name=name), x.dense_shape)
    return function(x, name=name)


# ---- powers, exponentials, logarithms ------------------------------------------------------------


@_unary("Square", NUMBERS)
def _square(x):
    return x * x


@overloaded
def square(x: Any, name: str | None = None) -> Any:
    """`x` times `x`, of any numeric dtype; of a SparseTensor, its values'. TF op Square."""
    return over_values(_square, x, name)


@_unary("Sqrt")
def _sqrt(x):
    return xp.sqrt(x)


@overloaded
def sqrt(x: Any, name: str | None = None) -> Any:
    """The square root of `x`; NaN of a negative real. TF op Sqrt."""
    return over_values(_sqrt, x, name)


@_unary("Rsqrt")
def rsqrt(x):
    """1 / sqrt(`x`), of floating or complex `x`; inf at 0. TF op Rsqrt."""
    return x.dtype.type(1) / xp.sqrt(x)


@_unary("Reciprocal", SIGNED_NUMBERS)
def reciprocal(x):
    """1 / `x`; of integers cut off towards zero. TF op Reciprocal."""
    return xp.astype(x.dtype.type(1) / x, x.dtype)


@_unary("Exp")
def exp(x):
    """e to the power `x`, floating or complex, element by element. TF op Exp.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default(), tf.Session() as sess:
    ...     print(sess.run(tf.exp([0.0, 1.0])).round(4))
    [1.     2.7183]
    """
    return xp.exp(x)


@_unary("Expm1")
def expm1(x):
    """exp(`x`) - 1, of floating or complex `x`, exact for small ones too. TF op Expm1."""
    return xp.expm1(x)


@_unary("Log")
def log(x):
    """The natural logarithm of `x`: -inf at 0, NaN of a negative real. TF op Log."""
    return xp.log(x)


@_unary("Log1p")
def log1p(x):
    """log(1 + `x`), of floating or complex `x`, exact for small ones too. TF op Log1p."""
    return xp.log1p(x)


# ---- trigonometry --------------------------------------------------------------------------------


@_unary("Sin")
def sin(x):
    """The sine of `x` radians, floating or complex. TF op Sin."""
    return xp.sin(x)


@_unary("Cos")
def cos(x):
    """The cosine of `x` radians, floating or complex. TF op Cos."""
    return xp.cos(x)


@_unary("Tan")
def tan(x):
    """The tangent of `x` radians, floating or complex. TF op Tan."""
    return xp.tan(x)


@_unary("Asin")
def asin(x):
    """The angle in radians whose sine is `x`, floating or complex.

    In [-pi/2, pi/2]; NaN outside [-1, 1]. TF op Asin.
    """
    return xp.arcsin(x)


@_unary("Acos")
def acos(x):
    """The angle in radians whose cosine is `x`, floating or complex.

    In [0, pi]; NaN outside [-1, 1]. TF op Acos.
    """
    return xp.arccos(x)


@_unary("Atan")
def atan(x):
    """The angle in radians whose tangent is `x`, floating or complex.

    In (-pi/2, pi/2). TF op Atan.
    """
    return xp.arctan(x)


@_unary("Sinh")
def sinh(x):
    """The hyperbolic sine of `x`, floating or complex. TF op Sinh."""
    return xp.sinh(x)


@_unary("Cosh")
def cosh(x):
    """The hyperbolic cosine of `x`, floating or complex. TF op Cosh."""
    return xp.cosh(x)


@_unary("Tanh")
def _tanh(x):
    return xp.tanh(x)


def tanh(x: Any, name: str | None = None) -> Any:
    r"""The hyperbolic tangent of `x`, floating or complex, in (-1, 1).

    .. math:: \frac{e^x - e^{-x}}{e^x + e^{-x}}

    Of a SparseTensor, that of its values.

    Notes
    -----
    TF op Tanh.
    """
    return over_values(_tanh, x, name)


@_unary("Asinh")
def asinh(x):
    """The number whose hyperbolic sine is `x`, floating or complex. TF op Asinh."""
    return xp.arcsinh(x)


@_unary("Acosh")
def acosh(x):
    """The number >= 0 whose hyperbolic cosine is `x`, floating or complex.

    NaN below 1. TF op Acosh.
    """
    return xp.arccosh(x)


@_unary("Atanh")
def atanh(x):
    """The number whose hyperbolic tangent is `x`, floating or complex.

    Infinite at 1 and -1. TF op Atanh.
    """
    return xp.arctanh(x)


@_unary("Sigmoid")
def _sigmoid(x):
    one = x.dtype.type(1)
    return one / (one + xp.exp(-x))


def sigmoid(x: Any, name: str | None = None) -> Any:
    r"""The logistic function of `x`, floating or complex, in (0, 1).

    .. math:: \frac{1}{1 + e^{-x}}

    Notes
    -----
    TF op Sigmoid.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default(), tf.Session() as sess:
    ...     print(sess.run(tf.sigmoid([-1.0, 0.0, 1.0])).round(4))
    [0.2689 0.5    0.7311]
    """
    if type(x) is Tensor:
        return _sigmoid(x, name=name)
    with name_scope(name, "Sigmoid", [x]) as scope:
        return _sigmoid(convert_to_tensor(x, name="x"), name=scope)


# ---- rounding and classification -----------------------------------------------------------------


@_unary("Round", SIGNED_NUMBERS)
def _round(x):
    return xp.round(x) if x.dtype.kind == "c" else xp.rint(x)


@overloaded
def round(x: Any, name: str | None = None) -> Any:
    """`x` rounded to the nearest whole number, halves to the even one; integers as they are.

    Notes
    -----
    TF op Round.
    """
    x = convert_to_tensor(x, name="x")
    return x if x.dtype.is_integer else _round(x, name=name)


@_unary("Rint", FLOATS)
def rint(x):
    """`x` rounded to the nearest whole number, halves to the even one. TF op Rint."""
    return xp.rint(x)


@_unary("Floor", FLOATS)
def floor(x):
    """The largest whole number that is at most `x`. TF op Floor."""
    return xp.floor(x)


@_unary("Ceil", FLOATS)
def ceil(x):
    """The smallest whole number that is at least `x`. TF op Ceil."""
    return xp.ceil(x)


@op("IsNan", "T -> y: bool", shape=shape_rules.unchanged, T=FLOATS)
def is_nan(x):
    """Where `x`, floating, is NaN: bool. TF op IsNan."""
    return xp.isnan(x)


@op("IsInf", "T -> y: bool", shape=shape_rules.unchanged, T=FLOATS)
def is_inf(x):
    """Where `x`, floating, is infinite: bool. TF op IsInf."""
    return xp.isinf(x)


@op("IsFinite", "T -> y: bool", shape=shape_rules.unchanged, T=FLOATS)
def is_finite(x):
    """Where `x`, floating, is neither infinite nor NaN: bool. TF op IsFinite."""
    return xp.isfinite(x)


@op(
    "NextAfter",
    "T, T -> T",
    shape=shape_rules.broadcast,
    T=(dtypes.float32, dtypes.float64),
)
def nextafter(x1, x2):
    """The next number that the dtype has after `x1`, towards `x2`.

    Parameters
    ----------
    x1, x2 : Tensor, float32 or float64, of one dtype
        Their shapes broadcast.

    Returns
    -------
    Tensor
        Of the dtype of both.

    Notes
    -----
    TF op NextAfter.
    """
    return xp.nextafter(x1, x2)
