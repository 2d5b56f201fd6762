"""Operations that TensorFlow does not know, as it can run them, and known again when they are read.

What the record of such a type says of it (`OpDef.written`) is built in a graph of its own, and
becomes a function that the node calls; what reads or writes a variable, which no function can, is
written with nodes of its own beside it (`OpDef.rewritten`). Attributes say what the node was.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.framework.inference import group_inputs, kernel_attrs
from graphmode.framework.nest import LISTS
from graphmode.framework.op_def import op_def_of
from graphmode.framework.proto.attr_values import set_attr
from graphmode.framework.shapes import TensorShape

if TYPE_CHECKING:
    from graphmode.framework.graph import Graph
    from graphmode.framework.operation import Operation, Tensor

TYPE = "_own_type"
"""The type that a node was."""
INPUTS = "_own_inputs"
"""What it read, where that is not what the node reads."""
HELPS = "_own_part_of"
"""The node that another one is part of."""
EXPORTS = "_own_exports"
"""Of a loop: how many of its last variables list what a gradient reads of all iterations."""
ATTRIBUTE = "_own_attr_"
"""Before the name of each attribute that it had."""


def note_type(node: Any, op: Operation, is_replaced: bool = True) -> None:
    """Say in the attributes of `node` what `op` is; where it is replaced, only there."""
    for key in [key for key in node.attr if key[0] != "_"]:
        node.attr[ATTRIBUTE + key].CopyFrom(node.attr[key])
        if is_replaced:
            del node.attr[key]
    set_attr(node.attr[TYPE], "string", op.type)


def note_part(node: Any, op: Operation) -> None:
    """Say in the attributes of `node` that it is part of how `op` is written."""
    set_attr(node.attr[HELPS], "string", op.name)


def note_inputs(node: Any) -> None:
    """Say in the attributes of `node` what it reads, before it reads something else."""
    set_attr(node.attr[INPUTS], "list(string)", list(node.input))


def built(op: Operation, graph: Graph) -> tuple[list[Tensor], list[Tensor]] | None:
    """What `op` does, made in `graph` of types that TensorFlow knows.

    Returns
    -------
    arguments, results : list of Tensor
        None if the record says that `op` is to be written as it stands.
    """
    written = op.op_def.written
    assert written is not None  # noqa: S101 - the caller looked
    placeholder = op_def_of("Placeholder")
    with graph.as_default():
        arguments: list[Tensor] = []
        for tensor in op.inputs:
            attrs = {"dtype": tensor.dtype.base_dtype, "shape": TensorShape(tensor.dims)}
            arguments.append(placeholder.apply([], attrs, "argument").outputs[0])
        attrs = {key: value for key, value in kernel_attrs(op).items() if key != "op"}
        results = written(op, *group_inputs(op, list(arguments)), **attrs)
    if results is None:
        return None
    return arguments, list(results) if isinstance(results, LISTS) else [results]
