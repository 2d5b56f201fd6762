"""From fetches and feeds to a `Plan`: slots, versions of variables, branches and loops.

The order of reads and writes is decided here:

- an op reads a variable at its own place: it sees the last write that is ordered before it by data
  or control edges, and otherwise the value from before the run;
- writes to one variable happen in construction order, but what replaces it by a function of its
  value from before the run comes before the updates that nothing orders before it: a clip of the
  weights run beside the training step would undo the step otherwise;
- a fetched variable gives its value at the end of the run;
- what may wait (a Python function) and reads no variable comes before all reads.
"""

# pyright: reportPrivateUsage=false
from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import dtypes
from graphmode.framework.control_records import Branch, Count, Loop
from graphmode.framework.inference import kernel_attrs
from graphmode.framework.nodes import dims_behind
from graphmode.framework.operation import Operation, Tensor
from graphmode.ops.state.references import is_snapshot, is_variable, variable_of
from graphmode.runtime.control_flow import BranchRun, ControlRun, CountRun, Inner, LoopRun
from graphmode.runtime.order import Given, Part, needed_ops, ordered_ops, overwrites_first
from graphmode.runtime.plan import Plan, Step, VariableLoad, Versions

if TYPE_CHECKING:
    from graphmode.framework.contexts import Subgraph
    from graphmode.runtime.resources import ResourceTable


