"""What reads and writes variables as TensorFlow can load it: for files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.framework import dtypes
from graphmode.framework.proto.attr_values import set_attr
from graphmode.framework.proto.own_types import note_inputs, note_type

if TYPE_CHECKING:
    from graphmode.framework.operation import Operation
    from graphmode.framework.proto.functions import Nodes


def initialized_value(nodes: Nodes, op: Operation, node: Any) -> None:
    """Write InitializedValue as the branch that TensorFlow 1 makes of it."""
    ref, initial = node.input
    own: dict[str, tuple[str, Any]] = {"T": ("type", op.attrs["T"])}
    note_type(node, op)
    note_inputs(node)
    asked = nodes.part(
        op, "is_initialized", "IsVariableInitialized", [ref], dtype=("type", op.attrs["T"])
    )
    holds = nodes.output_of(asked, "is_initialized")
    there = nodes.part(op, "ref", "RefSwitch", [ref, holds], **own)
    value = nodes.part(op, "value", "Identity", [nodes.output_of(there, "output_true", 1)], **own)
    other = nodes.part(op, "initial", "Switch", [initial, holds], **own)
    node.op = "Merge"
    node.input[:] = [nodes.output_of(other, "output_false"), nodes.output_of(value, "output")]
    set_attr(node.attr["T"], "type", op.attrs["T"])
    set_attr(node.attr["N"], "int", 2)


def summed_rows(nodes: Nodes, op: Operation, node: Any) -> None:
    """Sum the rows of a gradient that are of one row of a variable before SparseApply.

    Its kernel does so here; TensorFlow's makes one step for each.
    """
    at = [spec.name for spec in op.op_def.inputs].index("indices")
    gradient, indices = node.input[at - 1], node.input[at]
    note_type(node, op, is_replaced=False)
    note_inputs(node)
    rows = ("type", op.attrs["Tindices"])
    int32 = ("type", dtypes.int32)
    distinct = nodes.part(op, "rows", "Unique", [indices], T=rows, out_idx=int32)
    which = nodes.output_of(distinct, "y")
    count = nodes.part(op, "number", "Size", [which], T=rows, out_type=int32)
    summed = nodes.part(
        op,
        "summed",
        "UnsortedSegmentSum",
        [gradient, nodes.output_of(distinct, "idx", 1), nodes.output_of(count, "output")],
        T=("type", op.attrs["T"]),
        Tindices=int32,
        Tnumsegments=int32,
    )
    node.input[at - 1 : at + 1] = [nodes.output_of(summed, "output"), which]
