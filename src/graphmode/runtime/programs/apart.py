"""Keep XLA from rewriting the arithmetic of two ops into one.

Its algebraic simplifier takes ``log(exp(x))`` for x, ``sqrt(square(x))`` for ``abs(x)``,
``(x + c) - c`` for x and some twenty more: true of real numbers, and other answers than those of
the same steps in NumPy wherever one overflows, vanishes or is NaN. A program must not change its
answer when it is compiled, so what an elementwise op gives passes a barrier. XLA removes it after
the simplifier and before it fuses loops: it costs the run nothing.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
from __future__ import annotations

import functools
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from graphmode.framework import shape_rules
from graphmode.ops.xp import is_traced

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from graphmode.runtime.plan import Step

_ELEMENTWISE = (shape_rules.unchanged, shape_rules.broadcast)


def kept_apart(steps: Sequence[Step]) -> list[Step]:
    """`steps`, with a barrier after each whose arithmetic could be merged with a reader's."""
    return [_kept(step) if _merges(step) else step for step in steps]


def _merges(step: Step) -> bool:
    if step.control is not None or not step.single or step.draws:
        return False
    op = step.op
    if op.op_def.shape not in _ELEMENTWISE:
        return False
    dtype = op.outputs[0].dtype
    return dtype.is_floating or dtype.is_complex


def _kept(step: Step) -> Step:
    return replace(step, call=functools.partial(_barred, step.call))


def _barred(call: Callable[..., Any], *values: Any) -> Any:
    import jax

    result = call(*values)
    if not is_traced(result) or any(result is value for value in values):
        return result
    return jax.lax.optimization_barrier(result)
