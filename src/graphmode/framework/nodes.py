"""A new node of a graph, whose inputs are tensors already: its dtypes, its static shapes.

An input may be a handle: a tensor of dtype resource, by which an op knows a resource variable.
"""

# pyright: reportPrivateUsage=false

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.framework import dtypes
from graphmode.framework.errors import InvalidArgumentError, OpError, describe_op
from graphmode.framework.inference import shapes_by_probing
from graphmode.framework.operation import Operation, Tensor

if TYPE_CHECKING:
    from graphmode.framework.control_records import Control
    from graphmode.framework.dtypes import DType
    from graphmode.framework.graph import Graph
    from graphmode.framework.op_def import OpDef
    from graphmode.framework.operation import Dims


def add_node(
    graph: Graph,
    record: OpDef,
    inputs: list[Tensor],
    attrs: dict[str, Any],
    name: str,
    control: Control | None = None,
) -> Operation:
    """Add an operation of type `record` to `graph`; `control` is what a branch or loop runs.

    Raises
    ------
    ShapeError
        If the shapes cannot fit; the graph is then as it was.
    """
    with graph.building:
        operation = graph.add_operation(
            record, inputs, attrs, output_dtypes(record, attrs), name, control
        )
        try:
            infer_shapes(operation)
        except (ValueError, OpError) as error:
            graph.remove_last(operation)
            raise shape_error(operation, error) from None
    return operation


def output_dtypes(record: OpDef, attrs: dict[str, Any]) -> list[DType]:
    """The dtypes that an operation of type `record` with these attributes gives."""
    if len(record.outputs) == 1 and not record.outputs[0].is_list:  # as most: and nodes are many
        only = record.outputs[0]
        dtype = attrs[only.family] if only.dtype is None else only.dtype
        return [dtype._as_ref if only.is_ref else dtype]
    result: list[DType] = []
    for spec in record.outputs:
        dtype: Any = attrs[spec.family] if spec.dtype is None else spec.dtype
        if spec.length:
            result += [dtype] * attrs[spec.length]
        elif spec.is_list:
            result += dtype
        else:
            result.append(dtype._as_ref if spec.is_ref else dtype)
    return result


def infer_shapes(operation: Operation) -> None:
    """Set the static shape of each output of `operation`."""
    rule = operation.op_def.shape or shapes_by_probing
    if len(operation.outputs) == 1:
        (operation.outputs[0].dims,) = rule(operation)
        return
    for tensor, dims in zip(operation.outputs, rule(operation), strict=True):
        tensor.dims = dims


def shape_error(operation: Operation, error: Exception) -> ValueError:
    """The ValueError of a build-time shape mismatch: TensorFlow's words, then the user's lines."""
    text = error.message if isinstance(error, OpError) else str(error)
    shapes = ", ".join(
        "[" + ",".join("?" if d is None else str(d) for d in t.dims) + "]"
        if t.dims is not None
        else "<unknown>"
        for t in operation.inputs
    )
    full = f"{text} for '{operation.name}' (op: '{operation.type}')"
    if operation.inputs:
        full += f" with input shapes: {shapes}."
    return ShapeError(f"{full}\n{describe_op(operation)}", text)


class ShapeError(ValueError, InvalidArgumentError):
    """Shapes that cannot fit, found while the graph is built.

    A ValueError, as TensorFlow raises; an InvalidArgumentError too, as the same mistake is when
    it is found while running.
    """

    def __init__(self, full: str, text: str = "") -> None:
        InvalidArgumentError.__init__(self, None, None, text or full)
        self._full = full

    def __str__(self) -> str:
        return self._full


# ---- handles -------------------------------------------------------------------------------------


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
