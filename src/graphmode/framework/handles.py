"""Handles: tensors of dtype resource, by which ops know a resource variable."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.framework import dtypes
from graphmode.framework.operation import Operation, Tensor

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from graphmode.framework.dtypes import DType
    from graphmode.framework.operation import Dims


def handle_of(value: Any) -> Tensor | None:
    """The handle that `value`, a resource variable or a handle, is known by; None of others."""
    handle = value if type(value) is Tensor else getattr(value, "handle", None)
    if type(handle) is Tensor and handle.dtype is dtypes.resource:
        return handle
    return None


def variable_behind(handle: Tensor) -> Operation:
    """The variable that `handle` leads to, through what only passes handles on.

    Raises
    ------
    TypeError
        If it is the handle of something else.
    """
    op = handle.op
    while op.op_def.role != "variable":
        if not op.inputs or op.inputs[0].dtype is not dtypes.resource:
            raise TypeError(
                f"'{handle.name}' is no handle of a variable: '{op.name}' has type {op.type}"
            )
        op = op.inputs[0].op
    return op


def dims_behind(handle: Tensor) -> Dims:
    """The static shape of the variable that `handle` leads to."""
    return variable_behind(handle).attrs["shape"]._dims  # pyright: ignore[reportPrivateUsage]


def is_handle_of_variable(tensor: Tensor) -> bool:
    """Whether `tensor` is the handle that a resource variable gives."""
    return tensor.dtype is dtypes.resource and tensor.op.op_def.role == "variable"


def value_dtype(tensor: Tensor) -> DType:
    """The dtype of `tensor`; of a handle that of the variable."""
    if is_handle_of_variable(tensor):
        return tensor.op.attrs["dtype"]
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
