"""Which ops a run needs, and in which order: pruning, construction order, late control edges.

Of a loop it needs what the results depend on that somebody reads: TensorFlow 1.15 has no op for a
loop as a whole, and a loop variable that nothing needs does not run there. A value may be fed for a
tensor of a branch, which counts if that branch is taken.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from graphmode._addresses.late import late
from graphmode.framework.contexts import Subgraph, arguments_read
from graphmode.framework.control_records import Branch, Control, Loop
from graphmode.framework.errors import InvalidArgumentError
from graphmode.framework.operation import Operation, Tensor
from graphmode.ops.state.references import variable_of

if TYPE_CHECKING:
    from graphmode.framework.contexts import Context

_needs = late("graphmode.ops.control.subgraphs", "needs")


Given = frozenset[Tensor | Operation]
"""The tensors that have values, and the ops that have run (of a partial run)."""


@dataclass(slots=True, eq=False, repr=False)
class Part:
    """Of a branch or a loop what is needed: its record, smaller or with values that are fed."""

    record: Control
    first: list[Tensor]
    """What decides or starts it."""
    kept: list[int]
    """The positions of the results that it gives."""
    exported: frozenset[Tensor] = frozenset()
    """What is listed of a loop of which not all is kept."""

    @property
    def reads(self) -> list[Tensor]:
        """All that it reads; of a loop without the number of iterations."""
        references = [variable.outputs[0] for variable in self.record.written]
        return [*self.first, *self.record.captures, *references]


class Needed(NamedTuple):
    """The ops that a run needs, in order, and what of each branch and loop among them."""

    order: list[Operation]
    parts: dict[Operation, Part]

    @property
    def read(self) -> set[Tensor]:
        """All that these ops read."""
        return {tensor for op in self.order for tensor in self.read_by(op)}

    def read_by(self, op: Operation) -> list[Tensor]:
        """What `op` reads, of a branch or a loop the part that is needed."""
        return _read_by(op, self.parts)


def ordered_ops(
    roots: Iterable[Operation | Tensor],
    fed: Given,
    within: Context | None = None,
    read: Collection[Tensor] = (),
) -> list[Operation]:
    """The ops that `roots` need when `fed` tensors are given, each after what it needs."""
    return needed_ops(roots, fed, within, read).order


def needed_ops(
    roots: Iterable[Operation | Tensor],
    fed: Given,
    within: Context | None = None,
    read: Collection[Tensor] = (),
) -> Needed:
    """The ops that `roots` need when `fed` tensors are given, each after what it needs.

    Of a loop of which only results are needed, what these depend on. Inside of `within`, a branch
    or body, no op from outside: its owner waits for those. `read` are the tensors that something
    else reads.
    """
    needed: set[Operation] = set()
    parts: dict[Operation, Part] = {}
    tensors = (tensor for tensor in fed if isinstance(tensor, Tensor))
    fed_inside = [tensor for tensor in tensors if tensor.op.context is not None]
    stack: list[Operation | Tensor] = list(roots)
    in_order = True
    loops: dict[Operation, Tensor] = {}
    while stack or loops:
        if not stack:  # how often a loop repeats matters where the gradient of the loop is wanted
            keeping = [op for op in loops if _keeps_lists(op, needed, parts, read)]
            stack += [loops.pop(op) for op in keeping]
            if not stack:
                break
            continue
        item = stack.pop()
        op = item if isinstance(item, Operation) else item.op
        inputs: Sequence[Tensor] = op.inputs
        if op.control is not None:
            before = parts.get(op)
            part = parts[op] = _wider(before, op, item, fed_inside)
            if part is before:
                continue
            inputs = part.reads
            if isinstance(op.control, Loop) and op.control.bound is not None and op not in needed:
                loops[op] = op.control.bound
        elif op in needed:
            continue
        needed.add(op)
        for tensor in inputs:
            if tensor not in fed:
                stack.append(tensor if tensor.op.control is not None else tensor.op)
                in_order = in_order and tensor.op.id < op.id
        for control in op.control_inputs:
            if within is not None and not within.contains(control.context):
                continue
            if not _is_fed(control, fed):
                stack.append(control)
                in_order = in_order and control.id < op.id
    if in_order:
        return Needed(sorted(needed, key=lambda op: op.id), parts)
    return Needed(_topological(needed, fed, parts), parts)


def _wider(
    known: Part | None, op: Operation, item: Operation | Tensor, fed_inside: Sequence[Tensor]
) -> Part:
    """What is needed of the branch or loop `op` when `item` is, too; `known` if that is no more.

    Parameters
    ----------
    known : Part or None
        What was needed before.
    item : Operation or Tensor
        `op` itself: all of it; or one of its outputs.
    fed_inside : sequence of Tensor
        The tensors inside of branches that are fed.
    """
    control = op.control
    assert control is not None  # noqa: S101 - the caller has looked
    if known is not None and len(known.kept) == control.n_results:
        return known
    if isinstance(control, Loop) and isinstance(item, Tensor):
        part = _of_loop(known, op, control, item)
        if len(part.kept) < control.n_results:
            return part
    record = control
    if isinstance(control, Branch) and fed_inside:
        contexts = [subgraph.context for subgraph in control.subgraphs]
        fed = [t for t in fed_inside if any(c.contains(t.op.context) for c in contexts)]
        record = _with_fed(control, fed) if fed else control
    return Part(record, op.inputs[: control.n_first], list(range(control.n_results)))


def _of_loop(known: Part | None, op: Operation, loop: Loop, output: Tensor) -> Part:
    """What `output` needs of the loop `op`, besides what is needed by now."""
    test, body = loop.subgraphs
    kept = {*(() if known is None else known.kept)}
    exported = set[Tensor]() if known is None else set(known.exported)
    if output.value_index < loop.n_results:
        kept.add(output.value_index)
    else:
        tensor = loop.exports[output.value_index - loop.n_results]
        exported.update([] if tensor is None else [tensor])
    kept.update(arguments_read(test.context, test.roots, test.args))
    n_before = -1
    while len(kept) > n_before:
        n_before = len(kept)
        roots = [tensor.op for tensor in (*exported, *(body.outputs[i] for i in kept))]
        kept.update(arguments_read(body.context, roots, body.args))
    if known is not None and len(kept) == len(known.kept) and len(exported) == len(known.exported):
        return known
    positions = sorted(kept)
    test = replace(test, args=[test.args[i] for i in positions])
    args, outputs = [body.args[i] for i in positions], [body.outputs[i] for i in positions]
    body = Subgraph(body.context, args, outputs)  # without what only lists that nobody reads need
    listed = replace(body, outputs=[*outputs, *exported])
    captures, written, _ = _needs([test, listed])
    record = replace(loop, captures=captures, written=written, test=test, body=body)
    return Part(record, [op.inputs[i] for i in positions], positions, frozenset(exported))


def _with_fed(branch: Branch, fed: list[Tensor]) -> Branch:
    """`branch`, which reads the values that are fed inside from outside."""
    captures, written, _ = _needs(
        [
            replace(subgraph, args=fed, outputs=[t for t in subgraph.outputs if t not in fed])
            for subgraph in branch.subgraphs
        ]
    )
    return replace(branch, captures=[*captures, *fed], written=written)


def _read_by(op: Operation, parts: dict[Operation, Part]) -> list[Tensor]:
    """What `op` reads, of a branch or a loop the part that is needed."""
    part = parts.get(op)
    return op.inputs if part is None else part.reads


def _keeps_lists(
    loop: Operation,
    needed: set[Operation],
    parts: dict[Operation, Part],
    read: Collection[Tensor],
) -> bool:
    """Whether the values that `loop` had in all iterations are among `read` or what ops read."""
    control = Loop.of(loop)
    lists = loop.outputs[control.n_results :]
    return any(
        tensor in read
        or any(op in needed and tensor in _read_by(op, parts) for op in tensor.reader_ops)
        for tensor, export in zip(lists, control.exports, strict=True)
        if export is not None
    )


def overwrites_first(order: list[Operation], fed: Given) -> list[Operation]:
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


def _is_fed(op: Operation, fed: Given) -> bool:
    """Whether `op` has run, or is a placeholder with a value: there is nothing to wait for."""
    return op in fed or (op.op_def.role == "placeholder" and op.outputs[0] in fed)


def _topological(
    needed: set[Operation], fed: Given, parts: dict[Operation, Part]
) -> list[Operation]:
    """Dependencies first, construction order among what is free; for control edges added late."""
    waiting: dict[Operation, int] = {}
    readers: dict[Operation, list[Operation]] = {op: [] for op in needed}
    for op in needed:
        before = {tensor.op for tensor in _read_by(op, parts) if tensor not in fed}
        before |= {control for control in op.control_inputs if not _is_fed(control, fed)}
        before &= needed
        waiting[op] = len(before)
        for other in before:
            readers[other].append(op)
    ready = [(op.id, op) for op, count in waiting.items() if not count]
    heapq.heapify(ready)
    ordered: list[Operation] = []
    while ready:
        _, op = heapq.heappop(ready)
        ordered.append(op)
        for reader in readers[op]:
            waiting[reader] -= 1
            if not waiting[reader]:
                heapq.heappush(ready, (reader.id, reader))
    if len(ordered) < len(needed):
        stuck = min((op for op, count in waiting.items() if count), key=lambda op: op.id)
        raise InvalidArgumentError(
            None, stuck, f"The graph has a cycle through control inputs at '{stuck.name}'."
        )
    return ordered
