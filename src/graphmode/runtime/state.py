"""What a session keeps between runs: variables, how far each random op has drawn, resources.

Any number of threads may run a session; the result is that of some order of whole runs. A run that
changes what is kept holds `writing` from its first read of a variable to its commit, but not while
a step waits for something outside of it. A run that only reads takes the values it needs, which
are never changed in place, and computes without it. `lock` is held for moments: to take values, to
commit, and while a program writes over the memory of variables, which nobody may take meanwhile.
"""

# pyright: reportUnknownMemberType=false
from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from graphmode.framework import dtypes
from graphmode.framework.errors import CancelledError, FailedPreconditionError
from graphmode.runtime.resources import ResourceTable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from graphmode.framework.operation import Operation
    from graphmode.runtime.stats import VariablePlace


class Reader(Protocol):
    """A run that uses values of variables without holding `SessionState.writing`."""

    loaded: list[Any]


class SessionState:
    """Variables (NumPy arrays, or device arrays after a compiled run) and random counters."""

    lends = False
    """Whether who runs reads what it fetches, and never writes it: a variable in NumPy's memory,
    which nobody writes over, is then given as it is."""

    def __init__(self) -> None:
        self.variables: dict[Operation, Any] = {}
        self.layout = 0
        """Grows whenever a variable appears or changes shape or dtype: part of run signatures."""
        self.writing = threading.RLock()
        self.lock = threading.Lock()
        self.closed = False
        self.resources = ResourceTable()
        self.readers: set[Reader] = set()
        self._seeds: dict[Operation, tuple[int, int]] = {}
        self.positions: dict[Operation, int] = {}
        """How far each random op has drawn."""

    def take(
        self, variables: Iterable[Operation], reader: Reader | None = None
    ) -> tuple[list[Any], int]:
        """The values of `variables`, None for those without, and the layout, all of one moment.

        A `reader` keeps their memory from being written over, until it is dropped.
        """
        with self.lock:
            if self.closed:
                raise cancelled()
            values = list(map(self.variables.get, variables))
            if reader is not None:
                reader.loaded = values
                for value in values:
                    if type(value) is not np.ndarray:  # NumPy's memory is never written over
                        self.readers.add(reader)
                        break
            return values, self.layout

    def drop(self, reader: Reader) -> None:
        """Let go of what `reader` has taken."""
        if reader in self.readers:
            with self.lock:
                self.readers.discard(reader)

    def protect(self, reader: Reader) -> None:
        """Keep the memory of `reader.loaded` from being written over, until it is dropped."""
        with self.lock:
            self.readers.add(reader)

    def moved(
        self,
        variables: Sequence[Operation],
        values: Sequence[Any],
        place: Callable[[np.ndarray], Any],
        reader: Reader,
        keeps: bool,
    ) -> list[Any]:
        """`values` of `variables`, those of NumPy where `place` puts them: from now on, too.

        The `reader` that has taken them goes on with what is given; `keeps` as in `take`, until it
        is dropped.
        """
        made = [place(value) if type(value) is np.ndarray else value for value in values]
        with self.lock:
            reader.loaded = [*reader.loaded, *made]
            if keeps:
                self.readers.add(reader)
            for op, old, new in zip(variables, values, made, strict=True):
                if new is not old:
                    self.move(op, old, new)
        return made

    def move(self, op: Operation, old: Any, new: Any) -> None:
        """Keep `new`, which is `old` in another place, if that is what is kept; `lock` is held."""
        if self.variables.get(op) is old:
            self.variables[op] = new

    def unshared(self, values: list[Any], positions: Sequence[int]) -> list[Any]:
        """`values`, of which those at `positions` are copies if some reader uses them.

        To be called with `lock` held.
        """
        used = {id(value) for reader in self.readers for value in reader.loaded}
        return copied(values, [i for i in positions if id(values[i]) in used])

    def store(self, values: dict[Operation, Any]) -> None:
        """Commit new variable values, None for those without one, all at once; `lock` is held."""
        if self.closed:
            raise cancelled()
        variables = self.variables
        for op, value in values.items():
            old = variables.get(op)
            if value is None:
                self.layout += old is not None
            elif old is None or old.shape != value.shape or old.dtype != value.dtype:
                self.layout += 1
        variables.update(values)

    def restore(self, op: Operation, value: Any) -> None:
        """Give a variable a value that it had, or that it had none; with `lock` held."""
        if value is not None:
            self.store({op: value})
        else:
            del self.variables[op]
            self.layout += 1

    def random_key(self, op: Operation) -> tuple[int, int, int]:
        """(seed, seed2, position) of a random op. Without seeds the op draws its own, once."""
        seeds = self._seeds.get(op)
        if seeds is None:
            seeds = (op.attrs["seed"], op.attrs["seed2"])
            if seeds == (0, 0):
                entropy = os.urandom(14)
                seeds = (int.from_bytes(entropy[:7], "big"), int.from_bytes(entropy[7:], "big"))
            self._seeds[op] = seeds
        return seeds[0], seeds[1], self.positions.get(op, 0)

    def advance(self, drawn: Iterable[tuple[Operation, int]]) -> None:
        """Move random ops on by what a run drew."""
        for op, reserved in drawn:
            self.positions[op] = self.positions.get(op, 0) + reserved

    def where(self) -> list[VariablePlace]:
        """Where the variables lie, if that is more than one place."""
        return []

    def close(self) -> None:
        """Forget everything; the runs that are under way are cancelled."""
        with self.lock:
            self.closed = True
            self.variables = {}
        self.resources.close()


def cancelled() -> CancelledError:
    """What a run raises whose session has been closed since it began."""
    return CancelledError(None, None, "Run call was cancelled")


def copied(values: Sequence[Any], positions: Iterable[int]) -> list[Any]:
    """`values`, with copies of those at `positions` that lie on a device."""
    import jax.numpy as jnp

    result = list(values)
    for i in positions:
        if result[i] is not None and not isinstance(result[i], np.ndarray | np.generic):
            result[i] = jnp.array(result[i], copy=True)
    return result


def uninitialized(
    missing: Sequence[Operation], reader: Operation | None
) -> FailedPreconditionError:
    """All variables of `missing`, the lines that made them, and what would initialise them."""
    names = ", ".join(op.name for op in missing)
    lines = [f"Attempting to use uninitialized value {names}"]
    if all(op.outputs[0].dtype is dtypes.resource for op in missing):
        lines = [
            f"Error while reading resource variable {names} from Container: localhost. This could "
            "mean that the variable was uninitialized."
        ]
    for op in missing:
        if op.site is not None:
            lines.append(f"  '{op.name}' created at {op.site.short()}   {op.site.source}")
    local = {v.op for v in missing[0].graph.get_collection("local_variables")}
    kinds = {"local" if op in local else "global" for op in missing}
    fixes = " and ".join(f"sess.run(tf.{kind}_variables_initializer())" for kind in sorted(kinds))
    lines.append(f"  fix: {fixes} before this run, after all variables are made")
    return FailedPreconditionError(None, reader, "\n".join(lines))
