"""Cut a plan into stages: programs for the device, and what must run on the host between them.

An op runs on the host when it has effects there (py_func, Print), when it handles strings, or when
the shape of its result depends on data (Where, Unique): the stage after it receives a host value of
known shape. A value that a later op needs while it is *traced* (the shape of a Reshape) must be a
host value too: it enters its stage as a *static* input, whose bytes are part of the signature.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from graphmode.framework import dtypes
from graphmode.framework.inference import kernel_attrs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphmode.framework.operation import Operation, Tensor
    from graphmode.runtime.control_flow import ControlRun
    from graphmode.runtime.guards import Guards
    from graphmode.runtime.plan import Plan, Step

_SHAPE_READERS = frozenset(("Shape", "Size", "Rank", "ShapeN", "BroadcastGradientArgs"))
_LITERAL_LIMIT = 16  # elements: larger constants are arguments of the program

_structures: dict[tuple, int] = {}


@dataclass(slots=True, eq=False)
class Stage:
    """Steps that run together: `inputs`, `statics` come from outside, `outputs` are used later."""

    on_host: bool
    steps: list[Step]
    inputs: list[int] = field(default_factory=list)
    statics: list[int] = field(default_factory=list)
    outputs: list[int] = field(default_factory=list)
    literals: list[tuple[int, Any]] = field(default_factory=list)
    random_ops: list[Operation] = field(default_factory=list)
    lists: bool = False
    """Whether a value that goes in or out may be a list of tensors."""
    overwritten: frozenset[int] = frozenset()
    """The inputs that hold variables which nothing reads after the stage."""
    guards: Guards | None = None
    """The checks that the host makes before the program; found at the first compiled run, which
    then settles the two below."""
    left_to_check: list[int] = field(default_factory=list)
    """Positions of the steps whose checks the program itself has to make."""
    donated: list[int] = field(default_factory=list)
    """Positions of the inputs that give up their memory: none if the program can fail."""
    structure: int = -1
    """Equal for stages that do the same: see `_structure`."""


def cut(plan: Plan, lists_on_host: bool = False) -> list[Stage]:
    """The stages of `plan`, in the order in which they run."""
    _place_counts(plan)
    demanded = demanded_slots(plan.steps)
    levels = _levels(plan, demanded, lists_on_host)
    stages: dict[int, Stage] = {}
    for step in plan.steps:
        level = levels[step.op]
        stages.setdefault(level, Stage(bool(level % 2), [])).steps.append(step)
    ordered = [stages[level] for level in sorted(stages)]
    constants = dict(plan.constants)
    final = {*plan.fetch_slots, *(slot for _, slot in plan.stores)}
    used_later = set(final)
    for stage in reversed(ordered):
        produced = {slot for step in stage.steps for slot in step.outputs}
        stage.outputs = sorted(produced & used_later)
        read = {slot for step in stage.steps for slot in step.inputs} - produced
        used_later |= read
        for slot in sorted(read):
            if slot in constants:
                constant = constants[slot]
                small = constant.size <= _LITERAL_LIMIT or constant.dtype.hasobject
                if small or slot in demanded or stage.on_host:
                    stage.literals.append((slot, constant))
                else:
                    stage.inputs.append(slot)
            elif slot in demanded and not stage.on_host:
                stage.statics.append(slot)
            else:
                stage.inputs.append(slot)
        stage.random_ops = [op for step in stage.steps for op in step.draws]
        stage.lists = any(map(_has_lists, stage.steps))
    if ordered and not ordered[-1].on_host:
        _mark_overwritten(plan, ordered[-1])
    for stage in ordered:
        if not stage.on_host:
            stage.structure = _structures.setdefault(_structure(stage), len(_structures))
    return ordered


def _place_counts(plan: Plan) -> None:
    """Count a loop while its program is traced if shapes decide the count, else on the host."""
    counts = [
        (step.control, step.inputs)
        for step in plan.steps
        if step.control is not None and step.control.counts
    ]
    if not counts:
        return
    constants = {slot for slot, _ in plan.constants}
    maker = {slot: step for step in plan.steps for slot in step.outputs}

    def is_known(slot: int) -> bool:
        step = maker.get(slot)
        if step is None:
            return slot in constants
        if step.op.type in _SHAPE_READERS:
            return True
        pure = step.op.op_def.effect == "pure" and not step.op.op_def.data_dependent
        return pure and all(map(is_known, step.inputs))

    for control, inputs in counts:
        control.on_host = not all(map(is_known, inputs))


def _mark_overwritten(plan: Plan, last: Stage) -> None:
    overwritten = {op for op, _ in plan.stores}
    kept = set(plan.fetch_slots)
    last.overwritten = frozenset(
        load.slot
        for load in plan.loads
        if load.op in overwritten and load.slot in last.inputs and load.slot not in kept
    )


def demanded_slots(steps: Sequence[Step]) -> set[int]:
    """The slots whose values must be known while a program is traced."""
    demanded: set[int] = set()
    for step in reversed(steps):
        op_def = step.op.op_def
        if step.control is not None and step.control.counts and step.control.on_host:
            continue
        if op_def.data_dependent:  # it runs on the host, from whatever values
            continue
        if step.control is not None:
            demanded.update(step.inputs[i] for i in _static_inputs(step.control))
        elif op_def.static is not None:
            demanded.update(step.inputs[i] for i in op_def.static(step.op))
        if op_def.type not in _SHAPE_READERS and not demanded.isdisjoint(step.outputs):
            demanded.update(step.inputs)
    return demanded


def _static_inputs(control: ControlRun) -> list[int]:
    """The positions of the inputs of a branch or loop that must be known when it is traced."""
    static = list(control.static)
    for inner in control.inners:
        wanted = demanded_slots(inner.steps)
        static += [
            control.first + i for i, slot in enumerate(inner.captured_slots) if slot in wanted
        ]
    return static


def _levels(plan: Plan, demanded: set[int], lists_on_host: bool) -> dict[Operation, int]:
    """Number the stages: even on the device, odd on the host, each after what it waits for."""
    levels: dict[Operation, int] = {}
    step_of = {step.op: step for step in plan.steps}
    slot_level: dict[int, int] = {}
    for op in plan.order:
        step = step_of.get(op)
        before = [levels.get(control, -1) for control in op.control_inputs]
        if step is None:
            before += [levels.get(tensor.op, -1) for tensor in op.inputs]
            levels[op] = max(before, default=-1)
            continue
        before += [slot_level.get(slot, -1) for slot in step.inputs]
        level = max(before, default=-1)
        on_host = _runs_on_host(step, demanded) or (lists_on_host and _has_lists(step))
        parity = 1 if on_host else 0
        if level % 2 != parity:
            level += 1
        levels[op] = level
        for slot in step.outputs:
            slot_level[slot] = level
    return levels


def _runs_on_host(step: Step, demanded: set[int]) -> bool:
    op_def = step.op.op_def
    if step.control is not None:
        return _control_runs_on_host(step.control)
    if op_def.effect in ("host", "read") or op_def.data_dependent:
        return True
    if op_def.effect in ("random", "write") and not demanded.isdisjoint(step.outputs):
        return True
    op = step.op
    if not op.outputs and op_def.check is not None:
        # Only its check runs in a program (Assert): constant texts in its data do not matter.
        return any(_is_text(t) and t.op.op_def.role != "constant" for t in op.inputs)
    return any(_is_text(t) for t in (*op.inputs, *op.outputs))


def _has_lists(step: Step) -> bool:
    tensors = (*step.op.inputs, *step.op.outputs)
    return any(tensor.dtype.base_dtype is dtypes.variant for tensor in tensors)


def _control_runs_on_host(control: ControlRun) -> bool:
    if control.on_host is None:
        control.on_host = any(_any_on_host(inner.steps) for inner in control.inners)
    return control.on_host


def _any_on_host(steps: Sequence[Step]) -> bool:
    demanded = demanded_slots(steps)
    counts = {step for step in steps if step.control is not None and step.control.counts}
    return any(_runs_on_host(step, demanded) for step in steps if step not in counts)


def _is_text(tensor: Tensor) -> bool:
    return tensor.dtype.base_dtype is dtypes.string


def _structure(stage: Stage) -> tuple:
    """What decides the program of a stage, apart from the shapes of its inputs."""
    return (
        len(stage.statics),
        _structure_of((*stage.inputs, *stage.statics), stage.literals, stage.steps, stage.outputs),
    )


def _structure_of(
    inputs: Sequence[int],
    constants: Sequence[tuple[int, Any]],
    all_steps: Sequence[Step],
    outputs: Sequence[int],
) -> tuple:
    number: dict[int, int] = {}
    for slot in inputs:
        number[slot] = len(number)
    literals = []
    for slot, value in constants:
        number[slot] = len(number)
        content = b"" if value.dtype.hasobject else value.tobytes()  # texts: see _runs_on_host
        literals.append((value.shape, value.dtype.str, content))
    steps = []
    for step in all_steps:
        for slot in step.outputs:
            number[slot] = len(number)
        steps.append(
            (
                step.op.type,
                tuple(number[slot] for slot in step.inputs),
                tuple(t.dtype.as_datatype_enum for t in step.op.outputs),
                _frozen_attrs(step.op) if step.control is None else _inside(step.control),
                step.op.inputs[0].dims if step.op.op_def.overwrites else None,
            )
        )
    return (
        tuple(steps),
        tuple(literals),
        tuple(number[slot] for slot in outputs),
    )


def _inside(control: ControlRun) -> tuple:
    """What decides the program of a branch or a loop."""
    return tuple(
        (
            _structure_of(
                (*inner.feed_slots, *inner.version_slots),
                inner.constants,
                inner.steps,
                (*inner.result_slots, *inner.export_slots, *inner.new_version_slots),
            ),
            len(inner.export_slots),
        )
        for inner in control.inners
    )


def _frozen_attrs(op: Operation) -> tuple:
    skipped = ("seed", "seed2") if op.op_def.effect == "random" else ()
    attrs = kernel_attrs(op)
    return tuple((key, _frozen(attrs[key])) for key in sorted(attrs) if key not in skipped)


def _frozen(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return tuple(_frozen(item) for item in value)
    if isinstance(value, dict):
        return tuple((key, _frozen(item)) for key, item in sorted(value.items()))
    if hasattr(value, "tobytes") and hasattr(value, "shape"):
        return (value.shape, value.dtype.str, value.tobytes())
    return value
