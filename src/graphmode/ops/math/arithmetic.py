"""Elementwise arithmetic of two or more tensors, with NumPy's broadcasting."""

from __future__ import annotations

import numpy as np

from graphmode.framework import dtypes, shape_rules
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.dtypes import FLOATS, FLOATS_COMPLEX, INDEX, NUMBERS, REALS, SIGNED_NUMBERS
from graphmode.framework.errors import invalid
from graphmode.framework.indexed_slices import IndexedSlices
from graphmode.framework.op import op
from graphmode.framework.operation import Tensor
from graphmode.ops import xp
from graphmode.ops.math.casts import cast

broadcast = shape_rules.broadcast


# ---- sum, difference, product --------------------------------------------------------------------


@op("AddV2", "T, T -> T", name="Add", shape=broadcast, T=NUMBERS, cheap=True)
def _add(x, y):
    return x + y


@op("Add", "T, T -> T", shape=broadcast, T=NUMBERS | {dtypes.string})
def _add_strings(x, y):
    """Strings are joined. TensorFlow wrote numbers with this type too, before AddV2."""
    total = x + y
    return total if hasattr(total, "dtype") else np.asarray(total, object)


def add(x, y, name=None):
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


@op("Sub", "T, T -> T", shape=broadcast, T=NUMBERS, cheap=True)
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


@op("Mul", "T, T -> T", shape=broadcast, T=NUMBERS, cheap=True)
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


@op("MulNoNan", "T, T -> T", name="multiply_no_nan", shape=broadcast, T=FLOATS_COMPLEX)
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


@op("SquaredDifference", "T, T -> T", shape=broadcast, T=FLOATS_COMPLEX | INDEX)
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


def scalar_mul(scalar, x, name=None):
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


@op("AddN", "T*N -> T", shape=shape_rules.same, T=NUMBERS)
def _add_n(inputs):
    total = inputs[0]
    for value in inputs[1:]:
        total = total + value
    return total


def add_n(inputs, name=None):
    """The elementwise sum of tensors of one shape and dtype.

    Parameters
    ----------
    inputs : list of Tensor or IndexedSlices, numeric
        At least one. A single one is returned as it is.

    Returns
    -------
    Tensor
        Of their shape and dtype.

    Raises
    ------
    ValueError
        If `inputs` is empty or no list, or the shapes differ.

    Notes
    -----
    TF op AddN.
    """
    if not isinstance(inputs, list | tuple) or not inputs:
        raise ValueError(
            "inputs must be an iterable of at least one Tensor/IndexedSlices with the same dtype "
            "and shape"
        )
    tensors = [v if type(v) is Tensor else convert_to_tensor(v) for v in inputs]
    if len(tensors) > 1:
        return _add_n(tensors, name=name)
    if name:
        from graphmode.ops.array import identity

        return identity(tensors[0], name=name)
    return tensors[0]


def accumulate_n(inputs, shape=None, tensor_dtype=None, name=None):
    """The elementwise sum of tensors of one shape and dtype.

    Parameters
    ----------
    inputs : list of Tensor, numeric
    shape : sequence of int, optional
        The shape of each, where it is not known.
    tensor_dtype : dtype, optional
        Must be the dtype of the inputs.

    Returns
    -------
    Tensor
        Of their shape and dtype.

    Raises
    ------
    ValueError
        If `inputs` is empty, or a shape does not fit.
    TypeError
        If the dtype of `inputs` is another one.

    Notes
    -----
    TF op AddN.
    """
    if not isinstance(inputs, list | tuple) or not inputs:
        raise ValueError(
            "inputs must be a list of at least one Tensor with the same dtype and shape"
        )
    tensors = [convert_to_tensor(v) for v in inputs]
    dtype = tensors[0].dtype.base_dtype
    if any(t.dtype.base_dtype is not dtype for t in tensors):
        raise ValueError(
            "inputs must be a list of at least one Tensor with the same dtype and shape"
        )
    if tensor_dtype is not None and dtypes.as_dtype(tensor_dtype) is not dtype:
        raise TypeError(f"tensor_dtype is {tensor_dtype}, but input is of type {dtype}")
    if shape is not None:
        for tensor in tensors:
            tensor.set_shape(shape)
    return add_n(tensors, name=name)


# ---- division ------------------------------------------------------------------------------------


def _of_integers(operation) -> bool:
    return operation.inputs[1].dtype.is_integer


def _no_zero(x, y):
    return xp.all(y != 0)


def _refuse_zero(y) -> None:
    if y.dtype.kind in "iu" and not xp.is_traced(y) and not y.all():
        raise invalid("Integer division by zero")


@op("RealDiv", "T, T -> T", shape=broadcast, T=FLOATS_COMPLEX)
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


@op("DivNoNan", "T, T -> T", shape=broadcast, T=FLOATS_COMPLEX)
def _div_no_nan(x, y):
    return xp.where(y == 0, y.dtype.type(0), x / y)


@op("FloorDiv", "T, T -> T", shape=broadcast, check=_no_zero, checked=_of_integers, T=REALS)
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
    _refuse_zero(y)
    return x // y if y.dtype.kind in "iu" else xp.floor(x / y)


@op("FloorMod", "T, T -> T", shape=broadcast, check=_no_zero, checked=_of_integers, T=REALS)
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
    _refuse_zero(y)
    return xp.mod(x, y)


@op("TruncateDiv", "T, T -> T", shape=broadcast, check=_no_zero, checked=_of_integers, T=REALS)
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
    _refuse_zero(y)
    if y.dtype.kind in "iu":
        return (x - xp.fmod(x, y)) // y
    return xp.trunc(x / y)


@op(
    "TruncateMod",
    "T, T -> T",
    shape=broadcast,
    check=_no_zero,
    checked=_of_integers,
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
    _refuse_zero(y)
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


def truediv(x, y, name=None):
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
    return (x, y) if quotient is None else (cast(x, quotient), cast(y, quotient))


def div_no_nan(x, y, name=None):
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


def div(x, y, name=None):
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


def divide(x, y, name=None):
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


def floordiv(x, y, name=None):
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


# ---- powers, extremes, and forms with a value at 0 -----------------------------------------------


def _no_negative_integer(x, y):
    return xp.all(y >= 0)


@op(
    "Pow",
    "T, T -> T",
    shape=broadcast,
    check=_no_negative_integer,
    checked=_of_integers,
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
    return xp.power(x, y)


@op("Maximum", "T, T -> T", shape=broadcast, T=REALS)
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


@op("Minimum", "T, T -> T", shape=broadcast, T=REALS)
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


@op("Atan2", "T, T -> T", shape=broadcast, T=FLOATS)
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


@op("Xdivy", "T, T -> T", shape=broadcast, T=FLOATS_COMPLEX)
def _xdivy(x, y):
    return xp.where(x == 0, x.dtype.type(0), x / y)


def xdivy(x, y, name=None):
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


@op("Xlogy", "T, T -> T", shape=broadcast, T=FLOATS_COMPLEX)
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


@op("Xlog1py", "T, T -> T", shape=broadcast, T=FLOATS_COMPLEX)
def _xlog1py(x, y):
    return xp.where(x == 0, x.dtype.type(0), x * xp.log1p(y))


def xlog1py(x, y, name=None):
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
