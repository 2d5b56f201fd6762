"""How a session runs, and when compiling pays: modes, and estimates from counts and sizes.

A signature (the shapes that a plan is run with) is interpreted until what it has spent would have
paid for a compile. Both sides are estimates from counts and sizes, never from clocks: a program
gives the same bytes every time it is started. A signature whose shapes keep changing never earns a
compile and stays interpreted. What a run costs is measured when it is the first one, and again when
loops have come to repeat more than twice as often.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphmode.runtime.plan import Plan, Step

MODES = ("auto", "interpreted", "compiled")
"""`auto`: compiled when it pays. `interpreted`, `compiled`: from the first run on."""

# Rough nanoseconds, guessed and not fitted to any measurement; only their ratios decide.
_STEP = 2_000
_ELEMENT = 0.7
_FLOP = 0.02
_ROUND = 10_000  # of a loop in Python, whatever the sizes
_DRAW = 20  # times the elements
_CALL = 25_000
_ARGUMENT = 700
_COMPILE = 60e6
_COMPILE_STEP = 1e6


def checked_mode(mode: str | None) -> str:
    """`mode`, or what ``$GRAPHMODE_MODE`` says, or "auto".

    Raises
    ------
    ValueError
        If it is none of `MODES`.
    """
    given = mode if mode is not None else os.environ.get("GRAPHMODE_MODE") or "auto"
    if given not in MODES:
        where = "mode" if mode is not None else "$GRAPHMODE_MODE"
        raise ValueError(f"{where} must be one of {', '.join(map(repr, MODES))}, got {given!r}")
    return given


@dataclass(slots=True, eq=False, repr=False)
class Cost:
    """A number of steps that ran, and the nanoseconds of their arithmetic."""

    steps: int = 0
    work: float = 0.0
    rounds: int = 0
    """How many iterations loops made."""
    measures: bool = True
    """Whether steps and work are looked at, too: that takes time."""

    def add(self, steps: Sequence[Step], slots: list[Any]) -> None:
        """Add `steps`, whose values are in `slots`; what is inside of them adds itself."""
        self.steps += len(steps)
        self.work += sum(_work(step, slots) for step in steps if step.control is None)

    def include(self, other: Cost) -> None:
        """Add what `other` has counted."""
        self.steps += other.steps
        self.work += other.work
        self.rounds += other.rounds

    @property
    def total(self) -> float:
        """Estimated nanoseconds of everything."""
        return _STEP * self.steps + self.work


def _work(step: Step, slots: list[Any]) -> float:
    """Estimated nanoseconds of the arithmetic of one step."""
    sizes = [getattr(slots[i], "size", 1) for i in step.inputs + step.outputs]
    elements = _ELEMENT * sum(sizes)
    rule = step.op.op_def.work
    if rule is None:
        return _DRAW * elements if step.draws else elements
    more = rule(step.op, [slots[i] for i in step.inputs], [slots[i] for i in step.outputs])
    return elements + _ELEMENT * more.elements + _FLOP * more.flops + _ROUND * more.rounds


def price(plan: Plan, n_steps: int, cost: Cost) -> float:
    """What interpreted runs that cost `cost` each may spend before a compile; 0 if it never pays.

    Parameters
    ----------
    n_steps : int
        Of the plan, those inside of branches and loops included.
    """
    n_arguments = len(plan.feed_slots) + len(plan.loads) + len(plan.fetch_slots)
    compiled = _CALL + _ARGUMENT * (n_arguments + 2 * len(plan.stores)) + 0.5 * cost.work
    return _COMPILE + _COMPILE_STEP * n_steps if compiled < 0.8 * cost.total else 0.0
