"""Barriers: the ops. `graphmode.input.barriers` has the class that programs use."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from graphmode.framework import shape_rules
from graphmode.framework.dtypes import ANY, DType
from graphmode.framework.errors import invalid
from graphmode.framework.op import op
from graphmode.framework.shapes import TensorShape
from graphmode.ops.data.barrier_value import Barrier, barrier_of


@op("Barrier", "-> handle: resource", shape=shape_rules.scalar, effect="host")
def barrier_op(
    *,
    component_types: Sequence[DType],
    shapes: Sequence[TensorShape] = (),
    capacity: int = -1,
    container: str = "",
    shared_name: str = "",
    resources: Callable[..., Any],
):
    """The handle of a barrier of this session."""
    dims = [None if shape.dims is None else tuple(shape.as_list()) for shape in shapes]

    def make(name: str) -> Barrier:
        return Barrier(name, component_types, dims)

    found = resources(make, container, shared_name)
    if shared_name:
        if not isinstance(found, Barrier):
            raise invalid(f"'{shared_name}' is the shared name of {found!r}, which is no barrier")
        found.require_same(make(shared_name))
    handle = np.empty((), object)
    handle[()] = found
    return handle


def _one_row_a_key(operation):
    shape_rules.with_rank(operation.inputs[1].dims, 1)
    return []


@op(
    "BarrierInsertMany",
    "resource, string, T ->",
    shape=_one_row_a_key,
    effect="host",
    T=ANY,
)
def insert_many_op(handle, keys, values, *, component_index: int):
    """Give the elements of `keys` one of their parts."""
    barrier_of(handle).insert(component_index, np.asarray(keys, object), np.asarray(values))
    return ()


def _taken(operation):
    shape_rules.with_rank(operation.inputs[1].dims, 0)
    return [None] * len(operation.outputs)


@op(
    "BarrierTakeMany",
    "resource, int32 -> indices: int64, keys: string, values: [component_types]",
    shape=_taken,
    effect="host",
    blocks=True,
)
def take_many_op(
    handle,
    num_elements,
    *,
    component_types: Sequence[DType],
    allow_small_batch: bool = False,
    wait_for_incomplete: bool = False,
    timeout_ms: int = -1,
):
    """Take the next whole elements; waits for them."""
    if num_elements < 0:
        raise invalid(f"BarrierTakeMany requested {int(num_elements)} < 0 elements")
    indices, keys, parts = barrier_of(handle).take(int(num_elements), allow_small_batch)
    return [indices, keys, *parts]


@op("BarrierClose", "resource ->", shape=shape_rules.none, effect="host")
def close_op(handle, *, cancel_pending_enqueues: bool = False):
    """Begin no more elements."""
    barrier_of(handle).close(cancel_pending_enqueues)
    return ()


@op("BarrierReadySize", "resource -> size: int32", shape=shape_rules.scalar, effect="host")
def ready_size_op(handle):
    """The number of elements that can be taken."""
    return np.array(barrier_of(handle).count(), np.int32)


@op("BarrierIncompleteSize", "resource -> size: int32", shape=shape_rules.scalar, effect="host")
def incomplete_size_op(handle):
    """The number of elements of which parts are missing."""
    return np.array(barrier_of(handle).count_begun(), np.int32)
