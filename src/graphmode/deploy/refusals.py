"""What a program of another system cannot hold, by name and line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.framework import dtypes
from graphmode.framework.errors import UnimplementedError

if TYPE_CHECKING:
    from graphmode.framework.operation import Operation
    from graphmode.runtime.plan import Plan

RANDOM = (
    "it draws random numbers: export an output of inference, or name what switches them off, as "
    "constants={keep_prob: 1.0} (--constant keep_prob=1.0) does for dropout"
)

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
