"""Whether values rise: `tf.is_non_decreasing`, `tf.is_strictly_increasing`."""

from __future__ import annotations

from typing import Any

from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.operation import Tensor
from graphmode.ops.array.constants import constant
from graphmode.ops.array.shaping import reshape
from graphmode.ops.math import comparison
from graphmode.ops.math.reduction import reduce_all


def is_numeric_tensor(tensor: Any) -> bool:
    """Whether `tensor` is a Tensor of numbers (any float, integer or complex dtype)."""
    return isinstance(tensor, Tensor) and tensor.dtype.base_dtype in dtypes.NUMBERS


def _steps(x: Any) -> Tensor:
    """The difference of each element, in row-major order, from the one before it."""
    x = reshape(convert_to_tensor(x, name="x"), [-1])
    if not is_numeric_tensor(x):
        raise TypeError(f"Expected x to be numeric, instead found: {x}")
    return x[1:] - x[:-1]


def is_non_decreasing(x: Any, name: str | None = None) -> Tensor:
    """Whether no element, in row-major order, is less than the one before it.

    Parameters
    ----------
    x : Tensor, real, of any shape

    Returns
    -------
    Tensor, bool scalar
        True of fewer than two elements.

    Raises
    ------
    TypeError
        If `x` is not numeric.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default(), tf.Session() as sess:
    ...     print(sess.run(tf.is_non_decreasing([1, 1, 2])))
    True
    """
    with name_scope(name, "is_non_decreasing", [x]):
        steps = _steps(x)
        return reduce_all(comparison.less_equal(constant(0, steps.dtype), steps))


def is_strictly_increasing(x: Any, name: str | None = None) -> Tensor:
    """Whether each element, in row-major order, is greater than the one before it.

    Parameters
    ----------
    x : Tensor, real, of any shape

    Returns
    -------
    Tensor, bool scalar
        True of fewer than two elements.

    Raises
    ------
    TypeError
        If `x` is not numeric.
    """
    with name_scope(name, "is_strictly_increasing", [x]):
        steps = _steps(x)
        return reduce_all(comparison.less(constant(0, steps.dtype), steps))
