"""`graph_svg`, `graph_mermaid`: a graph as a picture, name scopes as boxes.

TensorFlow 1's notebooks loaded a page of TensorBoard for this, which is gone. As there, data flows
upwards, a scope is a box, control edges are dashed, and of a large graph the scopes that hold most
are folded until a page shows it.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from graphmode.framework.default_graph import get_default_graph

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

    from graphmode.framework.graph import Graph

_SHOWN = 40
_ROOT = ""

_SMALL = {"Const", "Identity", "NoOp"}
_VARIABLES = {"Variable", "VariableV2", "VarHandleOp"}
_UPDATE = re.compile(r"(Sparse|Resource)?Apply").match
_FONT = "Helvetica,Arial,sans-serif"


class _Picture:
    """Which elements are seen, and the edges between them.

    An element is an operation, or a scope that is folded.
    """

    def __init__(self, graph: Any, most: int) -> None:
        self.types: dict[str, str] = {}
        self._reads: list[tuple[str, str, str | None]] = []
        for name, op_type, inputs in _nodes(graph):
            self.types[name] = op_type
            self._reads += [(source, name, label) for source, label in inputs]
        self.children: dict[str, list[str]] = defaultdict(list)
        """Scope -> the operations and scopes right inside, each once."""
        seen: set[str] = set()
        for name in self.types:
            path = name
            while path not in seen:
                seen.add(path)
                scope = path.rpartition("/")[0]
                self.children[scope].append(path)
                if not scope:
                    break
                path = scope
        self.open = self._opened(most)

    def _opened(self, most: int) -> set[str]:
        """The scopes whose inside is shown: the smallest first, while no more than `most` fit.

        Those of gradients and optimizers repeat the rest backwards and stay folded.
        """
        training = {name.partition("/")[0] for name, kind in self.types.items() if _UPDATE(kind)}
        opened = {_ROOT}
        n_seen = len(self.children[_ROOT])
        waiting = [
            name
            for name in self.children[_ROOT]
            if self.has_inside(name) and name not in training and not name.startswith("gradients")
        ]
        while waiting:
            scope = min(waiting, key=lambda name: len(self.children[name]))
            n_seen += len(self.children[scope]) - 1
            if n_seen > most:
                break
            waiting.remove(scope)
            opened.add(scope)
            waiting += [name for name in self.children[scope] if self.has_inside(name)]
        return opened

    def has_inside(self, name: str) -> bool:
        """Whether `name` is a scope; what belongs to a variable is no picture's affair."""
        return bool(self.children.get(name)) and self.types.get(name) not in _VARIABLES

    def element(self, name: str) -> str:
        """What is seen of the operation `name`."""
        parts = name.split("/")
        for i in range(1, len(parts)):
            path = "/".join(parts[:i])
            if path not in self.open:
                return path
        return name

    def size(self, scope: str) -> int:
        """The number of operations in a scope."""
        return sum(name == scope or name.startswith(scope + "/") for name in self.types)

    @property
    def edges(self) -> dict[tuple[str, str], str | None]:
        """(from, to) -> the shape that flows, "" if several do, None of a control edge."""
        found: dict[tuple[str, str], str | None] = {}
        for source, target, label in self._reads:
            if source not in self.types:
                continue
            ends = self.element(source), self.element(target)
            if ends[0] == ends[1]:
                continue
            if ends not in found or found[ends] is None:
                found[ends] = label
            elif label is not None and label != found[ends]:
                found[ends] = ""
        return found


def _nodes(graph: Any) -> Iterable[tuple[str, str, list[tuple[str, str | None]]]]:
    """Of a Graph or a GraphDef: name, type, and (name, shape; None if it only orders) it reads."""
    if hasattr(graph, "get_operations"):
        for op in graph.get_operations():
            reads: list[tuple[str, str | None]] = [
                (tensor.op.name, _shape_text(tensor.dims)) for tensor in op.inputs
            ]
            yield op.name, op.type, reads + [(other.name, None) for other in op.control_inputs]
        return
    shapes = {
        f"{node.name}:{i}": _shape_text(
            None if shape.unknown_rank else [None if d.size < 0 else d.size for d in shape.dim]
        )
        for node in graph.node
        for i, shape in enumerate(node.attr["_output_shapes"].list.shape)
    }
    for node in graph.node:
        reads = []
        for text in node.input:
            source, _, index = text.partition(":")
            if text.startswith("^"):
                reads.append((text[1:], None))
            else:
                reads.append((source, shapes.get(f"{source}:{index or 0}", "")))
        yield node.name, node.op, reads


def _shape_text(dims: Any) -> str:
    if dims is None:
        return "?"
    return " × ".join("?" if length is None else str(length) for length in dims) or "scalar"


