"""Given data sets as one: side by side, one after the other, or chosen by another one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from graphmode.data import structure as nested
from graphmode.data.node import Element, Node, Reading, Step
from graphmode.framework.default_graph import get_default_graph
from graphmode.framework.errors import invalid


def zip_node(sources: Any) -> Node:
    """One element of each data set, in the structure of the data sets."""
    nodes: list[Any] = [getattr(source, "_node", None) for source in nested.leaves(sources)]
    if None in nodes:
        raise TypeError(
            "The argument to `Dataset.zip()` must be a nested structure of `Dataset` objects."
        )
    structure = nested.pack(sources, iter([node.structure for node in nodes]))

    def begin(reading: Reading) -> Step:
        steps = [node.begin(reading) for node in nodes]

        def step() -> Element:
            parts = [take() for take in steps]
            return tuple(value for part in parts for value in part)

        return step

    get_default_graph().pass_ids(1)
    return Node("Zip", structure, begin, nodes)


def concatenate_node(first: Node, second: Node) -> Node:
    """The elements of one data set, then those of another one."""
    a, b = nested.flatten(first.structure), nested.flatten(second.structure)
    if not nested.same_structure(first.structure, second.structure) or [s.dtype for s in a] != [
        s.dtype for s in b
    ]:
        raise TypeError(
            "Two datasets to concatenate have different types "
            f"{nested.mapped(lambda s: s.dtype, first.structure)} and "
            f"{nested.mapped(lambda s: s.dtype, second.structure)}"
        )
    specs = [x.with_shape(nested.common_shape(x.shape, y.shape)) for x, y in zip(a, b, strict=True)]

    def begin(reading: Reading) -> Step:
        waiting = [second, first]
        current: Step | None = None

        def step() -> Element:
            nonlocal current
            while True:
                if current is None:
                    if not waiting:
                        raise StopIteration
                    current = waiting[-1].begin(reading)
                    waiting.pop()
                try:
                    return current()
                except StopIteration:
                    current = None

        return step

    get_default_graph().pass_ids(1)
    return Node("Concatenate", nested.pack(first.structure, iter(specs)), begin, [first, second])


def choose_node(choices: Node, sources: Sequence[Node], structure: Any) -> Node:
    """The next element of the data set that `choices` gives the number of."""

    def begin(reading: Reading) -> Step:
        choose, steps = choices.begin(reading), [source.begin(reading) for source in sources]
        open_ones = [True] * len(steps)

        def step() -> Element:
            while any(open_ones):
                i = int(np.asarray(choose()[0]))
                if not 0 <= i < len(steps):
                    raise invalid(f"Selector index out of range: {i} >= {len(steps)}")
                if open_ones[i]:
                    try:
                        return steps[i]()
                    except StopIteration:
                        open_ones[i] = False
            raise StopIteration

        return step

    get_default_graph().pass_ids(1)
    return Node("DirectedInterleave", structure, begin, [choices, *sources])
