"""Counts and times in Prometheus' text format, of all processes of a server.

A few lines in place of a dependency: counters, histograms and gauges by label are all that is kept.
Each process has its numbers in a file that is mapped into memory; who is asked reads those of all.
"""

from __future__ import annotations

import json
import math
import mmap
import threading
from array import array
from bisect import bisect_left
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    Labels = tuple[tuple[str, str], ...]
    Key = tuple[str, Labels]

_COUNTERS = {
    "requests": "Requests by model, verb and status.",
    "refused": "Requests that were refused because too many were waiting.",
    "loads": "Versions of models that were loaded, or failed.",
}
_HISTOGRAMS = {
    "request_seconds": (
        "Seconds from the first line of a request to the end of its answer.",
        (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
    ),
    "batch_rows": ("Rows that were computed together.", (1, 2, 4, 8, 16, 32, 64, 128, 256)),
}
_GROWTH = 512


class Metrics:
    """What a server has answered so far.

    Parameters
    ----------
    folder : Path, optional
        Where the processes of one server keep their numbers. Without it there is one process.
    process : int
        Which of them this is. One that takes the place of another goes on with its counts.
    """

    def __init__(self, folder: Path | None = None, process: int = 0) -> None:
        self._folder = folder
        self._own: Labels = () if folder is None else (("process", str(process)),)
        self._lock = threading.Lock()
        self._numbers = _Numbers(None if folder is None else folder / f"{process}.keys")
        self._gauges: dict[str, tuple[str, Callable[[], Iterable[tuple[Labels, float]]]]] = {}

    def count(self, metric: str, /, **labels: str) -> None:
        """Count one event."""
        key = (metric, tuple(labels.items()))
        with self._lock:
            start = self._numbers.place(key, 1)
            self._numbers.values[start] += 1

    def observe_request(self, model: str, verb: str, status: int, seconds: float) -> None:
        """Count a request and its time."""
        self.count("requests", model=model, verb=verb, status=str(status))
        self._observe("request_seconds", (("model", model), ("verb", verb)), seconds)

    def observe_batch(self, model: str, n_rows: int) -> None:
        """Count rows that were computed together."""
        self._observe("batch_rows", (("model", model),), n_rows)

    def _observe(self, metric: str, labels: Labels, value: float) -> None:
        bounds = _HISTOGRAMS[metric][1]
        with self._lock:
            start = self._numbers.place((metric, labels), len(bounds) + 2)
            values = self._numbers.values
            values[start + bisect_left(bounds, value)] += 1
            values[start + len(bounds) + 1] += value  # behind the counts: the sum

    def gauge(
        self, metric: str, text: str, values: Callable[[], Iterable[tuple[Labels, float]]]
    ) -> None:
        """Show what `values` says whenever somebody looks."""
        self._gauges[metric] = (text, values)

    def keep_gauges(self) -> None:
        """Note what gauges say now, for the process that is asked next."""
        found = {
            (metric, (*labels, *self._own)): value
            for metric, (_, values) in self._gauges.items()
            for labels, value in values()
        }
        with self._lock:
            for key, start, _ in self._numbers.places():
                if key[0] in self._gauges:
                    self._numbers.values[start] = math.nan  # of what is served no more
            for key, value in found.items():
                start = self._numbers.place(key, 1)
                self._numbers.values[start] = value

    def text(self) -> str:
        """All of it, as Prometheus reads it."""
        self.keep_gauges()
        with self._lock:
            total = dict(self._numbers.all())
        for file in [] if self._folder is None else sorted(self._folder.glob("*.keys")):
            if file != self._numbers.file:
                for key, values in _Numbers(file, is_read=True).all():
                    known = total.get(key)
                    total[key] = values if known is None else [
                        a + b for a, b in zip(known, values, strict=True)
                    ]  # fmt: skip
        lines: list[str] = []
        for (metric, labels), values in sorted(total.items()):
            if metric in _COUNTERS:
                _describe(lines, f"{metric}_total", _COUNTERS[metric], "counter")
                lines.append(_line(f"{metric}_total", labels, values[0]))
            elif metric in _HISTOGRAMS:
                lines += _histogram(lines, metric, labels, values)
            elif metric in self._gauges and not math.isnan(values[0]):
                _describe(lines, metric, self._gauges[metric][0], "gauge")
                lines.append(_line(metric, labels, values[0]))
        return "\n".join(lines) + "\n"


class _Numbers:
    """Numbers by key: ``FILE.keys`` has a line of JSON each, ``FILE.values`` the float64s.

    Parameters
    ----------
    file : Path, optional
        That of the keys. Without it the numbers are in memory alone.
    is_read : bool
        Whether another process writes it.
    """

    def __init__(self, file: Path | None, is_read: bool = False) -> None:
        self.file = file
        self.values: Any = array("d")
        self._places: dict[Key, tuple[int, int]] = {}
        self._n = 0
        if file is None:
            return
        lines = file.read_text(encoding="utf-8").split("\n")[:-1] if file.is_file() else []
        for metric, labels, n in map(json.loads, lines):
            self._places[metric, tuple((name, text) for name, text in labels)] = (self._n, n)
            self._n += n
        if is_read:
            data = file.with_suffix(".values").read_bytes()
            self.values = memoryview(data[: len(data) // 8 * 8]).cast("d")
        else:
            self._map(file)

    def place(self, key: Key, n: int) -> int:
        """Where the `n` numbers of `key` begin."""
        found = self._places.get(key)
        return self._made(key, n) if found is None else found[0]

    def _made(self, key: Key, n: int) -> int:
        start = self._n
        self._n += n
        self._places[key] = (start, n)
        if self.file is None:
            self.values.extend([0.0] * n)
            return start
        if self._n > len(self.values):
            self._map(self.file)
        with self.file.open("a", encoding="utf-8") as keys:
            keys.write(json.dumps([*key, n]) + "\n")
        return start

    def _map(self, file: Path) -> None:
        """Map the file of values, with room for more."""
        size = 8 * (self._n // _GROWTH + 1) * _GROWTH
        with file.with_suffix(".values").open("a+b") as values:
            values.truncate(max(size, values.tell()))
            self.values = memoryview(mmap.mmap(values.fileno(), 0)).cast("d")

    def places(self) -> Iterator[tuple[Key, int, int]]:
        """Each key, where its numbers begin, and how many there are."""
        for key, (start, n) in list(self._places.items()):
            yield key, start, n

    def all(self) -> Iterator[tuple[Key, list[float]]]:
        """Each key with its numbers."""
        for key, start, n in self.places():
            if start + n <= len(self.values):
                yield key, list(self.values[start : start + n])


def _histogram(lines: list[str], metric: str, labels: Labels, values: list[float]) -> list[str]:
    text, bounds = _HISTOGRAMS[metric]
    _describe(lines, metric, text, "histogram")
    *counts, total = values
    so_far, made = 0.0, []
    for bound, n in zip([*map(str, bounds), "+Inf"], counts, strict=True):
        so_far += n
        made.append(_line(f"{metric}_bucket", (*labels, ("le", bound)), so_far))
    return [*made, _line(f"{metric}_sum", labels, total), _line(f"{metric}_count", labels, so_far)]


def _describe(lines: list[str], metric: str, text: str, kind: str) -> None:
    described = f"# TYPE graphmode_serve_{metric} {kind}"
    if described not in lines:
        lines += [f"# HELP graphmode_serve_{metric} {text}", described]


def _line(metric: str, labels: Labels, value: float) -> str:
    shown = ",".join(f'{name}="{_escaped(text)}"' for name, text in labels)
    number = int(value) if float(value).is_integer() else value
    return f"graphmode_serve_{metric}{{{shown}}} {number}" if shown else (
        f"graphmode_serve_{metric} {number}"
    )  # fmt: skip


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
