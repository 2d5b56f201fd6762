"""Parts of a `GraphDef`: what some nodes need, what is needed after training (`tf.graph_util`)."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

from graphmode.framework.operation import Operation
from graphmode.framework.proto.messages import protobuf
from graphmode.graph_io.dataflow import ancestors, nodes_of
from graphmode.graph_io.given import graph_def_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_VARIABLES = frozenset(
    ("Assign", "AssignAdd", "AssignSub", "Queue", "ScatterAdd", "ScatterSub", "ScatterUpdate",
     "TruncatedNormal", "RandomUniform", "Variable", "VariableV2")
)  # fmt: skip


def names_as_list(names: Any, what: str) -> list[str]:
    """Names of nodes that are given as a list.

    Raises
    ------
    TypeError
        If they are one string: its letters are no names.
    """
    if isinstance(names, str | bytes):
        raise TypeError(f"{what} must be a list.\n  fix: [{names!r}]")
    return list(names)


def require_present(names: Iterable[str], present: Any) -> None:
    """Refuse names that no node has.

    Raises
    ------
    AssertionError
        As TensorFlow's; names like it are said.
    """
    for name in names:
        if name not in present:
            near = difflib.get_close_matches(name.partition(":")[0], present, 3)
            hint = f"\n  did you mean: {', '.join(near)}" if near else ""
            if ":" in name and near:
                hint += "\n  a node is meant, not an output of one"
            raise AssertionError(f"{name} is not in graph{hint}")


def extract_sub_graph(graph_def: Any, dest_nodes: Sequence[str]) -> Any:
    """The part of a graph that some nodes need.

    Parameters
    ----------
    graph_def : GraphDef
        Stays as it is.
    dest_nodes : list of str
        Names of nodes.

    Returns
    -------
    GraphDef
        `dest_nodes` and all that they read or wait for, in the order of `graph_def`, with its
        functions.

    Raises
    ------
    TypeError
        If an argument is of another kind.
    AssertionError
        If there is no node of one of the names.
    """
    graph_def = graph_def_of(graph_def)
    dest_nodes = names_as_list(dest_nodes, "dest_nodes")
    nodes = nodes_of(graph_def)
    require_present(dest_nodes, nodes)
    kept = ancestors(nodes, dest_nodes)
    return with_nodes(graph_def, (node for node in graph_def.node if node.name in kept))


def with_nodes(graph_def: Any, nodes: Iterable[Any]) -> Any:
    """A graph of other nodes, with the functions and versions of `graph_def`."""
    result = protobuf("graph").GraphDef()
    result.node.extend(nodes)
    result.library.CopyFrom(graph_def.library)
    result.versions.CopyFrom(graph_def.versions)
    return result


def remove_training_nodes(input_graph: Any, protected_nodes: Sequence[str] | None = None) -> Any:
    """A graph without the CheckNumerics and Identity nodes, which give what they are given.

    Parameters
    ----------
    input_graph : GraphDef
        Stays as it is.
    protected_nodes : list of str, optional
        Names of nodes that stay.

    Returns
    -------
    GraphDef
        Nodes that others wait for or stand beside, and those that wait for others, stay.
    """
    input_graph = graph_def_of(input_graph)
    protected = set(protected_nodes or ())
    waited = {text[1:] for node in input_graph.node for text in node.input if text[:1] == "^"}
    for node in input_graph.node:
        if "_class" in node.attr:
            waited.update(s.decode().removeprefix("loc:@") for s in node.attr["_class"].list.s)
    passed: dict[str, str] = {}
    for node in input_graph.node:
        if node.op not in ("CheckNumerics", "Identity") or node.name in protected | waited:
            continue
        if node.input and not any(text[:1] == "^" for text in node.input):
            passed[node.name] = node.input[0]
    result = with_nodes(input_graph, ())
    for node in input_graph.node:
        if node.name in passed:
            continue
        copied = result.node.add()
        copied.CopyFrom(node)
        for i, text in enumerate(node.input):
            copied.input[i] = past(text, passed)
    return result


def past(text: str, passed: dict[str, str]) -> str:
    """What a node reads where the nodes `passed` are gone, which gave what they read."""
    while text.removesuffix(":0") in passed:
        text = passed[text.removesuffix(":0")]
    return text


def must_run_on_cpu(node: Any, pin_variables_on_cpu: bool = False) -> bool:
    """Whether TensorFlow had to run an operation on the CPU.

    Parameters
    ----------
    node : Operation or NodeDef
    pin_variables_on_cpu : bool
        Whether variables and what writes to them are to be there, too.

    Returns
    -------
    bool

    Raises
    ------
    TypeError
        If `node` is neither.
    """
    if isinstance(node, Operation):
        node = node.node_def
    if getattr(getattr(node, "DESCRIPTOR", None), "name", "") != "NodeDef":
        raise TypeError(f"node must be an Operation or a NodeDef, got {type(node).__name__}")
    if pin_variables_on_cpu and node.op in _VARIABLES:
        return True
    attribute = {
        "Const": "dtype",
        "DynamicStitch": "T",
        "ParallelDynamicStitch": "T",
        "Cast": "SrcT",
    }.get(node.op)
    if attribute is None or attribute not in node.attr:
        return False
    types = protobuf("types")
    on_cpu = [types.DT_INT32, types.DT_STRING] if node.op == "Const" else [types.DT_INT32]
    return node.attr[attribute].type in on_cpu


def tensor_shape_from_node_def_name(graph: Any, input_name: str) -> Any:
    """The static shape of an output.

    Parameters
    ----------
    graph : Graph
    input_name : str
        ``"x"``, which is its first one, or ``"x:1"``.

    Returns
    -------
    TensorShape
    """
    name = input_name if ":" in input_name else f"{input_name}:0"
    return graph.get_tensor_by_name(name).shape
