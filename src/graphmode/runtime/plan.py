"""`Plan`: the part of a graph that one signature of `Session.run` needs, and its steps.

Values live in numbered *slots*. Every version of a variable that the plan can see has a slot of its
own, so that the steps are a pure data flow and a run that fails has changed nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from graphmode.framework.operation import Operation, Tensor
    from graphmode.runtime.control_flow import ControlRun


@dataclass(slots=True, eq=False, repr=False)  # a frozen one takes three times as long to make
class Step:
    """One op of a plan: `call` on the values of `inputs` gives the values of `outputs`."""

    op: Operation
    call: Callable[..., Any]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    single: bool
    """Whether `call` gives the one output itself instead of a sequence."""
    draws: tuple[Operation, ...] = ()
    """The random ops that it runs: itself, or those inside of a branch or loop."""
    control: ControlRun | None = None
    """What runs it instead of `call`, if it is a branch or a loop."""

    @property
    def blocks(self) -> bool:
        """Whether it, or a step inside of it, may wait for something outside of the run."""
        if self.control is not None:
            return any(step.blocks for step in self.control.steps)
        return self.op.op_def.blocks


Versions = tuple[tuple["Operation", tuple[int, ...]], ...]
"""The slots of the values that are written to each variable, in order."""


class VariableLoad(NamedTuple):
    """A variable read from before the run."""

    op: Operation
    slot: int
    required: bool
    reader: Operation


class Segment(NamedTuple):
    """Steps that the host runs together: one that may wait stands alone."""

    steps: tuple[Step, ...]
    blocks: bool = False


def segments_of(steps: Iterable[Step]) -> tuple[Segment, ...]:
    """`steps`, cut around those that may wait."""
    segments: list[Segment] = []
    together: list[Step] = []
    for step in steps:
        if not step.blocks:
            together.append(step)
            continue
        if together:
            segments.append(Segment(tuple(together)))
            together = []
        segments.append(Segment((step,), blocks=True))
    if together:
        segments.append(Segment(tuple(together)))
    return tuple(segments)


class Plan(NamedTuple):
    """What to run, in which order, reading and writing what. Made by `planning.build_plan`."""

    order: tuple[Operation, ...]
    """All ops that are needed, those without a step included."""
    prologue: tuple[Step, ...]
    """Steps that may wait, and what they need: they read no variable and come before all others."""
    steps: tuple[Step, ...]
    waits: bool
    """Whether one of `steps` may wait."""
    n_slots: int
    constants: tuple[tuple[int, Any], ...]
    feed_slots: tuple[int, ...]
    fetch_slots: tuple[int, ...]
    loads: tuple[VariableLoad, ...]
    versions: Versions
    stores: tuple[tuple[Operation, int], ...]
    random_ops: tuple[Operation, ...]
    unfed: tuple[Operation, ...]
    """Placeholders that are needed and not fed: the run fails before it starts."""
    hosted: frozenset[ControlRun]
    """Branches that no program can run: what is fetched may not have been computed."""
    slots: dict[Tensor, int]

    @property
    def changes_state(self) -> bool:
        """Whether a run may leave the session different: such runs come one after the other."""
        return bool(self.stores or self.random_ops)

    @property
    def operations(self) -> Iterator[Operation]:
        """All ops that are needed, and those inside of branches and loops that are."""
        yield from self.order
        controls = [step.control for step in (*self.prologue, *self.steps) if step.control]
        while controls:
            for inner in controls.pop().inners:
                yield from inner.order
                controls += [step.control for step in inner.steps if step.control]

    def depends_on(self, ops: Iterable[Operation]) -> bool:
        """Whether one of `ops` is needed."""
        return not set(ops).isdisjoint(self.operations)
