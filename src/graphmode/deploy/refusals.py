"""What a program of another system cannot hold, by name and line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.deploy.trained import placeholders_of
from graphmode.framework import dtypes
from graphmode.framework.errors import UnimplementedError

if TYPE_CHECKING:
    from graphmode.deploy.trained import Trained
    from graphmode.framework.operation import Operation, Tensor
    from graphmode.runtime.plan import Plan

LEFT_OUT = frozenset(("Assert",))
"""Ops without results, which only watch."""


def refuse_ops(plan: Plan, what: str) -> None:
    """Refuse a plan that does more than arithmetic on what it is given.

    Raises
    ------
    UnimplementedError
        With the first op that does.
    """
    for op in plan.operations:
        reason = _reason(op)
        if reason:
            raise refused(op, what, reason)
    for op, _ in plan.stores:
        raise refused(op, what, "the outputs depend on an op that writes to this variable")


def _reason(op: Operation) -> str:
    op_def = op.op_def
    if op.type in LEFT_OUT:
        return ""
    if any(t.dtype.base_dtype is dtypes.string for t in (*op.inputs, *op.outputs)):
        return "it handles texts, which stay in Python: do that before, and export what follows"
    if op_def.role == "placeholder":
        return ""
    if op_def.makes_resource or op_def.blocks:
        return "it waits for something outside of the graph: export what follows, fed by an input"
    if op_def.effect == "host":
        return "it runs in Python: export what follows it, fed by an input"
    if op_def.data_dependent:
        return "the shape of what it gives depends on the values that it gets"
    return ""


def refused(op: Operation, what: str, reason: Any) -> UnimplementedError:
    """The error of an op that a format cannot hold."""
    return UnimplementedError(
        None, op, f"{op.type} '{op.name}' cannot be exported to {what}: {reason}"
    )


def random_reason(trained: Trained) -> str:
    """Why what draws random numbers is refused, and what switches them off.

    Parameters
    ----------
    trained : Trained
    """
    switches = [
        f"constants={{{tensor.op.name!r}: {off}}} (--constant {tensor.op.name}={off})"
        for tensor in placeholders_of(trained.outputs.values(), trained.inputs.values())
        if (off := _off(tensor)) is not None
    ] or [
        f"constants={{{tensor.op.name!r}: {off}}} (--constant {tensor.op.name}={off})"
        for tensor in trained.inputs.values()
        if (off := _off(tensor)) is not None
    ]
    fix = f"{switches[0]}, where that switches it off" if switches else (
        "no placeholder switches it off: export an output that draws none, of a graph that is "
        "built for inference"
    )  # fmt: skip
    return f"it draws random numbers, on which an output depends.\n  fix: {fix}"


def _off(tensor: Tensor) -> Any:
    """What a switch of dropout has where nothing is dropped; None of other placeholders."""
    if tensor.shape.ndims not in (None, 0):
        return None
    if tensor.dtype.is_floating:
        return 1.0
    return False if tensor.dtype.base_dtype is dtypes.bool else None


def no_rank(key: str, trained: Trained) -> ValueError:
    """The error of an input of which not even the rank is known."""
    name = trained.inputs[key].op.name
    off = _off(trained.inputs[key])
    switch = "" if off is None else (
        f"constants={{{name!r}: {off}}} (--constant {name}={off}) if it is a switch of dropout; or "
    )  # fmt: skip
    return ValueError(
        f"the input '{key}' has no known rank, and a program needs one.\n  fix: {switch}shapes="
        f"{{{key!r}: [...]}} (--shape {key}=...), or give its placeholder a shape where it is made"
    )
