"""`plot_tree`: a sentence and its phrases, or any other tree."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from graphmode.viz.figure import finished, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def plot_tree(
    children: Sequence[Sequence[int]],
    texts: Sequence[str],
    values: Any = None,
    *,
    title: str | None = None,
    path: str | os.PathLike[str] | None = None,
) -> Figure:
    """A tree, the root above, the leaves below in a row.

    Parameters
    ----------
    children : sequence of sequence of int
        Of each node, from the left to the right; node 0 is the root, children come after their
        parent. A leaf has none.
    texts : sequence of str
        What is written at each node.
    values : array, float [n_nodes], optional
        Between 0 and 1: red over grey to blue, as nodes are coloured.
    title : str, optional
    path : str or path, optional
        Where to write the picture, as PNG.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If the numbers of nodes and texts differ, or there is no node.
    """
    if not children or len(children) != len(texts):
        raise ValueError(f"{len(children)} nodes, but {len(texts)} texts; there must be a root")
    x, y = _places(children)
    lines = max(text.count("\n") for text in texts) + 1
    longest = max(len(line) for text in texts for line in text.split("\n"))
    apart = max(0.5, 0.1 * longest + 0.15)
    figure = new_figure(max(3.0, apart * (max(x) + 1)), max(2.0, 0.55 * (max(y) + lines)), title)
    axes: Any = figure.add_subplot()
    for node, below in enumerate(children):
        for child in below:
            axes.plot([x[node], x[child]], [y[node], y[child]], color="0.6", zorder=1, linewidth=1)
    import matplotlib

    colors: Any = matplotlib.colormaps["coolwarm_r"]
    for node, text in enumerate(texts):
        face = "0.93" if values is None else colors(0.15 + 0.7 * float(values[node]))
        box = {
            "boxstyle": "round,pad=0.25",
            "facecolor": face,
            "edgecolor": "0.5",
            "linewidth": 0.6,
        }
        axes.text(
            x[node], y[node], text, ha="center", va="center", fontsize=8, bbox=box,
            parse_math=False,
        )  # fmt: skip
    axes.set(xlim=(-0.6, max(x) + 0.6), ylim=(-0.7, max(y) + 0.5))
    axes.set_axis_off()
    return finished(figure, path)


def _places(children: Sequence[Sequence[int]]) -> tuple[list[float], list[float]]:
    """A node stands above the middle of its children, as high as its deepest leaf is below."""
    order: list[int] = []
    pending = [0]
    while pending:
        node = pending.pop()
        order.append(node)
        pending += reversed(children[node])
    x, y = [0.0] * len(children), [0.0] * len(children)
    n_leaves = 0
    for node in order:
        if not children[node]:
            x[node] = n_leaves
            n_leaves += 1
    for node in reversed(order):
        if below := children[node]:
            x[node] = sum(x[child] for child in below) / len(below)
            y[node] = 1 + max(y[child] for child in below)
    return x, y
