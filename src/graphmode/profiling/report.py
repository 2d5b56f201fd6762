"""The report of a profile, as TensorFlow's profiler lays it out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from graphmode.profiling.nodes import GraphNode
from graphmode.profiling.options import DEFAULTS

_VIEWS = {
    "scope": "nodes in the tree of their name scopes.",
    "op": "nodes summed by op type; in brackets the share of this and the following types, and of "
    "this one.",
}
_DOCS = {
    "params": "param: the number of elements of a variable.",
    "float_ops": "flops: the number of floating-point operations of one run; a type that is not "
    "counted has none.",
    "micros": "execution time: of programs and of what the host ran between them.",
    "occurrence": "op occurrence: how many nodes of a type there are.",
}
_HEADERS = {
    "params": ["# parameters"],
    "float_ops": ["# float_ops"],
    "micros": ["total execution time", "accelerator execution time", "cpu execution time"],
    "occurrence": ["op occurrence (run|defined)"],
    "op_types": ["op types"],
}


def number(n: int) -> str:
    """A count in a short form: 15.68k, 10.04m, 1.20b."""
    for limit, unit in ((1e9, "b"), (1e6, "m"), (1e3, "k")):
        if n >= limit:
            return f"{n / limit:.2f}{unit}"
    return str(n)


def time(micros: int) -> str:
    """A time in a short form: 23us, 22.73ms, 1.20sec."""
    for limit, unit in ((1e6, "sec"), (1e3, "ms")):
        if micros >= limit:
            return f"{micros / limit:.2f}{unit}"
    return f"{micros}us"


def report(root: GraphNode, view: str, options: Mapping[str, Any]) -> str:
    """The whole text: options, what the columns are, and the nodes.

    Parameters
    ----------
    root : GraphNode
        Of `by_scope` or `by_type`.
    view : {"scope", "op"}
    options : dict

    Returns
    -------
    str
    """
    selected = [name for name in sorted(options["select"]) if name in _HEADERS]
    lines = ["", f"{'=' * 25}Options{'=' * 29}"]
    for option in DEFAULTS:
        value = options[option]
        if option == "select":
            value = ",".join(selected)
        elif isinstance(value, bool):
            value = str(value).lower()
        elif isinstance(value, list):
            value = ",".join(value)
        lines.append(f"-{option:<27}{value}{':' if option == 'output' else ''}")
    headers = [header for name in selected for header in _HEADERS[name]]
    lines += [
        "",
        f"{'=' * 18}Model Analysis Report{'=' * 22}",
        "",
        "Doc:",
        f"{view}: {_VIEWS[view]}",
        *(_DOCS[name] for name in selected if name in _DOCS),
        "",
        "Profile:",
        " | ".join(["node name", *headers]),
        *(_scope_rows(root, selected, 0) if view == "scope" else _type_rows(root, selected)),
        "",
        f"{'=' * 22}End of Report{'=' * 26}",
    ]
    return "\n".join(lines) + "\n"


def _scope_rows(node: GraphNode, selected: list[str], indent: int) -> Iterator[str]:
    cells = [cell for name in selected for cell in _scope_cells(node, name)]
    yield f"{' ' * indent}{node.name} ({', '.join(cells)})"
    for child in node.children:
        yield from _scope_rows(child, selected, indent + 2)


def _pair(own: int, total: int, shown: Callable[[int], str], accounted: bool) -> str:
    return f"{shown(own) if accounted else '--'}/{shown(total)}"


def _scope_cells(node: GraphNode, name: str) -> list[str]:
    accounted = node.is_accounted
    if name == "params":
        shape = ["x".join(map(str, node.shape))] if node.shape else []
        pair = _pair(node.parameters, node.total_parameters, number, accounted)
        return [*shape, f"{pair} params"]
    if name == "float_ops":
        return [f"{_pair(node.float_ops, node.total_float_ops, number, accounted)} flops"]
    if name == "micros":
        return [
            _pair(getattr(node, count), getattr(node, f"total_{count}"), time, accounted)
            for count in ("exec_micros", "accelerator_exec_micros", "cpu_exec_micros")
        ]
    if name == "op_types":
        return ["|".join(sorted(node.types))]
    return [f"{node.definition_count}/{node.total_definition_count}"]


def _type_rows(root: GraphNode, selected: list[str]) -> Iterator[str]:
    held = root.children
    while held:
        (node,) = held
        cells = [cell for name in selected for cell in _type_cells(node, root, name)]
        yield f"{node.name:<25}" + ", ".join(cells)
        held = node.children


def _type_cells(node: GraphNode, root: GraphNode, name: str) -> list[str]:
    def shares(count: str) -> str:
        whole = getattr(root, f"total_{count}")
        parts = getattr(node, f"total_{count}"), getattr(node, count)
        return ", ".join(f"{100 * part / whole if whole else 0:.2f}%" for part in parts)

    if name == "params":
        return [f"{number(node.parameters)} params ({shares('parameters')})"]
    if name == "float_ops":
        return [f"{number(node.float_ops):>5} float_ops ({shares('float_ops')})"]
    if name == "micros":
        return [
            f"{time(getattr(node, count)):>12} ({shares(count)})"
            for count in ("exec_micros", "accelerator_exec_micros", "cpu_exec_micros")
        ]
    if name == "op_types":
        return ["|".join(sorted(node.types))]
    return [f"{node.definition_count}"]
