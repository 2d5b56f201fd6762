"""Prefetching: elements are made in a thread of their own, ahead of who takes them."""

from __future__ import annotations

import threading
import weakref
from collections import deque
from typing import Any

from graphmode.data.node import Element, Node, Reading, Step
from graphmode.data.transformations import number
from graphmode.framework.default_graph import get_default_graph
from graphmode.framework.errors import CancelledError, invalid

_BY_ITSELF = 2
"""How many elements AUTOTUNE runs ahead."""


class _Buffer:
    """Results of a step, elements and errors, in order."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.results: deque[tuple[Any, BaseException | None]] = deque()
        self.changed = threading.Condition()
        self.stopped = False

    def stop(self) -> None:
        """End the thread that fills it, and who waits for it."""
        with self.changed:
            self.stopped = True
            self.changed.notify_all()

    def fill(self, take: Step) -> None:
        """Put in what `take` gives, until it ends."""
        while True:
            with self.changed:
                while len(self.results) >= self.capacity and not self.stopped:
                    self.changed.wait()
                if self.stopped:
                    return
            element, error = None, None
            try:
                element = take()
            except BaseException as caught:
                error = caught
            with self.changed:
                self.results.append((element, error))
                self.changed.notify_all()
            if isinstance(error, StopIteration):
                return


class _Ahead:
    """A step that takes from a buffer; its thread begins at the first call."""

    def __init__(self, take: Step, capacity: int, reading: Reading) -> None:
        self._take: Step | None = take
        self._buffer = buffer = _Buffer(capacity)
        self._ended = False
        weakref.finalize(self, buffer.stop).atexit = False
        reading.kept.at_end(buffer.stop)

    def __call__(self) -> Element:
        if self._ended:
            raise StopIteration
        buffer = self._buffer
        if self._take is not None:
            thread = threading.Thread(
                target=buffer.fill, args=[self._take], name="graphmode prefetch", daemon=True
            )
            self._take = None
            thread.start()
        with buffer.changed:
            while not buffer.results and not buffer.stopped:
                buffer.changed.wait()
            if buffer.stopped:
                raise CancelledError(None, None, "Run call was cancelled")
            element, error = buffer.results.popleft()
            buffer.changed.notify_all()
        if error is not None:
            self._ended = isinstance(error, StopIteration)
            raise error
        return element


def prefetch_node(source: Node, buffer_size: Any) -> Node:
    """The same elements, made ahead; -1 chooses how many."""
    size = number(-1 if buffer_size is None else buffer_size, "buffer_size")

    def begin(reading: Reading) -> Step:
        capacity = reading.scalar(size)
        if capacity < -1:
            raise invalid("buffer_size must be >= 0 or set buffer_size to be -1 for auto-tuning")
        if capacity == 0:
            return source.begin(reading)
        return _Ahead(source.begin(reading), _BY_ITSELF if capacity < 0 else capacity, reading)

    get_default_graph().pass_ids(1)
    return Node("Prefetch", source.structure, begin, [source], [size])
