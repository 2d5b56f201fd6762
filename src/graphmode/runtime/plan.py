"""From fetches and feeds to a `Plan`: which ops run, in which order, reading which values.

Values live in numbered *slots*. Every version of a variable that the plan can see has a slot of its
own, so that the steps are a pure data flow and a run that fails has changed nothing. The order of
reads and writes is decided here:

- an op reads a variable at its own place: it sees the last write that is ordered before it by data
  or control edges, and otherwise the value from before the run;
- writes to one variable happen in construction order, but what replaces it by a function of its
  value from before the run comes before the updates that nothing orders before it: a clip of the
  weights run beside the training step would undo the step otherwise;
- a fetched variable gives its value at the end of the run.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from graphmode.framework import dtypes
from graphmode.framework.control_records import Branch, Control, Count, Loop
from graphmode.framework.inference import kernel_attrs
from graphmode.framework.operation import Operation, Tensor
from graphmode.framework.references import is_snapshot, is_variable, variable_of
from graphmode.runtime.control_flow import BranchRun, ControlRun, CountRun, Inner, LoopRun

if TYPE_CHECKING:
    from graphmode.framework.contexts import Context, Subgraph


@dataclass(slots=True, eq=False)
class Step:
    """One op of a plan: `call` on the values of `inputs` gives the values of `outputs`."""

    op: Operation
    call: Callable
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    single: bool
    """Whether `call` gives the one output itself instead of a sequence."""
    draws: tuple[Operation, ...]
    """The random ops that it runs: itself, or those inside of a branch or loop."""
    control: ControlRun | None = None
    """What runs it instead of `call`, if it is a branch or a loop."""


@dataclass(slots=True)
class VariableLoad:
    """A variable read from before the run."""

    op: Operation
    slot: int
    required: bool
    reader: Operation


@dataclass(slots=True)
class Plan:
    """The part of a graph that one signature of `Session.run` needs."""

    order: list[Operation]
    steps: list[Step]
    n_slots: int
    constants: list[tuple[int, Any]]
    feed_slots: list[int]
    fetch_slots: list[int]
    loads: list[VariableLoad]
    stores: list[tuple[Operation, int]]
    random_ops: list[Operation]
    fetched_ops: list[Operation]
    unfed: list[Operation]
    """Placeholders that are needed and not fed: the run fails before it starts."""
    slots: dict[Tensor, int]
    state: Any = field(default=None)
    """What the runtime remembers of the plan: stages, programs, counts."""


def ordered_ops(
    roots: Iterable[Operation],
    fed: frozenset[Tensor],
    within: Context | None = None,
    read: Collection[Tensor] = (),
) -> list[Operation]:
    """The ops that `roots` need when `fed` tensors are given, each after what it needs.

    Inside of `within`, a branch or body, no op from outside: its owner waits for those. `read` are
    the tensors that something else reads.
    """
    needed: set[Operation] = set()
    stack = list(roots)
    in_order = True
    loops: dict[Operation, Tensor] = {}
    while stack or loops:
        if not stack:  # how often a loop repeats matters where the gradient of the loop is wanted
            keeping = [op for op in loops if _keeps_lists(op, needed, read)]
            stack = [loops.pop(op).op for op in keeping]
            if not stack:
                break
            continue
        op = stack.pop()
        if op in needed:
            continue
        needed.add(op)
        inputs = op.inputs
        if isinstance(op.control, Loop) and op.control.bound is not None:
            loops[op] = op.control.bound
            inputs = inputs[: op.control.n_values + len(op.control.written)]
        for tensor in inputs:
            if tensor not in fed:
                stack.append(tensor.op)
                in_order = in_order and tensor.op.id < op.id
        for control in op.control_inputs:
            if within is not None and not within.contains(control.context):
                continue
            if not _is_fed(control, fed):
                stack.append(control)
                in_order = in_order and control.id < op.id
    if in_order:
        return sorted(needed, key=lambda op: op.id)
    return _topological(needed, fed)


def _keeps_lists(loop: Operation, needed: set[Operation], read: Collection[Tensor]) -> bool:
    """Whether the values that `loop` had in all iterations are among `read` or what ops read."""
    control = Loop.of(loop)
    lists = loop.outputs[control.n_results :]
    return any(
        tensor in read or any(reader in needed for reader in tensor.reader_ops)
        for tensor, export in zip(lists, control.exports, strict=True)
        if export is not None
    )


def overwrites_first(order: list[Operation], fed: frozenset[Tensor]) -> list[Operation]:
    """`order`, with `v.assign(f(v))` before the updates of v that nothing orders before it."""
    updated = {
        variable_of(tensor)
        for op in order
        if op.op_def.effect == "write" and not op.op_def.overwrites
        for tensor, spec in zip(op.inputs, op.op_def.inputs, strict=False)
        if spec.is_ref
    }
    first: set[Operation] = set()
    for op in order if updated else ():
        if not op.op_def.overwrites or op.inputs[1] in fed:
            continue
        variable = variable_of(op.inputs[0])
        if variable not in updated or variable not in ordered_ops([op.inputs[1].op], fed):
            continue
        needed = ordered_ops([op], fed)
        if not any(other.op_def.effect == "write" and other is not op for other in needed):
            first.update(needed)
    if not first:
        return order
    return [op for op in order if op in first] + [op for op in order if op not in first]


def _is_fed(op: Operation, fed: frozenset[Tensor]) -> bool:
    """Whether `op` is a placeholder with a value: there is nothing to wait for."""
    return op.op_def.role == "placeholder" and op.outputs[0] in fed


def _must_be_fed(op: Operation) -> bool:
    return op.op_def.role == "placeholder" and op.op_def.effect == "host"


def _topological(needed: set[Operation], fed: frozenset[Tensor]) -> list[Operation]:
    """Dependencies first, construction order among what is free; for control edges added late."""
    import heapq

    waiting: dict[Operation, int] = {}
    readers: dict[Operation, list[Operation]] = {op: [] for op in needed}
    for op in needed:
        before = {t.op for t in op.inputs if t not in fed}
        before |= {control for control in op.control_inputs if not _is_fed(control, fed)}
        before &= needed
        waiting[op] = len(before)
        for other in before:
            readers[other].append(op)
    ready = [(op.id, op) for op, count in waiting.items() if not count]
    heapq.heapify(ready)
    ordered = []
    while ready:
        _, op = heapq.heappop(ready)
        ordered.append(op)
        for reader in readers[op]:
            waiting[reader] -= 1
            if not waiting[reader]:
                heapq.heappush(ready, (reader.id, reader))
    if len(ordered) < len(needed):
        from graphmode.framework.errors import InvalidArgumentError

        stuck = min((op for op, count in waiting.items() if count), key=lambda op: op.id)
        raise InvalidArgumentError(
            None, stuck, f"The graph has a cycle through control inputs at '{stuck.name}'."
        )
    return ordered


class _Builder:
    """Assigns slots and variable versions while it walks the ordered ops."""

    def __init__(self, fed: Sequence[Tensor], read: Callable[[], set[Tensor]]) -> None:
        self.read_tensors = functools.cache(read)
        self.slots: dict[Tensor, int] = {}
        self.n_slots = 0
        self.feed_slots = []
        for tensor in fed:
            self.slots[tensor] = self.new_slot()
            self.feed_slots.append(self.slots[tensor])
        self.steps: list[Step] = []
        self.constants: list[tuple[int, Any]] = []
        self.loads: dict[Operation, VariableLoad] = {}
        # Writes before an op, as a bit set; bit i is the i-th write of the plan.
        self.seen: dict[Operation, int] = {}
        self.writes: list[tuple[Operation, int]] = []
        self.write_bits: dict[Operation, int] = {}
        self.last_write: dict[Operation, int] = {}

    def new_slot(self) -> int:
        self.n_slots += 1
        return self.n_slots - 1

    def load(self, variable: Operation, reader: Operation, required: bool = True) -> int:
        """The slot of the value that `variable` had before the run."""
        load = self.loads.get(variable)
        if load is None:
            load = VariableLoad(variable, self.new_slot(), required, reader)
            self.loads[variable] = load
        elif required and not load.required:
            load.required, load.reader = True, reader
        return load.slot

    def read(self, variable: Operation, reader: Operation, required: bool = True) -> int:
        """The slot of what `reader` sees in `variable`."""
        bits = self.seen.get(reader, 0) & self.write_bits.get(variable, 0)
        if bits:
            return self.writes[bits.bit_length() - 1][1]
        return self.load(variable, reader, required)

    def current(self, variable: Operation, reader: Operation) -> int:
        """The slot of the newest version: what the next write starts from."""
        if variable in self.last_write:
            return self.last_write[variable]
        return self.load(variable, reader)

    def input_slot(self, tensor: Tensor, reader: Operation) -> int:
        if tensor in self.slots:
            return self.slots[tensor]
        op = tensor.op
        if is_variable(tensor):
            return self.read(op, reader)
        assert is_snapshot(op), f"'{tensor.name}' is read before it is made"  # noqa: S101
        variable = op.inputs[0]
        return self.slots[variable] if variable in self.slots else self.read(variable.op, reader)

    def add(self, op: Operation, fed: frozenset[Tensor]) -> None:
        seen = self.seen
        bits = 0
        for tensor in op.inputs:
            if tensor not in fed:
                bits |= seen.get(tensor.op, 0)
        for control in op.control_inputs:
            bits |= seen.get(control, 0)
        if bits:
            seen[op] = bits
        op_def = op.op_def
        if op_def.role in ("variable", "order") or is_snapshot(op):
            return
        if op_def.effect == "write":
            self.add_write(op, bits)
            return
        if op.control is not None:
            self.add_control(op, op.control, bits)
            return
        if op_def.role == "constant":
            slot = self.slots[op.outputs[0]] = self.new_slot()
            self.constants.append((slot, op.attrs["value"]))
            return
        required = op_def.effect != "read"
        inputs = tuple(
            self.input_slot(t, op)
            if required or not is_variable(t)
            else self.read(t.op, op, required=False)
            for t in op.inputs
        )
        outputs = []
        for tensor in op.outputs:
            slot = self.new_slot()
            if tensor not in fed:
                self.slots[tensor] = slot
            outputs.append(slot)
        self.steps.append(_step(op, inputs, tuple(outputs)))

    def add_write(self, op: Operation, bits: int) -> None:
        specs = op.op_def.inputs
        inputs, outputs = [], []
        for i, tensor in enumerate(op.inputs):
            if i < len(specs) and specs[i].is_ref:
                variable = variable_of(tensor)
                if not op.op_def.overwrites:
                    inputs.append(self.current(variable, op))
                slot = self.new_slot()
                outputs.append(slot)
                bit = 1 << len(self.writes)
                self.writes.append((variable, slot))
                self.write_bits[variable] = self.write_bits.get(variable, 0) | bit
                self.last_write[variable] = slot
                bits |= bit
            else:
                inputs.append(self.input_slot(tensor, op))
        self.seen[op] = bits
        written = outputs[0]
        for tensor in op.outputs:
            if tensor.dtype._is_ref_dtype:
                self.slots.setdefault(tensor, written)
            else:  # CountUpTo: what it gives is not what it writes
                slot = self.new_slot()
                self.slots.setdefault(tensor, slot)
                outputs.append(slot)
        self.steps.append(_step(op, tuple(inputs), tuple(outputs)))

    def result_slot(self, tensor: Tensor) -> int:
        """The slot of a fetched tensor: of a variable the one at the end."""
        if tensor in self.slots:
            return self.slots[tensor]
        if is_variable(tensor):
            return self.current(tensor.op, tensor.op)
        return self.input_slot(tensor, tensor.op)

    def add_control(self, op: Operation, record: Control, bits: int) -> None:
        """Add a branch or a loop: what it captures goes in, what it writes goes in and out."""
        variables, n_values, n_results = record.written, record.n_values, record.n_results
        inputs = [
            self.read(t.op, op, required=False)
            if isinstance(record, Branch) and is_variable(t) and t not in self.slots
            else self.input_slot(t, op)
            for t in op.inputs[:n_values]
        ]
        inputs += [self.current(variable, op) for variable in variables]
        wanted = self.read_tensors()
        exports = [tensor for tensor in op.outputs[n_results:] if tensor in wanted]
        if any(tensor.dtype.base_dtype is dtypes.variant for tensor in exports):
            inputs += [self.input_slot(t, op) for t in op.inputs[n_values + len(variables) :]]
        outputs = []
        for tensor in (*op.outputs[:n_results], *exports):
            slot = self.new_slot()
            self.slots.setdefault(tensor, slot)
            outputs.append(slot)
        for variable in variables:
            slot = self.new_slot()
            outputs.append(slot)
            bit = 1 << len(self.writes)
            self.writes.append((variable, slot))
            self.write_bits[variable] = self.write_bits.get(variable, 0) | bit
            self.last_write[variable] = slot
            bits |= bit
        self.seen[op] = bits
        control = _control_run(op, record, exports)
        call = control.run
        self.steps.append(
            Step(op, call, tuple(inputs), tuple(outputs), False, control.random_ops, control)
        )


def _control_run(op: Operation, record: Control, exports: list[Tensor]) -> ControlRun:
    """What runs the branch or loop `op` and gives `exports` besides its results."""
    captured, variables = record.captures, record.written
    wanted = [tensor.value_index - record.n_results for tensor in exports]
    if isinstance(record, Branch):
        by_branch: list[list[Tensor]] = [[], []]
        positions = []
        for which, tensor in (record.exports[i] for i in wanted):
            positions.append((which, len(by_branch[which])))
            by_branch[which].append(tensor)
        then, otherwise = (
            _inner(subgraph, captured, variables, tensors)
            for subgraph, tensors in zip(record.subgraphs, by_branch, strict=True)
        )
        return BranchRun(op, then, otherwise, positions, captured)
    inside = [record.exports[i] for i in wanted] if isinstance(record, Loop) else []
    lists = [tensor for tensor in inside if tensor is not None]
    first, second = record.subgraphs
    test = _inner(first, captured, variables, [])
    body = _inner(second, captured, variables, lists)
    n = record.n_first
    if isinstance(record, Count):
        return CountRun(op, test, body, n)
    return LoopRun(op, test, body, n, ["count" if tensor is None else "list" for tensor in inside])


def _inner(
    subgraph: Subgraph,
    captured: Sequence[Tensor],
    variables: Sequence[Operation],
    exports: Sequence[Tensor],
) -> Inner:
    """The plan of a subgraph."""
    feeds = [*subgraph.args, *captured]
    fed = frozenset(feeds)
    targets = [*subgraph.outputs, *exports]
    roots = [tensor.op for tensor in targets if tensor not in fed] + subgraph.effects
    order = overwrites_first(ordered_ops(roots, fed, subgraph.context, set(targets)), fed)
    builder = _Builder(feeds, lambda: _tensors_read(order, targets))
    versions = [builder.load(variable, variable) for variable in variables]
    for op in order:
        builder.add(op, fed)
    return Inner(
        steps=builder.steps,
        constants=builder.constants,
        n_args=len(subgraph.args),
        feed_slots=builder.feed_slots,
        version_slots=versions,
        result_slots=[builder.result_slot(tensor) for tensor in subgraph.outputs],
        export_slots=[builder.result_slot(tensor) for tensor in exports],
        new_version_slots=[
            builder.last_write.get(variable, slot)
            for variable, slot in zip(variables, versions, strict=True)
        ],
        random_ops=[op for step in builder.steps for op in step.draws],
        n_slots=builder.n_slots,
    )


def _tensors_read(order: Iterable[Operation], fetched: Iterable[Tensor]) -> set[Tensor]:
    """All that `order` reads, and what is fetched."""
    return {tensor for op in order for tensor in op.inputs}.union(fetched)


def _step(op: Operation, inputs: tuple[int, ...], outputs: tuple[int, ...]) -> Step:
    op_def = op.op_def
    single = len(outputs) == 1 and not (op_def.outputs and op_def.outputs[0].is_list)
    call = bound_kernel(op)
    if op_def.overwrites:  # it does not read what it overwrites, which may not exist yet
        call = functools.partial(call, op.inputs[0].dims)
    return Step(op, call, inputs, outputs, single, (op,) if op_def.effect == "random" else ())


def bound_kernel(op: Operation) -> Callable:
    """The kernel of `op` as a function of its input values alone (and of `stream=`)."""
    op_def = op.op_def
    kernel = op_def.kernel
    attrs = kernel_attrs(op)
    if attrs:
        kernel = functools.partial(kernel, **attrs)
    specs = op_def.inputs
    if not any(spec.is_list for spec in specs):
        return kernel
    if len(specs) == 1:
        return lambda *values, **kw: kernel(list(values), **kw)
    lengths = [
        -1
        if not spec.is_list
        else (op.attrs[spec.count] if spec.count else len(op.attrs[spec.family]))
        for spec in specs
    ]

    def call(*values, **kw):
        grouped, i = [], 0
        for n in lengths:
            if n < 0:
                grouped.append(values[i])
                i += 1
            else:
                grouped.append(list(values[i : i + n]))
                i += n
        return kernel(*grouped, **kw)

    return call


def build_plan(fetches: Sequence[Tensor | Operation], feeds: Sequence[Tensor]) -> Plan:
    """Plan a run that gives `fetches` (tensors; ops are only run) when `feeds` are given."""
    fed = frozenset(feeds)
    builder = _Builder(
        feeds, lambda: _tensors_read(order, [f for f in fetches if isinstance(f, Tensor)])
    )
    roots = []
    for fetch in fetches:
        if isinstance(fetch, Operation):
            roots.append(fetch)
        elif fetch not in fed:
            roots.append(fetch.op)
    order = overwrites_first(ordered_ops(roots, fed), fed)
    for op in order:
        builder.add(op, fed)
    fetch_slots = []
    for fetch in fetches:
        if isinstance(fetch, Tensor):
            fetch_slots.append(builder.result_slot(fetch))
    wanted = set(fetches)
    for step in builder.steps:
        record = step.op.control
        if isinstance(record, Branch) and not wanted.isdisjoint(
            step.op.outputs[record.n_results :]
        ):  # a program has no word for "was not computed"
            assert step.control is not None  # noqa: S101 - an If has one
            step.control.on_host = True
    return Plan(
        order=order,
        steps=builder.steps,
        constants=builder.constants,
        n_slots=builder.n_slots,
        feed_slots=builder.feed_slots,
        fetch_slots=fetch_slots,
        loads=list(builder.loads.values()),
        stores=list(builder.last_write.items()),
        random_ops=[op for step in builder.steps for op in step.draws],
        fetched_ops=[fetch for fetch in fetches if isinstance(fetch, Operation)],
        unfed=[step.op for step in builder.steps if _must_be_fed(step.op)],
        slots=builder.slots,
    )
