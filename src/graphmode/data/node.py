"""`Node`, one transformation of a data set, and `Reading`, what one pass over it remembers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from graphmode.framework.operation import Tensor

Element = tuple[Any, ...]
"""One value for each `Spec`: an array, or a `SparseValue`."""
Step = Callable[[], Element]
"""Gives the next element; StopIteration at the end, and again after it."""


class Reading:
    """What an iterator has since it was initialised: values of tensors, positions of streams."""

    def __init__(self, values: dict[Tensor, Any], kept: Kept) -> None:
        self.values = values
        self.kept = kept
        self._by_owner: dict[Any, Any] = {}

    def inside(self, values: dict[Tensor, Any]) -> Reading:
        """A reading of a data set that a function has made."""
        return Reading(values, self.kept)

    def of(self, owner: Any, make: Callable[[], Any]) -> Any:
        """What `owner` keeps from one pass to the next, made by ``make()`` at the first call."""
        with self.kept.lock:
            if owner not in self._by_owner:
                self._by_owner[owner] = make()
            return self._by_owner[owner]

    def scalar(self, tensor: Tensor) -> int:
        """The value of a whole number."""
        return int(self.values[tensor])


class Kept:
    """What all passes of one initialisation share, and what ends them."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.by_owner: dict[Any, Any] = {}
        self.cancelled = False
        self._ends: list[Callable[[], None]] = []

    def of(self, owner: Any, make: Callable[[], Any]) -> Any:
        """What `owner` keeps, made by ``make()`` at the first call."""
        with self.lock:
            if owner not in self.by_owner:
                self.by_owner[owner] = make()
            return self.by_owner[owner]

    def at_end(self, end: Callable[[], None]) -> None:
        """Call `end` when this is over."""
        with self.lock:
            self._ends.append(end)

    def close(self) -> None:
        """End what runs ahead."""
        with self.lock:
            self.cancelled = True
            ends, self._ends = self._ends, []
        for end in ends:
            end()


@dataclass(eq=False, repr=False)
class Node:
    """One transformation, or a source: a recipe that `begin` makes steps of."""

    kind: str
    """As errors say it: Batch."""
    structure: Any
    """Of `Spec`."""
    begin: Callable[[Reading], Step]
    children: Sequence[Node] = ()
    tensors: Sequence[Tensor] = ()
    """What it reads of the graph itself."""
    facts: dict[str, Any] = field(default_factory=dict[str, Any])
    """What a transformation behind it may want to know."""

    def leaves(self) -> list[Tensor]:
        """The tensors that it and all that it stands on read, each once."""
        found: dict[Tensor, None] = {}
        seen: set[Node] = set()
        waiting: list[Node] = [self]
        while waiting:
            node = waiting.pop()
            if node not in seen:
                seen.add(node)
                found.update(dict.fromkeys(node.tensors))
                waiting += node.children
        return list(found)
