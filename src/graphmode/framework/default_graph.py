"""The default graph of a thread, and the scopes that are opened on it."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from graphmode.framework.defaults import defaults
from graphmode.framework.graph import Graph

if TYPE_CHECKING:
    from collections.abc import Iterator

_process_graph = Graph()


def get_default_graph() -> Graph:
    """The graph that operations are added to: the innermost `as_default`, else the process's."""
    stack = defaults.graphs
    return stack[-1] if stack else _process_graph


def reset_default_graph() -> None:
    """Start the process's default graph afresh.

    Raises
    ------
    AssertionError
        Inside a ``with graph.as_default():`` block.
    """
    global _process_graph
    if defaults.graphs:
        raise AssertionError(
            "Do not use tf.reset_default_graph() to clear nested graphs. If you need a cleared "
            "graph, exit the nesting and create a new graph."
        )
    _process_graph = Graph()


@contextlib.contextmanager
def name_scope(name, default_name=None, values=None) -> Iterator[str]:
    """Prefix the names of operations made in the block.

    Parameters
    ----------
    name : str or None
        The scope; None takes `default_name`.
    default_name : str, optional
    values : list, optional
        Tensors that the block reads; they select the graph.

    Yields
    ------
    str
        The full scope name, ending with '/'.
    """
    scope = default_name if name is None else name
    if scope is None and values is not None:
        raise ValueError("At least one of name (None) and default_name (None) must be provided.")
    graph = graph_of(values) or get_default_graph()
    if graph is get_default_graph():
        with graph.name_scope(scope) as full:
            yield full
    else:
        with graph.as_default(), graph.name_scope(scope) as full:
            yield full


def graph_of(values) -> Graph | None:
    """The graph of the first of `values` that is in one."""
    for value in values or ():
        graph = getattr(value, "graph", None)
        if isinstance(graph, Graph):
            return graph
    return None


def control_dependencies(control_inputs):
    return get_default_graph().control_dependencies(control_inputs)


def device(device_name_or_function):
    return get_default_graph().device(device_name_or_function)


def colocate_with(op, ignore_existing=False):
    return get_default_graph().colocate_with(op, ignore_existing)


def container(container_name):
    return get_default_graph().container(container_name)
