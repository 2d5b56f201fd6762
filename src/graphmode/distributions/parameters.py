"""Parameters of distributions as tensors: their dtypes and checks, logits and probabilities."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import control_dependencies, name_scope
from graphmode.ops import array, math
from graphmode.ops.control import assertions
from graphmode.ops.control.grouping import with_dependencies
from graphmode.ops.control.type_assertions import assert_same_float_dtype
from graphmode.ops.nn.activation import softmax

if TYPE_CHECKING:
    from collections.abc import Sequence


def floats(parameters: dict[str, Any], checks: Sequence[Any] = ()) -> list[Any]:
    """Parameters as tensors of one floating dtype, each named as its key.

    Parameters
    ----------
    parameters : dict of str to Tensor or number, floating
    checks : sequence of Operation
        What runs before.

    Returns
    -------
    list of Tensor

    Raises
    ------
    TypeError, ValueError
        If they are not floating, or of several dtypes.
    """
    with control_dependencies(list(checks)):
        tensors = [array.identity(value, name=name) for name, value in parameters.items()]
    assert_same_float_dtype(tensors)
    return tensors


def guarded(value: Any, checks: Sequence[Any]) -> Any:
    """A tensor of any dtype that waits for `checks`, if there are any."""
    return with_dependencies(list(checks), value) if checks else value


def logits_and_probs(
    logits: Any, probs: Any, validate_args: bool, of_classes: bool = False
) -> tuple[Any, Any]:
    """Both of what only one of is given.

    Parameters
    ----------
    logits, probs : Tensor or None, floating, any shape
    validate_args : bool
        Whether probabilities are checked.
    of_classes : bool
        Whether the last axis holds those of classes, which sum to one.

    Returns
    -------
    logits, probs : Tensor, of one shape and dtype

    Raises
    ------
    ValueError
        If both are given, or none.
    TypeError
        If they are not floating.
    """
    if (probs is None) == (logits is None):
        raise ValueError("Must pass probs or logits, but not both.")
    if probs is None:
        logits = convert_to_tensor(logits, name="logits")
        if not logits.dtype.is_floating:
            raise TypeError("logits must having floating type.")
        to_probs = softmax if of_classes else math.sigmoid
        return logits, to_probs(logits, name="probs")
    probs = convert_to_tensor(probs, name="probs")
    if not probs.dtype.is_floating:
        raise TypeError("probs must having floating type.")
    if validate_args:
        with name_scope("validate_probs"):
            one = array.ones([], probs.dtype)
            checks = [assertions.assert_non_negative(probs)]
            if of_classes:
                total = math.reduce_sum(probs, -1)
                message = "probs does not sum to 1."
                checks.append(assertions.assert_near(total, one, message=message))
            else:
                message = "probs has components greater than 1."
                checks.append(assertions.assert_less_equal(probs, one, message=message))
            probs = guarded(probs, checks)
    with name_scope("logits"):
        if of_classes:
            return math.log(probs), probs
        return math.log(probs) - math.log1p(-probs), probs


def whole(value: Any, message: str) -> list[Any]:
    """Checks that a numeric tensor of any shape holds integers that are not negative."""
    checks = [assertions.assert_non_negative(value, message=message)]
    if not value.dtype.is_integer:
        checks.append(
            assertions.assert_equal(
                value, math.floor(value), message="cannot contain fractional components."
            )
        )
    return checks


def salted(seed: int | None, salt: str) -> int | None:
    """Another seed, the same for the same seed and salt; None stays None."""
    if seed is None:
        return None
    return int(hashlib.md5((str(seed) + salt).encode()).hexdigest()[:8], 16) & 0x7FFFFFFF


def not_a_number(like: Any, is_defined: Any) -> Any:
    """A floating tensor of any shape, NaN where the bool tensor `is_defined` is False."""
    nan = convert_to_tensor(float("nan"), dtype=like.dtype)
    return array.where_v2(is_defined, like, nan)
