"""`RunStats`: what a session has interpreted and compiled, and why."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import NamedTuple


class VariablePlace(NamedTuple):
    """Where a variable of a session with a mesh lies.

    Attributes
    ----------
    name : str
    where : str
        Its shape, and whether it is split, in which parts, or copied.
    bytes_per_device : int
        Of the part, or the copy, that each device holds.
    """

    name: str
    where: str
    bytes_per_device: int


@dataclass(slots=True, eq=False)
class RunStats:
    """The counts of one session.

    Attributes
    ----------
    interpreted, compiled : int
        Runs of each kind.
    compiles : int
        Programs that this session had to make; those found in the cache are not counted.
    compile_seconds : float
        Time spent making them.
    reasons : list of str
        Why each was made.
    variables : list of VariablePlace
        Of a session with a mesh: where what it keeps lies now.
    """

    interpreted: int = 0
    compiled: int = 0
    compiles: int = 0
    compile_seconds: float = 0.0
    reasons: list[str] = field(default_factory=list[str])
    variables: list[VariablePlace] = field(default_factory=list[VariablePlace])
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def made(self, seconds: float, reason: str) -> None:
        """Count a program that was made."""
        with self._lock:
            self.compiles += 1
            self.compile_seconds += seconds
            self.reasons.append(reason)

    def __str__(self) -> str:
        lines = [
            f"{self.interpreted} runs interpreted, {self.compiled} compiled; "
            f"{self.compiles} programs made in {self.compile_seconds:.2f} s"
        ]
        lines += [f"  {reason}" for reason in self.reasons]
        if self.variables:
            total = sum(variable.bytes_per_device for variable in self.variables)
            lines.append(f"{total:,} bytes of variables on each device")
            lines += [f"  {variable.name}: {variable.where}" for variable in self.variables]
        return "\n".join(lines)
