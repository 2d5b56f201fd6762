"""Points of several planes side by side, coloured by what they are."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.viz.figure import finished, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_SIDE = 5.0
_MOST_NAMED = 20


def plot_planes(
    planes: Mapping[str, Any],
    labels: Any = None,
    *,
    title: str | None = None,
    path: str | os.PathLike[str] | None = None,
) -> Figure:
    """The same points in several planes, one beside the other.

    Parameters
    ----------
    planes : dict of str to array, float [n, 2 or more]
        By their titles; the first two columns are shown.
    labels : array [n], optional
        What each point is: up to 20 different labels are colours with a legend, more of them
        numbers on a scale.
    title : str, optional
    path : str, optional
        A PNG file to be written.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If a plane has fewer than two columns, or there are as many labels as no plane has points.
    """
    figure: Any = new_figure(_SIDE * len(planes), _SIDE, title)
    kinds: Any = None if labels is None else np.unique(labels)
    places: Any = np.ravel(figure.subplots(1, len(planes)))
    for axes, (name, plane) in zip(places, planes.items(), strict=True):
        points = np.asarray(plane)
        if points.ndim != 2 or points.shape[1] < 2:
            raise ValueError(f"{name!r} has shape {points.shape}; a plane needs two columns")
        if labels is not None and len(labels) != len(points):
            raise ValueError(f"{len(labels)} labels for the {len(points)} points of {name!r}")
        if kinds is None or len(kinds) > _MOST_NAMED:
            axes.scatter(*points[:, :2].T, s=4, c=labels, linewidths=0)
        else:
            for i, kind in enumerate(kinds):
                rows = points[np.asarray(labels) == kind]
                color = f"C{i}" if len(kinds) <= 10 else None
                axes.scatter(*rows[:, :2].T, s=4, color=color, label=str(kind), linewidths=0)
        axes.set_title(name)
        axes.set_xticks([])
        axes.set_yticks([])
    if kinds is not None and len(kinds) <= _MOST_NAMED:
        handles, names = figure.axes[0].get_legend_handles_labels()
        figure.legend(handles, names, loc="outside right center", markerscale=3, frameon=False)
    return finished(figure, path)
