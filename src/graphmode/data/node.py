"""`Node`, one transformation of a data set, and `Reading`, what one pass over it remembers."""

from __future__ import annotations

import hashlib
import itertools
import threading
import weakref
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import CodeType, TracebackType
from typing import TYPE_CHECKING, Any, Protocol

from graphmode.framework.default_graph import get_default_graph
from graphmode.framework.site import Site, user_site
from graphmode.launch import chance

if TYPE_CHECKING:
    from graphmode.framework.errors import OpError
    from graphmode.framework.operation import Tensor

Element = tuple[Any, ...]
"""One value for each `Spec`: an array, or a `SparseValue`."""
Step = Callable[[], Element]
"""Gives the next element; StopIteration at the end, and again after it."""


_PASSING: weakref.WeakKeyDictionary[Any, Callable[[int], int]] = weakref.WeakKeyDictionary()


def passing(step: Step, pass_over: Callable[[int], int]) -> Step:
    """`step`, which has a way to pass over elements that is shorter than to make them.

    Parameters
    ----------
    step : Step
    pass_over : callable
        Given how many; gives how many there were. It must not hold `step`.
    """
    _PASSING[step] = pass_over
    return step


def pass_over(step: Step, n: int) -> int:
    """Pass over `n` elements of `step`, none of which fails; how many there were."""
    try:
        shortcut = _PASSING.get(step)
    except TypeError:  # a method of a built-in type, which nobody can refer to weakly
        shortcut = None
    if shortcut is not None:
        return shortcut(n)
    for i in range(n):
        try:
            step()
        except StopIteration:
            return i
    return n


def numbered() -> int:
    """The number of a transformation in its graph, alike in each process that builds it alike."""
    graph: Any = get_default_graph()
    while getattr(graph, "outer", None) is not None:
        graph = graph.outer
    return next(graph.__dict__.setdefault("_transformations", itertools.count()))


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


class Stoppable(Protocol):
    """What runs in threads of its own."""

    def stop(self) -> None:
        """End the threads."""
        ...


class Kept:
    """What all passes of one initialisation share, and what ends them.

    Parameters
    ----------
    root : bytes, optional
        Of which all is drawn that has no seed; drawn itself by default.
    """

    def __init__(self, root: bytes | None = None) -> None:
        self.root = chance.entropy("a data set", 16) if root is None else root
        self._drawn: dict[str, int] = {}
        self.lock = threading.RLock()
        self.by_owner: dict[Any, Any] = {}
        self.cancelled = False
        self._running: weakref.WeakSet[Stoppable] = weakref.WeakSet()

    def of(self, owner: Any, make: Callable[[], Any]) -> Any:
        """What `owner` keeps, made by ``make()`` at the first call."""
        with self.lock:
            if owner not in self.by_owner:
                self.by_owner[owner] = make()
            return self.by_owner[owner]

    def seeds(self, key: str) -> tuple[int, int]:
        """Two seeds for what has none, others at each call."""
        with self.lock:
            n = self._drawn[key] = self._drawn.get(key, 0) + 1
        drawn = hashlib.blake2b(f"{key} {n}".encode(), key=self.root, digest_size=14).digest()
        return int.from_bytes(drawn[:7], "big"), int.from_bytes(drawn[7:], "big")

    def stops(self, running: Stoppable) -> None:
        """Have `close` stop what runs, if it still does."""
        with self.lock:
            self._running.add(running)

    def close(self) -> None:
        """End what runs ahead."""
        with self.lock:
            self.cancelled = True
            running = list(self._running)
        for each in running:
            each.stop()


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

    def __post_init__(self) -> None:
        self.site: Site | None = user_site(3)  # behind what dataclass has made

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

    def explained(self, error: OpError) -> OpError:
        """`error`, which a pass has met, with the line of the transformation that refused.

        The steps on the way to it are told by their code: to know it costs the elements nothing.
        """
        node, passed = self, set[CodeType]()
        trace: TracebackType | None = error.__traceback__
        failed: Node | None = None
        while trace is not None:
            code = trace.tb_frame.f_code
            found = node if code not in passed and code in _codes(node) else node.below(code)
            if found is not None:
                passed = passed | {code} if found is node else {code}
                node = failed = found
            trace = trace.tb_next
        if failed is None or failed.site is None or error.op is not None:
            return error
        kind: Any = type(error)
        site = failed.site
        line = f"  in {failed.kind}, made at {site.short()}   {site.source}"
        return kind(None, None, f"{error.message}\n{line}")

    def below(self, code: CodeType) -> Node | None:
        """The nearest node that it stands on whose steps have `code`."""
        waiting = deque(self.children)
        while waiting:
            node = waiting.popleft()
            if code in _codes(node):
                return node
            waiting += node.children
        return None


def _codes(node: Node) -> set[CodeType]:
    """The code of what begins a pass over `node`, and of its steps."""
    found: set[CodeType] = set()
    waiting: list[Any] = [getattr(node.begin, "__code__", None)]
    while waiting:
        code = waiting.pop()
        if isinstance(code, CodeType):
            found.add(code)
            waiting += code.co_consts
    return found