class _Builder:
    """Assigns slots and variable versions while it walks the ordered ops."""

    def __init__(
        self, fed: Sequence[Tensor], read: Callable[[], set[Tensor]], resources: ResourceTable
    ) -> None:
        self.resources = resources
        self._read = read
        self._read_tensors: set[Tensor] | None = None
        self.slots: dict[Tensor, int] = {}
        self.n_slots = 0
        self.feed_slots: list[int] = []
        for tensor in fed:
            slot = self.slots[tensor] = self.new_slot()
            self.feed_slots.append(slot)
            self.slots.update((twin, slot) for twin in tensor.graph.twins.get(tensor, ()))
        self.steps: list[Step] = []
        self.waiting: list[Step] = []
        """Those that may wait."""
        self.controls: list[Step] = []
        """Those that are branches or loops."""
        self.unfed: list[Operation] = []
        self.constants: list[tuple[int, Any]] = []
        self.loads: dict[Operation, VariableLoad] = {}
        # Writes before an op, as a bit set; bit i is the i-th write of the plan.
        self.seen: dict[Operation, int] = {}
        self.writes: list[tuple[Operation, int]] = []
        self.write_bits: dict[Operation, int] = {}
        self.last_write: dict[Operation, int] = {}

    def read_tensors(self) -> set[Tensor]:
        """What is read or fetched; found when a branch or a loop first asks."""
        if self._read_tensors is None:
            self._read_tensors = self._read()
        return self._read_tensors

    def new_slot(self) -> int:
        self.n_slots += 1
        return self.n_slots - 1

    def load(self, variable: Operation, reader: Operation, required: bool = True) -> int:
        """The slot of the value that `variable` had before the run."""
        load = self.loads.get(variable)
        if load is None:
            load = self.loads[variable] = VariableLoad(variable, self.new_slot(), required, reader)
        elif required and not load.required:
            self.loads[variable] = VariableLoad(variable, load.slot, True, reader)
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
            variable = variable_of(tensor)
            captured = self.slots.get(variable.outputs[0])
            return self.read(variable, reader) if captured is None else captured
        assert is_snapshot(op), f"'{tensor.name}' is read before it is made"  # noqa: S101
        variable = op.inputs[0]
        return self.slots[variable] if variable in self.slots else self.read(variable.op, reader)

    def add(self, op: Operation, fed: Given, parts: dict[Operation, Part]) -> None:
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
        if op_def.role in ("variable", "order") or is_snapshot(op) or _passes_handle(op):
            return
        if op_def.role == "reading":
            if op.outputs[0] not in fed:
                self.slots[op.outputs[0]] = self.input_slot(op.inputs[0], op)
            return
        if op_def.effect == "write":
            self.add_write(op, bits)
            return
        if op.control is not None:
            self.add_control(op, parts[op], bits)
            return
        if op_def.role == "constant":
            slot = self.slots[op.outputs[0]] = self.new_slot()
            self.constants.append((slot, op.attrs["value"]))
            return
        required = op_def.effect != "read"
        inputs = tuple(
            self.input_slot(t, op)
            if required or not is_variable(t)
            else self.read(variable_of(t), op, required=False)
            for t in op.inputs
        )
        outputs: list[int] = []
        for tensor in op.outputs:
            slot = self.new_slot()
            if tensor not in fed:
                self.slots[tensor] = slot
            outputs.append(slot)
        self.steps.append(_step(op, inputs, tuple(outputs), self.resources))
        if op_def.blocks:
            self.waiting.append(self.steps[-1])
        elif op_def.role == "placeholder" and op_def.effect == "host":
            self.unfed.append(op)

    def add_write(self, op: Operation, bits: int) -> None:
        specs = op.op_def.inputs
        inputs: list[int] = []
        outputs: list[int] = []
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
        self.steps.append(_step(op, tuple(inputs), tuple(outputs), self.resources))

    @property
    def versions(self) -> Versions:
        """What is written to each variable."""
        slots: dict[Operation, list[int]] = {}
        for variable, slot in self.writes:
            slots.setdefault(variable, []).append(slot)
        return tuple((variable, tuple(each)) for variable, each in slots.items())

    def result_slot(self, tensor: Tensor) -> int:
        """The slot of a fetched tensor: of a variable the one at the end."""
        if tensor in self.slots:
            return self.slots[tensor]
        if is_variable(tensor):
            return self.current(variable_of(tensor), tensor.op)
        return self.input_slot(tensor, tensor.op)

    def add_control(self, op: Operation, part: Part, bits: int) -> None:
        """Add a branch or a loop: what it captures goes in, what it writes goes in and out."""
        record, variables = part.record, part.record.written
        inputs = [
            self.read(variable_of(t), op, required=False)
            if isinstance(record, Branch) and is_variable(t) and t not in self.slots
            else self.input_slot(t, op)
            for t in (*part.first, *record.captures)
        ]
        inputs += [self.current(variable, op) for variable in variables]
        wanted = self.read_tensors()
        results = [op.outputs[i] for i in part.kept]
        exports = [t for t in op.outputs[_n_results(op) :] if t in wanted]
        is_list = any(tensor.dtype.base_dtype is dtypes.variant for tensor in exports)
        bound = record.bound if isinstance(record, Loop) and is_list else None
        if bound is not None:
            inputs.append(self.input_slot(bound, op))
        outputs: list[int] = []
        for tensor in (*results, *exports):
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
        control = _control_run(op, part, results, exports, self.resources)
        call = control.run
        step = Step(op, call, tuple(inputs), tuple(outputs), False, control.random_ops, control)
        self.steps.append(step)
        self.controls.append(step)
        if step.blocks:
            self.waiting.append(step)


def _passes_handle(op: Operation) -> bool:
    """Whether `op` only gives a handle of a variable on."""
    return (
        len(op.outputs) == 1
        and op.outputs[0].dtype is dtypes.resource
        and is_variable(op.outputs[0])
    )


def _n_results(op: Operation) -> int:
    """How many results the branch or loop `op` has; the outputs after them are exports."""
    assert op.control is not None  # noqa: S101 - the caller has looked
    return op.control.n_results


def _control_run(
    op: Operation,
    part: Part,
    results: list[Tensor],
    exports: list[Tensor],
    resources: ResourceTable,
) -> ControlRun:
    """What runs the branch or loop `op` and gives `exports` besides `results`."""
    record = part.record
    captured, variables = record.captures, record.written
    wanted = [tensor.value_index - _n_results(op) for tensor in exports]
    if isinstance(record, Branch):
        by_branch: list[list[Tensor]] = [[], []]
        positions: list[tuple[int, int]] = []
        for which, tensor in (record.exports[i] for i in wanted):
            positions.append((which, len(by_branch[which])))
            by_branch[which].append(tensor)
        then, otherwise = (
            _inner(subgraph, captured, variables, tensors, resources)
            for subgraph, tensors in zip(record.subgraphs, by_branch, strict=True)
        )
        return BranchRun(op, then, otherwise, positions, captured)
    inside = [record.exports[i] for i in wanted] if isinstance(record, Loop) else []
    lists = [tensor for tensor in inside if tensor is not None]
    first, second = record.subgraphs
    test = _inner(first, captured, variables, [], resources)
    body = _inner(second, captured, variables, lists, resources)
    n = record.n_first
    if isinstance(record, Count):
        return CountRun(op, test, body, n)
    shown = ["count" if tensor is None else "list" for tensor in inside]
    dtypes_kept = [tensor.dtype.base_dtype for tensor in results]
    is_bounded = isinstance(record, Loop) and record.bound is not None
    return LoopRun(op, test, body, dtypes_kept, shown, is_bounded)


