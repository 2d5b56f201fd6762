"""What a step costs when it is interpreted: an estimate from counts and sizes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphmode.runtime.plan import Step

# Rough nanoseconds, guessed and not fitted to any measurement; only their ratios decide.
STEP = 2_000
_ELEMENT = 0.7
_FLOP = 0.02

_TIME_STEP = 10_000  # of a loop over time, whatever the sizes
_DRAW = 20  # times the elements


@dataclass(slots=True)
class Cost:
    """A number of steps that ran, and the nanoseconds of their arithmetic."""

    steps: int = 0
    work: float = 0.0

    def add(self, steps: Sequence[Step], slots: list[Any]) -> None:
        """Add `steps`, whose values are in `slots`; what is inside of them adds itself."""
        self.steps += len(steps)
        self.work += sum(work(step, slots) for step in steps if step.control is None)

    @property
    def total(self) -> float:
        """In nanoseconds, with what the steps themselves cost."""
        return STEP * self.steps + self.work


def work(step: Step, slots: list[Any]) -> float:
    """Estimated nanoseconds of the arithmetic of one step."""
    inputs = [slots[i] for i in step.inputs]
    outputs = [slots[i] for i in step.outputs]
    elements = _ELEMENT * sum(getattr(value, "size", 1) for value in (*inputs, *outputs))
    if step.draws:
        return _DRAW * elements
    rule = step.op.op_def.work
    if rule is None:
        return elements
    more = rule(step.op, inputs, outputs)
    return elements + _ELEMENT * more.elements + _FLOP * more.flops + _TIME_STEP * more.rounds
