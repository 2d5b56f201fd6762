"""`plot_activations`: what each feature map of a layer answers to one image."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.viz.figure import finished, new_figure
from graphmode.viz.images import mosaic

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_WIDTH = 7.0


def plot_activations(
    activations: Any,
    columns: int = 8,
    *,
    title: str | None = None,
    path: str | os.PathLike[str] | None = None,
) -> Figure:
    """The feature maps of a layer side by side, on one scale of brightness.

    Parameters
    ----------
    activations : array, shape [height, width, channels] or [1, height, width, channels]
    columns : int
        Maps in a row.
    title : str, optional
    path : str or path, optional
        Where to write the picture, as PNG.

    Returns
    -------
    matplotlib.figure.Figure
        The number of the first map of each row stands beside it.

    Raises
    ------
    ValueError
        If `activations` has another shape, or `columns` is not positive.
    """
    maps = np.asarray(activations)
    if maps.ndim == 4 and len(maps) == 1:
        maps = maps[0]
    if maps.ndim != 3 or not maps.size:
        raise ValueError(
            "activations must have shape [height, width, channels], or that of one image, "
            f"[1, height, width, channels]; got {np.shape(activations)}"
        )
    if columns < 1:
        raise ValueError(f"columns must be at least 1, got {columns}")
    maps = np.moveaxis(maps, -1, 0)
    columns = min(columns, len(maps))
    picture = mosaic(maps, columns)
    figure: Any = new_figure(_WIDTH, _WIDTH * picture.shape[0] / picture.shape[1] + 0.5, title)
    axes = figure.add_subplot()
    shown = axes.imshow(picture, cmap="gray", interpolation="nearest")
    axes.set_xticks([])
    height = maps.shape[1]
    firsts = range(0, len(maps), columns)
    axes.set_yticks([row * (height + 1) + (height - 1) / 2 for row in range(len(firsts))])
    axes.set_yticklabels([str(first) for first in firsts])
    axes.set_ylabel("feature map")
    axes.tick_params(left=False)
    axes.spines[:].set_visible(False)
    figure.colorbar(shown, ax=axes, label="activation", shrink=0.8)
    return finished(figure, path)
