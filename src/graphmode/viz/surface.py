"""`plot_surface`: a function of two variables as a surface in space."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.viz.figure import finished, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def plot_surface(
    z: Any,
    x: Any = None,
    y: Any = None,
    *,
    labels: Sequence[str] = ("x", "y", "z"),
    title: str | None = None,
    path: str | os.PathLike[str] | None = None,
) -> Figure:
    """The surface z(x, y) over a grid.

    Parameters
    ----------
    z : array, shape [len(y), len(x)], or callable
        The heights; or a function that gives them for two arrays of that shape, as
        `numpy.meshgrid` makes them of `x` and `y`.
    x, y : array, 1-D, optional
        The grid; the indices of an array `z`, or 50 points in [-1, 1] for a function, if not given.
    labels : sequence of str
        The names of the three axes.
    title : str, optional
    path : str or path, optional
        Where to write the picture, as PNG.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If the heights do not have the shape of the grid.
    """
    heights: np.ndarray[tuple[int, ...], Any]
    if callable(z):
        x = np.linspace(-1, 1, 50) if x is None else np.asarray(x)
        y = np.linspace(-1, 1, 50) if y is None else np.asarray(y)
        heights = np.asarray(z(*np.meshgrid(x, y)))
    else:
        heights = np.asarray(z)
        if heights.ndim != 2:
            raise ValueError(f"z must be an array [len(y), len(x)], got shape {heights.shape}")
        x = np.arange(heights.shape[1]) if x is None else np.asarray(x)
        y = np.arange(heights.shape[0]) if y is None else np.asarray(y)
    if heights.shape != (len(y), len(x)):
        raise ValueError(
            f"z must have shape [len(y), len(x)] = {(len(y), len(x))}, got {heights.shape}"
        )
    figure: Any = new_figure(6.5, 5.5, title)
    axes = figure.add_subplot(projection="3d")
    surface = axes.plot_surface(
        *np.meshgrid(x, y), heights, cmap="viridis", rcount=len(y), ccount=len(x), linewidth=0
    )
    axes.set_xlabel(labels[0], labelpad=8)
    axes.set_ylabel(labels[1], labelpad=8)
    axes.set_zlabel(labels[2], labelpad=10)
    axes.locator_params(nbins=5)  # more numbers than that run into each other
    figure.colorbar(surface, ax=axes, shrink=0.6, pad=0.15)
    return finished(figure, path)
