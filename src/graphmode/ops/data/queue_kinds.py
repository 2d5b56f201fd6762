"""Queues in other orders: shuffled, by priority; and one that pads what it stacks."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

import numpy as np

from graphmode.framework.dtypes import int64
from graphmode.framework.errors import invalid
from graphmode.launch import chance
from graphmode.ops.data.queue_value import Queue
from graphmode.ops.random.philox import Stream

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from graphmode.framework.dtypes import DType
    from graphmode.ops.data.queue_value import Element

_SAMPLES = 16  # groups of four words that are drawn at once


class RandomShuffleQueue(Queue):
    """A queue whose elements come out in random order.

    Of one taker and elements that are there already the order is TensorFlow's: the next one is that
    with the number `word` modulo the size, and the last one moves to its place.

    Parameters
    ----------
    name, dtypes, shapes, capacity
        As for `Queue`.
    min_after_dequeue : int
        How many elements stay in it until it is closed.
    seed, seed2 : int
        Both 0: another order each time.

    Raises
    ------
    InvalidArgumentError
        If nothing could ever be taken.
    """

    kind = "RandomShuffleQueue"

    def __init__(
        self,
        name: str,
        dtypes: Sequence[DType],
        shapes: Sequence[tuple[int, ...]] | None,
        capacity: int,
        min_after_dequeue: int = 0,
        seed: int = 0,
        seed2: int = 0,
    ) -> None:
        super().__init__(name, dtypes, shapes, capacity)
        if min_after_dequeue < 0:
            raise invalid(f"min_after_dequeue {min_after_dequeue} must be >= 0")
        if min_after_dequeue >= self._capacity:
            raise invalid(f"min_after_dequeue {min_after_dequeue} must be < capacity {capacity}")
        self._elements: list[Element] = []
        self._kept = min_after_dequeue
        self._seeds = (seed, seed2)
        if not (seed or seed2):
            drawn = chance.entropy("a queue", 14)
            seed, seed2 = int.from_bytes(drawn[:7], "big"), int.from_bytes(drawn[7:], "big")
        self._words = _words(Stream(seed, seed2))

    def _next(self) -> Element:
        elements = self._elements
        index = next(self._words) % len(elements)
        element = elements[index]
        elements[index] = elements[-1]
        elements.pop()
        return element

    def _put_back(self, taken: list[Element]) -> None:
        self._elements.extend(reversed(taken))

    def _ready(self) -> int:
        return len(self._elements) - self._kept

    def require_same(self, like: Queue) -> None:
        """Refuse to be the queue that another op of one shared name describes."""
        super().require_same(like)
        if isinstance(like, RandomShuffleQueue):
            self._require("min_after_dequeue", "was", f"{self._kept}", f"{like._kept}.")
            self._require("random seeds", "are", f"{self._seeds}", f"{like._seeds}.", "seeds")


def _words(stream: Stream) -> Iterator[int]:
    """The 32-bit words of a stream, one after the other."""
    at = 0
    while True:
        groups = stream.words(np.arange(at, at + _SAMPLES, dtype=np.uint64))
        yield from np.stack(groups, axis=1).ravel().tolist()
        at += _SAMPLES


class PaddingFIFOQueue(Queue):
    """A FIFO queue of elements of several lengths, which are padded where they are stacked."""

    kind = "PaddingFIFOQueue"

    def stacked(self, elements: list[Element]) -> Element:
        """Elements along a new first dimension, padded to the longest with zeros or empty texts."""
        if not elements:
            return self.empty()
        return tuple(
            _padded(parts, dtype)
            for parts, dtype in zip(zip(*elements, strict=True), self.dtypes, strict=True)
        )


def _padded(parts: tuple[np.ndarray, ...], dtype: DType) -> np.ndarray:
    dims = tuple(map(max, zip(*(part.shape for part in parts), strict=True)))
    kind = dtype.numpy_dtype
    made = np.full((len(parts), *dims), b"" if kind.hasobject else 0, kind)
    for i, part in enumerate(parts):
        made[(i, *map(slice, part.shape))] = part
    return made


class _Ordered:
    """An element of a priority queue, which the heap compares by its priority alone."""

    __slots__ = ("element", "priority")

    def __init__(self, element: Element) -> None:
        self.element, self.priority = element, int(element[0])

    def __lt__(self, other: _Ordered) -> bool:
        return self.priority < other.priority


class PriorityQueue(Queue):
    """A queue whose elements come out by their first part, the smallest first.

    Those of one priority come as TensorFlow's binary heap has them, which is `heapq`.

    Parameters
    ----------
    name, dtypes, shapes, capacity
        As for `Queue`, of the parts behind the priority.
    """

    kind = "PriorityQueue"

    def __init__(
        self,
        name: str,
        dtypes: Sequence[DType],
        shapes: Sequence[tuple[int, ...]] | None,
        capacity: int,
    ) -> None:
        # One that has no parts but priorities can stack them.
        known = shapes is not None and len(shapes) == len(dtypes)
        super().__init__(name, [int64, *dtypes], [(), *(shapes or ())] if known else None, capacity)
        self._elements: list[_Ordered] = []

    def _check(self, element: Element) -> None:
        if self._shapes is None and element[0].shape:
            raise invalid(
                "Shape mismatch in tuple component 0. Expected [], got "
                f"[{','.join(map(str, element[0].shape))}]: the priority is a scalar"
            )
        super()._check(element)

    def _put(self, element: Element) -> None:
        heapq.heappush(self._elements, _Ordered(element))

    def _next(self) -> Element:
        return heapq.heappop(self._elements).element

    def _put_back(self, taken: list[Element]) -> None:
        for element in taken:
            self._put(element)
