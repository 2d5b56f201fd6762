"""`RunTimes`: where the time of all runs of a process went; `graphmode run --profile` prints it."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from graphmode.runtime.trace import Trace

_MOST_STAGES = 8


@dataclass(slots=True)
class _Stage:
    n_runs: int = 0
    seconds: float = 0.0


class RunTimes:
    """Adds up what traces say. It may be asked by several threads at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._n_runs = 0
        self._seconds = 0.0
        self._n_compiles = 0
        self._compile_seconds = 0.0
        self._stages: dict[str, _Stage] = {}

    def add(self, trace: Trace, seconds: float, n_compiles: int, compile_seconds: float) -> None:
        """Add one run.

        Parameters
        ----------
        trace : Trace
        seconds : float
            All of it, from the call to the result.
        n_compiles : int
            The programs that were made.
        compile_seconds : float
            What making them took; it is inside of the time of stages.
        """
        with self._lock:
            self._n_runs += 1
            self._seconds += seconds
            self._n_compiles += n_compiles
            self._compile_seconds += compile_seconds
            for label, took in trace.stages():
                stage = self._stages.setdefault(label, _Stage())
                stage.n_runs += 1
                stage.seconds += took

    def report(self, elapsed: float) -> str:
        """The times as a table.

        Parameters
        ----------
        elapsed : float
            How long the whole program took, in seconds.
        """
        share = 100 * self._seconds / elapsed if elapsed else 0.0
        lines = [
            f"{self._n_runs:,} runs took {self._seconds:.2f} s of {elapsed:.2f} s ({share:.0f} %)"
        ]
        if not self._n_runs:
            return "\n".join(lines)
        kinds = {kind: self._of_kind(kind) for kind in ("program", "host")}
        kinds["program"] -= self._compile_seconds
        rest = self._seconds - self._compile_seconds - sum(kinds.values())
        parts = [
            ("programs", kinds["program"], "computing in XLA programs"),
            ("compiles", self._compile_seconds, f"making {self._n_compiles:,} programs"),
            ("host", kinds["host"], "op by op, in NumPy and Python"),
            ("rest", rest, "feeds, fetches, variables, looking things up"),
        ]
        for name, seconds, what in parts:
            part = 100 * max(seconds, 0) / self._seconds
            lines.append(f"  {name:<9} {max(seconds, 0):9.3f} s {part:4.0f} %  {what}")
        lines.append("  the longest stages, compiles included:")
        longest = sorted(self._stages.items(), key=lambda item: -item[1].seconds)
        for label, stage in longest[:_MOST_STAGES]:
            each = 1e3 * stage.seconds / stage.n_runs
            lines.append(
                f"    {stage.seconds:9.3f} s  {stage.n_runs:>7,} x {each:9.3f} ms  {label}"
            )
        return "\n".join(lines)

    def _of_kind(self, kind: str) -> float:
        return sum(stage.seconds for label, stage in self._stages.items() if label.startswith(kind))
