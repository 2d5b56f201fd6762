"""What a person sees while a model is trained: a bar on a terminal, plain lines in a pipe."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


class Progress:
    """Says after each epoch what it measured and how long the rest will take.

    Parameters
    ----------
    title : str
    n_epochs : int
        The number of the last epoch.
    first : int
        Epochs done before.
    is_shown : bool
    """

    def __init__(self, title: str, n_epochs: int, first: int, is_shown: bool) -> None:
        self._title = title
        self._n_epochs = n_epochs
        self._n_done = self._first = first
        self._is_shown = is_shown
        self._bar: Any = None
        self._task: Any = None
        self._started = time.perf_counter()

    def __enter__(self) -> Progress:
        if self._is_shown and sys.stdout.isatty():
            from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
            from rich.progress import Progress as Bar

            columns = (
                TextColumn("{task.description}"),
                BarColumn(),
                TextColumn("{task.fields[measured]}"),
                TimeRemainingColumn(),
            )
            self._bar = Bar(*columns, transient=True)
            self._bar.start()
            self._task = self._bar.add_task(self._title, total=None, measured="")
        return self

    def __exit__(self, *exception: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def batch(self, n_done: int, n_batches: int | None, loss: float) -> None:
        """Show that `n_done` of `n_batches` batches of the epoch are done."""
        if self._bar is None:
            return
        total = None
        if n_batches is not None:
            total = n_batches * (self._n_epochs - self._first)
            n_done += n_batches * (self._n_done - self._first)
        description = f"{self._title}  epoch {self._n_done + 1}/{self._n_epochs}"
        self._bar.update(
            self._task,
            total=total,
            completed=n_done,
            description=description,
            measured=f"loss {loss:.4g}",
        )

    def epoch(self, measures: Mapping[str, float], seconds: float) -> None:
        """Say what an epoch measured."""
        self._n_done += 1
        if not self._is_shown:
            return
        spent = time.perf_counter() - self._started
        left = spent / (self._n_done - self._first) * (self._n_epochs - self._n_done)
        width = len(str(self._n_epochs))
        values = "  ".join(f"{name} {value:.4g}" for name, value in measures.items())
        self.say(
            f"epoch {self._n_done:{width}}/{self._n_epochs}  {values}  "
            f"{duration(seconds)}" + (f", {duration(left)} left" if left >= 0.5 else "")
        )

    def say(self, line: str) -> None:
        """Write a line, above the bar if there is one."""
        if not self._is_shown:
            return
        if self._bar is not None:
            self._bar.console.print(line, markup=False, highlight=False)
        else:
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()


def duration(seconds: float) -> str:
    """Seconds as people write them: ``0.42 s``, ``12 s``, ``3 min 05 s``, ``2 h 10 min``."""
    if seconds < 9.95:
        return f"{seconds:.2g} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes == 0:
        return f"{rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {rest:02d} s"
