"""`plot_reconstructions`: originals above what a network made of them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from graphmode.viz.figure import finished, new_figure
from graphmode.viz.images import as_images

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_TILE = 0.9


def plot_reconstructions(
    originals: Any,
    reconstructions: Any,
    *,
    labels: Sequence[str] = ("original", "reconstruction"),
    title: str | None = None,
    path: str | os.PathLike[str] | None = None,
) -> Figure:
    """Images in one row, and under each its reconstruction, on the same scale of brightness.

    Parameters
    ----------
    originals, reconstructions : array, shape [n, height, width], [n, height, width, 1, 3 or 4], \
or [n, pixels]
        Both of the same shape.
    labels : sequence of str
        The names of the two rows.
    title : str, optional
    path : str or path, optional
        Where to write the picture, as PNG.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If the shapes differ, or are none of these.
    """
    above = as_images(originals, "originals")
    below = as_images(reconstructions, "reconstructions")
    if above.shape != below.shape:
        raise ValueError(
            f"originals and reconstructions must have the same shape, got {above.shape} and "
            f"{below.shape}"
        )
    n, height, width = above.shape[:3]
    low = min(above.min(), below.min())
    high = max(above.max(), below.max())
    span = float(high) - float(low) or 1.0
    figure = new_figure(
        max(n * _TILE + 0.4, 2.5), 2 * _TILE * height / width + (0.5 if title else 0.1), title
    )
    axes = figure.subplots(2, n, squeeze=False)
    for row, images in enumerate((above, below)):
        for column, image in enumerate(images):
            # A colour image is drawn as it is, without a range: it must be in [0, 1].
            shown = (image - float(low)) / span
            axes[row, column].imshow(shown, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
            axes[row, column].set(xticks=[], yticks=[])
        axes[row, 0].set_ylabel(labels[row], fontsize="small")
    return finished(figure, path)
