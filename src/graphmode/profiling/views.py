"""The views of a profile: nodes by their name scopes, and by their types."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from graphmode.profiling.nodes import COUNTS, ROOT, GraphNode

_LIMITS = {
    "min_micros": "exec_micros",
    "min_accelerator_micros": "accelerator_exec_micros",
    "min_cpu_micros": "cpu_exec_micros",
    "min_params": "parameters",
    "min_float_ops": "float_ops",
}
_ORDERS = {
    "params": "parameters",
    "float_ops": "float_ops",
    "micros": "exec_micros",
    "accelerator_micros": "accelerator_exec_micros",
    "cpu_micros": "cpu_exec_micros",
    "occurrence": "definition_count",
}


def _matches(patterns: Iterable[str], text: str) -> bool:
    return any(re.fullmatch(pattern, text) for pattern in patterns)


def _is_accounted(node: GraphNode, options: Mapping[str, Any]) -> bool:
    """Whether it has a type that is asked for; a name scope has none."""
    patterns = options["account_type_regexes"]
    return patterns == [".*"] or any(_matches(patterns, kind) for kind in node.types)


def _is_named(node: GraphNode, options: Mapping[str, Any]) -> bool:
    return _matches(options["show_name_regexes"], node.name) and not _matches(
        options["hide_name_regexes"], node.name
    )


def _sorted(nodes: list[GraphNode], order: str) -> list[GraphNode]:
    if order == "name":
        return sorted(nodes, key=lambda node: node.name)
    count = f"total_{_ORDERS.get(order, 'definition_count')}"
    return sorted(nodes, key=lambda node: -getattr(node, count))


# ---- by name scopes ------------------------------------------------------------------------------


def by_scope(nodes: list[GraphNode], options: Mapping[str, Any]) -> GraphNode:
    """The nodes as a tree of name scopes.

    What is not shown gives its shown children to the scope that it is in.

    Returns
    -------
    GraphNode
        The root; `children` are what is shown.
    """
    root = GraphNode(ROOT)
    tree: dict[str, GraphNode] = {}
    below: dict[str, list[GraphNode]] = {"": []}
    for node in nodes:
        tree[node.name] = node
    for name in list(tree):
        parts = [name] if ": " in name else name.split("/")  # a stage is in no scope
        for depth in range(1, len(parts) + 1):
            path, parent = "/".join(parts[:depth]), "/".join(parts[: depth - 1])
            if path not in tree:
                tree[path] = GraphNode(path)
            if path not in below:
                below[path] = []
                below[parent].append(tree[path])
    counted = not options["account_displayed_op_only"]

    def shown(node: GraphNode, depth: int) -> list[GraphNode]:
        """The node with its shown children, or these alone."""
        inner: list[GraphNode] = []
        trimmed = _matches(options["trim_name_regexes"], node.name)
        for child in below[node.name]:
            found = shown(child, depth + 1)
            inner += [] if trimmed else found
        children = _sorted(inner, options["order_by"])
        node.is_accounted = _is_accounted(node, options)
        if not node.is_accounted:
            for count in COUNTS:
                setattr(node, count, 0)
        node.add_up(below[node.name] if counted else children)
        if (
            (not node.is_accounted and (node.types or not children))
            or depth > options["max_depth"]
            or not _is_named(node, options)
            or any(getattr(node, count) < options[limit] for limit, count in _LIMITS.items())
        ):
            return children
        node.children = children
        return [node]

    tops = starts = below[""]
    if options["start_name_regexes"] not in ([], [".*"]):
        starts = _started(tops, below, options["start_name_regexes"])
    found = {top: shown(top, 1) for top in ({*tops, *starts} if counted else starts)}
    inside = [node for start in starts for node in found[start]]
    root.children = _sorted(inside, options["order_by"])
    root.add_up(tops if counted else root.children)
    return root


def _started(
    nodes: list[GraphNode], below: Mapping[str, list[GraphNode]], patterns: list[str]
) -> list[GraphNode]:
    """The highest nodes that match one of `patterns`."""
    found: list[GraphNode] = []
    for node in nodes:
        if _matches(patterns, node.name):
            found.append(node)
        else:
            found += _started(below[node.name], below, patterns)
    return found


# ---- by types ------------------------------------------------------------------------------------


def by_type(nodes: list[GraphNode], options: Mapping[str, Any]) -> GraphNode:
    """The nodes as a chain of op types, each of which holds the next.

    Returns
    -------
    GraphNode
        The root; a total is that of a type and those after it.
    """
    kinds: dict[str, GraphNode] = {}
    for node in nodes:
        if not _is_accounted(node, options):
            continue
        for kind in sorted(node.types):
            held = kinds.setdefault(kind, GraphNode(kind, {kind}))
            for count in COUNTS:
                setattr(held, count, getattr(held, count) + getattr(node, count))
    for held in kinds.values():
        held.add_up([])
    named = [held for held in kinds.values() if _is_named(held, options)]
    before: list[GraphNode] = []
    for held in reversed(_sorted(named, options["order_by"])):
        held.add_up(before)
        if held.definition_count >= options["min_occurrence"] and all(
            getattr(held, f"total_{count}") >= options[limit] for limit, count in _LIMITS.items()
        ):
            held.children = before
            before = [held]
    root = GraphNode(ROOT, children=before)
    root.add_up(before)
    return root
