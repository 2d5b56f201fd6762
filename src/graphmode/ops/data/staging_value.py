"""The staging area behind its ops: a resource that keeps what one run puts there for another."""

from __future__ import annotations

import math
from collections import deque
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework.errors import CancelledError, ResourceExhaustedError, invalid
from graphmode.ops.data.waiting import Changed, wait_for

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from graphmode.framework.dtypes import DType

    Parts = list[np.ndarray]


class StagingArea:
    """Elements in the order in which they came.

    Parameters
    ----------
    name : str
        As errors say it.
    capacity : int
        The largest number of elements; 0: no bound.
    memory_limit : int
        The largest number of bytes; 0: no bound.
    """

    def __init__(self, name: str, capacity: int, memory_limit: int) -> None:
        self._called = f"Staging Area '{name}'"
        self._elements: deque[Parts] = deque()
        self._capacity = capacity or math.inf
        self._limit = memory_limit or math.inf
        self._bytes = 0
        self._changed = Changed()
        self._cancelled = False

    def __repr__(self) -> str:
        return f"<{self._called}>"

    def count(self) -> int:
        """The number of elements."""
        return len(self._elements)

    def cancel(self) -> None:
        """Wake everybody who waits: the session is closed."""
        with self._changed:
            self._cancelled = True
            self._changed.notify_all()

    def _wait(self, ready: Callable[[], bool], why: Callable[[], str]) -> None:
        wait_for(self._changed, lambda: self._cancelled or ready(), why)
        if self._cancelled:
            raise CancelledError(None, None, f"{self._called} was closed with its session")

    def _wait_for_room(self, size: int) -> None:
        if size > self._limit:
            raise ResourceExhaustedError(
                None,
                None,
                f"Attempted to insert tensors with combined size of '{size}' bytes into Staging "
                f"Area with a memory limit of '{self._limit}'.",
            )
        self._wait(
            lambda: self.count() < self._capacity and self._bytes + size <= self._limit,
            lambda: (
                f"{self._called} is full: it has {self.count()} elements of {self._bytes} bytes"
            ),
        )
        self._bytes += size

    def put(self, parts: Sequence[Any], dtypes: Sequence[DType]) -> None:
        """Add an element, of copies of `parts`; waits for room.

        Raises
        ------
        ResourceExhaustedError
            If it will never fit.
        CancelledError
            If the session is closed.
        """
        # What was fed may change; a text may come without its array.
        pairs = zip(parts, dtypes, strict=True)
        element = [np.array(part, dtype.numpy_dtype) for part, dtype in pairs]
        with self._changed:
            self._wait_for_room(sum(map(_size, element)))
            self._elements.append(element)
            self._changed.notify_all()

    def get(self) -> Parts:
        """Take the first element; waits for it.

        Raises
        ------
        CancelledError
            If the session is closed.
        """
        with self._changed:
            self._wait(lambda: bool(self._elements), lambda: f"{self._called} is empty")
            element = self._elements.popleft()
            self._bytes -= sum(map(_size, element))
            self._changed.notify_all()
            return element

    def peek(self, index: int) -> Parts:
        """Element number `index`, which stays; waits until there are so many.

        Raises
        ------
        CancelledError
            If the session is closed.
        """
        if index < 0:
            raise invalid(f"there is no element {index}")
        with self._changed:
            self._wait(
                lambda: len(self._elements) > index,
                lambda: f"{self._called} has {self.count()} elements, number {index} asked for",
            )
            return self._elements[index]

    def clear(self) -> None:
        """Forget all elements."""
        with self._changed:
            self._elements.clear()
            self._bytes = 0
            self._changed.notify_all()


def _size(part: np.ndarray) -> int:
    return sum(map(len, part.ravel().tolist())) if part.dtype == object else part.nbytes
