"""Why a loss moves no variable: the operations at which all ways to the variables end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphmode.autodiff.registry import STOPS, rule_of
from graphmode.framework import dtypes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graphmode.framework.operation import Operation, Tensor

_SHOWN = 3


def explained_cuts(loss: Tensor, variables: Iterable[Tensor]) -> str:
    """Lines about a `loss` that has no gradient by any of the `variables`: where, and what to do.

    Parameters
    ----------
    loss : Tensor
    variables : iterable of Tensor
        The tensors to differentiate by.

    Returns
    -------
    str
        Each line begins with a line break.
    """
    sources = {variable.op for variable in variables}
    below = _all_below(loss.op)
    dependent: set[Operation] = set()
    for op in sorted(below, key=lambda op: op.id):
        if op in sources or any(tensor.op in dependent for tensor in op.inputs):
            dependent.add(op)
    if not dependent:
        return "\n  the loss depends on none of them\n  fix: make it of what the model computes"
    lines = [
        f"\n  no gradient flows through '{op.name}' ({op.type}){_made_at(op)}"
        for op in _ends(loss.op, dependent - sources)[:_SHOWN]
    ]
    return (
        "".join(lines) + "\n  fix: make the loss of what stands before it, without rounding, "
        "comparing, or choosing an index"
        if lines
        else ""
    )


def _all_below(op: Operation) -> set[Operation]:
    seen, waiting = {op}, [op]
    while waiting:
        for tensor in waiting.pop().inputs:
            if tensor.op not in seen:
                seen.add(tensor.op)
                waiting.append(tensor.op)
    return seen


def _ends(op: Operation, dependent: set[Operation]) -> list[Operation]:
    """The first operations on the ways from `op` down at which gradients end."""
    ends: list[Operation] = []
    seen, waiting = {op}, [op]
    while waiting:
        op = waiting.pop()
        if op in dependent and _stops(op):
            ends.append(op)
            continue
        for tensor in op.inputs:
            if tensor.op not in seen:
                seen.add(tensor.op)
                waiting.append(tensor.op)
    return ends


def _stops(op: Operation) -> bool:
    differentiable = any(
        tensor.dtype.is_floating or tensor.dtype.is_complex or tensor.dtype is dtypes.variant
        for tensor in op.outputs
    )
    return not differentiable or rule_of(op) is STOPS


def _made_at(op: Operation) -> str:
    return "" if op.site is None else f", created at {op.site.short()}   {op.site.source}"
