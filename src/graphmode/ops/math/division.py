"""Quotients and remainders, element by element, with broadcasting."""

from __future__ import annotations

from typing import Any

from graphmode._addresses.late import late
from graphmode.framework import dtypes, shape_rules
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.dtypes import FLOATS, FLOATS_COMPLEX, INDEX, REALS
from graphmode.framework.errors import invalid
from graphmode.framework.op import op, overloaded
from graphmode.framework.operation import Tensor
from graphmode.ops import xp

_cast = late("graphmode.ops.math.casts", "cast")

broadcast = shape_rules.broadcast


def of_integers(operation) -> bool:
    """Whether an operation divides integers, of which 0 is refused."""
    return operation.inputs[1].dtype.is_integer


def _no_zero(x, y):
    return x.size == 0 or xp.all(y != 0)


def _refuse_zero(x, y) -> None:
    if y.dtype.kind in "iu" and x.size and not xp.is_traced(y) and not y.all():
        raise invalid("Integer division by zero")


@op("RealDiv", "T, T -> z: T", shape=broadcast, T=FLOATS_COMPLEX)
def realdiv(x, y):
    """`x` / `y`, element by element.

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
    TF op RealDiv.
    """
    return x / y


@op("DivNoNan", "T, T -> z: T", shape=broadcast, T=FLOATS_COMPLEX)
def _div_no_nan(x, y):
    return xp.where(y == 0, y.dtype.type(0), x / y)


@op("FloorDiv", "T, T -> z: T", shape=broadcast, check=_no_zero, checked=of_integers, T=REALS)
def floor_div(x, y):
    """The largest whole number that is at most `x` / `y`.

    Parameters
    ----------
    x, y : Tensor, real, of one dtype
        Their shapes broadcast.

    Returns
    -------
    Tensor
        Of the dtype of `x` and `y`.

    Raises
    ------
    InvalidArgumentError
        Where an integer `y` is 0, when it runs.

    Notes
    -----
    TF op FloorDiv.
    """
    _refuse_zero(x, y)
    return x // y if y.dtype.kind in "iu" else xp.floor(x / y)


@op("FloorMod", "T, T -> z: T", shape=broadcast, check=_no_zero, checked=of_integers, T=REALS)
def floormod(x, y):
    r"""The remainder of `x` / `y` that has the sign of `y`.

    .. math:: x - \lfloor x / y \rfloor\, y

    Parameters
    ----------
    x, y : Tensor, real, of one dtype
        Their shapes broadcast.

    Returns
    -------
    Tensor
        Of the dtype of `x` and `y`.

    Raises
    ------
    InvalidArgumentError
        Where an integer `y` is 0, when it runs.

    Notes
    -----
    TF op FloorMod.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default(), tf.Session() as sess:
    ...     print(sess.run(tf.mod([7, -7], 3)))
    [1 2]
    """
    _refuse_zero(x, y)
    return xp.mod(x, y)


@op("TruncateDiv", "T, T -> z: T", shape=broadcast, check=_no_zero, checked=of_integers, T=REALS)
def truncatediv(x, y):
    """`x` / `y` cut off towards zero, as C divides integers.

    Parameters
    ----------
    x, y : Tensor, real, of one dtype
        Their shapes broadcast.

    Returns
    -------
    Tensor
        Of the dtype of `x` and `y`.

    Raises
    ------
    InvalidArgumentError
        Where an integer `y` is 0, when it runs.

    Notes
    -----
    TF op TruncateDiv.
    """
    _refuse_zero(x, y)
    if y.dtype.kind in "iu":
        return (x - xp.fmod(x, y)) // y
    return xp.trunc(x / y)


@op(
    "TruncateMod",
    "T, T -> z: T",
    shape=broadcast,
    check=_no_zero,
    checked=of_integers,
    T=FLOATS | INDEX,
)
def truncatemod(x, y):
    """The remainder of truncating division, with the sign of `x`.

    Parameters
    ----------
    x, y : Tensor, floating, int32 or int64, of one dtype
        Their shapes broadcast.

    Returns
    -------
    Tensor
        Of the dtype of `x` and `y`.

    Raises
    ------
    InvalidArgumentError
        Where an integer `y` is 0, when it runs.

    Notes
    -----
    TF op TruncateMod.
    """
    _refuse_zero(x, y)
    return xp.fmod(x, y)


_QUOTIENT_DTYPES = {
    dtypes.uint8: dtypes.float32,
    dtypes.int8: dtypes.float32,
    dtypes.uint16: dtypes.float32,
    dtypes.int16: dtypes.float32,
    dtypes.int32: dtypes.float64,
    dtypes.int64: dtypes.float64,
    dtypes.uint32: dtypes.float64,
    dtypes.uint64: dtypes.float64,
}


