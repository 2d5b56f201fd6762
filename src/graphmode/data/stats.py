"""What a data set measures of itself: how long its elements take, and how many bytes they have."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from graphmode.data.function import arrays_of
from graphmode.data.node import Element, Node, Reading, Step
from graphmode.framework import dtypes
from graphmode.framework.default_graph import get_default_graph
from graphmode.framework.operation import Tensor
from graphmode.ops.data.iterators import dataset_result_op, register
from graphmode.ops.io.summary import add_histogram, new_summary

_OWNER = object()


class StatsAggregator:
    """Gathers what data sets measure, as summaries.

    Examples
    --------
    >>> import graphmode as tf
    >>> aggregator = tf.data.experimental.StatsAggregator()
    >>> options = tf.data.Options()
    >>> options.experimental_stats.aggregator = aggregator
    >>> dataset = tf.data.Dataset.range(3).apply(tf.data.experimental.latency_stats("map"))
    >>> element = dataset.with_options(options).make_one_shot_iterator().get_next()
    >>> summary = aggregator.get_summary()
    >>> with tf.Session() as sess:
    ...     _ = sess.run(element)
    ...     print(tf.Summary.FromString(sess.run(summary)).value[0].tag)
    map
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._values: dict[str, list[float]] = {}

    def __deepcopy__(self, memo: Any) -> StatsAggregator:
        return self

    def add(self, tag: str, value: float) -> None:
        """Take a number that has been measured.

        Parameters
        ----------
        tag : str
        value : float
        """
        with self._lock:
            self._values.setdefault(tag, []).append(value)

    def get_summary(self) -> Tensor:
        """A serialized Summary: a histogram of each tag.

        Returns
        -------
        Tensor, string scalar
            Of what has been measured until it runs.
        """
        return dataset_result_op(
            [],
            token=register(lambda _: [self._summary()]),
            output_types=[dtypes.string],
            output_shapes=[()],
            name="StatsAggregatorSummary",
        )[0]

    def _summary(self) -> np.ndarray:
        with self._lock:
            values = {tag: np.array(found) for tag, found in sorted(self._values.items())}
        summary = new_summary()
        for tag, found in values.items():
            add_histogram(summary, tag, found)
        return np.array(summary.SerializeToString(), object)


def reporting_to(reading: Reading, options: Any) -> None:
    """Have what measures in this reading report as `options`, a StatsOptions, say."""
    if options.aggregator is not None:
        reading.kept.of(_OWNER, lambda: options)


def measured_node(
    source: Node, kind: str, tag: str, measure: Callable[[Element, float], float]
) -> Node:
    """The elements, each measured: ``measure(element, seconds)``."""

    def begin(reading: Reading) -> Step:
        take, options = source.begin(reading), reading.kept.by_owner.get(_OWNER)
        if options is None:
            return take
        full = f"{options.prefix}::{tag}" if options.prefix else tag

        def step() -> Element:
            began = time.perf_counter()
            element = take()
            options.aggregator.add(full, measure(element, time.perf_counter() - began))
            return element

        return step

    get_default_graph().pass_ids(2)
    return Node(kind, source.structure, begin, [source], facts=source.facts)


def n_bytes(element: Element) -> int:
    """How many bytes all values of an element have."""
    arrays = [np.asarray(part) for part in arrays_of(element)]
    return sum(
        sum(len(text) for text in array.ravel()) if array.dtype == object else array.nbytes
        for array in arrays
    )
