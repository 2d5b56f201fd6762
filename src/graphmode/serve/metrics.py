"""Counts and times in Prometheus' text format.

A few lines in place of a dependency: counters, histograms and gauges by label are all that is kept.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Labels = tuple[tuple[str, str], ...]

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_ROWS = (1, 2, 4, 8, 16, 32, 64, 128, 256)
_HELP = {
    "requests": "Requests by model, verb and status.",
    "request_seconds": "Seconds from the first line of a request to the end of its answer.",
    "batch_rows": "Rows that were computed together.",
    "refused": "Requests that were refused because too many were waiting.",
    "loads": "Versions of models that were loaded, or failed.",
}


class _Histogram:
    def __init__(self, bounds: tuple[float, ...]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0.0

    def add(self, value: float) -> None:
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value


class Metrics:
    """What a process has answered so far."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[tuple[str, Labels], int] = {}
        self._histograms: dict[tuple[str, Labels], _Histogram] = {}
        self._gauges: dict[str, tuple[str, Callable[[], Iterable[tuple[Labels, float]]]]] = {}

    def count(self, metric: str, /, **labels: str) -> None:
        """Count one event."""
        key = (metric, tuple(labels.items()))
        with self._lock:
            self._counts[key] = self._counts.get(key, 0) + 1

    def observe_request(self, model: str, verb: str, status: int, seconds: float) -> None:
        """Count a request and its time."""
        self.count("requests", model=model, verb=verb, status=str(status))
        self._observe("request_seconds", (("model", model), ("verb", verb)), _SECONDS, seconds)

    def observe_batch(self, model: str, n_rows: int) -> None:
        """Count rows that were computed together."""
        self._observe("batch_rows", (("model", model),), _ROWS, n_rows)

    def _observe(
        self, metric: str, labels: Labels, bounds: tuple[float, ...], value: float
    ) -> None:
        with self._lock:
            found = self._histograms.get((metric, labels))
            if found is None:
                found = self._histograms[metric, labels] = _Histogram(bounds)
            found.add(value)

    def gauge(
        self, metric: str, text: str, values: Callable[[], Iterable[tuple[Labels, float]]]
    ) -> None:
        """Show what `values` says whenever somebody looks."""
        self._gauges[metric] = (text, values)

    def text(self) -> str:
        """All of it, as Prometheus reads it."""
        lines: list[str] = []
        with self._lock:
            counts = sorted(self._counts.items())
            histograms = [
                (key, list(h.counts), h.bounds, h.total)
                for key, h in sorted(self._histograms.items(), key=lambda item: item[0])
            ]
        for (metric, labels), value in counts:
            _describe(lines, f"{metric}_total", _HELP[metric], "counter")
            lines.append(_line(f"{metric}_total", labels, value))
        for (metric, labels), buckets, bounds, total in histograms:
            _describe(lines, metric, _HELP[metric], "histogram")
            so_far = 0
            for bound, n in zip([*map(str, bounds), "+Inf"], buckets, strict=True):
                so_far += n
                lines.append(_line(f"{metric}_bucket", (*labels, ("le", bound)), so_far))
            lines.append(_line(f"{metric}_sum", labels, total))
            lines.append(_line(f"{metric}_count", labels, so_far))
        for metric, (text, values) in self._gauges.items():
            _describe(lines, metric, text, "gauge")
            lines += [_line(metric, labels, value) for labels, value in values()]
        return "\n".join(lines) + "\n"


def _describe(lines: list[str], metric: str, text: str, kind: str) -> None:
    described = f"# TYPE graphmode_serve_{metric} {kind}"
    if described not in lines:
        lines += [f"# HELP graphmode_serve_{metric} {text}", described]


def _line(metric: str, labels: Labels, value: float) -> str:
    shown = ",".join(f'{name}="{_escaped(text)}"' for name, text in labels)
    return f"graphmode_serve_{metric}{{{shown}}} {value:g}" if shown else (
        f"graphmode_serve_{metric} {value:g}"
    )  # fmt: skip


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
