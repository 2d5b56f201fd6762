"""`tf.assert_*`: refuse tensors that are not as expected, while building where that is possible."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.errors import invalid
from graphmode.framework.inference import constant_value
from graphmode.framework.operation import Operation, Tensor
from graphmode.framework.sparse_tensor import SparseTensor
from graphmode.ops.array import shape_values
from graphmode.ops.array.constants import constant
from graphmode.ops.array.shape_values import shape
from graphmode.ops.control.checks import Assert
from graphmode.ops.control.grouping import no_op, with_dependencies
from graphmode.ops.math import comparison, elementwise
from graphmode.ops.math.comparison import equal, greater_equal, less, logical_or
from graphmode.ops.math.reduction import reduce_all

_NOT_PROPER: tuple[type[Any], ...] = (Tensor, SparseTensor, np.ndarray, bytes, str)
_KNOWN = "static_checks_determined_all_ok"

_BINARY_DOC = """Fail unless ``x {sign} y`` element by element, with broadcasting.

    Parameters
    ----------
    x, y : Tensor, numeric, of one dtype
    data : list, optional
        What the error shows instead of the first elements of `x` and `y`.
    summarize : int
        How many elements of each (3).
    message : str, optional
        Shown first.

    Returns
    -------
    Operation
        Make what depends on it wait: ``with tf.control_dependencies([...]):``.

    Raises
    ------
    InvalidArgumentError
        When it runs; at once if both values are constant.
    """

_UNARY_DOC = """Fail unless ``x {sign} 0`` element by element.

    Parameters
    ----------
    x : Tensor, real
    data : list, optional
        What the error shows instead of the first elements of `x`.
    summarize : int
        How many elements it shows (3).
    message : str, optional
        Shown first.

    Returns
    -------
    Operation
        Make what depends on it wait: ``with tf.control_dependencies([...]):``.

    Raises
    ------
    InvalidArgumentError
        When it runs; at once if the value is constant.
    """


def _prefix(message: str | None) -> str:
    return f"{message}.  " if message else ""


def _checked(
    condition: Tensor, holds_now: bool | None, data: list[Any], summarize: int | None
) -> Operation:
    """`Assert`, or its error at once if `holds_now` is False (None: not known)."""
    if holds_now is not None and not holds_now:
        shown = [_constant_text(item) for item in data]
        raise invalid("\n".join(shown))
    return Assert(condition, data, summarize=summarize)


def _constant_text(item: Any) -> str:
    if not isinstance(item, Tensor):
        return str(item)
    value = constant_value(item)
    return str(value if value is not None else item)


def _binary(
    name: str, sign: str, holds: Callable[..., Tensor], static: Callable[..., Any]
) -> Callable[..., Operation]:
    def check(
        x: Any,
        y: Any,
        data: Any = None,
        summarize: int | None = None,
        message: str | None = None,
        name: str | None = None,
    ) -> Operation:
        with name_scope(name, default_name, [x, y, data]):
            x = convert_to_tensor(x, name="x")
            y = convert_to_tensor(y, name="y")
            if data is None:
                data = [
                    f"Condition x {sign} y did not hold element-wise:",
                    f"x ({x.name}) = ", x,
                    f"y ({y.name}) = ", y,
                ]  # fmt: skip
            if message is not None:
                data = [message, *data]
            condition = reduce_all(holds(x, y))
            known_x, known_y = constant_value(x), constant_value(y)
            holds_now = None
            if known_x is not None and known_y is not None:
                holds_now = bool(np.all(static(known_x, known_y)))
            return _checked(condition, holds_now, data, summarize)

    default_name = name
    check.__name__ = check.__qualname__ = name
    check.__doc__ = _BINARY_DOC.format(sign=sign)
    return check


assert_equal = _binary("assert_equal", "==", comparison.equal, np.equal)
assert_none_equal = _binary("assert_none_equal", "!=", comparison.not_equal, np.not_equal)
assert_less = _binary("assert_less", "<", comparison.less, np.less)
assert_less_equal = _binary("assert_less_equal", "<=", comparison.less_equal, np.less_equal)
assert_greater = _binary("assert_greater", ">", comparison.greater, np.greater)
assert_greater_equal = _binary(
    "assert_greater_equal", ">=", comparison.greater_equal, np.greater_equal
)


def _unary(
    name: str, sign: str, compare: Callable[..., Operation], zero_first: bool
) -> Callable[..., Operation]:
    def check(
        x: Any,
        data: Any = None,
        summarize: int | None = None,
        message: str | None = None,
        name: str | None = None,
    ) -> Operation:
        with name_scope(name, default_name, [x, data]):
            x = convert_to_tensor(x, name="x")
            if data is None:
                data = [
                    _prefix(message),
                    f"Condition x {sign} 0 did not hold element-wise:",
                    f"x ({x.name}) = ", x,
                ]  # fmt: skip
            zero = constant(0, x.dtype.base_dtype)
            pair = (zero, x) if zero_first else (x, zero)
            return compare(*pair, data=data, summarize=summarize)

    default_name = name
    check.__name__ = check.__qualname__ = name
    check.__doc__ = _UNARY_DOC.format(sign=sign)
    return check


assert_positive = _unary("assert_positive", ">", assert_less, zero_first=True)
assert_negative = _unary("assert_negative", "<", assert_less, zero_first=False)
assert_non_negative = _unary("assert_non_negative", ">=", assert_less_equal, zero_first=True)
assert_non_positive = _unary("assert_non_positive", "<=", assert_less_equal, zero_first=False)


def assert_near(
    x: Any,
    y: Any,
    rtol: Any = None,
    atol: Any = None,
    data: Any = None,
    summarize: int | None = None,
    message: str | None = None,
    name: str | None = None,
) -> Operation:
    """Fail unless ``abs(x - y) < atol + rtol * abs(y)`` element by element.

    Parameters
    ----------
    x, y : Tensor, floating or complex, of one dtype
        Their shapes broadcast.
    rtol, atol : float or Tensor, optional
        Ten times the precision of the dtype; of that dtype.
    data : list, optional
        What the error shows instead.
    summarize : int
        How many elements of each tensor it shows (3).
    message : str, optional
        Shown first.

    Returns
    -------
    Operation
        Make what depends on it wait: ``with tf.control_dependencies([...]):``.

    Raises
    ------
    InvalidArgumentError
        When it runs.
    """
    with name_scope(name, "assert_near", [x, y, rtol, atol, data]):
        x = convert_to_tensor(x, name="x")
        dtype = x.dtype.base_dtype
        y = convert_to_tensor(y, name="y", dtype=dtype)
        real = dtype.real_dtype if dtype.is_complex else dtype
        default = 10 * _precision(real)
        rtol = convert_to_tensor(default if rtol is None else rtol, dtype=real, name="rtol")
        atol = convert_to_tensor(default if atol is None else atol, dtype=real, name="atol")
        if data is None:
            data = [
                _prefix(message),
                f"x and y not equal to tolerance rtol = {rtol}, atol = {atol}",
                f"x ({x.name}) = ", x,
                f"y ({y.name}) = ", y,
            ]  # fmt: skip
        allowed = atol + rtol * elementwise.abs(y)
        condition = reduce_all(less(elementwise.abs(x - y), allowed))
        return Assert(condition, data, summarize=summarize)


def _precision(dtype: dtypes.DType) -> float:
    if dtype is dtypes.bfloat16:
        return 2.0**-7
    return float(np.finfo(dtype.numpy_dtype).eps)


# ---- ranks ---------------------------------------------------------------------------------------


def _tensor_and_name(x: Any) -> tuple[Any, str]:
    if isinstance(x, SparseTensor):
        return x, ""
    tensor = convert_to_tensor(x, name="x")
    return tensor, tensor.name


def _rank(
    x: Any,
    rank: Any,
    data: Any,
    summarize: int | None,
    message: str | None,
    name: str | None,
    default_name: str,
    words: str,
    static: Callable[[int, int], bool],
    dynamic: Callable[..., Tensor],
) -> Operation:
    with name_scope(name, default_name, [x, rank, *(data or [])]):
        x, x_name = _tensor_and_name(x)
        rank = convert_to_tensor(rank, name="rank")
        _require_int32(rank)
        wanted = constant_value(rank)
        if wanted is not None and wanted.ndim != 0:
            raise ValueError("Rank must be a scalar.")
        ndims = x.shape.ndims
        if wanted is not None and ndims is not None:
            if not static(ndims, int(wanted)):
                raise ValueError(
                    f"{_prefix(message)}Tensor {x_name} must have {words} {wanted}.  Received rank "
                    f"{ndims}, shape {x.shape}"
                )
            return no_op(name=_KNOWN)
        if data is None:
            data = [
                _prefix(message),
                f"Tensor {x_name} must have {words}", rank,
                "Received shape: ", shape(x),
            ]  # fmt: skip
        condition = dynamic(shape_values.rank(x), rank)
        if wanted is None:
            what = ["Rank must be a scalar. Received rank: ", rank]
            condition = with_dependencies([assert_rank(rank, 0, data=what)], condition)
        return Assert(condition, data, summarize=summarize)


def _require_int32(rank: Tensor) -> None:
    if rank.dtype.base_dtype is not dtypes.int32:
        raise TypeError(f"{rank.name} must be of type tf.int32; got tf.{rank.dtype.name}")


def assert_rank(
    x: Any,
    rank: Any,
    data: Any = None,
    summarize: int | None = None,
    message: str | None = None,
    name: str | None = None,
) -> Operation:
    """Fail unless `x` has `rank` axes.

    Parameters
    ----------
    x : Tensor, of any dtype
    rank : int or Tensor, int32 scalar
    data : list, optional
        What the error shows instead.
    summarize : int
        How many elements of each tensor it shows (3).
    message : str, optional
        Shown first.

    Returns
    -------
    Operation
        Make what depends on it wait: ``with tf.control_dependencies([...]):``.

    Raises
    ------
    ValueError
        At once, if both ranks are known and differ.
    InvalidArgumentError
        When it runs, otherwise.
    """
    return _rank(
        x, rank, data, summarize, message, name, "assert_rank", "rank",
        lambda actual, wanted: actual == wanted, equal,
    )  # fmt: skip


def assert_rank_at_least(
    x: Any,
    rank: Any,
    data: Any = None,
    summarize: int | None = None,
    message: str | None = None,
    name: str | None = None,
) -> Operation:
    """Fail unless `x` has at least `rank` axes.

    Parameters
    ----------
    x : Tensor, of any dtype
    rank : int or Tensor, int32 scalar
    data : list, optional
        What the error shows instead.
    summarize : int
        How many elements of each tensor it shows (3).
    message : str, optional
        Shown first.

    Returns
    -------
    Operation
        Make what depends on it wait: ``with tf.control_dependencies([...]):``.

    Raises
    ------
    ValueError
        At once, if both ranks are known and it has fewer.
    InvalidArgumentError
        When it runs, otherwise.
    """
    return _rank(
        x, rank, data, summarize, message, name, "assert_rank_at_least", "rank at least",
        lambda actual, wanted: actual >= wanted, greater_equal,
    )  # fmt: skip


def assert_rank_in(
    x: Any,
    ranks: Any,
    data: Any = None,
    summarize: int | None = None,
    message: str | None = None,
    name: str | None = None,
) -> Operation:
    """Fail unless the rank of `x` is one of several.

    Parameters
    ----------
    x : Tensor, of any dtype
    ranks : list of int or Tensor, int32 scalar
    data : list, optional
        What the error shows instead.
    summarize : int
        How many elements of each tensor it shows (3).
    message : str, optional
        Shown first.

    Returns
    -------
    Operation
        Make what depends on it wait: ``with tf.control_dependencies([...]):``.

    Raises
    ------
    ValueError
        At once, if all ranks are known and its own is another.
    InvalidArgumentError
        When it runs, otherwise.
    """
    with name_scope(name, "assert_rank_in", [x, *ranks, *(data or [])]):
        x, x_name = _tensor_and_name(x)
        tensors = [convert_to_tensor(rank, name="rank") for rank in ranks]
        for tensor in tensors:
            _require_int32(tensor)
        known = [constant_value(tensor) for tensor in tensors]
        ndims = x.shape.ndims
        if ndims is not None and all(value is not None for value in known):
            wanted = [int(value) for value in known]  # type: ignore[arg-type]
            if ndims not in wanted:
                raise ValueError(
                    f"{_prefix(message)}Tensor {x_name} must have rank in {tuple(wanted)}.  "
                    f"Received rank {ndims}, shape {x.shape}"
                )
            return no_op(name=_KNOWN)
        if data is None:
            data = [
                _prefix(message),
                f"Tensor {x_name} must have rank in", *tensors,
                "Received shape: ", shape(x),
            ]  # fmt: skip
        rank = shape_values.rank(x)
        condition = equal(tensors[0], rank)
        for tensor in tensors[1:]:
            condition = logical_or(condition, equal(tensor, rank))
        return Assert(condition, data, summarize=summarize)


# ---- types ---------------------------------------------------------------------------------------


def assert_type(
    tensor: Any, tf_type: Any, message: str | None = None, name: str | None = None
) -> Operation:
    """Refuse a tensor of another dtype.

    Parameters
    ----------
    tensor : Tensor or SparseTensor, of any dtype
    tf_type : DType
    message : str, optional
        Shown first.

    Returns
    -------
    Operation
        Does nothing: the dtype is known at once.

    Raises
    ------
    TypeError
        If the dtype is another.
    """
    wanted = dtypes.as_dtype(tf_type)
    with name_scope(name, "assert_type", [tensor]):
        if not isinstance(tensor, SparseTensor):
            tensor = convert_to_tensor(tensor, name="tensor")
        if tensor.dtype != wanted:
            raise TypeError(
                f"{_prefix(message)}{getattr(tensor, 'name', 'tensor')} must be of type "
                f"{wanted!r}; got {tensor.dtype!r}"
            )
        return no_op(name="statically_determined_correct_type")


def assert_integer(x: Any, message: str | None = None, name: str | None = None) -> Operation:
    """Refuse a tensor that does not hold integers.

    Parameters
    ----------
    x : Tensor, of any dtype
    message : str, optional
        Shown first.

    Returns
    -------
    Operation
        Does nothing: the dtype is known at once.

    Raises
    ------
    TypeError
        If `x` is of another dtype.
    """
    with name_scope(name, "assert_integer", [x]):
        x = convert_to_tensor(x, name="x")
        if not x.dtype.is_integer:
            raise TypeError(
                f'{_prefix(message)}Expected "x" to be integer type.  Found: {x.dtype!r} for '
                f"{x.name}"
            )
        return no_op(name="statically_determined_was_integer")


def assert_scalar(tensor: Any, name: str | None = None, message: str | None = None) -> Tensor:
    """Refuse a tensor that is no scalar.

    Parameters
    ----------
    tensor : Tensor, of any dtype
    message : str, optional
        Shown first.

    Returns
    -------
    Tensor
        `tensor` itself.

    Raises
    ------
    ValueError
        If it is not known to be a scalar.
    """
    with name_scope(name, "assert_scalar", [tensor]) as scope:
        tensor = convert_to_tensor(tensor, name=scope)
        if tensor.shape.ndims != 0:
            raise ValueError(
                f"{_prefix(message)}Expected scalar shape for {tensor.name}, saw shape: "
                f"{tensor.shape}."
            )
        return tensor


def assert_proper_iterable(values: Any) -> None:
    """Refuse what does not iterate, and tensors, text and arrays.

    Parameters
    ----------
    values : object

    Raises
    ------
    TypeError
        If `values` is none.
    """
    if isinstance(values, _NOT_PROPER):
        raise TypeError(
            f"Expected argument 'values' to be a 'proper' iterable.  Found: {type(values)}"
        )
    if not hasattr(values, "__iter__"):
        raise TypeError(f"Expected argument 'values' to be iterable.  Found: {type(values)}")
