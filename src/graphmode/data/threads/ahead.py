"""Elements that threads make, ahead of who takes them, and give in order.

A thread is worth it where a call takes longer than to hand its result over. So what may run in
threads begins in its caller's, and goes over to threads of its own when calls take long (`Pace`).
`prefetch` is asked for by name, and has its thread from the beginning.
"""

from __future__ import annotations

import threading
import time
import weakref
from collections import deque
from collections.abc import Callable
from typing import Any

from graphmode.data.node import Element, Node, Reading, Step, pass_over, passing
from graphmode.data.transformations import number
from graphmode.framework.default_graph import get_default_graph
from graphmode.framework.errors import CancelledError, invalid
from graphmode.ops.data.waiting import LOOK, Changed, idle, wait_for_another

Call = Callable[[Any], Any]

_MOST_BY_ITSELF = 32
"""How many elements AUTOTUNE runs ahead at most."""
_LONG = 200e-6
"""Seconds of a call that is worth handing over."""
_IN_A_ROW = 8
"""How many calls have to: one alone may have waited for other threads, or imported something."""


class _Place:
    """One element in a line: still being made, made, or an error in its stead."""

    __slots__ = ("element", "error", "is_done")

    def __init__(self) -> None:
        self.element: Any = None
        self.error: BaseException | None = None
        self.is_done = False


class Line:
    """``call(take())`` of one element after the other, made by threads, in order.

    Parameters
    ----------
    take : Step
        Called by one thread at a time.
    call : callable
        Of what is taken; called by several threads at once.
    n_threads : int
    capacity : int
        How many elements are made ahead; -1 chooses: one, and twice as many whenever who takes them
        has found none after he had let it fill.
    changed : Changed, optional
        Notified when an element is done; its own by default.
    """

    def __init__(
        self,
        take: Step,
        call: Call,
        n_threads: int,
        capacity: int,
        changed: Changed | None = None,
    ) -> None:
        self._take, self._call, self._n_threads = take, call, n_threads
        self._capacity, self._grows = max(capacity, 1), capacity < 0
        self._was_full = False
        self._places: deque[_Place] = deque()
        self._changed = Changed() if changed is None else changed
        self._taking = threading.Lock()
        self._is_over = False
        self.is_stopped = False

    def start(self) -> None:
        """Begin to fill it."""
        for _ in range(self._n_threads):
            threading.Thread(target=self._fill, name="graphmode ahead", daemon=True).start()

    def stop(self) -> None:
        """End the threads that fill it, and who waits for it."""
        with self._changed:
            self.is_stopped = True
            self._changed.notify_all()

    def let_go(self) -> None:
        """`stop` it without waiting for anybody: where garbage is collected locks may be held."""
        self.is_stopped = True
        if self._changed.acquire(blocking=False):
            try:
                self._changed.notify_all()
            finally:
                self._changed.release()

    def is_ready(self) -> bool:
        """Whether `next` need not wait; asked for by who holds `changed`."""
        return self.is_stopped or (bool(self._places) and self._places[0].is_done)

    def next(self) -> Element:
        """The next element.

        Raises
        ------
        CancelledError
            If it has been stopped.
        """
        with self._changed:
            if self._grows:
                self._grow()
            if not self.is_ready():
                wait_for_another(self._changed, self.is_ready, nothing_is_made)
            if self.is_stopped:
                raise CancelledError(None, None, "Run call was cancelled")
            place = self._places.popleft()
            self._changed.notify_all()
        if place.error is not None:
            raise place.error
        return place.element

    def _grow(self) -> None:
        if len(self._places) == self._capacity:
            self._was_full = True
        elif not self._places and self._was_full:
            self._capacity, self._was_full = min(2 * self._capacity, _MOST_BY_ITSELF), False

    def _fill(self) -> None:
        while self._make_one():
            pass  # holding none: the traceback of an error holds who has taken it

    def _make_one(self) -> bool:
        """Make the next element; whether there was one to make."""
        place = self._taken()
        if place is None:
            return False
        if place.error is None:
            try:
                place.element = self._call(place.element)
            except BaseException as error:
                place.error = error
        with self._changed:
            self._is_over |= isinstance(place.error, StopIteration)
            place.is_done = True
            self._changed.notify_all()
        return True

    def _taken(self) -> _Place | None:
        """A place at the end with what is to be done for it; None if nothing is."""
        if not self._taking.acquire(blocking=False):
            with idle():
                self._taking.acquire()
        try:
            with self._changed:
                if not self._has_room():
                    with idle():
                        while not self._changed.wait_for(self._has_room, LOOK):
                            pass
                if self._ends():
                    return None
            place = _Place()
            try:
                place.element = self._take()
            except BaseException as error:
                place.error = error
            with self._changed:
                self._is_over |= isinstance(place.error, StopIteration)
                self._places.append(place)
        finally:
            self._taking.release()
        return place

    def _has_room(self) -> bool:
        return len(self._places) < self._capacity or self._ends()

    def _ends(self) -> bool:
        return self._is_over or self.is_stopped


