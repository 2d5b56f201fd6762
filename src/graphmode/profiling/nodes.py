"""What a profile knows of each node of a graph, and of each stage that a run took."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from graphmode.framework.graph import Graph
from graphmode.ops.state.references import value_dims
from graphmode.profiling.float_ops import UnknownShapeError, float_ops
from graphmode.variables.collections import GraphKeys

ROOT = "_TFProfRoot"

COUNTS = (
    "parameters",
    "float_ops",
    "exec_micros",
    "accelerator_exec_micros",
    "cpu_exec_micros",
    "definition_count",
)
"""What is counted of each node; ``total_`` before it is the sum over the node and its children."""


@dataclass(slots=True, eq=False)
class GraphNode:
    """A node of a profile.

    Attributes
    ----------
    name : str
    types : set of str
        The op's type; ``_trainable_variables`` too for a variable that is trained.
    shape : list of int
        Of a variable.
    parameters : int
        The elements of a variable.
    float_ops : int
        The floating-point operations of one run.
    exec_micros, accelerator_exec_micros, cpu_exec_micros : int
        What it took, in microseconds: in all, on accelerators, on CPUs.
    definition_count : int
        1 for an op.
    total_parameters, total_float_ops, total_exec_micros : int
        Of it and its children; `total_accelerator_exec_micros`, `total_cpu_exec_micros` and
        `total_definition_count` likewise.
    children : list of GraphNode
    is_accounted : bool
        Whether it is of a type that was asked for.
    """

    name: str
    types: set[str] = field(default_factory=set[str])
    shape: list[int] = field(default_factory=list[int])
    parameters: int = 0
    float_ops: int = 0
    exec_micros: int = 0
    accelerator_exec_micros: int = 0
    cpu_exec_micros: int = 0
    definition_count: int = 0
    total_parameters: int = 0
    total_float_ops: int = 0
    total_exec_micros: int = 0
    total_accelerator_exec_micros: int = 0
    total_cpu_exec_micros: int = 0
    total_definition_count: int = 0
    children: list[GraphNode] = field(default_factory=list["GraphNode"])
    is_accounted: bool = False

    def add_up(self, children: Iterable[GraphNode]) -> None:
        """Set the totals from its own counts and those of `children`."""
        children = list(children)
        for count in COUNTS:
            total = getattr(self, count) + sum(getattr(c, f"total_{count}") for c in children)
            setattr(self, f"total_{count}", total)


def nodes_of(graph: Graph, stages: Iterable[GraphNode] = ()) -> tuple[list[GraphNode], int]:
    """A node for each op of a graph and for each stage.

    Parameters
    ----------
    graph : Graph
    stages : list of GraphNode
        What was timed.

    Returns
    -------
    nodes : list of GraphNode
    n_unknown : int
        How many ops could not be counted, since a shape is not known.
    """
    trained = {v.op for v in graph.get_collection(GraphKeys.TRAINABLE_VARIABLES)}
    nodes: list[GraphNode] = []
    n_unknown = 0
    for op in graph.get_operations():
        node = GraphNode(op.name, {op.type}, definition_count=1)
        if op.op_def.role in ("variable", "placeholder"):  # as TensorFlow counts
            dims = value_dims(op.outputs[0])
            if dims is not None and None not in dims:
                node.shape = [dim for dim in dims if dim is not None]
                node.parameters = math.prod(node.shape)
        if op in trained:
            node.types.add("_trainable_variables")
        try:
            node.float_ops = float_ops(op)
        except UnknownShapeError:
            n_unknown += 1
        nodes.append(node)
    return [*nodes, *stages], n_unknown


def stages_of(step_stats: Iterable[Any]) -> list[GraphNode]:
    """The stages of runs, with the time that each took on average.

    Parameters
    ----------
    step_stats : list of StepStats
        Of `RunMetadata`.

    Returns
    -------
    list of GraphNode
        Their types are what they are: ``program`` and ``host``.
    """
    found: dict[str, GraphNode] = {}
    runs = list(step_stats)
    for stats in runs:
        for device in stats.dev_stats:
            accelerated = not any(name in device.device.lower() for name in ("cpu", "host"))
            for step in device.node_stats:
                label = step.timeline_label or step.node_name
                node = found.setdefault(label, GraphNode(label, {label.partition(":")[0]}))
                node.exec_micros += step.all_end_rel_micros
                if accelerated:
                    node.accelerator_exec_micros += step.all_end_rel_micros
                else:
                    node.cpu_exec_micros += step.all_end_rel_micros
    for node in found.values():
        for count in ("exec_micros", "accelerator_exec_micros", "cpu_exec_micros"):
            setattr(node, count, getattr(node, count) // len(runs))
    return list(found.values())
