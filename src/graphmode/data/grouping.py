"""Groups of elements by a key, each made into a data set once it is as long as its window."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from graphmode.data.function import Function
from graphmode.data.node import Element, Node, Reading, Step
from graphmode.data.structure import Spec
from graphmode.data.transformations import applied
from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import get_default_graph
from graphmode.framework.errors import invalid


def _elements_node(structure: Any, owner: object) -> Node:
    """The elements that a reading keeps for `owner`."""

    def begin(reading: Reading) -> Step:
        return iter(reading.values[owner]).__next__  # type: ignore[index]

    return Node("Window", structure, begin)


def group_by_window_node(
    source: Node,
    key_func: Callable[..., Any],
    reduce_func: Callable[..., Any],
    window_size: int | Callable[..., Any],
    wrap: Callable[[Node], Any],
) -> Node:
    """The data sets that `reduce_func` makes of as many elements of one key as its window holds."""
    key_of = Function(key_func, source.structure)
    size_of = Function(
        window_size
        if callable(window_size)
        else lambda _: convert_to_tensor(window_size, dtypes.int64),
        Spec(dtypes.int64, []),
    )
    owner = object()
    window = _elements_node(source.structure, owner)
    reduce = Function(
        lambda key: reduce_func(key, wrap(window)), Spec(dtypes.int64, []), wants_dataset=True
    )
    assert reduce.node is not None  # noqa: S101 - the function has been asked for one
    result = reduce.node

    def begin(reading: Reading) -> Step:
        take = source.begin(reading)
        key, size, reduced = (applied(f, reading) for f in (key_of, size_of, reduce))
        groups: dict[int, list[Element]] = {}
        sizes: dict[int, int] = {}
        current: Step | None = None
        ended = False

        def opened(k: int) -> Step:
            elements = groups.pop(k)
            values: dict[Any, Any] = dict(
                zip(reduce.leaves, reduced((np.asarray(k, np.int64),)), strict=True)
            )
            values[owner] = elements
            return result.begin(reading.inside(values))

        def step() -> Element:
            nonlocal current, ended
            while True:
                if current is not None:
                    try:
                        return current()
                    except StopIteration:
                        current = None
                if ended:
                    if not groups:
                        raise StopIteration
                    current = opened(min(groups))
                    continue
                try:
                    element = take()
                except StopIteration:
                    ended = True
                    continue
                k = int(key(element)[0])
                if k not in groups:
                    groups[k] = []
                    sizes[k] = int(size((np.asarray(k, np.int64),))[0])
                    if sizes[k] <= 0:
                        raise invalid(f"Window size must be greater than zero, but got {sizes[k]}.")
                groups[k].append(element)
                if len(groups[k]) == sizes[k]:
                    current = opened(k)

        return step

    get_default_graph().pass_ids(1)
    tensors = [*key_of.captured, *size_of.captured, *reduce.captured]
    return Node("GroupByWindow", reduce.structure, begin, [source], tensors)
