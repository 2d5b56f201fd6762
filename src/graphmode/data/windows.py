"""Windows over the elements: as data sets, or as batches that overlap."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from graphmode.data import structure as nested
from graphmode.data.batching import batched
from graphmode.data.node import Element, Node, Reading, Step
from graphmode.data.structure import Spec
from graphmode.data.transformations import number
from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import get_default_graph
from graphmode.framework.errors import OpError, invalid
from graphmode.framework.operation import Tensor
from graphmode.framework.shapes import TensorShape


def _windows(
    take: Step, sizes: Sequence[int], drops: bool, *, holds_failures: bool = False
) -> Callable[[], list[Element]]:
    """What gives the elements of the next window.

    An element that fails is passed over, or fails the windows that it is in: `holds_failures`.
    """
    for name, value in zip(("size", "shift", "stride"), sizes, strict=True):
        if value <= 0:
            raise invalid(f"Window {name} must be greater than zero.")
    n, by, every = sizes
    span = (n - 1) * every + 1
    waiting: list[Element | OpError] = []
    ended = False
    left_out = 0

    def next_one() -> list[Element]:
        nonlocal ended, left_out
        while not ended and len(waiting) < span:
            try:
                element = take()
            except StopIteration:
                ended = True
                break
            except OpError as error:
                if not holds_failures:
                    raise
                element = error
            if left_out:
                left_out -= 1
            else:
                waiting.append(element)
        if not waiting or (len(waiting) < span and drops):
            raise StopIteration
        chosen = waiting[:span:every]
        left_out = max(by - len(waiting), 0)
        del waiting[:by]
        elements: list[Element] = []
        for element in chosen:
            if isinstance(element, OpError):
                raise element
            elements.append(element)
        return elements

    return next_one


def window_node(
    source: Node, size: Any, shift: Any, stride: Any, drops: Any, wrap: Callable[[Node], Any]
) -> Node:
    """A data set of each part of `size` elements, the first of each `shift` behind the last."""
    given = [
        number(size, "size"),
        number(size if shift is None else shift, "shift"),
        number(stride, "stride"),
    ]
    drop_remainder = convert_to_tensor(drops, dtypes.bool, name="drop_remainder")
    inner = nested.flatten(source.structure)

    def spec_of(part: Spec) -> Spec:
        def opened(tensor: Tensor) -> Any:
            def begin(reading: Reading) -> Step:
                return iter(np.asarray(reading.values[tensor])[()]).__next__

            return wrap(Node("Window", part, begin, tensors=[tensor]))

        return Spec(dtypes.variant, [], opened=opened)

    def begin(reading: Reading) -> Step:
        sizes = [reading.scalar(t) for t in given]
        drop = bool(reading.values[drop_remainder])
        take = _windows(source.begin(reading), sizes, drop, holds_failures=True)
        return lambda: tuple(
            _held([(part,) for part in parts]) for parts in zip(*take(), strict=True)
        )

    get_default_graph().pass_ids(1)
    structure = nested.pack(source.structure, iter([spec_of(part) for part in inner]))
    return Node("Window", structure, begin, [source], [*given, drop_remainder])


def _held(elements: list[Element]) -> np.ndarray:
    box = np.empty((), object)
    box[()] = elements
    return box


def sliding_batch_node(source: Node, size: Any, shift: Any, stride: Any) -> Node:
    """Whole windows, as batches."""
    given = [number(size, "window_size"), number(shift, "window_shift")]
    given.append(number(stride, "window_stride"))
    parts = nested.flatten(source.structure)
    specs = [spec.with_shape(TensorShape([None]).concatenate(spec.shape)) for spec in parts]

    def begin(reading: Reading) -> Step:
        sizes = [reading.scalar(t) for t in given]
        take = _windows(source.begin(reading), sizes, drops=True)
        return lambda: batched(list(zip(*take(), strict=True)), parts)

    get_default_graph().pass_ids(1)
    structure = nested.pack(source.structure, iter(specs))
    return Node("SlidingWindow", structure, begin, [source], given)
