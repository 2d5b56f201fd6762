"""`TransformGraph`: passes over a frozen graph, by name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from graphmode.framework import dtypes
from graphmode.framework.proto.attr_values import set_attr
from graphmode.framework.shapes import TensorShape
from graphmode.graph_io.dataflow import in_order, nodes_of
from graphmode.graph_io.given import graph_def_of
from graphmode.graph_io.subgraphs import past, with_nodes
from graphmode.graph_tools.folding import fold_batch_norms, fold_constants, fold_multiplications
from graphmode.graph_tools.strip_unused import strip_unused

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_CALL = re.compile(r"\s*(\w+)\s*(?:\(([^()]*)\))?\s*")
_PARAMETER = re.compile(r'\s*(\w+)\s*=\s*(?:"([^"]*)"|\'([^\']*)\'|([^,\s]+))\s*,?')

Parameters = dict[str, list[str]]
Names = list[str]


def TransformGraph(  # noqa: N802 - TensorFlow's name
    input_graph_def: Any,
    inputs: Sequence[str],
    outputs: Sequence[str],
    transforms: Sequence[str],
) -> Any:
    """A graph that passes have changed one after another; it computes the same outputs.

    Parameters
    ----------
    input_graph_def : GraphDef
        Frozen. Stays as it is.
    inputs, outputs : list of str
        Names of nodes.
    transforms : list of str
        Names of passes with parameters:
        ``'strip_unused_nodes(type=float, shape="1,224,224,3")'``,
        ``"remove_nodes(op=Identity, op=CheckNumerics)"``, ``"fold_constants(ignore_errors=true)"``,
        ``"fold_batch_norms"``, ``"fold_old_batch_norms"``, ``"remove_device"``,
        ``"remove_attribute(attribute_name=_class)"``, ``"sort_by_execution_order"``.

    Returns
    -------
    GraphDef

    Raises
    ------
    NotImplementedError
        If there is no such pass here.
    ValueError
        If a text is no pass with parameters.
    """
    graph_def = graph_def_of(input_graph_def)
    calls = [call for text in transforms for call in _parsed(text)]
    unknown = [name for name, _ in calls if name not in _PASSES]
    if unknown:
        raise NotImplementedError(
            f"TransformGraph: {', '.join(unknown)}. There are here: {', '.join(_PASSES)}.\n"
            "  what quantizes weights makes a graph smaller and less exact; no pass here does that"
        )
    for name, parameters in calls:
        graph_def = _PASSES[name](graph_def, parameters, list(inputs), list(outputs))
    return graph_def


def _parsed(text: str) -> list[tuple[str, Parameters]]:
    """The passes that a text names, and their parameters."""
    calls: list[tuple[str, Parameters]] = []
    at = 0
    while at < len(text):
        match = _CALL.match(text, at)
        if match is None:
            raise ValueError(f"TransformGraph: not a pass with parameters: {text!r}")
        parameters: Parameters = {}
        for name, *values in _PARAMETER.findall(match[2] or ""):
            parameters.setdefault(name, []).append(next(filter(None, values), ""))
        calls.append((match[1], parameters))
        at = match.end()
    return calls


def _strip(graph_def: Any, given: Parameters, inputs: Names, outputs: Names) -> Any:
    """`inputs` become placeholders of the types and shapes that are given for all, or by name."""
    kinds = dict.fromkeys(inputs, given.get("type", [""])[0])
    shapes = dict.fromkeys(inputs, given["shape"][0] if "shape" in given else None)
    for i, name in enumerate(given.get("name", ())):
        kinds[name] = given.get("type_for_name", [""] * (i + 1))[i]
        if "shape_for_name" in given:
            shapes[name] = given["shape_for_name"][i]
    own = {node.name: node for node in graph_def.node}
    found = [kinds[name] or _type_of(own.get(name)) for name in inputs]
    result = strip_unused(graph_def, inputs, outputs, found)
    for node in result.node:
        text = shapes.get(node.name)
        if text is not None:
            sizes = [int(size) for size in text.split(",") if size]
            shape = TensorShape([None if size < 0 else size for size in sizes])
            set_attr(node.attr["shape"], "shape", shape)
    return result


def _type_of(node: Any) -> Any:
    if node is None or "dtype" not in node.attr:
        return dtypes.float32
    return dtypes.as_dtype(node.attr["dtype"].type)


def _remove(graph_def: Any, given: Parameters, inputs: Names, outputs: Names) -> Any:
    """Nodes of some types that give what they read go."""
    types, stay = set(given.get("op", ())), {*inputs, *outputs}
    waited = {text[1:] for node in graph_def.node for text in node.input if text[0] == "^"}
    passed = {
        node.name: node.input[0]
        for node in graph_def.node
        if node.op in types and len(node.input) == 1 and node.name not in stay | waited
    }
    nodes: list[Any] = []
    for node in graph_def.node:
        if node.name not in passed:
            made = type(node)()
            made.CopyFrom(node)
            made.input[:] = [past(text, passed) for text in node.input]
            nodes.append(made)
    return with_nodes(graph_def, nodes)


def _without_attribute(graph_def: Any, given: Parameters, inputs: Names, outputs: Names) -> Any:
    types = given.get("op_name", ["*"])
    result = with_nodes(graph_def, graph_def.node)
    for node in result.node:
        for key in given.get("attribute_name", ()):
            if key in node.attr and ("*" in types or node.op in types):
                del node.attr[key]
    return result


def _without_device(graph_def: Any, given: Parameters, inputs: Names, outputs: Names) -> Any:
    result = with_nodes(graph_def, graph_def.node)
    for node in result.node:
        node.device = ""
    return result


def _sorted(graph_def: Any, given: Parameters, inputs: Names, outputs: Names) -> Any:
    nodes = nodes_of(graph_def)
    ordered, rest = in_order(nodes, nodes)
    return with_nodes(graph_def, (nodes[name].message for name in (*ordered, *rest)))


_PASSES: dict[str, Callable[[Any, Parameters, Names, Names], Any]] = {
    "fold_batch_norms": lambda graph_def, given, inputs, outputs: fold_multiplications(
        graph_def, outputs
    ),
    "fold_constants": lambda graph_def, given, inputs, outputs: fold_constants(graph_def, outputs),
    "fold_old_batch_norms": lambda graph_def, given, inputs, outputs: fold_batch_norms(
        graph_def, outputs
    ),
    "remove_attribute": _without_attribute,
    "remove_device": _without_device,
    "remove_nodes": _remove,
    "sort_by_execution_order": _sorted,
    "strip_unused_nodes": _strip,
}
