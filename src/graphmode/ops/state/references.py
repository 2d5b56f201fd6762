"""Which tensors stand for a variable rather than for a value."""

from __future__ import annotations

from typing import Any

from graphmode.framework.operation import Operation, Tensor


def is_variable(tensor: Tensor) -> bool:
    """Whether `tensor` is a variable itself, not a value."""
    return tensor.op.op_def.role == "variable"


def variable_of(tensor: Tensor) -> Operation:
    """The variable that a reference tensor (the variable, or the output of a write) refers to."""
    op = tensor.op
    while op.op_def.role != "variable":
        op = op.inputs[0].op
    return op


def after(ref: Any, written: Any) -> Any:
    """What a function that writes to `ref` gives: of a resource variable, that variable after it."""
    lazy_read = getattr(ref, "_lazy_read", None)
    return written if lazy_read is None else lazy_read(written)


def is_snapshot(op: Operation) -> bool:
    """Whether `op` is the `read` that a Variable makes of itself: no place of its own."""
    if op.op_def.type != "Identity" or not is_variable(op.inputs[0]):
        return False
    return op.name == op.inputs[0].op.name + "/read"


def written_variables(operations: list[Operation]) -> list[Operation]:
    """The variables that `operations` write to, those inside of branches and loops included."""
    found: dict[Operation, None] = {}
    for op in operations:
        if op.op_def.effect == "write":
            for tensor, spec in zip(op.inputs, op.op_def.inputs, strict=False):
                if spec.is_ref:
                    found[variable_of(tensor)] = None
        elif op.control is not None:
            found.update((variable, None) for variable in op.control.written)
    return sorted(found, key=lambda op: op.id)
