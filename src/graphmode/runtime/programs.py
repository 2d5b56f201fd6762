"""When to compile, and the cache of what was compiled, shared by every session of the process.

A program is keyed by the structure of its stage (op types, attributes, wiring, dtypes, shapes,
static values), not by Python identity: a notebook cell that rebuilds the same layer finds it.

A signature is interpreted until what it has spent would have paid for a compile. Both sides are
estimates from counts and sizes, never from clocks: a program gives the same bytes every time it is
started. A signature whose shapes keep changing never earns a compile and stays interpreted.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.ops.control.tensor_list_value import TensorList
from graphmode.runtime.compiler import Program
from graphmode.runtime.stages import Stage, cut

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphmode.runtime.costs import Cost
    from graphmode.runtime.plan import Plan
    from graphmode.runtime.state import SessionState

# Rough nanoseconds, guessed and not fitted to any measurement; only their ratios decide.
_CALL = 25_000
_ARGUMENT = 700
_COMPILE = 60e6
_COMPILE_STEP = 1e6

CAPACITY = 512
_REMEMBERED_SIGNATURES = 4096


class ProgramCache:
    """Compiled programs by key, the least recently used one dropped first."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self.capacity = capacity
        self._programs: OrderedDict[Any, Program] = OrderedDict()

    def get(self, stage: Stage, inputs: list[Any], statics: list[np.ndarray]) -> Program:
        """The program for a stage, these static values, and inputs of these shapes and dtypes."""
        key = (
            stage.structure,
            tuple(stage.left_to_check),
            tuple(stage.donated),
            tuple(map(_layout, inputs)),
            tuple((value.shape, value.dtype.str, value.tobytes()) for value in statics),
        )
        program = self._programs.get(key)
        if program is None:
            program = self._programs[key] = Program(stage, statics)
            if len(self._programs) > self.capacity:
                self._programs.popitem(last=False)
        else:
            self._programs.move_to_end(key)
        return program

    def clear(self) -> None:
        """Forget all programs."""
        self._programs.clear()


def _layout(value: Any) -> Any:
    """The shape and dtype of an input; of a list those of its arrays."""
    if isinstance(value, TensorList):
        return (value.size, value.grows, _layout(value.rows), _layout(value.written))
    return None if value is None else (value.shape, value.dtype.str)


cache = ProgramCache()


class Signature:
    """One combination of shapes that a plan has been run with."""

    __slots__ = ("cost", "programs", "replay", "runs", "spent", "threshold")

    def __init__(self) -> None:
        self.runs = 0
        self.cost = 0.0
        self.spent = 0.0
        self.threshold = 0.0
        self.programs: dict[Stage, Program] | None = None
        self.replay: Callable[[list[np.ndarray], SessionState], list[Any]] | None = None
        """All that a run is, once it is known to be no more than one program."""


class PlanState:
    """What the runtime remembers of a plan: its stages and the signatures it has met."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.signatures: dict[Any, Signature] = {}
        controls = [step.control for step in plan.steps if step.control is not None]
        self.n_steps = len(plan.steps) + sum(control.n_steps for control in controls)
        self.needs_device = any(
            step.control.needs_device if step.control is not None else not step.op.op_def.numpy
            for step in plan.steps
        )
        self.template: list[Any] = [None] * plan.n_slots
        """The slots at the start of a run: constants in place."""
        for slot, value in plan.constants:
            self.template[slot] = value
        self._stages: list[Stage] | None = None
        self._compiled_shapes: dict[Stage, list[tuple[int, ...]]] = {}

    def add_signature(self, key: Any) -> Signature:
        """A new signature; all are forgotten when shapes never stop changing."""
        if len(self.signatures) >= _REMEMBERED_SIGNATURES:
            self.signatures.clear()
        signature = self.signatures[key] = Signature()
        return signature

    @property
    def stages(self) -> list[Stage]:
        """The parts of the plan that run on the device, and between them on the host."""
        if self._stages is None:
            self._stages = cut(self.plan)
        return self._stages

    def run_control_flow_on_host(self) -> None:
        """Cut the plan again, with branches, loops and lists between programs, not in them."""
        for step in self.plan.steps:
            if step.control is not None:
                step.control.on_host = True
        self._stages = cut(self.plan, lists_on_host=True)
        for signature in self.signatures.values():
            signature.programs = signature.replay = None

    @property
    def is_simple(self) -> bool:
        """Whether the shapes of the feeds alone decide the program: one stage, no static values."""
        return len(self.stages) == 1 and not self.stages[0].statics

    def reason(self, stage: Stage, feeds: list[np.ndarray]) -> str:
        """Why a run with `feeds` needed a new program of `stage`."""
        shapes = [array.shape for array in feeds]
        before = self._compiled_shapes.get(stage)
        self._compiled_shapes[stage] = shapes
        size = f"{len(stage.steps)} ops"
        if before is None:
            return f"first program of a run of {size}"
        names = {slot: tensor.name for tensor, slot in self.plan.slots.items()}
        changed = [
            f"feed {names[slot]} changed shape {old} -> {new}"
            for slot, old, new in zip(self.plan.feed_slots, before, shapes, strict=True)
            if old != new
        ]
        return (", ".join(changed) or "a value that decides a shape changed") + f" ({size})"

    def is_worth_compiling(self, signature: Signature) -> bool:
        """Whether the next run of `signature` should be a compiled one."""
        if self.needs_device:
            return True
        return 0 < signature.threshold <= signature.spent

    def account(self, signature: Signature, slots: list[Any], cost: Cost | None) -> None:
        """Add one interpreted run, whose values are in `slots`, to what `signature` has spent.

        `cost` is given for the first run: what the steps inside of branches and loops cost.
        """
        signature.runs += 1
        if cost is not None:
            plan = self.plan
            cost.add(plan.steps, slots)
            signature.cost = cost.total
            n_arguments = len(plan.feed_slots) + len(plan.loads) + len(plan.fetch_slots)
            compiled = _CALL + _ARGUMENT * (n_arguments + 2 * len(plan.stores))
            compiled += 0.5 * cost.work
            if compiled < 0.8 * signature.cost:
                signature.threshold = _COMPILE + _COMPILE_STEP * self.n_steps
        signature.spent += signature.cost
