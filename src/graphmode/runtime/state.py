"""What a session remembers between runs: variables, and how far each random op has drawn."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from graphmode.framework.operation import Operation


class SessionState:
    """Variables (NumPy arrays, or device arrays after a compiled run) and random counters."""

    def __init__(self) -> None:
        self.variables: dict[Operation, Any] = {}
        self.layout = 0
        """Grows whenever a variable appears or changes shape or dtype: part of run signatures."""
        self._seeds: dict[Operation, tuple[int, int]] = {}
        self._positions: dict[Operation, int] = {}

    def store(self, values: dict[Operation, Any]) -> None:
        """Commit new variable values, all at once."""
        variables = self.variables
        for op, value in values.items():
            old = variables.get(op)
            if old is None or old.shape != value.shape or old.dtype != value.dtype:
                self.layout += 1
        variables.update(values)

    def host_value(self, op: Operation) -> np.ndarray | None:
        """The value of a variable as a NumPy array, not to be written to."""
        value = self.variables.get(op)
        if value is not None and not isinstance(value, np.ndarray):
            value = np.asarray(value)
        return value

    def random_key(self, op: Operation) -> tuple[int, int, int]:
        """(seed, seed2, position) of a random op. Without seeds the op draws its own, once."""
        seeds = self._seeds.get(op)
        if seeds is None:
            seeds = (op.attrs["seed"], op.attrs["seed2"])
            if seeds == (0, 0):
                entropy = os.urandom(14)
                seeds = (int.from_bytes(entropy[:7], "big"), int.from_bytes(entropy[7:], "big"))
            self._seeds[op] = seeds
        return seeds[0], seeds[1], self._positions.get(op, 0)

    def advance(self, op: Operation, reserved: int) -> None:
        """Move the stream of a random operation on by the draws that a run took."""
        self._positions[op] = self._positions.get(op, 0) + reserved
