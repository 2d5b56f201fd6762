"""One of two results, by a condition that is known when the graph is built, or only in the run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphmode.framework import nest
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.inference import constant_value
from graphmode.framework.operation import Tensor
from graphmode.ops import array
from graphmode.variables.variable import Variable


def static_value(condition: Any) -> bool | None:
    """Whether `condition` holds, if that is known now; None if not.

    Parameters
    ----------
    condition : bool, 0, 1, Variable or Tensor, bool scalar

    Returns
    -------
    bool or None

    Raises
    ------
    TypeError
        If it is no bool, 0, 1 or tensor.
    """
    if isinstance(condition, Variable):
        return None
    if isinstance(condition, Tensor):
        value = constant_value(condition)
        return None if value is None else bool(value)
    if isinstance(condition, bool) or condition in (0, 1):
        return bool(condition)
    raise TypeError(
        f"pred must be a Tensor, or a Python bool, or 1 or 0. Found instead: {condition}"
    )


def smart_constant_value(pred: Any) -> bool | None:
    """`static_value`, as TensorFlow calls it."""
    return static_value(pred)


def smart_cond(
    pred: Any, true_fn: Callable[..., Any], false_fn: Callable[..., Any], name: str | None = None
) -> Any:
    """``true_fn()`` or ``false_fn()``, both without effects.

    Where `pred` is a tensor whose value only the run knows, both are computed and one is taken.

    Parameters
    ----------
    pred : bool, 0, 1 or Tensor, bool scalar
    true_fn, false_fn : callable
        Give a Tensor, or equally many in a list, of the same dtypes and shapes.

    Returns
    -------
    Tensor or list of Tensor
    """
    known = static_value(pred)
    if known is not None:
        return true_fn() if known else false_fn()
    yes, no = true_fn(), false_fn()
    if isinstance(yes, nest.LISTS):
        return [_chosen(pred, a, b, name) for a, b in zip(yes, no, strict=True)]
    return _chosen(pred, yes, no, name)


def _chosen(pred: Any, yes: Any, no: Any, name: str | None) -> Tensor:
    """One of two, in the shape that both have, whatever is known of that of the scalar `pred`."""
    yes, no = convert_to_tensor(yes), convert_to_tensor(no)
    chosen = array.where_v2(pred, yes, no, name=name)
    one, other = yes.dims, no.dims
    if one is not None and other is not None and len(one) == len(other):
        chosen.set_shape([a if a == b else None for a, b in zip(one, other, strict=True)])
    return chosen


def static_cond(pred: Any, fn1: Callable[..., Any], fn2: Callable[..., Any]) -> Any:
    """``fn1()`` or ``fn2()``, by a condition that is a Python value.

    Parameters
    ----------
    pred : bool, 0 or 1
    fn1, fn2 : callable

    Returns
    -------
    object
        What the function returns.

    Raises
    ------
    TypeError
        If one of them is not callable.
    """
    if not callable(fn1) or not callable(fn2):
        raise TypeError("fn1 and fn2 must be callable.")
    return fn1() if pred else fn2()
