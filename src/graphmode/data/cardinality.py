"""How many elements a data set has, as far as it is known without making them."""

# pyright: reportPrivateUsage=false

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import numpy as np

from graphmode.data.dataset import Dataset
from graphmode.data.node import Element, Node, Reading
from graphmode.data.results import made_of
from graphmode.data.structure import Spec
from graphmode.files import systems
from graphmode.framework import dtypes
from graphmode.framework.operation import Tensor

INFINITE_CARDINALITY = -1
"""What `cardinality` gives for a data set without an end."""
UNKNOWN_CARDINALITY = -2
"""What `cardinality` gives for a data set whose elements have to be made to know."""

_ENDLESS, _UNKNOWN = INFINITE_CARDINALITY, UNKNOWN_CARDINALITY


def cardinality(dataset: Dataset) -> Tensor:
    """How many elements a data set has.

    Parameters
    ----------
    dataset : Dataset

    Returns
    -------
    Tensor, int64 scalar
        Or `INFINITE_CARDINALITY`, or `UNKNOWN_CARDINALITY`.

    Examples
    --------
    >>> import graphmode as tf
    >>> dataset = tf.data.Dataset.range(10).batch(3).repeat(2)
    >>> with tf.Session() as sess:
    ...     print(sess.run(tf.data.experimental.cardinality(dataset)))
    8
    """
    node = dataset._node

    def compute(reading: Reading) -> Element:
        return (np.asarray(_size(node, reading), np.int64),)

    return made_of([node], compute, Spec(dtypes.int64, []), "DatasetCardinality")


def _size(node: Node, reading: Reading) -> int:
    rule = _RULES.get(node.kind)
    if rule is None:
        return _UNKNOWN
    values = [reading.values[tensor] for tensor in node.tensors if tensor in reading.values]
    return rule([_size(child, reading) for child in node.children], values)


def _of_range(_: list[int], values: list[Any]) -> int:
    start, stop, step = (int(value) for value in values)
    return len(range(start, stop, step)) if step else _UNKNOWN


def _rows(_: list[int], values: list[Any]) -> int:
    return len(values[0])


def _sparse_rows(_: list[int], values: list[Any]) -> int:
    return int(values[2][0])


def _files(_: list[int], values: list[Any]) -> int:
    patterns = [os.fsdecode(one) for one in np.asarray(values[0], object).reshape(-1)]
    return len({name for one in patterns for name in systems.matching(one)})


def _batches(sizes: list[int], values: list[Any]) -> int:
    n, size = sizes[0], int(values[0])
    if n < 0 or size <= 0:
        return n
    return n // size if bool(values[1]) else -(-n // size)


def _sparse_batches(sizes: list[int], values: list[Any]) -> int:
    return _batches(sizes, [values[0], False])


def _repeated(n: int, times: int) -> int:
    if times < 0:
        return 0 if n == 0 else _ENDLESS
    if times == 0:
        return 0
    return n if n < 0 else n * times


def _taken(sizes: list[int], values: list[Any]) -> int:
    n, count = sizes[0], int(values[0])
    if count < 0 or n == _UNKNOWN:
        return n
    return count if n == _ENDLESS else min(n, count)


def _skipped(sizes: list[int], values: list[Any]) -> int:
    n, count = sizes[0], int(values[0])
    if count < 0:
        return 0
    return n if n < 0 else max(0, n - count)


def _shard(sizes: list[int], values: list[Any]) -> int:
    n, shards, index = sizes[0], int(values[0]), int(values[1])
    return n if n < 0 or shards <= 0 else n // shards + (index < n % shards)


def _zipped(sizes: list[int], _: list[Any]) -> int:
    if _UNKNOWN in sizes:
        return _UNKNOWN
    return min((n for n in sizes if n != _ENDLESS), default=_ENDLESS)


def _joined(sizes: list[int], _: list[Any]) -> int:
    return next((mark for mark in (_ENDLESS, _UNKNOWN) if mark in sizes), sum(sizes))


def _windows(n: int, values: list[Any], drops: bool) -> int:
    size, shift, stride = (int(value) for value in values[:3])
    if n < 0 or min(size, shift, stride) <= 0:
        return n
    if not drops:
        return -(-n // shift)
    span = (size - 1) * stride + 1
    return 0 if n < span else (n - span) // shift + 1


def _windows_over(sizes: list[int], values: list[Any]) -> int:
    return _windows(sizes[0], values, bool(values[3])) if sizes else _UNKNOWN


def _same(sizes: list[int], _: list[Any]) -> int:
    return sizes[0]


_RULES: dict[str, Callable[[list[int], list[Any]], int]] = {
    "Batch": _batches,
    "BytesProducedStats": _same,
    "Cache": _same,
    "Concatenate": _joined,
    "DenseToSparseBatch": _sparse_batches,
    "IgnoreErrors": _same,
    "LatencyStats": _same,
    "Map": _same,
    "MatchingFiles": _files,
    "Options": _same,
    "PaddedBatch": _batches,
    "ParallelMap": _same,
    "Prefetch": _same,
    "Random": lambda sizes, values: _ENDLESS,
    "Range": _of_range,
    "Repeat": lambda sizes, values: _repeated(sizes[0], int(values[0])),
    "Restructured": _same,
    "Scan": _same,
    "Shard": _shard,
    "Shuffle": _same,
    "ShuffleAndRepeat": lambda sizes, values: _repeated(sizes[0], int(values[1])),
    "Skip": _skipped,
    "SlidingWindow": lambda sizes, values: _windows(sizes[0], values, drops=True),
    "SparseTensorSlice": _sparse_rows,
    "Take": _taken,
    "Tensor": lambda sizes, values: 1,
    "TensorSlice": _rows,
    "Window": _windows_over,
    "Zip": _zipped,
}
"""By the kind of a node: of the sizes of what it stands on, and the values that it reads."""
