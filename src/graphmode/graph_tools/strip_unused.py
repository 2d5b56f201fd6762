"""`strip_unused`: the part of a graph between inputs and outputs."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from graphmode.framework import dtypes
from graphmode.framework.proto.messages import protobuf
from graphmode.graph_io.given import graph_def_of
from graphmode.graph_io.message_files import read_message, write_message
from graphmode.graph_io.subgraphs import extract_sub_graph, names_as_list, with_nodes
from graphmode.graph_tools.flags import ToolFlags, names, placeholder_types

if TYPE_CHECKING:
    from collections.abc import Sequence


def strip_unused(
    input_graph_def: Any,
    input_node_names: Sequence[str],
    output_node_names: Sequence[str],
    placeholder_type_enum: Any,
) -> Any:
    """The part of a graph between inputs and outputs; the inputs become placeholders.

    Parameters
    ----------
    input_graph_def : GraphDef
        Stays as it is.
    input_node_names, output_node_names : list of str
        Names of nodes.
    placeholder_type_enum : int, DType, or list of them
        The dtypes of the inputs.

    Returns
    -------
    GraphDef

    Raises
    ------
    KeyError
        If there is no node of the name of an input.
    AssertionError
        If there is none of the name of an output.
    """
    graph_def = graph_def_of(input_graph_def)
    wanted = names_as_list(input_node_names, "input_node_names")
    kinds = placeholder_type_enum
    if not isinstance(kinds, list | tuple):
        kinds = [kinds] * len(wanted)
    enums = {
        name: dtypes.as_dtype(kind).as_datatype_enum
        for name, kind in zip(wanted, kinds, strict=True)
    }
    missing = set(wanted) - {node.name for node in graph_def.node}
    if missing:
        raise KeyError(f"The following input nodes were not found: {missing}")
    nodes = [
        _placeholder(node, enums[node.name]) if node.name in enums else node
        for node in graph_def.node
    ]
    return extract_sub_graph(with_nodes(graph_def, nodes), output_node_names)


def _placeholder(node: Any, enum: int) -> Any:
    made = protobuf("node_def").NodeDef(name=node.name, op="Placeholder")
    made.attr["dtype"].type = enum
    for key in ("_output_shapes", "shape"):
        if key in node.attr:
            made.attr[key].CopyFrom(node.attr[key])
    return made


def strip_unused_from_files(
    input_graph: str,
    input_binary: bool,
    output_graph: str,
    output_binary: bool,
    input_node_names: str,
    output_node_names: str,
    placeholder_type_enum: Any,
) -> None:
    """`strip_unused`, from file to file.

    Parameters
    ----------
    input_graph, output_graph : str
        Paths.
    input_binary, output_binary : bool
        Whether they are no text; what is read is recognized.
    input_node_names, output_node_names : str
        Names with commas between them.
    placeholder_type_enum : int, or list of int
    """
    del input_binary
    if not output_node_names:
        sys.stdout.write("You need to supply the name of a node to --output_node_names.\n")
        return
    graph_def = read_message(input_graph, protobuf("graph").GraphDef)
    part = strip_unused(
        graph_def, names(input_node_names), names(output_node_names), placeholder_type_enum
    )
    write_message(part, output_graph, as_text=not output_binary)
    sys.stdout.write(f"{len(part.node)} ops in the final graph.\n")


def main() -> None:
    """Run it with the flags of the command line."""
    flags = ToolFlags(
        "strip_unused", description="Keep the part of a graph between inputs and outputs."
    )
    flags.text("input_graph", "GraphDef file to load.")
    flags.switch("input_binary", "Whether the input is binary; it is recognized.")
    flags.text("output_graph", "Where to write the graph.")
    flags.switch("output_binary", "Whether to write it as binary.", True)
    flags.text("input_node_names", "Input nodes, comma separated.")
    flags.text("output_node_names", "Output nodes, comma separated.")
    flags.text("placeholder_type_enum", "The dtypes of the inputs as numbers.", "1")
    given = flags.parsed()
    strip_unused_from_files(
        given.input_graph,
        given.input_binary,
        given.output_graph,
        given.output_binary,
        given.input_node_names,
        given.output_node_names,
        placeholder_types(given.placeholder_type_enum),
    )
