"""`tf.profiler`: counts of parameters and floating-point operations, and times of runs."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from graphmode.framework.default_graph import get_default_graph
from graphmode.framework.errors import InvalidArgumentError, UnimplementedError
from graphmode.framework.graph import Graph
from graphmode.platform import logging
from graphmode.platform.timeline import Timeline
from graphmode.profiling.nodes import GraphNode, nodes_of, stages_of
from graphmode.profiling.options import DEFAULTS, ProfileOptionBuilder
from graphmode.profiling.report import report
from graphmode.profiling.views import by_scope, by_type

TRAINABLE_VARS_PARAMS_STAT_OPTIONS = ProfileOptionBuilder.trainable_variables_parameter()
FLOAT_OPS_OPTIONS = ProfileOptionBuilder.float_operation()
PRINT_ALL_TIMING_MEMORY = {**ProfileOptionBuilder.time_and_memory(), "order_by": "name"}


def profile(
    graph: Graph | None = None,
    run_meta: Any = None,
    op_log: Any = None,
    cmd: str = "scope",
    options: Mapping[str, Any] | None = None,
) -> GraphNode:
    """Count what a graph has and does, print a report, and give the counts.

    Parameters
    ----------
    graph : Graph, optional
        The default graph if not given.
    run_meta : RunMetadata, optional
        Of a run with ``RunOptions(trace_level=RunOptions.FULL_TRACE)``, for times.
    op_log : object, optional
        Not looked at.
    cmd : {"scope", "op", "graph"}
        The tree of name scopes, or the sums by op type; ``graph`` is shown as ``scope``.
    options : dict, optional
        Of `ProfileOptionBuilder`; the parameters of trainable variables if not given.

    Returns
    -------
    GraphNode
        The root. ``total_parameters`` and ``total_float_ops`` are what most programs ask for.

    Raises
    ------
    InvalidArgumentError
        For another `cmd`.
    UnimplementedError
        For the view ``code`` and the output ``pprof``.

    Examples
    --------
    >>> import graphmode as tf
    >>> w = tf.get_variable("w", [3, 4])
    >>> options = tf.profiler.ProfileOptionBuilder.trainable_variables_parameter()
    >>> options["output"] = "none"
    >>> tf.profiler.profile(options=options).total_parameters
    12
    """
    graph = graph or get_default_graph()
    return _profile(graph, [] if run_meta is None else [run_meta.step_stats], cmd, options)


def print_model_analysis(
    graph: Graph,
    run_meta: Any = None,
    op_log: Any = None,
    tfprof_cmd: str = "scope",
    tfprof_options: Mapping[str, Any] | None = None,
) -> GraphNode:
    """`profile` by its first name.

    Parameters
    ----------
    graph : Graph
    run_meta : RunMetadata, optional
    op_log : object, optional
    tfprof_cmd : {"scope", "op", "graph"}
    tfprof_options : dict, optional
        As those of `profile`.

    Returns
    -------
    GraphNode
    """
    return profile(graph, run_meta, op_log, tfprof_cmd, tfprof_options)


def _profile(
    graph: Graph, step_stats: list[Any], cmd: str, options: Mapping[str, Any] | None
) -> GraphNode:
    if cmd == "code":
        raise UnimplementedError(
            None, None, "profile(cmd='code'): there is no view by lines of code. Use 'scope' or "
            "'op'.",
        )  # fmt: skip
    if cmd not in ("scope", "op", "graph"):
        raise InvalidArgumentError(None, None, f"unknown cmd: {cmd}\n")
    chosen = {**DEFAULTS, **(options or TRAINABLE_VARS_PARAMS_STAT_OPTIONS)}
    nodes, n_unknown = nodes_of(graph, stages_of(step_stats))
    if n_unknown and "float_ops" in chosen["select"]:
        logging.warning("%d ops no flops stats due to incomplete shapes.", n_unknown)
    view = "op" if cmd == "op" else "scope"
    root = (by_type if view == "op" else by_scope)(nodes, chosen)
    kind, _, place = chosen["output"].partition(":")
    path = place.removeprefix("outfile=")
    if kind == "stdout":
        sys.stdout.write(report(root, view, chosen))
    elif kind == "file":
        Path(path).write_text(report(root, view, chosen))
    elif kind == "timeline":
        if not step_stats:
            raise InvalidArgumentError(None, None, "a timeline needs the run_meta of a run")
        Path(path).write_text(Timeline(step_stats[-1]).generate_chrome_trace_format())
    elif kind != "none":
        raise UnimplementedError(None, None, f"profile: there is no output '{kind}'")
    return root


class Profiler:
    """Profiles several steps of one graph.

    Parameters
    ----------
    graph : Graph, optional
        The default graph if not given.
    op_log : object, optional
        Not looked at.
    """

    def __init__(self, graph: Graph | None = None, op_log: Any = None) -> None:
        self._graph = graph or get_default_graph()
        self._steps: dict[int, Any] = {}

    def add_step(self, step: int, run_meta: Any) -> None:
        """Take the times of one run.

        Parameters
        ----------
        step : int
            Its number, for ``with_step``.
        run_meta : RunMetadata
        """
        self._steps[step] = run_meta.step_stats

    def profile_name_scope(self, options: Mapping[str, Any]) -> GraphNode:
        """The tree of name scopes: `profile` with ``cmd="scope"`` and `options`."""
        return self._view("scope", options)

    def profile_operations(self, options: Mapping[str, Any]) -> GraphNode:
        """The sums by op type: `profile` with ``cmd="op"`` and `options`."""
        return self._view("op", options)

    def profile_graph(self, options: Mapping[str, Any]) -> GraphNode:
        """The tree of name scopes: `profile` with ``cmd="graph"`` and `options`."""
        return self._view("graph", options)

    def _view(self, cmd: str, options: Mapping[str, Any]) -> GraphNode:
        step = options.get("step", -1)
        if step != -1 and step not in self._steps:
            raise InvalidArgumentError(
                None, None, f"no step {step} was added; there are: {sorted(self._steps)}"
            )
        chosen = list(self._steps.values()) if step == -1 else [self._steps[step]]
        return _profile(self._graph, chosen, cmd, options)
