"""Ops that check values or show them while a graph runs: Assert, CheckNumerics, Print."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Sequence
from typing import Any

from graphmode.framework import dtypes, shape_rules
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import (
    colocate_with,
    control_dependencies,
    get_default_graph,
    name_scope,
)
from graphmode.framework.dtypes import ANY, FLOATS
from graphmode.framework.errors import invalid
from graphmode.framework.op import op, overloaded
from graphmode.framework.operation import Operation, Tensor
from graphmode.ops import xp
from graphmode.ops.control.grouping import group, with_dependencies
from graphmode.ops.control.summarize import summarize_value

# ---- Assert --------------------------------------------------------------------------------------


def _condition_holds(condition, data, **attrs):
    return xp.all(condition)


@op("Assert", "bool, [T] ->", shape=shape_rules.none, check=_condition_holds)
def _assert(condition, data, *, summarize: int = 3):
    if xp.is_traced(condition, data) or condition.all():
        return ()
    shown = " ".join(f"[{summarize_value(value, summarize)}]" for value in data)
    raise invalid(f"assertion failed: {shown}")


def Assert(  # noqa: N802 - TensorFlow's name
    condition: Any, data: Sequence[Any], summarize: int | None = None, name: str | None = None
) -> Operation:
    """An operation that fails unless `condition` is True.

    It runs only where something waits for it: `tf.control_dependencies([tf.Assert(...)])`.

    Parameters
    ----------
    condition : Tensor, bool scalar
    data : list of Tensor or value
        What the error shows, of any dtype.
    summarize : int
        How many elements of each tensor (3); -1 for all.

    Returns
    -------
    Operation

    Raises
    ------
    InvalidArgumentError
        When it runs, if the condition is False.

    Notes
    -----
    TF op Assert.
    """
    with name_scope(name, "Assert", [condition, data]):
        condition = convert_to_tensor(condition, dtype=dtypes.bool, name="Condition")
        _pass_ids(condition, data)
        return _assert(condition, list(data), summarize=3 if summarize is None else summarize)


def _pass_ids(condition: Tensor, data: Sequence[Any]) -> None:
    """Count what TensorFlow 1.15 makes of `data`: constants twice, and a branch around floats."""
    graph = condition.graph
    tensors = {part for part in data if isinstance(part, Tensor)}
    graph.pass_ids(len(data) - sum(isinstance(part, Tensor) for part in data))
    kinds = {tensor.dtype.base_dtype for tensor in tensors}
    if kinds - {dtypes.string, dtypes.int32}:
        # Switch, switch_t, switch_f, pred_id; NoOp; two results, Merge; what the branch reads.
        graph.pass_ids(9 + len(tensors))


# ---- CheckNumerics -------------------------------------------------------------------------------


def _all_finite(tensor, **attrs):
    return xp.all(xp.isfinite(tensor))


@op("CheckNumerics", "T -> T", shape=shape_rules.unchanged, check=_all_finite, T=FLOATS)
def _check_numerics(tensor, *, message: str):
    if not xp.is_traced(tensor) and not xp.isfinite(tensor).all():
        kinds = ("Inf", xp.isinf(tensor)), ("NaN", xp.isnan(tensor))
        found = " and ".join(kind for kind, where in kinds if where.any())
        raise invalid(f"{message} : Tensor had {found} values")
    return tensor


@overloaded
def check_numerics(tensor: Any, message: str, name: str | None = None) -> Tensor:
    """`tensor`, if none of its elements is NaN or infinite.

    Parameters
    ----------
    tensor : Tensor, floating
    message : str
        The beginning of the error's text.

    Returns
    -------
    Tensor
        Of the shape and dtype of `tensor`.

    Raises
    ------
    InvalidArgumentError
        When it runs, if an element is not finite.

    Notes
    -----
    TF op CheckNumerics.
    """
    return _check_numerics(tensor, message=message, name=name)


def verify_tensor_all_finite(
    t: Any = None,
    msg: str | None = None,
    name: str | None = None,
    x: Any = None,
    message: str | None = None,
) -> Tensor:
    """A tensor, if none of its elements is NaN or infinite: the old form of `check_numerics`.

    Parameters
    ----------
    t, x : Tensor, floating
        `x` is the new name.
    msg, message : str
        The beginning of the error's text. `message` is the new name.

    Returns
    -------
    Tensor
        Of the shape and dtype of `t`.

    Raises
    ------
    TypeError
        If one of the two is missing.
    InvalidArgumentError
        When it runs, if an element is not finite.
    """
    tensor = t if x is None else x
    message = msg if message is None else message
    if tensor is None or message is None:
        raise TypeError("verify_tensor_all_finite() needs a tensor and a message")
    with name_scope(name, "VerifyFinite", [tensor]):
        tensor = convert_to_tensor(tensor, name="t")
        with colocate_with(tensor):
            check = check_numerics(tensor, message)
            return with_dependencies([check], tensor)


def add_check_numerics_ops() -> Operation:
    """An operation that checks every floating tensor that the graph has so far, in order.

    The first that holds NaN or infinity raises InvalidArgumentError with the tensor's name.
    """
    checks: list[Any] = []
    for operation in get_default_graph().get_operations():
        for tensor in operation.outputs:
            if tensor.dtype in FLOATS:
                with control_dependencies(checks):
                    checks = [check_numerics(tensor, tensor.name)]
    return group(*checks)


# ---- Print ---------------------------------------------------------------------------------------


class _Printed:
    """How often a Print op has printed in a session."""

    def __init__(self) -> None:
        self._times = itertools.count()

    def is_over(self, first_n: int) -> bool:
        """Count one more time; whether it is beyond the `first_n`."""
        return next(self._times) >= first_n

    def cancel(self) -> None:
        """Nobody waits for it."""


@op("Print", "T, [U] -> T", shape=shape_rules.from_input(0), effect="host", T=ANY)
def _print(
    input,
    data,
    *,
    message: str = "",
    first_n: int = -1,
    summarize: int = 3,
    resources: Callable[..., Any],
):
    if first_n < 0 or not resources(lambda name: _Printed()).is_over(first_n):
        shown = "".join(f"[{summarize_value(value, summarize)}]" for value in data)
        sys.stderr.write(f"{message}{shown}\n")
        sys.stderr.flush()
    return input


def Print(  # noqa: N802 - TensorFlow's name
    input_: Any,
    data: Sequence[Any],
    message: str | None = None,
    first_n: int | None = None,
    summarize: int | None = None,
    name: str | None = None,
) -> Tensor:
    """`input_`, printing `data` to the standard error whenever it is computed.

    Parameters
    ----------
    input_ : Tensor, of any dtype
    data : list of Tensor or value
        Of any dtype.
    message : str
        Printed first.
    first_n : int
        Print only this many times; by default always.
    summarize : int
        How many elements of each tensor (3); -1 for all.

    Returns
    -------
    Tensor
        The same values as `input_`, which has to be used for the printing to happen.

    Notes
    -----
    TF op Print.
    """
    return _print(
        input_,
        list(data),
        message=message or "",
        first_n=-1 if first_n is None else first_n,
        summarize=3 if summarize is None else summarize,
        name=name,
    )
