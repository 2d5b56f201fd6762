"""Which ops a run needs, and in which order: pruning, construction order, late control edges."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from graphmode.framework.control_records import Loop
from graphmode.framework.errors import InvalidArgumentError
from graphmode.framework.operation import Operation, Tensor
from graphmode.ops.state.references import variable_of

if TYPE_CHECKING:
    from graphmode.framework.contexts import Context


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


def _topological(needed: set[Operation], fed: frozenset[Tensor]) -> list[Operation]:
    """Dependencies first, construction order among what is free; for control edges added late."""
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