def graph_svg(graph: Graph | Any = None, *, most: int = _SHOWN) -> str:
    """The picture of a graph, as SVG.

    Parameters
    ----------
    graph : Graph or GraphDef, optional
        The default graph if not given.
    most : int
        How many boxes are drawn at most; scopes are folded until they are no more, as far as that
        is possible.

    Returns
    -------
    str

    Raises
    ------
    ImportError
        If pygraphviz is not installed; `graph_mermaid` needs nothing.
    """
    try:
        import pygraphviz  # pyright: ignore[reportMissingTypeStubs]
    except ImportError as error:
        raise ImportError(
            "graphmode.viz draws graphs with pygraphviz: pip install 'graphmode[plots]'"
        ) from error
    picture = _Picture(_given(graph), most)
    drawing: Any = pygraphviz.AGraph(directed=True, rankdir="BT", nodesep="0.2", ranksep="0.35")
    drawing.graph_attr.update(fontname=_FONT, fontsize="11", bgcolor="transparent")
    drawing.node_attr.update(fontname=_FONT, fontsize="10", height="0.25", margin="0.08,0.03")
    drawing.edge_attr.update(fontname=_FONT, fontsize="8", arrowsize="0.5", color="#707070")
    _draw_scope(picture, drawing, _ROOT)
    for (source, target), label in picture.edges.items():
        if label is None:
            drawing.add_edge(source, target, style="dashed", color="#b0b0b0")
        else:
            drawing.add_edge(source, target, label=f" {label}" if label else "")
    with _silenced():
        svg: str = drawing.draw(format="svg", prog="dot").decode()
    return svg[svg.index("<svg") :]


@contextlib.contextmanager
def _silenced() -> Generator[None]:
    """Keep what C libraries say (fontconfig, of its files) from the notebook's output."""
    sys.stderr.flush()
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def _draw_scope(picture: _Picture, drawing: Any, scope: str) -> None:
    """Draw what is right inside of `scope`, and the scopes in it."""
    for name in picture.children[scope]:
        base = name.rpartition("/")[2]
        inner = picture.has_inside(name)
        if inner and name in picture.open:
            box: Any = drawing.add_subgraph(
                name=f"cluster_{name}", label=base, labeljust="l", style="rounded,filled",
                fillcolor="#f2f2f2", color="#c0c0c0",
            )  # fmt: skip
            if name in picture.types:
                _draw_operation(picture, box, name, base)
            _draw_scope(picture, box, name)
        elif inner:
            drawing.add_node(
                name, label=f"{base}\n{picture.size(name)} ops", shape="box",
                style="rounded,filled,bold", fillcolor="#dcdcdc", color="#909090",
            )  # fmt: skip
        else:
            _draw_operation(picture, drawing, name, base)


def _draw_operation(picture: _Picture, drawing: Any, name: str, base: str) -> None:
    op_type = picture.types[name]
    if op_type in _SMALL:
        drawing.add_node(
            name, label=base, shape="plaintext", fontsize="8", fontcolor="#606060"
        )  # fmt: skip
        return
    fill = "#cfe8cf" if op_type.startswith("Placeholder") else "white"
    if op_type in _VARIABLES:
        fill = "#f9dfb4"
    label = base if base == op_type else f"{base}\n{op_type}"
    drawing.add_node(name, label=label, shape="ellipse", style="filled", fillcolor=fill)


def graph_mermaid(graph: Graph | Any = None, *, most: int = _SHOWN) -> str:
    """The picture of a graph as a Mermaid flow chart, which notebooks of today draw themselves.

    Parameters
    ----------
    graph : Graph or GraphDef, optional
        The default graph if not given.
    most : int
        As in `graph_svg`.

    Returns
    -------
    str
    """
    picture = _Picture(_given(graph), most)
    ids: dict[str, str] = {}
    lines = ["flowchart BT"]

    def of(name: str) -> str:
        return ids.setdefault(name, f"n{len(ids)}")

    def draw(scope: str, indent: str) -> None:
        for name in picture.children[scope]:
            base = name.rpartition("/")[2]
            inner = picture.has_inside(name)
            if inner and name in picture.open:
                lines.append(f'{indent}subgraph {of(name + "/")}["{base}"]')
                if name in picture.types:
                    lines.append(f'{indent}  {of(name)}(["{base}"])')
                draw(name, indent + "  ")
                lines.append(f"{indent}end")
            elif inner:
                lines.append(f'{indent}{of(name)}["{base}: {picture.size(name)} ops"]')
            else:
                lines.append(f'{indent}{of(name)}(["{base}"])')

    draw(_ROOT, "  ")
    for (source, target), label in picture.edges.items():
        arrow = "-.->" if label is None else f'-->|"{label}"|' if label else "-->"
        lines.append(f"  {of(source)} {arrow} {of(target)}")
    return "\n".join(lines) + "\n"


def _given(graph: Any) -> Any:
    return get_default_graph() if graph is None else graph
