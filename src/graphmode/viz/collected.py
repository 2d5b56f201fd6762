"""A backend of matplotlib's that writes figures to $GRAPHMODE_PLOTS where others open windows.

`graphmode run --plots DIR` names it in $MPLBACKEND. `plt.show()` writes and closes what is open;
what a program never shows is written when it ends.
"""

from __future__ import annotations

import atexit
import itertools
import os
from pathlib import Path
from typing import Any

from matplotlib._pylab_helpers import Gcf
from matplotlib.backend_bases import FigureManagerBase
from matplotlib.backends.backend_agg import FigureCanvasAgg

_numbers = itertools.count(1)


class FigureManager(FigureManagerBase):
    """Shows a figure as a file."""

    @classmethod
    def pyplot_show(cls, *, block: bool | None = None) -> None:
        """Write every open figure, and close it."""
        write_open_figures()


class FigureCanvas(FigureCanvasAgg):
    """Agg's, shown by `FigureManager`."""

    manager_class = FigureManager  # pyright: ignore


def write_open_figures() -> None:
    """Write every open figure as figure-1.png, figure-2.png, ... and close it."""
    managers: list[Any] = Gcf.get_all_fig_managers()
    for manager in managers:
        folder = Path(os.environ.get("GRAPHMODE_PLOTS") or ".")
        folder.mkdir(parents=True, exist_ok=True)
        manager.canvas.figure.savefig(folder / f"figure-{next(_numbers)}.png")
        Gcf.destroy(manager)


atexit.register(write_open_figures)