def _inner(
    subgraph: Subgraph,
    captured: Sequence[Tensor],
    variables: Sequence[Operation],
    exports: Sequence[Tensor],
    resources: ResourceTable,
) -> Inner:
    """The plan of a subgraph."""
    feeds = [*subgraph.args, *captured]
    fed = frozenset(feeds)
    targets = [*subgraph.outputs, *exports]
    roots = [*(tensor for tensor in targets if tensor not in fed), *subgraph.effects]
    needed = needed_ops(roots, fed, subgraph.context, set(targets))
    order = overwrites_first(needed.order, fed)
    builder = _Builder(feeds, lambda: needed.read.union(targets), resources)
    versions = [builder.load(variable, variable) for variable in variables]
    for op in order:
        builder.add(op, fed, needed.parts)
    written = dict(builder.versions)
    return Inner(
        order=order,
        steps=builder.steps,
        constants=builder.constants,
        n_args=len(subgraph.args),
        feed_slots=builder.feed_slots,
        version_slots=versions,
        versions=tuple(
            (variable, (slot, *written.get(variable, ())))
            for variable, slot in zip(variables, versions, strict=True)
        ),
        result_slots=[builder.result_slot(tensor) for tensor in subgraph.outputs],
        export_slots=[builder.result_slot(tensor) for tensor in exports],
        new_version_slots=[
            builder.last_write.get(variable, slot)
            for variable, slot in zip(variables, versions, strict=True)
        ],
        random_ops=[op for step in builder.steps for op in step.draws],
        n_slots=builder.n_slots,
    )


def _step(
    op: Operation, inputs: tuple[int, ...], outputs: tuple[int, ...], resources: ResourceTable
) -> Step:
    op_def = op.op_def
    single = len(outputs) == 1 and not (op_def.outputs and op_def.outputs[0].is_list)
    call = _bound_kernel(op, resources)
    if op_def.overwrites:  # it does not read what it overwrites, which may not exist yet
        target = op.inputs[0]
        dims = dims_behind(target) if op_def.inputs[0].is_handle else target.dims
        if len(op.inputs) > 1 and _is_given_away(op.inputs[1]):
            call = functools.partial(call, keeps=True)
        call = functools.partial(call, dims)
    if any(tensor.dtype is dtypes.string for tensor in op.outputs):
        call = functools.partial(_with_strings_in_arrays, call)
    return Step(op, call, inputs, outputs, single, (op,) if op_def.effect == "random" else ())


def _with_strings_in_arrays(call: Callable[..., Any], *values: Any, **kw: Any) -> Any:
    """What `call` gives; a string alone, as NumPy takes it out of an array, in an array again."""
    given: Any = call(*values, **kw)
    if isinstance(given, bytes):
        return np.array(given, object)
    several: Any = (list, tuple)
    if isinstance(given, several):
        return [np.array(part, object) if isinstance(part, bytes) else part for part in given]
    return given


def _is_given_away(tensor: Tensor) -> bool:
    """Whether nothing but what reads `tensor` has its memory."""
    while tensor.op.op_def.reshapes:
        tensor = tensor.op.inputs[0]
    return tensor.op.op_def.gives_away


