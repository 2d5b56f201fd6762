"""Transformations of one data set that give elements one by one: map, filter, repeat, ..."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from graphmode.data import structure as nested
from graphmode.data.function import Function, SparseValue, element_of
from graphmode.data.node import Element, Node, Reading, Step, pass_over, passing
from graphmode.data.options import Options
from graphmode.data.sources import _rows as rows_of
from graphmode.data.sources import gives_rows, like, numbers_of, rows_of_part
from graphmode.data.stats import reporting_to
from graphmode.data.structure import Spec
from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import get_default_graph
from graphmode.framework.errors import OpError, OutOfRangeError, invalid
from graphmode.framework.inference import constant_value
from graphmode.framework.operation import Tensor


def number(value: Any, name: str) -> Tensor:
    """A whole number as a tensor of int64."""
    return convert_to_tensor(value, dtypes.int64, name=name)


def applied(function: Function, reading: Reading) -> Callable[[Element], list[Any]]:
    """`function` with what it captures; an OutOfRangeError of it is the end."""
    captured = [reading.values[tensor] for tensor in function.captured]

    def call(element: Element) -> list[Any]:
        try:
            return function(element, captured, reading.kept)
        except OutOfRangeError as error:
            raise StopIteration from error

    return call


def map_node(source: Node, call: Callable[..., Any]) -> Node:
    """A function of each element."""
    function = Function(call, source.structure)

    def begin(reading: Reading) -> Step:
        take, run, specs = source.begin(reading), applied(function, reading), function.specs

        def step() -> Element:
            return element_of(specs, run(take()))

        return step if function.is_random else passing(step, lambda n: pass_over(take, n))

    get_default_graph().pass_ids(1)
    return Node("Map", function.structure, begin, [source], function.captured)


def filter_node(source: Node, predicate: Callable[..., Any]) -> Node:
    """The elements for which a predicate holds."""
    function = Function(predicate, source.structure)
    spec = function.specs[0] if len(function.specs) == 1 else None
    if spec is None or spec.dtype is not dtypes.bool or spec.shape.ndims not in (0, None):
        raise ValueError(
            "`predicate` return type must be convertible to a scalar boolean tensor. Was "
            f"{function.structure}."
        )

    def begin(reading: Reading) -> Step:
        take, run = source.begin(reading), applied(function, reading)

        def step() -> Element:
            while True:
                element = take()
                if run(element)[0]:
                    return element

        return step

    get_default_graph().pass_ids(1)
    facts = {"function": function}
    return Node("Filter", source.structure, begin, [source], function.captured, facts)


def take_while_node(source: Node, predicate: Callable[..., Any]) -> Node:
    """The elements before the first one for which a predicate does not hold."""
    holding = filter_node(source, predicate)
    function: Function = holding.facts["function"]

    def begin(reading: Reading) -> Step:
        take, run = source.begin(reading), applied(function, reading)
        is_over = False

        def step() -> Element:
            nonlocal is_over
            if not is_over:
                element = take()
                if run(element)[0]:
                    return element
                is_over = True
            raise StopIteration

        return step

    return Node("TakeWhile", source.structure, begin, [source], function.captured)


def unique_node(source: Node) -> Node:
    """Each element once."""

    def begin(reading: Reading) -> Step:
        take = source.begin(reading)
        seen: set[Any] = set()

        def step() -> Element:
            while True:
                element = take()
                key = tuple((np.shape(part), str(np.asarray(part).tolist())) for part in element)
                if key not in seen:
                    seen.add(key)
                    return element

        return step

    get_default_graph().pass_ids(1)
    return Node("Unique", source.structure, begin, [source])


def repeat_node(source: Node, count: Any) -> Node:
    """The elements several times over; without an end for -1."""
    times = number(-1 if count is None else count, "count")
    shuffled = None if constant_value(times) == 1 else source.facts.get("repeated")

    def begin(reading: Reading) -> Step:
        total = reading.scalar(times)
        if shuffled is not None and total:
            return shuffled(reading, total)
        first = source.begin(reading) if total and gives_rows(source) else None
        begun = None if first is None else numbers_of(first)
        return like(first, _repeated(begun, lambda: numbers_of(source.begin(reading)), total))

    get_default_graph().pass_ids(1)
    facts = source.facts if constant_value(times) == 1 else {}
    return Node("Repeat", source.structure, begin, [source], [times], facts)


def _repeated(
    current: Callable[[], Any] | None, begin: Callable[[], Callable[[], Any]], left: int
) -> Callable[[], Any]:
    is_first = True

    def step() -> Any:
        nonlocal left, current, is_first
        while left:
            if current is None:
                current, is_first = begin(), True
            try:
                element = current()
            except StopIteration:
                current = None
                left -= 1
                if is_first and left < 0:
                    left = 0  # nothing, without end
                continue
            except OpError:
                is_first = False
                raise
            is_first = False
            return element
        raise StopIteration

    def passed(n: int) -> int:
        nonlocal left, current, is_first
        done = 0
        while done < n and left:
            if current is None:
                current, is_first = begin(), True
            found = pass_over(current, n - done)
            done += found
            is_first = is_first and not found
            if done < n:
                current = None
                left -= 1
                if is_first and left < 0:
                    left = 0
        return done

    return passing(step, passed)


def take_node(source: Node, count: Any) -> Node:
    """The first elements; all of them for -1."""
    most = number(count, "count")

    def begin(reading: Reading) -> Step:
        source_step, left = source.begin(reading), reading.scalar(most)
        if left < 0:
            return source_step
        take = numbers_of(source_step)

        def step() -> Any:
            nonlocal left
            if not left:
                raise StopIteration
            element = take()
            left -= 1
            return element

        return like(source_step, step)

    get_default_graph().pass_ids(1)
    facts = source.facts if constant_value(most) == -1 else {}
    return Node("Take", source.structure, begin, [source], [most], facts)


def skip_node(source: Node, count: Any) -> Node:
    """All but the first elements; none for -1."""
    most = number(count, "count")

    def begin(reading: Reading) -> Step:
        source_step, left = source.begin(reading), reading.scalar(most)
        take = numbers_of(source_step)

        def step() -> Any:
            nonlocal left
            if left < 0:
                raise StopIteration
            while left:
                take()
                left -= 1
            return take()

        return like(source_step, step)

    get_default_graph().pass_ids(1)
    facts = source.facts if constant_value(most) == 0 else {}
    return Node("Skip", source.structure, begin, [source], [most], facts)


def shard_node(source: Node, num_shards: Any, index: Any) -> Node:
    """Each element whose number leaves `index` when divided by `num_shards`."""
    both = [number(num_shards, "num_shards"), number(index, "index")]

    def begin(reading: Reading) -> Step:
        source_step, (n, wanted) = source.begin(reading), [reading.scalar(t) for t in both]
        if n <= 0:
            raise invalid(
                f"Number of shards must be greater than zero (currently num_shards = {n})."
            )
        if not 0 <= wanted < n:
            raise invalid(
                f"Index must be between 0 and {n - 1} (currently index = {wanted}, num_shards = "
                f"{n})."
            )
        take, at = numbers_of(source_step), -1

        def step() -> Any:
            nonlocal at
            while True:
                element = take()
                at += 1
                if at % n == wanted:
                    return element

        return like(source_step, step)

    get_default_graph().pass_ids(1)
    return Node("Shard", source.structure, begin, [source], both)


def cache_node(source: Node) -> Node:
    """The elements of the first pass, kept in memory for later ones."""
    owner = object()

    def begin(reading: Reading) -> Step:
        done = reading.kept.of(owner, dict)
        if "elements" in done:
            return iter(done["elements"]).__next__
        take, kept = source.begin(reading), list[Element]()

        def step() -> Element:
            try:
                element = take()
            except StopIteration:
                done.setdefault("elements", kept)
                raise
            kept.append(element)
            return element

        return step

    get_default_graph().pass_ids(2)
    return Node("Cache", source.structure, begin, [source])


def unbatch_node(source: Node) -> Node:
    """The rows of each element."""
    specs = [s.with_shape(s.shape[1:]) for s in nested.flatten(source.structure)]
    if any(s.shape.ndims == 0 for s in nested.flatten(source.structure)):
        raise ValueError("Unbatching a tensor is only supported for rank >= 1")

    def begin(reading: Reading) -> Step:
        take = source.begin(reading)
        rows: Iterator[Element] = iter(())

        def step() -> Element:
            nonlocal rows
            while True:
                for row in rows:
                    return row
                element = [rows_of_part(part) for part in take()]
                if len({len(part) for part in element}) > 1:
                    raise invalid(
                        "Input element must have the same batch size in each component. Component 0"
                        f" had size {len(element[0])} but others had "
                        f"{[len(part) for part in element[1:]]}."
                    )
                rows = rows_of(element)

        return step

    get_default_graph().pass_ids(2)
    return Node("Unbatch", nested.pack(source.structure, iter(specs)), begin, [source])


def scan_node(source: Node, initial_state: Any, call: Callable[..., Any]) -> Node:
    """``state, output = call(state, element)`` along the elements."""
    starts = nested.mapped(lambda v: convert_to_tensor(v, name="initial_state"), initial_state)
    flat = nested.flatten(starts)
    states = nested.mapped(lambda t: Spec(t.dtype.base_dtype, t.shape), starts)
    function = Function(call, (states, source.structure))
    if not isinstance(function.structure, tuple) or len(function.structure) != 2:
        raise TypeError(
            "The scan function must return a pair comprising the new state and the output value."
        )
    new = nested.flatten(function.structure[0])
    for before, after in zip(nested.flatten(states), new, strict=True):
        if before.dtype is not after.dtype:
            raise TypeError(
                "The element types for the new state must match the initial state. Expected "
                f"{before.dtype!r}; got {after.dtype!r}."
            )
    n = len(flat)

    def begin(reading: Reading) -> Step:
        take, run = source.begin(reading), applied(function, reading)
        state: tuple[Any, ...] = tuple(reading.values[tensor] for tensor in flat)

        def step() -> Element:
            nonlocal state
            given = element_of(function.specs, run((*state, *take())))
            state = given[:n]
            return given[n:]

        return step

    get_default_graph().pass_ids(1)
    return Node("Scan", function.structure[1], begin, [source], [*function.captured, *flat])


def ignore_errors_node(source: Node) -> Node:
    """The elements that can be computed."""

    def begin(reading: Reading) -> Step:
        take = source.begin(reading)

        def step() -> Element:
            while True:
                try:
                    return take()
                except OpError:
                    continue

        return step

    get_default_graph().pass_ids(1)
    return Node("IgnoreErrors", source.structure, begin, [source])


def options_node(source: Node, options: Options) -> Node:
    """The same elements, and how they are to be made."""

    def begin(reading: Reading) -> Step:
        reporting_to(reading, options.experimental_stats)
        return source.begin(reading)

    facts = source.facts | {"options": options}
    return Node("Options", source.structure, begin, [source], facts=facts)


def options_of(node: Node) -> list[Options]:
    """What has been said of a data set and of all that it stands on."""
    found: list[Options] = []
    waiting, seen = [node], set[Node]()
    while waiting:
        current = waiting.pop()
        if current not in seen:
            seen.add(current)
            waiting += current.children
            if current.kind == "Options":
                found.append(current.facts["options"])
    return found


def shaped_node(source: Node, specs: list[Spec]) -> Node:
    """The elements, which have to have the shapes of `specs`."""

    def begin(reading: Reading) -> Step:
        take = source.begin(reading)

        def step() -> Element:
            element = take()
            for i, (part, spec) in enumerate(zip(element, specs, strict=True)):
                has = part.shape if isinstance(part, SparseValue) else np.shape(part)
                if not spec.shape.is_compatible_with([int(d) for d in has]):
                    raise invalid(
                        f"assertion failed: [Wrong shape for part {i} [expected] [actual].] "
                        f"{spec.shape} {tuple(int(d) for d in has)}"
                    )
            return element

        return step

    get_default_graph().pass_ids(1)
    structure = nested.pack(source.structure, iter(specs))
    return Node("Restructured", structure, begin, [source])
