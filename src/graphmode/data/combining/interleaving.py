"""The elements of the data sets that a function gives: one after the other, or in turns."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

from graphmode.data.function import Function
from graphmode.data.node import Element, Node, Reading, Step
from graphmode.data.transformations import applied, number
from graphmode.framework.default_graph import get_default_graph
from graphmode.framework.errors import OpError, invalid
from graphmode.framework.operation import Tensor


def opened(function: Function, reading: Reading) -> Callable[[Element], Step]:
    """The step of the data set that `function` gives for an element."""
    run = applied(function, reading)
    assert function.node is not None  # noqa: S101 - the function has been asked for one
    node = function.node

    def open_one(element: Element) -> Step:
        values = dict(zip(function.leaves, run(element), strict=True))
        return node.begin(reading.inside(values))

    return open_one


def flat_map_node(source: Node, call: Callable[..., Any]) -> Node:
    """The elements of the data sets that a function gives, one after the other."""
    function = Function(call, source.structure, wants_dataset=True)

    def begin(reading: Reading) -> Step:
        take, open_one = source.begin(reading), opened(function, reading)
        current: Step | None = None

        def step() -> Element:
            nonlocal current
            while True:
                if current is None:
                    current = open_one(take())
                try:
                    return current()
                except StopIteration:
                    current = None

        return step

    get_default_graph().pass_ids(1)
    return Node("FlatMap", function.structure, begin, [source], function.captured)


def interleave_node(
    source: Node, call: Callable[..., Any], cycle_length: Any, block_length: Any
) -> Node:
    """The elements of several data sets that a function gives, in turns."""
    function = Function(call, source.structure, wants_dataset=True)
    lengths = [number(cycle_length, "cycle_length"), number(block_length, "block_length")]

    def begin(reading: Reading) -> Step:
        cycle, block = cycle_of(lengths, reading)
        return in_turns(source.begin(reading), opened(function, reading), cycle, block)

    get_default_graph().pass_ids(1)
    return Node("Interleave", function.structure, begin, [source], [*function.captured, *lengths])


def processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def cycle_of(lengths: Sequence[Tensor], reading: Reading) -> list[int]:
    """How many data sets take turns (-1: as many as processors), and the elements of one turn."""
    found = [reading.scalar(tensor) for tensor in lengths]
    if found[0] == -1:
        found[0] = processors()
    for name, value in zip(("cycle_length", "block_length"), found, strict=True):
        if value <= 0:
            raise invalid(f"{name} must be greater than zero.")
    return found


def _failing(error: OpError) -> Step:
    """A step that fails, and has no elements."""
    errors = [error]

    def step() -> Element:
        if errors:
            raise errors.pop()
        raise StopIteration

    return step


def in_turns(
    take: Step,
    open_one: Callable[[Element], Step],
    cycle: int,
    block: int,
    *,
    failures_count: bool = False,
    refills_at_once: bool = False,
) -> Step:
    """The elements of what `open_one` gives of each element, in turns.

    Parameters
    ----------
    take, open_one : callable
    cycle, block : int
        How many take turns, and the elements of one turn.
    failures_count : bool
        Whether what fails is one of the elements of a turn, also where it cannot be opened.
    refills_at_once : bool
        Whether all places are taken at first, and the next one follows when one ends, not at its
        turn. Where none follows, the turn goes on with the elements of the neighbour.
    """
    places: list[Step | None] = [None] * cycle
    at = given = 0
    ended = False

    def advance() -> None:
        nonlocal at, given
        at, given = (at + 1) % cycle, 0

    def leave() -> None:
        nonlocal at
        if refills_at_once and places[at] is None:
            at = (at + 1) % cycle
        else:
            advance()

    def count() -> None:
        nonlocal given
        given += 1
        if given == block:
            advance()

    def refill(place: int) -> None:
        nonlocal ended
        try:
            places[place] = open_one(take())
        except StopIteration:
            ended = True
        except OpError as error:
            if not failures_count:
                raise
            places[place] = _failing(error)

    is_first = refills_at_once

    def step() -> Element:
        nonlocal is_first
        if is_first:
            is_first = False
            for place in range(cycle):
                if not ended:
                    refill(place)
        while not ended or any(place is not None for place in places):
            current = places[at]
            if current is not None:
                try:
                    element = current()
                except StopIteration:
                    places[at] = None
                    if refills_at_once and not ended:
                        refill(at)
                    leave()
                    continue
                except OpError:
                    if failures_count:
                        count()
                    raise
                count()
                return element
            if ended:
                leave()
            else:
                refill(at)
        raise StopIteration

    return step
