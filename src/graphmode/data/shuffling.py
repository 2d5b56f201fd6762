"""Shuffled elements, in TensorFlow's order for the same seeds.

A buffer is filled; what is drawn is replaced by what comes next. Of two passes that a repeated
shuffle runs into one another, the first one is drawn from until it is over.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

import numpy as np

from graphmode.data.node import Node, Reading, Step, numbered
from graphmode.data.sources import like, numbers_of
from graphmode.data.structure import Spec
from graphmode.data.transformations import number
from graphmode.framework import dtypes
from graphmode.framework.default_graph import get_default_graph
from graphmode.framework.errors import invalid
from graphmode.framework.inference import constant_value
from graphmode.framework.operation import Tensor
from graphmode.ops.random.draws import get_seed
from graphmode.ops.random.philox import Stream

_WORDS = 1024


class Words:
    """The 32-bit words of TensorFlow's generator for two seeds, one by one."""

    def __init__(self, seed: int, seed2: int) -> None:
        self._stream = Stream(seed, seed2)
        self._ready: Any = iter(())

    def __call__(self) -> int:
        for word in self._ready:
            return word
        samples = _WORDS // 4
        start = self._stream.reserve(samples)
        words = np.stack(self._stream.words(start + np.arange(samples, dtype=np.uint64)), axis=1)
        self._ready = iter(words.reshape(-1).tolist())
        return next(self._ready)


def data_seeds(seed: Any) -> tuple[int, int]:
    """The two seeds of a transformation; (0, 0) has it draw its own.

    Raises
    ------
    TypeError
        If `seed` is no whole number.
    """
    known = constant_value(seed) if isinstance(seed, Tensor) else None
    if known is not None:
        seed = int(known)
    if seed is not None and not isinstance(seed, int | np.integer):
        raise TypeError(f"seed must be a whole number, not {seed!r}")
    first, second = get_seed(seed)
    if first is None or second is None:
        return 0, 0
    return (0, 2**31 - 1) if (first, second) == (0, 0) else (first, second)


def _pass_ids(seeds: tuple[int, int]) -> None:
    """Count the ops on seeds that TensorFlow makes: later ops take their seeds from the number."""
    get_default_graph().pass_ids(3 if seeds == (0, 0) else 10)


def _drawn(seeds: tuple[int, int], reading: Reading, key: str) -> tuple[int, int]:
    """`seeds`, or if there are none others for each call."""
    return reading.kept.seeds(key) if seeds == (0, 0) else seeds


def shuffle_node(source: Node, buffer_size: Any, seed: Any, reshuffles: bool | None) -> Node:
    """The elements in random order."""
    size = number(buffer_size, "buffer_size")
    seeds, key = data_seeds(seed), f"shuffle {numbered()}"
    owner = object()
    anew = reshuffles is None or reshuffles

    def first_seeds(reading: Reading) -> tuple[int, int]:
        return reading.of(
            (owner, "seeds"), lambda: reading.kept.seeds(key) if seeds == (0, 0) else seeds
        )

    def begin(reading: Reading) -> Step:
        now = first_seeds(reading)
        if anew:
            parent = reading.of((owner, "parent"), lambda: Words(*now))
            now = parent(), parent()
        return _shuffled(source, reading, size, now, 1)

    def repeated(reading: Reading, count: int) -> Step:
        return _shuffled(source, reading, size, first_seeds(reading), count)

    _pass_ids(seeds)
    facts = {"repeated": repeated} if anew else {}
    return Node("Shuffle", source.structure, begin, [source], [size], facts)


def shuffle_and_repeat_node(source: Node, buffer_size: Any, count: Any, seed: Any) -> Node:
    """The elements several times over, each time in another order."""
    size = number(buffer_size, "buffer_size")
    times = number(-1 if count is None else count, "count")
    seeds, key = data_seeds(seed), f"shuffle {numbered()}"
    owner = object()

    def begin(reading: Reading) -> Step:
        now, passes = reading.of(owner, lambda: _drawn(seeds, reading, key)), reading.scalar(times)
        if passes == 0 or passes < -1:
            raise invalid("count must be greater than zero or equal to -1.")
        return _shuffled(source, reading, size, now, passes)

    _pass_ids(seeds)
    return Node("ShuffleAndRepeat", source.structure, begin, [source], [size, times])


def random_node(seed: Any) -> Node:
    """Random words of 32 bits, without an end."""
    seeds, key = data_seeds(seed), f"shuffle {numbered()}"

    def begin(reading: Reading) -> Step:
        draw = Words(*_drawn(seeds, reading, key))
        return lambda: (np.asarray(draw(), np.int64),)

    _pass_ids(seeds)
    return Node("Random", Spec(dtypes.int64, []), begin)


def _shuffled(
    source: Node, reading: Reading, size: Any, seeds: tuple[int, int], count: int
) -> Step:
    capacity = reading.scalar(size)
    if capacity < 1:
        raise invalid("buffer_size must be greater than zero.")
    first = source.begin(reading) if count else None
    begun = None if first is None else numbers_of(first)

    def begin() -> Callable[[], Any]:
        return numbers_of(source.begin(reading))

    return like(first, _in_random_order(begun, begin, capacity, Words(*seeds), count))


def _in_random_order(
    current: Callable[[], Any] | None,
    begin: Callable[[], Callable[[], Any]],
    capacity: int,
    draw: Callable[[], int],
    left: int,
) -> Callable[[], Any]:
    buffer: dict[int, Any] = {}
    passes = deque([[0, 0]])
    """Where the elements of each pass begin and end, counted on."""
    is_first = True

    def fill() -> None:
        nonlocal current, left, is_first
        while current is not None and len(buffer) < capacity:
            try:
                element = current()
            except StopIteration:
                end = passes[-1][1]
                left -= 1
                if left == 0 or (is_first and left < 0):
                    current = None  # over, or nothing without end
                else:
                    current, is_first = begin(), True
                passes.append([end, end])
                continue
            finally:
                is_first = False
            buffer[passes[-1][1] % capacity] = element
            passes[-1][1] += 1

    def step() -> Any:
        fill()
        if not buffer:
            raise StopIteration
        while passes[0][0] == passes[0][1]:
            passes.popleft()
        start, end = passes[0]
        chosen, first = (start + draw() % (end - start)) % capacity, start % capacity
        element = buffer[chosen]
        buffer[chosen] = buffer[first]
        del buffer[first]
        passes[0][0] += 1
        return element

    return step
