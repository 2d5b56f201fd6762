"""When to compile, and the cache of what was compiled, shared by every session of the process.

A program is keyed by the structure of its stage (op types, attributes, wiring, dtypes, shapes,
static values), not by Python identity: a notebook cell that rebuilds the same layer finds it.

A signature is interpreted until what it has spent would have paid for a compile. Both sides are
estimates from counts and sizes, never from clocks: a program gives the same bytes every time it is
started. A signature whose shapes keep changing never earns a compile and stays interpreted.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.runtime.compiler import Program
from graphmode.runtime.stages import Stage, cut

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphmode.runtime.plan import Plan, Step
    from graphmode.runtime.state import SessionState

# Rough nanoseconds, guessed and not fitted to any measurement; only their ratios decide.
_STEP = 2_000
_ELEMENT = 0.7
_FLOP = 0.02
_CALL = 25_000
_ARGUMENT = 700
_COMPILE = 60e6
_COMPILE_STEP = 1e6

CAPACITY = 512
_REMEMBERED_SIGNATURES = 4096


# Convolutions: where the kernel, or its gradient, and the result, or its gradient, stand.
_KERNEL_AND_RESULT = {
    "Conv2D": (1, 2),
    "Conv2DBackpropInput": (1, 2),
    "Conv2DBackpropFilter": (3, 2),
    "Conv3D": (1, 2),
    "Conv3DBackpropInputV2": (1, 2),
    "Conv3DBackpropFilterV2": (3, 2),
}


class ProgramCache:
    """Compiled programs by key, the least recently used one dropped first."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self.capacity = capacity
        self._programs: OrderedDict[Any, Program] = OrderedDict()

    def get(self, stage: Stage, inputs: list[Any], statics: list[np.ndarray]) -> Program:
        key = (
            stage.structure,
            tuple(stage.left_to_check),
            tuple(stage.donated),
            tuple((value.shape, value.dtype.str) for value in inputs),
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
        self._programs.clear()


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
        self.needs_device = not all(step.op.op_def.numpy for step in plan.steps)
        self.template: list[Any] = [None] * plan.n_slots
        """The slots at the start of a run: constants in place."""
        for slot, value in plan.constants:
            self.template[slot] = value
        self._stages: list[Stage] | None = None
        self._compiled_shapes: list[tuple[int, ...]] | None = None

    def add_signature(self, key: Any) -> Signature:
        """A new signature; all are forgotten when shapes never stop changing."""
        if len(self.signatures) >= _REMEMBERED_SIGNATURES:
            self.signatures.clear()
        signature = self.signatures[key] = Signature()
        return signature

    @property
    def stages(self) -> list[Stage]:
        if self._stages is None:
            self._stages = cut(self.plan)
        return self._stages

    @property
    def is_simple(self) -> bool:
        """Whether the shapes of the feeds alone decide the program: one stage, no static values."""
        return len(self.stages) == 1 and not self.stages[0].statics

    def reason(self, feeds: list[np.ndarray]) -> str:
        """Why a run with `feeds` needed a new program."""
        shapes = [array.shape for array in feeds]
        before, self._compiled_shapes = self._compiled_shapes, shapes
        size = f"{len(self.plan.steps)} ops"
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

    def account(self, signature: Signature, slots: list[Any]) -> None:
        """Add one interpreted run, whose values are in `slots`, to what `signature` has spent."""
        signature.runs += 1
        if signature.runs == 1:
            plan = self.plan
            steps = plan.steps
            signature.cost = sum(_STEP + work(step, slots) for step in steps)
            n_arguments = len(plan.feed_slots) + len(plan.loads) + len(plan.fetch_slots)
            compiled = _CALL + _ARGUMENT * (n_arguments + 2 * len(plan.stores))
            compiled += 0.5 * (signature.cost - _STEP * len(steps))
            if compiled < 0.8 * signature.cost:
                signature.threshold = _COMPILE + _COMPILE_STEP * len(steps)
        signature.spent += signature.cost


def work(step: Step, slots: list[Any]) -> float:
    """Estimated nanoseconds of the arithmetic of one step."""
    sizes = [getattr(slots[i], "size", 1) for i in (*step.inputs, *step.outputs)]
    elements = _ELEMENT * sum(sizes)
    if step.op.type in ("MatMul", "BatchMatMul", "BatchMatMulV2"):
        a, b, product = (slots[i] for i in (*step.inputs, *step.outputs))
        if getattr(product, "size", 0) and min(np.ndim(a), np.ndim(b)) > 1:
            inner = (a.size * b.size / product.size) ** 0.5
            return elements + _FLOP * 2 * product.size * inner
    if step.op.type in _KERNEL_AND_RESULT:
        shapes = [np.shape(slots[i]) for i in (*step.inputs, *step.outputs)]
        kernel, result = (shapes[i] for i in _KERNEL_AND_RESULT[step.op.type])
        if kernel and kernel[-1]:
            patches = math.prod(result) // kernel[-1] * math.prod(kernel[:-1])
            return elements + patches * (_ELEMENT + _FLOP * 2 * kernel[-1])
    if step.random:
        return 20 * elements
    return elements
