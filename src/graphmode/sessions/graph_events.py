"""What a session says of its graph when it begins: `graph.pbtxt`, and two events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.graph_io.writing import write_graph
from graphmode.training.meta_graph import meta_graph_def

if TYPE_CHECKING:
    from graphmode.framework.graph import Graph
    from graphmode.summary.file_writer import FileWriter
    from graphmode.training.saver import Saver


def write_graph_events(
    graph: Graph, saver: Saver | None, folder: str | None, writer: FileWriter | None
) -> None:
    """Write a graph with its shapes.

    Parameters
    ----------
    graph : Graph
    saver : Saver, optional
        Whose definition the meta graph has.
    folder : str, optional
        Where ``graph.pbtxt`` is written.
    writer : FileWriter, optional
        Gets the graph and the meta graph.

    Raises
    ------
    OpError
        If the file cannot be written.
    """
    described: Any = graph.as_graph_def(add_shapes=True)
    if folder:
        write_graph(described, folder, "graph.pbtxt")
    if writer is not None:
        saver_def = saver.saver_def if saver else None
        writer.add_graph(graph)
        writer.add_meta_graph(meta_graph_def(graph, graph_def=described, saver_def=saver_def))