class Ahead:
    """A step that takes from a line; the threads begin at the first call."""

    def __init__(self, line: Line, reading: Reading) -> None:
        self._line, self._has_begun, self._ended = line, False, False
        weakref.finalize(self, line.let_go).atexit = False
        reading.kept.stops(line)

    def __call__(self) -> Element:
        if self._ended:
            raise StopIteration
        self.begin()
        try:
            return self._line.next()
        except StopIteration:
            self._ended = True
            raise

    def begin(self) -> None:
        """Start the threads, if they have not been."""
        if not self._has_begun:
            self._has_begun = True
            self._line.start()

    def is_ready(self) -> bool:
        """Whether a call need not wait; asked for by who holds the line's condition."""
        return self._ended or self._line.is_ready()


class Pace:
    """Whether calls take long enough to be handed over to threads."""

    def __init__(self) -> None:
        self.is_slow = False
        self._n_long = 0

    def timed(self, call: Call, argument: Any) -> Any:
        """``call(argument)``."""
        start = time.perf_counter()
        result = call(argument)
        self._n_long = self._n_long + 1 if time.perf_counter() - start > _LONG else 0
        self.is_slow |= self._n_long == _IN_A_ROW
        return result


class Paced:
    """The step of ``call(take())``, in the caller's thread until calls take long."""

    def __init__(self, take: Step, call: Call, pace: Pace, later: Callable[[], Step]) -> None:
        self._take, self._call, self._pace, self._make = take, call, pace, later
        self._later: Step | None = None

    def __call__(self) -> Element:
        if self._later is None:
            if not self._pace.is_slow:
                return self._pace.timed(self._call, self._take())
            self._later = self._make()
        return self._later()


def prefetch_node(source: Node, buffer_size: Any) -> Node:
    """The same elements, made ahead; -1 chooses how many."""
    size = number(-1 if buffer_size is None else buffer_size, "buffer_size")

    def begin(reading: Reading) -> Step:
        capacity = reading.scalar(size)
        if capacity < -1:
            raise invalid("buffer_size must be >= 0 or set buffer_size to be -1 for auto-tuning")
        if capacity == 0:
            return source.begin(reading)
        take = source.begin(reading)
        step = Ahead(Line(take, itself, 1, capacity), reading)
        return passing(step, lambda n: pass_over(take, n))  # before its thread has begun

    get_default_graph().pass_ids(1)
    return Node("Prefetch", source.structure, begin, [source], [size])


def itself(element: Element) -> Element:
    """The call of a line that only takes."""
    return element


def nothing_is_made() -> str:
    """What who waits for an element says if nobody makes it."""
    return "the thread that makes the next element of a data set is gone, as in a forked process"
