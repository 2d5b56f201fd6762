"""`plot_curve`: losses, errors, accuracies over the steps of a training."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from graphmode.viz.figure import finished, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def plot_curve(
    values: Any,
    x: Any = None,
    *,
    xlabel: str = "step",
    ylabel: str = "",
    title: str | None = None,
    path: str | os.PathLike[str] | None = None,
) -> Figure:
    """One curve, or several with a legend.

    Parameters
    ----------
    values : array, float, 1-D, or dict of str to array
        The curve; or the curves by their labels, which may differ in length.
    x : array, float, 1-D, optional
        Where the values stand; 0, 1, 2, ... if not given, or 1, 2, 3, ... where `xlabel` is
        ``"epoch"``: the first epoch is epoch 1. A shorter curve uses its beginning.
    xlabel, ylabel, title : str, optional
    path : str or path, optional
        Where to write the picture, as PNG.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If a curve is not 1-D, or is longer than `x`.
    """
    several = isinstance(values, Mapping)
    curves = cast("Mapping[str, Any]", values) if several else {"": values}
    figure = new_figure(6.4, 4.0, title)
    axes: Any = figure.add_subplot()
    counts_epochs = x is None and xlabel == "epoch"
    first = 1 if counts_epochs else 0
    for label, curve in curves.items():
        curve = np.asarray(curve)
        if curve.ndim != 1:
            raise ValueError(
                f"a curve must be 1-D, got shape {curve.shape}; several are given as a dict of "
                "label to array"
            )
        positions = first + np.arange(len(curve)) if x is None else np.asarray(x)
        if len(positions) < len(curve):
            raise ValueError(f"the curve has {len(curve)} values, x only {len(positions)}")
        # A line of few points shows them; of one point there is no line at all.
        marker = "." if len(curve) <= 30 else None
        axes.plot(positions[: len(curve)], curve, marker=marker, label=label)
    axes.set(xlabel=xlabel, ylabel=ylabel)
    if counts_epochs:
        axes.xaxis.get_major_locator().set_params(integer=True)
    axes.grid(alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    if any(curves):
        axes.legend(frameon=False)
    return finished(figure, path)
