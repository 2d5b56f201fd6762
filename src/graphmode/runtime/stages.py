"""Cut a plan into stages: programs for a device, and what must run on the host between them.

An op runs on the host when it has effects there (py_func, Print), when it handles strings, or when
the shape of its result depends on data (Where, Unique): the stage after it receives a host value of
known shape. A value that a later op needs while it is *traced* (the shape of a Reshape) must be a
host value too: it enters its stage as a *static* input, whose bytes are part of the signature.

Where a plan has ops on several devices each has stages of its own. Stages of one level wait for
earlier levels only, so that those of different devices run at the same time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from graphmode.framework import dtypes
from graphmode.framework.control_records import Branch, Loop
from graphmode.runtime.plan import segments_of
from graphmode.runtime.programs.structure import Structure, structure_of

if TYPE_CHECKING:
    from graphmode.framework.operation import Operation, Tensor
    from graphmode.runtime.control_flow import ControlRun
    from graphmode.runtime.places.devices import Device
    from graphmode.runtime.plan import Plan, Segment, Step

_LITERAL_LIMIT = 16  # elements: larger constants are arguments of the program
_HOST = "host"


@dataclass(frozen=True, slots=True, eq=False, repr=False, weakref_slot=True)
class Stage:
    """Steps that run together: `inputs`, `statics` come from outside, `outputs` are used later."""

    on_host: bool
    steps: tuple[Step, ...]
    device: Device | None
    """Where its program runs; None for the device where everything runs."""
    inputs: tuple[int, ...]
    statics: tuple[int, ...]
    outputs: tuple[int, ...]
    literals: tuple[tuple[int, Any], ...]
    random_ops: tuple[Operation, ...]
    lists: bool
    """Whether a value that goes in or out may be a list of tensors."""
    overwritten: frozenset[int]
    """The inputs that hold variables which nothing reads after the stage."""
    in_parts: frozenset[int]
    """Of the host: the inputs that may stay in parts on several devices."""
    segments: tuple[Segment, ...]
    """Of the host: the steps, cut around those that may wait."""
    structure: Structure | None
    """Equal for programs that do the same."""


class Cut(NamedTuple):
    """A plan in stages: each level waits for those before it, its stages for no other of it."""

    levels: tuple[tuple[Stage, ...], ...]

    @property
    def only(self) -> Stage | None:
        """The stage of a plan that is one."""
        return self.levels[0][0] if len(self.levels) == 1 == len(self.levels[0]) else None


def cut(
    plan: Plan,
    device_of: Callable[[Step], Device | None] = lambda step: None,
    lists_on_host: bool = False,
) -> Cut:
    """Cut `plan`.

    Parameters
    ----------
    device_of : callable
        The device of a step; None for all steps where there is one.
    lists_on_host : bool
        Whether branches, loops and lists run between programs, not in them.
    """
    cutter = _Cutter(plan, lists_on_host)
    demanded = cutter.demanded(plan.steps)
    places = {
        step.op: _HOST if cutter.runs_on_host(step, demanded) else device_of(step)
        for step in plan.steps
    }
    groups: dict[tuple[int, Any], list[Step]] = {}
    level_of = _levels(plan, places)
    for step in plan.steps:
        groups.setdefault((level_of[step.op], places[step.op]), []).append(step)
    numbers = sorted({level for level, _ in groups})
    outside = _Outside(plan, demanded)
    levels: list[tuple[Stage, ...]] = []
    for level in reversed(numbers):
        is_last = level == numbers[-1]
        here = [(place, steps) for (number, place), steps in groups.items() if number == level]
        levels.append(outside.stages(here, is_last))
    return Cut(tuple(reversed(levels)))


def _levels(plan: Plan, places: dict[Operation, Any]) -> dict[Operation, int]:
    """Number the stages: even on devices, odd on the host, each after what it waits for."""
    level_of: dict[Operation, int] = {}
    # When an op is done, by place; one without a step when all that it waits for is.
    done: dict[Operation, dict[Any, int]] = {}
    made: dict[int, dict[Any, int]] = {}
    free: list[Step] = []
    last_ordered = -2
    step_of = {step.op: step for step in plan.steps}
    for op in plan.order:
        before: dict[Any, int] = {}
        waits_for = [done.get(control) for control in op.control_inputs]
        step = step_of.get(op)
        if step is None:
            waits_for += [done.get(tensor.op) for tensor in op.inputs]
        else:
            waits_for += [made.get(slot) for slot in step.inputs]
        for levels in waits_for:
            for place, level in (levels or {}).items():
                before[place] = max(before.get(place, level), level)
        if step is None:
            done[op] = before
            continue
        place = places[op]
        parity = 1 if place == _HOST else 0
        level = -parity
        for other, after in before.items():
            start = after if other == place else after + 1
            level = max(level, start + (start - parity) % 2)
        if op.op_def.ordered:
            level = last_ordered = max(level, last_ordered)
        level_of[op] = level
        if not before:
            free.append(step)
        done[op] = {place: level}
        made.update(dict.fromkeys(step.outputs, done[op]))
    _join_readers(plan.steps, free, places, level_of)
    return level_of


def _join_readers(
    steps: Sequence[Step],
    free: list[Step],
    places: dict[Operation, Any],
    level_of: dict[Operation, int],
) -> None:
    """Move what waits for nothing (ones, zeros) to its first reader: no program for it alone."""
    readers: dict[int, list[Operation]] = {}
    for step in steps if free else ():
        for slot in step.inputs:
            readers.setdefault(slot, []).append(step.op)
    for step in reversed(free):
        op = step.op
        reading = [reader for slot in step.outputs for reader in readers.get(slot, ())]
        same_place = all(places[reader] == places[op] for reader in reading)
        if reading and same_place and op.op_def.effect == "pure":
            level_of[op] = min(level_of[reader] for reader in reading)


class _Outside:
    """What stages give to those after them, collected from the last one to the first."""

    def __init__(self, plan: Plan, demanded: set[int]) -> None:
        self._plan = plan
        self._demanded = demanded
        self._constants = dict(plan.constants)
        self._used_later = {*plan.fetch_slots, *(slot for _, slot in plan.stores)}

    def stages(self, here: list[tuple[Any, list[Step]]], is_last: bool) -> tuple[Stage, ...]:
        """The stages of one level."""
        made: list[Stage] = []
        read_here: set[int] = set()
        for place, steps in here:
            produced = {slot for step in steps for slot in step.outputs}
            read = {slot for step in steps for slot in step.inputs} - produced
            read_here |= read
            alone = is_last and len(here) == 1
            outputs = tuple(sorted(produced & self._used_later))
            made.append(self._stage(place, tuple(steps), sorted(read), outputs, alone))
        self._used_later |= read_here
        return tuple(made)

    def _stage(
        self,
        place: Any,
        steps: tuple[Step, ...],
        read: list[int],
        outputs: tuple[int, ...],
        is_last: bool,
    ) -> Stage:
        on_host = place == _HOST
        inputs: list[int] = []
        statics: list[int] = []
        literals: list[tuple[int, Any]] = []
        for slot in read:
            constant = self._constants.get(slot)
            if constant is not None:
                small = constant.size <= _LITERAL_LIMIT or constant.dtype.hasobject
                if small or slot in self._demanded or on_host:
                    literals.append((slot, constant))
                else:
                    inputs.append(slot)
            elif slot in self._demanded and not on_host:
                statics.append(slot)
            else:
                inputs.append(slot)
        return Stage(
            on_host=on_host,
            steps=steps,
            device=None if on_host else place,
            inputs=tuple(inputs),
            statics=tuple(statics),
            outputs=outputs,
            literals=tuple(literals),
            random_ops=tuple(op for step in steps for op in step.draws),
            lists=any(map(_has_lists, steps)),
            overwritten=self._overwritten(inputs) if is_last and not on_host else frozenset(),
            in_parts=_in_parts(steps) if on_host else frozenset(),
            segments=segments_of(steps) if on_host else (),
            structure=None if on_host else structure_of(inputs, statics, literals, steps, outputs),
        )

    def _overwritten(self, inputs: list[int]) -> frozenset[int]:
        plan = self._plan
        written = {op for op, _ in plan.stores}
        slots = {load.slot for load in plan.loads if load.op in written}
        return frozenset(slots & set(inputs) - set(plan.fetch_slots))


def _in_parts(steps: Sequence[Step]) -> frozenset[int]:
    """The slots that only steps read which take arrays in parts."""
    taken = {slot for step in steps if step.op.op_def.in_parts for slot in step.inputs}
    return frozenset(taken.difference(*(s.inputs for s in steps if not s.op.op_def.in_parts)))


class _Cutter:
    """Which steps of a plan run on the host, and which values must be known while tracing."""

    def __init__(self, plan: Plan, lists_on_host: bool) -> None:
        self._lists_on_host = lists_on_host
        self._hosted = dict.fromkeys(plan.hosted, True)
        self._needed: dict[Any, set[int]] = {}
        """The demanded slots of each subgraph."""
        if lists_on_host:
            controls = (step.control for step in plan.steps)
            self._hosted.update((control, True) for control in controls if control is not None)
        else:
            self._place_counts(plan)

    def _place_counts(self, plan: Plan) -> None:
        """Count a loop while its program is traced if shapes decide it, else on the host."""
        counts = [step for step in plan.steps if step.control is not None and step.control.counts]
        if not counts:
            return
        known = {slot for slot, _ in plan.constants}
        for step in (*plan.prologue, *plan.steps):
            op_def = step.op.op_def
            if op_def.reads_shape or (
                op_def.effect == "pure"
                and not op_def.data_dependent
                and known.issuperset(step.inputs)
            ):
                known.update(step.outputs)
        for step in counts:
            self._hosted[step.control] = not known.issuperset(step.inputs)  # type: ignore[index]

    def demanded(self, steps: Sequence[Step]) -> set[int]:
        """The slots whose values must be known while a program is traced."""
        demanded: set[int] = set()
        for step in reversed(steps):
            op_def = step.op.op_def
            if op_def.data_dependent:  # it runs on the host, from whatever values
                continue
            control = step.control
            if control is not None:
                if control.counts and self._hosted.get(control):
                    continue
                demanded.update(step.inputs[i] for i in self._static_inputs(control))
            elif op_def.static is not None:
                demanded.update(step.inputs[i] for i in op_def.static(step.op))
            if not op_def.reads_shape and not demanded.isdisjoint(step.outputs):
                demanded.update(step.inputs)
        return demanded

    def _static_inputs(self, control: ControlRun) -> list[int]:
        """The inputs of a branch or loop that must be known when it is traced."""
        static = list(control.static)
        for inner in control.inners:
            wanted = self._inner_demanded(inner)
            static += [
                control.first + i for i, slot in enumerate(inner.captured_slots) if slot in wanted
            ]
        return static

    def _inner_demanded(self, inner: Any) -> set[int]:
        if inner not in self._needed:
            self._needed[inner] = self.demanded(inner.steps)
        return self._needed[inner]

    def runs_on_host(self, step: Step, demanded: set[int]) -> bool:
        return self._is_hosted(step, demanded) or (self._lists_on_host and _has_lists(step))

    def _is_hosted(self, step: Step, demanded: set[int]) -> bool:
        if step.control is not None:
            return self._is_control_hosted(step.control)
        op = step.op
        op_def = op.op_def
        if op_def.effect in ("host", "read") or op_def.data_dependent:
            return True
        if op_def.effect in ("random", "write") and not demanded.isdisjoint(step.outputs):
            return True
        if not op.outputs and op_def.check is not None:
            # Only its check runs in a program (Assert): constant texts in its data do not matter.
            return any(_is_text(t) and t.op.op_def.role != "constant" for t in op.inputs)
        return _chooses_handle(op) or any(_carries_text(t) for t in (*op.inputs, *op.outputs))

    def _is_control_hosted(self, control: ControlRun) -> bool:
        if control not in self._hosted:
            op = control.op
            self._hosted[control] = any(map(_carries_text, (*op.inputs, *op.outputs))) or any(
                map(self._has_hosted_steps, control.inners)
            )
        return self._hosted[control]

    def _has_hosted_steps(self, inner: Any) -> bool:
        demanded = self._inner_demanded(inner)
        return any(
            self._is_hosted(step, demanded)
            for step in inner.steps
            if step.control is None or not step.control.counts
        )


def _has_lists(step: Step) -> bool:
    tensors: Iterable[Tensor] = (*step.op.inputs, *step.op.outputs)
    return any(tensor.dtype.base_dtype is dtypes.variant for tensor in tensors)


def _chooses_handle(op: Operation) -> bool:
    """Whether it chooses one of several queues, as `QueueBase.from_list` does."""
    return bool(op.inputs and op.outputs) and op.outputs[0].dtype is dtypes.resource


def _is_text(tensor: Tensor) -> bool:
    return tensor.dtype.base_dtype is dtypes.string


def _carries_text(tensor: Tensor) -> bool:
    """Whether it is text, or a list of texts: what the list was made of tells."""
    while tensor.dtype.base_dtype is dtypes.variant:
        op = tensor.op
        if op.attrs.get("element_dtype") is dtypes.string or any(map(_is_text, op.inputs)):
            return True
        made_of = _list_before(tensor)
        if made_of is None:
            return False
        tensor = made_of
    return _is_text(tensor)


def _list_before(tensor: Tensor) -> Tensor | None:
    """The list that the list `tensor` was made from, or one like its elements."""
    op, control = tensor.op, tensor.op.control
    if isinstance(control, Loop):
        if tensor.value_index < control.n_results:
            return op.inputs[tensor.value_index]
        return control.exports[tensor.value_index - control.n_results]
    if isinstance(control, Branch):
        if tensor.value_index < control.n_results:
            return control.then.outputs[tensor.value_index]
        return control.exports[tensor.value_index - control.n_results][1]
    owner = None if op.inputs or op.context is None else op.context.owner
    if owner is not None and isinstance(owner.control, Loop):
        for subgraph in owner.control.subgraphs:
            if tensor in subgraph.args:
                return owner.inputs[subgraph.args.index(tensor)]
    return next((t for t in op.inputs if t.dtype.base_dtype is dtypes.variant), None)
