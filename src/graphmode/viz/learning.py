"""`plot_learning_curves`: what was measured after each epoch."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.viz.figure import finished, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_HELD_OUT = "val_"


def plot_learning_curves(
    history: Mapping[str, Sequence[float]],
    *,
    best_epoch: int | None = None,
    title: str | None = None,
    path: str | os.PathLike[str] | None = None,
) -> Figure:
    """Losses and other measures over the epochs, each beside its value on rows held out.

    Parameters
    ----------
    history : dict of str to sequence of float
        A value an epoch by the name of the measure, as `history_` of `graphmode.models` has it:
        ``val_loss`` is drawn into the picture of ``loss``; seconds are not drawn.
    best_epoch : int, optional
        Is marked; the first one is 1.
    title : str, optional
    path : str or path, optional
        Where to write the picture, as PNG.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If nothing was measured.
    """
    names = [
        name for name in history
        if name != "seconds" and history[name]
        and not (name.startswith(_HELD_OUT) and name.removeprefix(_HELD_OUT) in history)
    ]  # fmt: skip
    if not names:
        raise ValueError("the history is empty: no epoch has been measured")
    figure: Any = new_figure(4.8 * len(names), 3.6, title)
    places: Any = np.ravel(figure.subplots(1, len(names)))
    for axes, name in zip(places, names, strict=True):
        drawn = {"training": history[name], "held out": history.get(_HELD_OUT + name, ())}
        for label, values in drawn.items():
            if len(values):
                marker = "." if len(values) <= 30 else None
                axes.plot(range(1, len(values) + 1), values, marker=marker, label=label)
        if best_epoch:
            axes.axvline(best_epoch, color="0.6", linestyle=":", label=f"best: {best_epoch}")
        axes.set(xlabel="epoch", ylabel=name.replace("_", " "))
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.grid(alpha=0.3)
        axes.spines[["top", "right"]].set_visible(False)
        if len(axes.lines) > 1:
            axes.legend(frameon=False)
    return finished(figure, path)
