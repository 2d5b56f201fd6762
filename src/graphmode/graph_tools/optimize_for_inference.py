"""`optimize_for_inference`: a frozen graph without what only training needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.framework.proto.messages import protobuf
from graphmode.graph_io.given import graph_def_of
from graphmode.graph_io.message_files import read_message, write_message
from graphmode.graph_io.subgraphs import extract_sub_graph, remove_training_nodes
from graphmode.graph_tools.flags import ToolFlags, names, placeholder_types
from graphmode.graph_tools.folding import fold_batch_norms
from graphmode.graph_tools.strip_unused import strip_unused

if TYPE_CHECKING:
    from collections.abc import Sequence


def optimize_for_inference(
    input_graph_def: Any,
    input_node_names: Sequence[str],
    output_node_names: Sequence[str],
    placeholder_type_enum: Any,
    toco_compatible: bool = False,
) -> Any:
    """A frozen graph between inputs and outputs, with less to compute.

    Parameters
    ----------
    input_graph_def : GraphDef
        Frozen. Stays as it is.
    input_node_names, output_node_names : list of str
        Names of nodes.
    placeholder_type_enum : int, DType, or list of them
        The dtypes of the inputs.
    toco_compatible : bool
        Of no effect: resizing is never fused with what follows it, XLA does that.

    Returns
    -------
    GraphDef
        Without Identity and CheckNumerics nodes; batch normalizations are part of the convolutions
        before them. It computes the same.

    Raises
    ------
    ValueError
        If two nodes have one name, or one reads what is not there.
    """
    del toco_compatible
    graph_def = graph_def_of(input_graph_def)
    ensure_graph_is_valid(graph_def)
    graph_def = strip_unused(graph_def, input_node_names, output_node_names, placeholder_type_enum)
    graph_def = remove_training_nodes(graph_def, output_node_names)
    graph_def = fold_batch_norms(graph_def, output_node_names)
    graph_def = extract_sub_graph(graph_def, output_node_names)
    ensure_graph_is_valid(graph_def)
    return graph_def


def ensure_graph_is_valid(graph_def: Any) -> None:
    """Check that each node has a name of its own, and reads what is there.

    Parameters
    ----------
    graph_def : GraphDef

    Raises
    ------
    ValueError
        If one does not.
    """
    seen: set[str] = set()
    for node in graph_def.node:
        if node.name in seen:
            raise ValueError(f"Duplicate node names detected for {node.name}")
        seen.add(node.name)
    for node in graph_def.node:
        for text in node.input:
            if text.lstrip("^").partition(":")[0] not in seen:
                raise ValueError(f"Input for {node.name} not found: {text}")


def main() -> None:
    """Run it with the flags of the command line."""
    flags = ToolFlags(
        "optimize_for_inference", description="Take out of a frozen graph what only training needs."
    )
    flags.text("input", "Frozen GraphDef file to load.")
    flags.text("output", "Where to write the graph.")
    flags.text("input_names", "Input nodes, comma separated.")
    flags.text("output_names", "Output nodes, comma separated.")
    flags.switch("frozen_graph", "Whether files are binary; that of the input is recognized.", True)
    flags.text("placeholder_type_enum", "The dtypes of the inputs as numbers.", "1")
    flags.switch("toco_compatible", "Of no effect.")
    given = flags.parsed()
    optimized = optimize_for_inference(
        read_message(given.input, protobuf("graph").GraphDef),
        names(given.input_names),
        names(given.output_names),
        placeholder_types(given.placeholder_type_enum),
    )
    write_message(optimized, given.output, as_text=not given.frozen_graph)
