"""`map` and `interleave` in several threads at once, whose elements come in the same order."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from graphmode.data.combining.interleaving import cycle_of, in_turns, opened
from graphmode.data.function import Function, element_of
from graphmode.data.node import Element, Node, Reading, Step, pass_over, passing
from graphmode.data.threads.ahead import Ahead, Line, Pace, Paced, itself, nothing_is_made
from graphmode.data.transformations import applied, number
from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import get_default_graph
from graphmode.framework.errors import invalid
from graphmode.framework.operation import Tensor
from graphmode.ops.data.waiting import Changed, wait_for_another

_CORES = os.cpu_count() or 1
_MOST_THREADS = 4 * _CORES


def _threads(calls: int) -> int:
    """How many threads `num_parallel_calls` asks for; -1 lets us choose."""
    if calls == 0 or calls < -1:
        raise invalid("num_parallel_calls must be greater than zero.")
    return _CORES if calls < 0 else min(calls, _MOST_THREADS)


def map_node(source: Node, call: Callable[..., Any], num_parallel_calls: Any) -> Node:
    """A function of each element, of several at once.

    One that draws random numbers is called in order, by one thread: so a seed says everything.
    """
    function = Function(call, source.structure)
    calls = convert_to_tensor(num_parallel_calls, dtypes.int32, name="num_parallel_calls")

    def begin(reading: Reading) -> Step:
        n = _threads(reading.scalar(calls))
        if function.is_random:
            n = 1
        take, run, specs = source.begin(reading), applied(function, reading), function.specs

        def called(element: Element) -> Element:
            return element_of(specs, run(element))

        def ahead() -> Step:
            return Ahead(Line(take, called, n, 2 * n), reading)

        step = Paced(take, called, Pace(), ahead)
        return step if function.is_random else passing(step, lambda n: pass_over(take, n))

    get_default_graph().pass_ids(1)
    return Node("ParallelMap", function.structure, begin, [source], [*function.captured, calls])


def interleave_node(
    source: Node,
    call: Callable[..., Any],
    cycle_length: Any,
    block_length: Any,
    num_parallel_calls: Any,
) -> Node:
    """The elements of several data sets that a function gives, in turns, each read ahead."""
    function = Function(call, source.structure, wants_dataset=True)
    lengths = [number(cycle_length, "cycle_length"), number(block_length, "block_length")]
    calls = number(num_parallel_calls, "num_parallel_calls")

    def begin(reading: Reading) -> Step:
        n, asked = reading.scalar(calls), reading.scalar(lengths[0])
        _threads(n)
        cycle, block = cycle_of(lengths, reading)
        if n > asked > 0:
            raise invalid(
                f"num_parallel_calls must be less than or equal to cycle_length, not {n} with a "
                f"cycle_length of {asked}.\n"
                f"  fix: cycle_length={n}"
            )
        return _each_ahead(source.begin(reading), function, cycle, block, 2 * block, reading)

    get_default_graph().pass_ids(1)
    tensors = [*function.captured, *lengths, calls]
    return Node("ParallelInterleave", function.structure, begin, [source], tensors)


def _each_ahead(
    take: Step,
    function: Function,
    cycle: int,
    block: int,
    capacity: int,
    reading: Reading,
    *,
    refills_at_once: bool = False,
) -> Step:
    open_one, pace = opened(function, reading), Pace()

    def open_ahead(element: Element) -> Step:
        step = open_one(element)

        def called(_: Any) -> Element:
            return step()

        def ahead() -> Step:
            return Ahead(Line(_nothing, called, 1, capacity), reading)

        return Paced(_nothing, called, pace, ahead)

    return in_turns(
        take, open_ahead, cycle, block, failures_count=True, refills_at_once=refills_at_once
    )


def _nothing() -> Element:
    return ()


def sloppy_interleave_node(
    source: Node,
    call: Callable[..., Any],
    cycle_length: Any,
    block_length: Any,
    sloppy: Any,
    buffer_output_elements: Any,
    prefetch_input_elements: Any,
) -> Node:
    """As `interleave_node`; where it is `sloppy`, what has no element ready loses its turn."""
    function = Function(call, source.structure, wants_dataset=True)
    lengths = [number(cycle_length, "cycle_length"), number(block_length, "block_length")]
    may_skip = convert_to_tensor(sloppy, dtypes.bool, name="sloppy")
    sizes: list[Tensor] = [
        number(-1 if value is None else value, name)
        for value, name in (
            (buffer_output_elements, "buffer_output_elements"),
            (prefetch_input_elements, "prefetch_input_elements"),
        )
    ]

    def begin(reading: Reading) -> Step:
        cycle, block = cycle_of(lengths, reading)
        size, _ = (reading.scalar(t) for t in sizes)
        capacity = 2 * block if size < 0 else size
        if capacity < 1:
            raise invalid("`buffer_output_elements` must be > 0")
        take = source.begin(reading)
        if not reading.values[may_skip]:
            return _each_ahead(
                take, function, cycle, block, capacity, reading, refills_at_once=True
            )
        changed = Changed()
        open_one = opened(function, reading)

        def open_ahead(element: Element) -> Ahead:
            ahead = Ahead(Line(open_one(element), itself, 1, capacity, changed), reading)
            ahead.begin()
            return ahead

        return _whichever(take, open_ahead, cycle, block, changed)

    get_default_graph().pass_ids(1)
    tensors = [*function.captured, *lengths, may_skip, *sizes]
    return Node("ParallelInterleave", function.structure, begin, [source], tensors)


def _whichever(
    take: Step,
    open_ahead: Callable[[Element], Ahead],
    cycle: int,
    block: int,
    changed: Changed,
) -> Step:
    """The elements of what `open_ahead` gives in turns, of those that have one ready."""
    places: list[Ahead] = []
    at = given = 0
    ended = False

    def fill() -> None:
        nonlocal ended
        while not ended and len(places) < cycle:
            try:
                places.append(open_ahead(take()))
            except StopIteration:
                ended = True

    def first_ready() -> int | None:
        """How far behind the one whose turn it is."""
        n = len(places)
        return next((i for i in range(n) if places[(at + i) % n].is_ready()), None)

    def step() -> Element:
        nonlocal at, given
        while True:
            fill()
            if not places:
                raise StopIteration
            with changed:
                if first_ready() is None:
                    wait_for_another(changed, lambda: first_ready() is not None, nothing_is_made)
                behind = first_ready() or 0
            at = (at + behind) % len(places)
            given = 0 if behind else given
            try:
                element = places[at]()
            except StopIteration:
                del places[at]
                at, given = at % max(len(places), 1), 0
                continue
            given += 1
            if given == block:
                at, given = (at + 1) % len(places), 0
            return element

    return step
