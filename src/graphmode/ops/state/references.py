"""Which tensors stand for a variable rather than for a value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.framework import dtypes
from graphmode.framework.nodes import dims_behind, variable_behind
from graphmode.framework.operation import Operation, Tensor

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from graphmode.framework.dtypes import DType
    from graphmode.framework.operation import Dims


def is_variable(tensor: Tensor) -> bool:
    """Whether `tensor` is a variable itself, or a handle that leads to one, not a value."""
    op = tensor.op
    while op.op_def.role != "variable":
        if tensor.dtype is not dtypes.resource or not op.inputs:
            return False
        tensor = op.inputs[0]
        op = tensor.op
    return True


def variable_of(tensor: Tensor) -> Operation:
    """The variable that a reference tensor (the variable, or the output of a write) refers to.

    Nodes of one shared name are one variable of a session: the first of them that is asked for.
    """
    op = tensor.op
    while op.op_def.role != "variable":
        op = op.inputs[0].op
    attrs = op.attrs
    name = attrs.get("shared_name")
    if not name:
        return op
    return op.graph.shared_variables.setdefault((attrs["container"], name, attrs["dtype"]), op)


def after(ref: Any, written: Any) -> Any:
    """What a function that writes to `ref` gives; of a resource variable, one that is read then."""
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


# ---- handles -------------------------------------------------------------------------------------


def is_handle_of_variable(tensor: Tensor) -> bool:
    """Whether `tensor` is a handle that leads to a resource variable."""
    return tensor.dtype is dtypes.resource and is_variable(tensor)


def value_dtype(tensor: Tensor) -> DType:
    """The dtype of `tensor`; of a handle that of the variable."""
    if is_handle_of_variable(tensor):
        return variable_behind(tensor).attrs["dtype"]
    return tensor.dtype.base_dtype


def value_dims(tensor: Tensor) -> Dims:
    """The static shape of `tensor`; of a handle that of the variable."""
    return dims_behind(tensor) if is_handle_of_variable(tensor) else tensor.dims


class _SeenThrough:
    """An operation as its shape rule sees it: for each handle the value of the variable.

    Parameters
    ----------
    op : Operation
    """

    def __init__(self, op: Operation) -> None:
        self.op_def = op.op_def
        self.attrs = op.attrs
        self.outputs = op.outputs
        self.inputs: list[Tensor] = []
        for tensor, spec in zip(op.inputs, op.op_def.inputs, strict=True):
            if spec.is_handle:
                variable = variable_behind(tensor)
                tensor = Tensor(variable, 0, variable.attrs["dtype"])
                tensor.dims = dims_behind(variable.outputs[0])
            self.inputs.append(tensor)


def through_handles(shape: Callable[[Any], Sequence[Dims]]) -> Callable[[Operation], list[Dims]]:
    """The shape rule `shape`, which sees for each handle the value of its variable."""

    def rule(operation: Operation) -> list[Dims]:
        return list(shape(_SeenThrough(operation)))[: len(operation.outputs)]

    return rule
