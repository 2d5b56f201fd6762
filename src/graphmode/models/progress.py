"""What a person sees while a model is trained: a bar on a terminal, plain lines in a pipe."""

from __future__ import annotations

import statistics
import sys
import time
from collections import deque
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


_ALL_SAID = 30
_SAID_OF_MANY = 20
_SECONDS_UNSAID = 2.0


class Progress:
    """Says after each epoch what it measured and how long the rest will take.

    Of many epochs that follow each other within moments some are said, the first and the last among
    them.

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
        self._recent: deque[float] = deque(maxlen=9)
        self._unsaid: str | None = None
        self._said = time.perf_counter()

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
        self._say_last()
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
        self._recent.append(seconds)
        left = statistics.median(self._recent) * (self._n_epochs - self._n_done)
        width = len(str(self._n_epochs))
        values = "  ".join(f"{name} {value:.4g}" for name, value in measures.items())
        self._unsaid = (
            f"epoch {self._n_done:{width}}/{self._n_epochs}  {values}  "
            f"{duration(seconds)}" + (f", {duration(left)} left" if left >= 0.5 else "")
        )
        if self._is_said():
            self._say_last()

    def _is_said(self) -> bool:
        """Whether the epoch just done gets a line of its own."""
        n_all = self._n_epochs - self._first
        return (
            n_all <= _ALL_SAID
            or self._n_done in (self._first + 1, self._n_epochs)
            or (self._n_done - self._first) % -(-n_all // _SAID_OF_MANY) == 0
            or time.perf_counter() - self._said >= _SECONDS_UNSAID
        )

    def _say_last(self) -> None:
        """Say the newest epoch, if nothing has been said of it."""
        line, self._unsaid = self._unsaid, None
        if line is not None:
            self._said = time.perf_counter()
            self._write(line)

    def say(self, line: str) -> None:
        """Write a line, above the bar if there is one."""
        if self._is_shown:
            self._say_last()
            self._write(line)

    def _write(self, line: str) -> None:
        if self._bar is not None:
            self._bar.console.print(line, markup=False, highlight=False)
        else:
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()


def announce(line: str, is_shown: bool) -> None:
    """Say which of several trainings begins."""
    Progress("", 0, 0, is_shown).say(line)


def duration(seconds: float) -> str:
    """Seconds as people write them: ``4 ms``, ``0.42 s``, ``3 min 05 s``, ``2 h 10 min``."""
    if seconds < 0.0995:
        return f"{max(1, round(1000 * seconds))} ms"
    if seconds < 9.95:
        return f"{seconds:.2g} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes == 0:
        return f"{rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {rest:02d} s"
