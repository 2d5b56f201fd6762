"""`curves`: what a log folder for TensorBoard holds, without TensorBoard."""

from __future__ import annotations

import os
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphmode.summary.event_files import summary_iterator
from graphmode.viz.figure import finished, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    Points = list[tuple[int, float]]

_COLUMNS = 3


def curves(
    logdir: str | os.PathLike[str],
    tags: str | None = None,
    *,
    path: str | os.PathLike[str] | None = None,
) -> Figure:
    """The scalars of all event files below a folder: a plot a tag, a line a run.

    Parameters
    ----------
    logdir : str or path
        As TensorBoard's `--logdir`: each folder with event files is a run.
    tags : str, optional
        Only the tags that contain this.
    path : str or path, optional
        Where to write the picture, as PNG.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    FileNotFoundError
        If there is no event file.
    ValueError
        If they hold no scalar, or none of such a tag.
    """
    found = _scalars(Path(logdir))
    chosen = {tag: runs for tag, runs in found.items() if tags is None or tags in tag}
    if not chosen:
        of = f" of a tag with {tags!r} in it; there are: {', '.join(found)}" if found else ""
        raise ValueError(f"the event files below {logdir} hold no scalar{of}")
    n_columns = min(len(chosen), _COLUMNS)
    n_rows = -(-len(chosen) // n_columns)
    figure = new_figure(4.2 * n_columns, 3.0 * n_rows)
    for i, (tag, runs) in enumerate(chosen.items()):
        axes: Any = figure.add_subplot(n_rows, n_columns, i + 1)
        for run, points in runs.items():
            steps, values = zip(*sorted(points), strict=True)
            axes.plot(steps, values, marker="." if len(steps) <= 30 else None, label=run)
        axes.set(title=tag, xlabel="step")
        axes.grid(alpha=0.3)
        if len(runs) > 1:
            axes.legend()
    return finished(figure, path)


def _scalars(folder: Path) -> dict[str, dict[str, Points]]:
    """Tag -> run -> (step, value), in the order in which they were first written."""
    files = sorted(folder.rglob("*tfevents*"))
    if not files:
        raise FileNotFoundError(f"there is no event file below {folder}")
    found: dict[str, dict[str, Points]] = defaultdict(lambda: defaultdict(list))
    for file in files:
        run = str(file.parent.relative_to(folder))
        for event in summary_iterator(file):
            for value in event.summary.value:
                if value.HasField("simple_value"):
                    found[value.tag][run].append((event.step, value.simple_value))
    return found
