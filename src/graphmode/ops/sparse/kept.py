"""Sparse tensors that a session keeps under numbers, which stand for them in queues."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from typing import Any

import numpy as np

from graphmode.framework import shape_rules
from graphmode.framework.dtypes import ANY, DType
from graphmode.framework.errors import invalid
from graphmode.framework.op import op
from graphmode.ops.sparse.serialization import Parts, joined, rows_of


class KeptTensors:
    """Sparse tensors by their numbers, each of which is taken once."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._numbers = itertools.count()
        self._kept: dict[int, Parts] = {}
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"<SparseTensorsMap '{self._name}'>"

    def cancel(self) -> None:
        """Nobody waits for it."""

    def add(self, parts: Parts) -> int:
        """Keep a sparse tensor; its number."""
        indices, values, shape = parts
        with self._lock:
            number = next(self._numbers)
            # what was fed may change
            self._kept[number] = indices.copy(), values.copy(), shape.copy()
        return number

    def take(self, numbers: np.ndarray) -> list[Parts]:
        """The sparse tensors of `numbers`, which are not kept any more.

        Raises
        ------
        InvalidArgumentError
            If one is not there.
        """
        with self._lock:
            missing = [number for number in numbers.tolist() if number not in self._kept]
            if missing:
                raise invalid(f"Unable to find SparseTensor: {missing[0]} in map: {self._name}")
            return [self._kept.pop(number) for number in numbers.tolist()]


def _tensors(resources: Callable[..., Any], container: str, shared_name: str) -> KeptTensors:
    found = resources(KeptTensors, container, shared_name, by_name=True)
    if not isinstance(found, KeptTensors):
        raise invalid(f"'{shared_name}' is the name of {found!r}, which keeps no sparse tensors")
    return found


@op(
    "AddSparseToTensorsMap",
    "int64, T, int64 -> sparse_handle: int64",
    shape=shape_rules.scalar,
    effect="host",
    T=ANY,
)
def add_sparse(
    sparse_indices, sparse_values, sparse_shape, *, container: str = "", shared_name: str = "",
    resources: Callable[..., Any],
):  # fmt: skip
    """Keep a sparse tensor; its number."""
    kept = _tensors(resources, container, shared_name)
    return np.array(kept.add((sparse_indices, sparse_values, sparse_shape)), np.int64)


def _one_a_row(operation):
    return [(None,)]


@op(
    "AddManySparseToTensorsMap",
    "int64, T, int64 -> sparse_handles: int64",
    shape=_one_a_row,
    effect="host",
    T=ANY,
)
def add_many_sparse(
    sparse_indices, sparse_values, sparse_shape, *, container: str = "", shared_name: str = "",
    resources: Callable[..., Any],
):  # fmt: skip
    """Keep the rows of a sparse tensor; their numbers."""
    kept = _tensors(resources, container, shared_name)
    rows = rows_of(sparse_indices, sparse_values, sparse_shape)
    return np.array([kept.add(row) for row in rows], np.int64)


def _of_unknown_size(operation):
    return [(None, None), (None,), (None,)]


@op(
    "TakeManySparseFromTensorsMap",
    "int64 -> sparse_indices: int64, sparse_values: dtype, sparse_shape: int64",
    shape=_of_unknown_size,
    effect="host",
)
def take_many_sparse(
    sparse_handles, *, dtype: DType, container: str = "", shared_name: str = "",
    resources: Callable[..., Any],
):  # fmt: skip
    """The sparse tensors of some numbers, along a new first dimension; they are kept no more."""
    if not len(sparse_handles):
        raise invalid("Must have at least 1 serialized SparseTensor, but input has 0 rows")
    kept = _tensors(resources, container, shared_name)
    return joined(kept.take(np.asarray(sparse_handles)), dtype)
