"""A figure without pyplot, and how it becomes a file."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING, Any

from graphmode.files.whole import write_whole

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_DPI = 150


def new_figure(width: float, height: float, title: str | None = None) -> Figure:
    """An empty figure of `width` x `height` inches.

    Raises
    ------
    ImportError
        If matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError(
            "graphmode.viz draws with matplotlib: pip install 'graphmode[plots]'"
        ) from error
    figure: Any = Figure(figsize=(width, height), layout="constrained", dpi=_DPI)
    if title:
        figure.suptitle(title)
    return figure


def finished(figure: Figure, path: str | os.PathLike[str] | None) -> Figure:
    """`figure`, written to `path` if there is one: as SVG or PDF where it ends so, else as PNG.

    A file that is there already stays as it is until the new one is whole.
    """
    if path is not None:
        content = io.BytesIO()
        ending = os.fspath(path).rpartition(".")[2].lower()
        kind = ending if ending in ("svg", "pdf") else "png"
        figure.savefig(content, format=kind)  # pyright: ignore[reportUnknownMemberType]
        write_whole(path, content.getbuffer())
    return figure
