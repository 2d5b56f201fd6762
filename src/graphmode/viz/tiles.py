"""`tile_images`: many images, or the filters of a layer, in one picture."""

from __future__ import annotations

import math
import os
from typing import TYPE_CHECKING, Any

from graphmode.viz.figure import finished, new_figure
from graphmode.viz.images import as_images, mosaic, unit_interval

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_WIDTH = 6.0
_GREY = 0.5


def tile_images(
    images: Any,
    columns: int | None = None,
    *,
    title: str | None = None,
    path: str | os.PathLike[str] | None = None,
) -> Figure:
    """A picture of all `images`, row by row, each in its own full range of brightness.

    Parameters
    ----------
    images : array, shape [n, height, width], [n, height, width, 1, 3 or 4], or [n, pixels]
        Of any real dtype. The filters of a convolution, [height, width, channels, n], come as
        ``kernel[:, :, 0, :].transpose(2, 0, 1)``; the weights of an RBM, [pixels, n], as ``w.T``.
    columns : int, optional
        Images in a row; about as many as rows if not given.
    title : str, optional
    path : str or path, optional
        Where to write the picture, as PNG.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If `images` has another shape, or `columns` is not positive.
    """
    images = as_images(images)
    if columns is None:
        columns = math.ceil(math.sqrt(len(images)))
    if columns < 1:
        raise ValueError(f"columns must be at least 1, got {columns}")
    picture = mosaic(unit_interval(images), min(columns, len(images)), fill=_GREY)
    figure = new_figure(_WIDTH, _WIDTH * picture.shape[0] / picture.shape[1], title)
    axes: Any = figure.add_subplot()
    axes.imshow(picture, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
    axes.set_axis_off()
    return finished(figure, path)
