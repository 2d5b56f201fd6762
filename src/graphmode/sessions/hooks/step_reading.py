"""The tensor by which hooks read the global step: one for a graph, made once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphmode.framework.default_graph import get_default_graph
from graphmode.ops.math.arithmetic import add
from graphmode.training.global_step import get_global_step

if TYPE_CHECKING:
    from graphmode.framework.graph import Graph
    from graphmode.framework.operation import Tensor

GLOBAL_STEP_READ_KEY = "global_step_read_op_cache"


def get_or_create_global_step_read(graph: Graph | None = None) -> Tensor | None:
    """The value of the global step, of the graph's collection; made if it is not there.

    In a run that trains it is the step before, wherever it was made.

    Parameters
    ----------
    graph : Graph, optional
        The default graph if not given.

    Returns
    -------
    Tensor or None, integer scalar
        None if the graph has no global step.

    Raises
    ------
    RuntimeError
        If there are several.
    """
    graph = graph or get_default_graph()
    reads = graph.get_collection(GLOBAL_STEP_READ_KEY)
    if len(reads) > 1:
        raise RuntimeError(
            f"There are multiple items in collection {GLOBAL_STEP_READ_KEY}. There should be only "
            "one."
        )
    if reads:
        return reads[0]
    step = get_global_step(graph)
    if step is None:
        return None
    with graph.as_default(), graph.name_scope(None), graph.name_scope(f"{step.op.name}/"):
        read = add(step, 0)
    graph.add_to_collection(GLOBAL_STEP_READ_KEY, read)
    return read


def required_global_step_read(hook: str) -> Tensor:
    """`get_or_create_global_step_read` for a hook, which needs it.

    Raises
    ------
    RuntimeError
        If the graph has no global step.
    """
    read = get_or_create_global_step_read()
    if read is None:
        raise RuntimeError(f"Global step should be created to use {hook}.")
    return read
