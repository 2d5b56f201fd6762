"""How well classes are told: `plot_confusion_matrix`, `plot_roc`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.viz.figure import finished, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_MOST_WRITTEN = 20


def plot_confusion_matrix(
    labels: Any,
    predictions: Any,
    classes: Sequence[Any] | np.ndarray | None = None,
    *,
    title: str | None = None,
    path: str | os.PathLike[str] | None = None,
) -> Figure:
    """How often each class is told for each: rows are what is true, columns what is said.

    Colours are shares of a row; numbers are counts.

    Parameters
    ----------
    labels, predictions : array [n]
    classes : sequence, optional
        In the order in which they are shown; all that occur, sorted, if not given.
    title : str, optional
        The share of right answers if not given.
    path : str or path, optional
        Where to write the picture, as PNG.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If there are no labels, not as many predictions, or one that is none of the classes.
    """
    labels, predictions = np.asarray(labels), np.asarray(predictions)
    if not len(labels) or labels.shape != predictions.shape or labels.ndim != 1:
        raise ValueError(f"labels {labels.shape} and predictions {predictions.shape} must be [n]")
    shown: Any = np.union1d(labels, predictions) if classes is None else np.asarray(classes)
    unknown = np.setdiff1d(np.union1d(labels, predictions), shown)
    if len(unknown):
        raise ValueError(f"{unknown.tolist()} are not among the classes {shown.tolist()}")
    n = len(shown)
    order = np.argsort(shown, kind="stable")
    rows, columns = (order[np.searchsorted(shown, x, sorter=order)] for x in (labels, predictions))
    counts = np.bincount(rows * n + columns, minlength=n * n).reshape(n, n)
    shares = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    if title is None:
        title = f"{np.mean(labels == predictions):.1%} of {len(labels):,} right"
    side = max(3.2, min(0.45 * n + 1.6, 12))
    figure: Any = new_figure(side + 0.8, side, title)
    axes = figure.add_subplot()
    image = axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    figure.colorbar(image, ax=axes, label="share of the true class", shrink=0.8)
    if n <= _MOST_WRITTEN:
        for (row, column), count in np.ndenumerate(counts):
            if count:
                color = "white" if shares[row, column] > 0.5 else "black"
                axes.text(column, row, count, ha="center", va="center", fontsize=7, color=color)
    step = -(-n // 40)
    names = [str(name) for name in shown[::step]]
    turned = {"rotation": 90} if max(map(len, names)) > 3 else {}
    axes.set_xticks(range(0, n, step), names, parse_math=False, **turned)
    axes.set_yticks(range(0, n, step), names, parse_math=False)
    axes.set(xlabel="said", ylabel="true")
    return finished(figure, path)


def plot_roc(
    labels: Any,
    probabilities: Any,
    classes: Sequence[Any] | np.ndarray | None = None,
    *,
    title: str | None = None,
    path: str | os.PathLike[str] | None = None,
) -> Figure:
    """The share of a class that is found, over the share of the others that is taken for it.

    Parameters
    ----------
    labels : array [n]
    probabilities : array, float [n] or [n, n_classes]
        Of the second class of two; or a column a class, each drawn against all others.
    classes : sequence, optional
        Of the columns; the sorted labels if not given.
    title : str, optional
    path : str or path, optional
        Where to write the picture, as PNG.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If there are not as many probabilities as labels, or columns as classes, or fewer than two
        classes occur.
    """
    labels, values = np.asarray(labels), np.asarray(probabilities, np.float64)
    kinds: Any = np.unique(labels) if classes is None else np.asarray(classes)
    if values.ndim == 1 and len(kinds) == 2:
        values, kinds = values[:, np.newaxis], kinds[1:]
    elif values.ndim == 2 and values.shape[1] == len(kinds) == 2:
        values, kinds = values[:, 1:], kinds[1:]
    if values.shape != (len(labels), len(kinds)) or len(np.unique(labels)) < 2:
        raise ValueError(
            f"{len(labels)} labels of {len(np.unique(labels))} classes do not go with "
            f"probabilities of shape {np.shape(probabilities)}"
        )
    figure: Any = new_figure(5.2, 5.0, title)
    axes = figure.add_subplot()
    axes.plot([0, 1], [0, 1], color="0.7", linestyle=":")
    for kind, column in zip(kinds, values.T, strict=True):
        is_it = labels == kind
        if 0 < is_it.sum() < len(labels):
            false, true = _roc(is_it, column)
            area = float(np.trapezoid(true, false))
            axes.plot(false, true, label=f"{kind}: area {area:.3f}")
    axes.set(xlabel="others taken for it", ylabel="found", aspect="equal")
    axes.grid(alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, fontsize=8, loc="lower right")
    return finished(figure, path)


def _roc(is_it: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Shares of the others and of the class above each threshold, from the highest."""
    order = np.argsort(-values, kind="stable")
    is_it, values = is_it[order], values[order]
    ends = np.append(np.flatnonzero(np.diff(values)), len(values) - 1)
    true, false = np.cumsum(is_it)[ends], np.cumsum(~is_it)[ends]
    return np.append(0, false / false[-1]), np.append(0, true / true[-1])
