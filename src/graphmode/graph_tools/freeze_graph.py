"""`freeze_graph`: a graph, and a checkpoint of its variables, as one graph of constants."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from graphmode.files.checkpoint import CheckpointReader
from graphmode.framework.graph import Graph
from graphmode.framework.proto.messages import protobuf
from graphmode.graph_io.freezing import (
    convert_variables_to_constants,
    variables_of,
    with_constants,
)
from graphmode.graph_io.given import graph_def_of
from graphmode.graph_io.importing import import_graph_def
from graphmode.graph_io.message_files import read_message, write_message
from graphmode.graph_io.subgraphs import extract_sub_graph
from graphmode.graph_tools.flags import ToolFlags, names
from graphmode.runtime.session import Session
from graphmode.saved_models.constants import SERVING
from graphmode.saved_models.loader import get_meta_graph_def, load
from graphmode.training.checkpoint_state import checkpoint_exists
from graphmode.training.meta_graph_import import import_meta_graph
from graphmode.training.saver import Saver

if TYPE_CHECKING:
    from collections.abc import Collection


def freeze_graph(
    input_graph: str,
    input_saver: str,
    input_binary: bool,
    input_checkpoint: str,
    output_node_names: str,
    restore_op_name: str,
    filename_tensor_name: str,
    output_graph: str,
    clear_devices: bool,
    initializer_nodes: str,
    variable_names_whitelist: str = "",
    variable_names_blacklist: str = "",
    input_meta_graph: str | None = None,
    input_saved_model_dir: str | None = None,
    saved_model_tags: str = SERVING,
    checkpoint_version: int = 2,
) -> Any:
    """Read a graph and its variables from files, and write it with constants in their place.

    Parameters
    ----------
    input_graph : str
        Path of a `GraphDef`.
    input_saver : str
        Path of the `SaverDef` that restores the variables; without one they are found by name.
    input_binary : bool
        Of no effect: what is binary and what is text is recognized.
    input_checkpoint : str
        The prefix of a checkpoint.
    output_node_names : str
        Names of nodes with commas between them: what is kept is what they need.
    restore_op_name, filename_tensor_name : str
        Of no effect.
    output_graph : str
        Where to write the graph; nowhere, if empty.
    clear_devices : bool
        Whether nodes forget which device they were for.
    initializer_nodes : str
        Nodes to run for variables that are not in the checkpoint, with commas between them.
    variable_names_whitelist, variable_names_blacklist : str
        Variables that become constants, and that do not, with commas between them.
    input_meta_graph : str, optional
        Path of a `MetaGraphDef`, in place of `input_graph`.
    input_saved_model_dir : str, optional
        A SavedModel, in place of graph and checkpoint.
    saved_model_tags : str
        The tags of its meta graph, with commas between them.
    checkpoint_version : int
        Of no effect: it is recognized.

    Returns
    -------
    GraphDef

    Raises
    ------
    ValueError
        If there is no such checkpoint, no output is named, or variables have no value.
    OpError
        If a file cannot be read.
    """
    del input_binary
    graph_def = meta_graph = saver_def = None
    if input_saved_model_dir:
        graph_def = get_meta_graph_def(input_saved_model_dir, saved_model_tags).graph_def
    elif input_graph:
        graph_def = read_message(input_graph, protobuf("graph").GraphDef)
    if input_meta_graph:
        meta_graph = read_message(input_meta_graph, protobuf("meta_graph").MetaGraphDef)
    if input_saver:
        saver_def = read_message(input_saver, protobuf("saver").SaverDef)
    return freeze_graph_with_def_protos(
        graph_def,
        saver_def,
        input_checkpoint,
        output_node_names,
        restore_op_name,
        filename_tensor_name,
        output_graph,
        clear_devices,
        initializer_nodes,
        variable_names_whitelist,
        variable_names_blacklist,
        meta_graph,
        input_saved_model_dir,
        names(saved_model_tags),
        checkpoint_version,
    )


def freeze_graph_with_def_protos(
    input_graph_def: Any,
    input_saver_def: Any,
    input_checkpoint: str,
    output_node_names: str,
    restore_op_name: str,
    filename_tensor_name: str,
    output_graph: str,
    clear_devices: bool,
    initializer_nodes: str,
    variable_names_whitelist: str = "",
    variable_names_blacklist: str = "",
    input_meta_graph_def: Any = None,
    input_saved_model_dir: str | None = None,
    saved_model_tags: Collection[str] | None = None,
    checkpoint_version: int = 2,
) -> Any:
    """`freeze_graph`, of messages in place of files.

    Parameters
    ----------
    input_graph_def : GraphDef
    input_saver_def : SaverDef or None
        What restores the variables; without one they are found by name.
    input_checkpoint : str
        The prefix of a checkpoint.
    output_node_names : str
        Names of nodes with commas between them: what is kept is what they need.
    restore_op_name, filename_tensor_name : str
        Of no effect.
    output_graph : str
        Where to write the graph; nowhere, if empty.
    clear_devices : bool
        Whether nodes forget which device they were for.
    initializer_nodes : str
        Nodes to run for variables that are not in the checkpoint, with commas between them.
    variable_names_whitelist, variable_names_blacklist : str
        Variables that become constants, and that do not, with commas between them.
    input_meta_graph_def : MetaGraphDef, optional
        In place of `input_graph_def`.
    input_saved_model_dir : str, optional
        A SavedModel, in place of the checkpoint.
    saved_model_tags : collection of str, optional
        The tags of its meta graph.
    checkpoint_version : int
        Of no effect: it is recognized.

    Returns
    -------
    GraphDef

    Raises
    ------
    ValueError
        If there is no such checkpoint, no output is named, or variables have no value.
    """
    del restore_op_name, filename_tensor_name, checkpoint_version
    if not input_saved_model_dir and not checkpoint_exists(input_checkpoint):
        raise ValueError(f"Input checkpoint '{input_checkpoint}' doesn't exist!")
    if not output_node_names:
        raise ValueError("You need to supply the name of a node to --output_node_names.")
    given = input_meta_graph_def.graph_def if input_meta_graph_def else input_graph_def
    graph_def = graph_def_of(given)
    if clear_devices:
        copied = type(graph_def)()
        copied.CopyFrom(graph_def)
        for node in copied.node:
            node.device = ""
        graph_def = copied
    outputs, initializers = names(output_node_names), names(initializer_nodes or "")
    among = names(variable_names_whitelist) if variable_names_whitelist else None
    but_for = names(variable_names_blacklist) if variable_names_blacklist else None
    by_name = not (input_saver_def or input_meta_graph_def or input_saved_model_dir)
    if by_name and not initializers:
        part = extract_sub_graph(graph_def, outputs)
        values = _values(input_checkpoint, variables_of(part, among, but_for), part)
        frozen = with_constants(part, values)
    else:
        with Graph().as_default() as graph, Session(graph=graph) as session:
            if input_saved_model_dir:
                load(session, saved_model_tags or [], input_saved_model_dir)
            elif input_saver_def:
                import_graph_def(graph_def, name="")
                Saver(saver_def=input_saver_def).restore(session, input_checkpoint)
            elif input_meta_graph_def:
                saver = import_meta_graph(input_meta_graph_def, clear_devices=True)
                if saver is not None:
                    saver.restore(session, input_checkpoint)
                session.run(initializers)
            else:
                import_graph_def(graph_def, name="")
                _restore_by_name(session, input_checkpoint, graph_def)
                session.run(initializers)
            frozen = convert_variables_to_constants(session, graph_def, outputs, among, but_for)
    if output_graph:
        write_message(frozen, output_graph)
    return frozen


def _values(checkpoint: str, variables: dict[str, str], part: Any) -> dict[str, Any]:
    """The values that a checkpoint has for variables."""
    reader = CheckpointReader(checkpoint)
    missing = [name for name in variables if not reader.has_tensor(name)]
    if missing:
        _refuse(missing, reader, checkpoint)
    if not variables and not any(node.op in ("VariableV2", "VarHandleOp") for node in part.node):
        raise ValueError(
            "No variables were found in this model. It is likely the model was frozen previously. "
            "You cannot freeze a graph twice."
        )
    return {name: reader.get_tensor(name) for name in variables}


def _refuse(missing: list[str], reader: CheckpointReader, checkpoint: str) -> None:
    if any(re.search(r"(^|/)part_\d+$", name) for name in missing):
        raise ValueError(
            "Models containing partition variables cannot be converted from checkpoint files. "
            "Please pass in a SavedModel using the flag --input_saved_model_dir."
        )
    held = ", ".join(list(reader.get_variable_to_shape_map())[:5])
    raise ValueError(
        f"The checkpoint '{checkpoint}' has no value for: {', '.join(missing[:5])}"
        f"{' ...' if len(missing) > 5 else ''}.\n  it has: {held}, ...\n  fix: give "
        "initializer_nodes, or the meta graph that was saved with it (--input_meta_graph)"
    )


def _restore_by_name(session: Any, checkpoint: str, graph_def: Any) -> None:
    held = CheckpointReader(checkpoint).get_variable_to_shape_map()
    variables = {
        name: session.graph.get_tensor_by_name(f"{name}:0")
        for name in variables_of(graph_def)
        if name in held
    }
    if variables:
        Saver(variables).restore(session, checkpoint)


def main() -> None:
    """Run it with the flags of the command line."""
    flags = ToolFlags(
        "freeze_graph", description="Write a graph with constants in place of its variables."
    )
    flags.text("input_graph", "GraphDef file to load.")
    flags.text("input_saver", "SaverDef file to load.")
    flags.text("input_checkpoint", "Prefix of the checkpoint with the variables.")
    flags.add_argument("--checkpoint_version", type=int, default=2, help="Of no effect.")
    flags.text("output_graph", "Where to write the frozen graph.")
    flags.switch("input_binary", "Whether the input is binary; it is recognized.")
    flags.text("output_node_names", "The output nodes, comma separated.")
    flags.text("restore_op_name", "Of no effect.", "save/restore_all")
    flags.text("filename_tensor_name", "Of no effect.", "save/Const:0")
    flags.switch("clear_devices", "Whether nodes forget their devices.", True)
    flags.text("initializer_nodes", "Nodes to run before freezing, comma separated.")
    flags.text("variable_names_whitelist", "Variables that become constants; all without it.")
    flags.text("variable_names_blacklist", "Variables that stay variables.")
    flags.text("input_meta_graph", "MetaGraphDef file to load, in place of --input_graph.")
    flags.text("input_saved_model_dir", "SavedModel to load, in place of graph and checkpoint.")
    flags.text("saved_model_tags", "Tags of its meta graph, comma separated.", SERVING)
    freeze_graph(**vars(flags.parsed()))