@overloaded
def truediv(x: Any, y: Any, name: str | None = None) -> Tensor:
    """`x` / `y` as Python 3 divides: of integers, a floating result.

    Parameters
    ----------
    x, y : Tensor
        Numbers of one dtype. Integers of 8 and 16 bits become float32, wider ones float64.

    Returns
    -------
    Tensor, floating or complex

    Raises
    ------
    TypeError
        If the dtypes differ.

    Notes
    -----
    TF op RealDiv.
    """
    with name_scope(name, "truediv", [x, y]) as scope:
        return realdiv(*_operands(x, y), name=scope)


def _operands(x, y):
    """`x` and `y` as tensors of one dtype that has fractions."""
    x = convert_to_tensor(x, name="x")
    y = convert_to_tensor(y, dtype_hint=x.dtype.base_dtype, name="y")
    x_dtype, y_dtype = x.dtype.base_dtype, y.dtype.base_dtype
    if x_dtype is not y_dtype:
        raise TypeError(f"`x` and `y` must have the same dtype, got {x_dtype!r} != {y_dtype!r}.")
    quotient = _QUOTIENT_DTYPES.get(x_dtype)
    return (x, y) if quotient is None else (_cast(x, quotient), _cast(y, quotient))


@overloaded
def div_no_nan(x: Any, y: Any, name: str | None = None) -> Tensor:
    """`x` / `y`, and 0 where `y` is 0; of integers, a floating result as of `truediv`.

    Parameters
    ----------
    x, y : Tensor, numeric, of one dtype
        Their shapes broadcast.

    Returns
    -------
    Tensor, floating or complex

    Raises
    ------
    TypeError
        If the dtypes differ.

    Notes
    -----
    TF op DivNoNan.
    """
    with name_scope(name, "div_no_nan", [x, y]) as scope:
        return _div_no_nan(*_operands(x, y), name=scope)


def div(x: Any, y: Any, name: str | None = None) -> Tensor:
    """`x` / `y` as Python 2 divides: of integers, the floor.

    Parameters
    ----------
    x, y : Tensor, numeric, of one dtype
        Their shapes broadcast.

    Returns
    -------
    Tensor
        Of the dtype of `x` and `y`.

    Raises
    ------
    TypeError
        If the dtypes differ.

    Notes
    -----
    TF op RealDiv, or FloorDiv of integers.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default(), tf.Session() as sess:
    ...     print(*sess.run([tf.div(-7, 2), tf.div(-7.0, 2.0)]))
    -4 -3.5
    """
    with name_scope(name, "div", [x, y]) as scope:
        x = convert_to_tensor(x, name="x")
        y = convert_to_tensor(y, dtype=x.dtype.base_dtype, name="y")
        is_real = x.dtype.is_floating or x.dtype.is_complex
        return (realdiv if is_real else floor_div)(x, y, name=scope)


@overloaded
def divide(x: Any, y: Any, name: str | None = None) -> Tensor:
    """`x` / `y` as Python 3 divides: of integers, a floating result.

    `truediv` under the name of `/`.

    Parameters
    ----------
    x, y : Tensor, numeric, of one dtype
        Their shapes broadcast.

    Returns
    -------
    Tensor, floating or complex

    Notes
    -----
    TF op RealDiv.
    """
    if name is not None:
        return truediv(x, y, name=name)
    if not isinstance(x, Tensor):
        known = y.dtype.base_dtype if isinstance(y, Tensor) else None
        x = convert_to_tensor(x, dtype=known)
    return truediv(x, y)


@overloaded
def floordiv(x: Any, y: Any, name: str | None = None) -> Tensor:
    """The largest whole number that is at most `x` / `y`.

    Parameters
    ----------
    x, y : Tensor, real, of one dtype
        Their shapes broadcast.

    Returns
    -------
    Tensor
        Of the dtype of `x` and `y`.

    Raises
    ------
    InvalidArgumentError
        Where an integer `y` is 0, when it runs.

    Notes
    -----
    TF op FloorDiv.
    """
    with name_scope(name, "floordiv", [x, y]) as scope:
        return floor_div(x, y, name=scope)


def reciprocal_no_nan(x: Any, name: str | None = None) -> Tensor:
    """1 / `x` of a floating or complex `x`; 0 where it is 0. TF op DivNoNan."""
    with name_scope(name, "reciprocal_no_nan", [x]) as scope:
        x = convert_to_tensor(x, name="x")
        one = convert_to_tensor(1, dtype=x.dtype.base_dtype, name="one")
        return div_no_nan(one, x, name=scope)
