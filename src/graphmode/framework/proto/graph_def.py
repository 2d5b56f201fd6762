"""Graph -> GraphDef: the protobufs that TensorBoard, TensorFlow and other tools read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.framework.proto.functions import Library, Nodes
from graphmode.framework.proto.messages import protobuf

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphmode.framework.graph import Graph
    from graphmode.framework.operation import Operation

PRODUCER_VERSION = 134  # what TensorFlow 1.15 writes


def graph_def(graph: Graph, add_shapes: bool = False, from_version: int | None = None) -> Any:
    """The `GraphDef` of `graph`; what branches and loops run stands in its library of functions.

    Parameters
    ----------
    add_shapes : bool
        Write the inferred shapes as the attribute `_output_shapes`.
    from_version : int, optional
        Leave out the first `from_version` operations.
    """
    result = protobuf("graph").GraphDef()
    result.versions.producer = PRODUCER_VERSION
    library = Library(graph, add_shapes)
    operations = graph.get_operations()
    top = {op for op in operations if op.context is None}
    nodes = Nodes(library, result.node, top)
    for op in operations[from_version or 0 :]:
        if op in top:
            nodes.add(op)
    functions = library.functions()
    if functions:
        result.library.function.extend(functions)
    return result


def part_of_graph(operations: Sequence[Operation], device: str) -> Any:
    """The `GraphDef` of those of `operations` that are in no branch or loop, on a device."""
    result = protobuf("graph").GraphDef()
    result.versions.producer = PRODUCER_VERSION
    library = Library(operations[0].graph)
    nodes = Nodes(library, result.node, operations)
    for op in operations:
        if op.context is None:
            nodes.add(op)
    for node in result.node:
        node.device = device
    result.library.function.extend(library.functions())
    return result


def node_def(op: Operation) -> Any:
    """The `NodeDef` of one operation."""
    field: list[Any] = []
    Nodes(Library(op.graph), field, None).add(op)
    return field[-1]
