"""`write_graph`: a graph in a file."""

from __future__ import annotations

import os
from typing import Any

from graphmode.files import systems
from graphmode.framework.graph import Graph
from graphmode.graph_io.given import graph_def_of
from graphmode.graph_io.message_files import write_message


def write_graph(graph_or_graph_def: Any, logdir: str, name: str, as_text: bool = True) -> str:
    """Write a graph to a file.

    Parameters
    ----------
    graph_or_graph_def : Graph or GraphDef
    logdir : str
        The folder, made if need be.
    name : str
        The file's name.
    as_text : bool
        Text, else the binary message.

    Returns
    -------
    str
        The path of the file.

    Raises
    ------
    TypeError
        If it is no graph.
    OpError
        If it cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> import graphmode as tf
    >>> with tf.Graph().as_default() as graph:
    ...     _ = tf.constant(1.0, name="one")
    >>> path = tf.train.write_graph(graph, tempfile.mkdtemp(), "graph.pbtxt")
    >>> print(open(path).readline().strip())
    node {
    """
    if isinstance(graph_or_graph_def, Graph):
        graph_def = graph_or_graph_def.as_graph_def()
    else:
        graph_def = graph_def_of(graph_or_graph_def)
    folder = os.fsdecode(logdir)
    path = os.path.join(folder, os.fsdecode(name))  # noqa: PTH118 - as TensorFlow joins them
    if folder:
        systems.make_folders(folder)
    write_message(graph_def, path, as_text)
    return path