def _bound_kernel(op: Operation, resources: ResourceTable) -> Callable[..., Any]:
    """The kernel of `op` as a function of its input values alone (and of `stream=`)."""
    op_def = op.op_def
    kernel = op_def.kernel
    attrs = kernel_attrs(op)
    if attrs:
        kernel = functools.partial(kernel, **attrs)
    if op_def.makes_resource:
        kernel = functools.partial(kernel, resources=functools.partial(resources.get, op))
    specs = op_def.inputs
    if not any(spec.is_list for spec in specs):
        return kernel
    if len(specs) == 1:

        def of_list(*values: Any, **kw: Any) -> Any:
            return kernel(list(values), **kw)

        return of_list
    lengths = [
        -1
        if not spec.is_list
        else (op.attrs[spec.length] if spec.length else len(op.attrs[spec.family]))
        for spec in specs
    ]

    def call(*values: Any, **kw: Any) -> Any:
        grouped: list[Any] = []
        i = 0
        for n in lengths:
            if n < 0:
                grouped.append(values[i])
                i += 1
            else:
                grouped.append(list(values[i : i + n]))
                i += n
        return kernel(*grouped, **kw)

    return call


def build_plan(
    fetches: Sequence[Tensor | Operation],
    feeds: Sequence[Tensor],
    resources: ResourceTable,
    done: Iterable[Operation] = (),
) -> Plan:
    """Plan a run that gives `fetches` (tensors; ops are only run) when `feeds` are given.

    What is to wait for an op that is `done` need not.
    """
    fed: Given = frozenset((*feeds, *done))
    if feeds:
        fed = fed.union(*(t.graph.twins.get(t, ()) for t in feeds))
    builder = _Builder(
        feeds,
        lambda: needed.read.union(read),
        resources,
    )
    read = {fetch for fetch in fetches if isinstance(fetch, Tensor)}
    needed = needed_ops([fetch for fetch in fetches if fetch not in fed], fed, read=read)
    order = overwrites_first(needed.order, fed)
    for op in order:
        builder.add(op, fed, needed.parts)
    fetch_slots: list[int] = []
    for fetch in fetches:
        if isinstance(fetch, Tensor):
            fetch_slots.append(builder.result_slot(fetch))
    steps, waiting, first = builder.steps, builder.waiting, list[Step]()
    if waiting:
        first = _prologue(steps, waiting, fed)
        set_apart = set(first)
        steps = [step for step in steps if step not in set_apart]
    return Plan(
        order=tuple(order),
        prologue=tuple(first),
        steps=tuple(steps),
        waits=bool(waiting) and any(step not in first for step in waiting),
        constants=tuple(builder.constants),
        n_slots=builder.n_slots,
        feed_slots=tuple(builder.feed_slots),
        fetch_slots=tuple(fetch_slots),
        loads=tuple(builder.loads.values()),
        versions=builder.versions,
        stores=tuple(builder.last_write.items()),
        random_ops=tuple(op for step in builder.steps for op in step.draws),
        unfed=tuple(builder.unfed),
        hosted=_partly_fetched(builder.controls, set(fetches)) if builder.controls else frozenset(),
        slots=builder.slots,
    )


def _partly_fetched(controls: Iterable[Step], fetched: set[Any]) -> frozenset[ControlRun]:
    """The branches of which something inside is fetched: a program cannot say "not computed"."""
    found: list[ControlRun] = []
    for step in controls:
        record = step.op.control
        if isinstance(record, Branch) and step.control is not None:
            exports = step.op.outputs[record.n_results :]
            if not fetched.isdisjoint(exports):
                found.append(step.control)
    return frozenset(found)


def _prologue(steps: Sequence[Step], waiting: Sequence[Step], fed: Given) -> list[Step]:
    """The steps of `waiting` that read no variable, with all that they need."""
    first: set[Operation] = set()
    drawing = {step.op for step in steps if step.draws}
    for step in waiting:
        if step.op not in first:
            needed = ordered_ops([step.op], fed)
            if drawing.isdisjoint(needed) and not any(map(_touches_state, needed)):
                first.update(needed)
    return [step for step in steps if step.op in first]


def _touches_state(op: Operation) -> bool:
    """Whether it reads or writes a variable, or may do so inside."""
    return (
        op.op_def.role == "variable"
        or op.op_def.effect in ("read", "write")
        or (op.control is not None and bool(op.control.written))
    )
