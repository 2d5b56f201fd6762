"""What a run that changes variables shows to others while one of its steps waits.

They may change variables meanwhile. They see what it has written so far, as in TensorFlow; it goes
on from what they leave, and takes back what it has shown if it fails.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from graphmode.runtime.state import cancelled

if TYPE_CHECKING:
    from graphmode.framework.operation import Operation
    from graphmode.runtime.interpreter import Frames
    from graphmode.runtime.state import SessionState


def newest(frames: Frames) -> dict[Operation, list[tuple[list[Any], int]]]:
    """Where the last value written to each variable is: (slots, slot), of the outermost first.

    A value that is ordered after one that has not been made yet does not count.
    """
    places: dict[Operation, list[tuple[list[Any], int]]] = {}
    for versions, slots in frames:
        for variable, chain in versions:
            last = None
            for slot in chain:
                if slots[slot] is None:
                    break
                last = slot
            if last is not None:
                places.setdefault(variable, []).append((slots, last))
    return places


class Shown:
    """What other runs have seen of one that has not ended."""

    __slots__ = ("_draws", "_state", "_values")

    def __init__(self, state: SessionState) -> None:
        self._state = state
        self._values: dict[Operation, tuple[Any, Any]] = {}
        """What each variable was before, and what has been shown."""
        self._draws: dict[Operation, tuple[int, int]] = {}
        """How far each random op had drawn before, and then."""

    def show(self, values: dict[Operation, Any], drawn: Iterable[tuple[Operation, int]]) -> None:
        """Commit `values`, and what random ops have drawn; with the state's lock held."""
        state = self._state
        if state.closed:
            raise cancelled()
        for op, value in values.items():
            current = state.variables.get(op)
            before, shown = self._values.get(op, (current, current))
            # If another run has changed it since, what that left is what was before.
            self._values[op] = (before if current is shown else current, value)
        for op, reserved in drawn:
            at = state.positions.get(op, 0)
            before, shown = self._draws.get(op, (at, at))
            self._draws[op] = (before if at == shown else at, at + reserved)
        state.store(values)
        state.advance(drawn)

    def take_back(self) -> None:
        """Undo it, but for what other runs have changed since."""
        state = self._state
        with state.lock:
            for op, (before, shown) in self._values.items():
                if state.variables.get(op) is shown:
                    state.restore(op, before)
            for op, (before, shown) in self._draws.items():
                if state.positions.get(op, 0) == shown:
                    state.positions[op] = before
