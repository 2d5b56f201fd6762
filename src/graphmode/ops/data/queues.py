"""Queues: the ops. `graphmode.input.queues` has the classes that programs use."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from graphmode.framework import shape_rules
from graphmode.framework.dtypes import DType
from graphmode.framework.errors import invalid
from graphmode.framework.op import op
from graphmode.framework.shapes import TensorShape
from graphmode.ops.data.queue_value import Queue, queue_of


def _unknown(operation):
    return [None] * len(operation.outputs)


@op(
    "FIFOQueueV2", "-> handle: resource", name="fifo_queue", shape=shape_rules.scalar, effect="host"
)
def fifo_queue_op(
    *,
    component_types: Sequence[DType],
    shapes: Sequence[TensorShape] = (),
    capacity: int = -1,
    container: str = "",
    shared_name: str = "",
    resources: Callable[..., Any],
):
    """The handle of a first-in first-out queue of this session."""
    dims = [shape.as_list() for shape in shapes]

    def make(name: str) -> Queue:
        return Queue("FIFOQueue", name, component_types, [tuple(d) for d in dims], capacity)

    queue = resources(make, container, shared_name)
    if queue.dtypes != list(component_types):
        have, want = (
            ", ".join(dtype.name for dtype in kinds) for kinds in (queue.dtypes, component_types)
        )
        raise invalid(
            f"Shared queue '{shared_name}' has component types [{have}] but requested component "
            f"types were [{want}]"
        )
    handle = np.empty((), object)
    handle[()] = queue
    return handle


@op(
    "QueueEnqueueV2",
    "resource, [Tcomponents] ->",
    name="enqueue",
    shape=shape_rules.none,
    effect="host",
    blocks=True,
)
def enqueue_op(handle, components, *, timeout_ms: int = -1):
    """Add one element; waits for room."""
    queue_of(handle).give([tuple(components)])
    return ()


@op(
    "QueueEnqueueManyV2",
    "resource, [Tcomponents] ->",
    name="enqueue_many",
    shape=shape_rules.none,
    effect="host",
    blocks=True,
)
def enqueue_many_op(handle, components, *, timeout_ms: int = -1):
    """Add the rows of `components`, one element each; waits for room."""
    lengths = [len(component) for component in components]
    for i, n in enumerate(lengths):
        if n != lengths[0]:
            raise invalid(
                "All input tensors must have the same size in the 0th dimension. Component "
                f"{i} has {n}, and should have {lengths[0]}"
            )
    queue_of(handle).give(list(zip(*components, strict=True)))
    return ()


@op(
    "QueueDequeueV2",
    "resource -> components: [component_types]",
    name="dequeue",
    shape=_unknown,
    effect="host",
    blocks=True,
)
def dequeue_op(handle, *, component_types: Sequence[DType], timeout_ms: int = -1):
    """Take the next element; waits for it."""
    (element,) = queue_of(handle).take(1)
    return list(element)


def _stacked(queue: Queue, elements: list[Any]) -> list[Any]:
    if not elements:
        return list(queue.empty())
    return [np.stack(parts) for parts in zip(*elements, strict=True)]


def _count(n) -> int:
    if n < 0:
        raise invalid(f"DequeueMany requested {int(n)} < 0 elements.")
    return int(n)


@op(
    "QueueDequeueManyV2",
    "resource, int32 -> components: [component_types]",
    name="dequeue_many",
    shape=_unknown,
    effect="host",
    blocks=True,
)
def dequeue_many_op(handle, n, *, component_types: Sequence[DType], timeout_ms: int = -1):
    """Take the next `n` elements, stacked; waits for them."""
    queue = queue_of(handle)
    queue.require_shapes()
    return _stacked(queue, queue.take(_count(n)))


@op(
    "QueueDequeueUpToV2",
    "resource, int32 -> components: [component_types]",
    name="dequeue_up_to",
    shape=_unknown,
    effect="host",
    blocks=True,
)
def dequeue_up_to_op(handle, n, *, component_types: Sequence[DType], timeout_ms: int = -1):
    """Take the next `n` elements, stacked; those that are left of a closed queue."""
    queue = queue_of(handle)
    queue.require_shapes()
    return _stacked(queue, queue.take(_count(n), up_to=True))


@op("QueueCloseV2", "resource ->", name="close", shape=shape_rules.none, effect="host")
def close_op(handle, *, cancel_pending_enqueues: bool = False):
    """Let the queue take no more elements."""
    queue_of(handle).close(cancel_pending_enqueues)
    return ()


@op("QueueSizeV2", "resource -> size: int32", name="size", shape=shape_rules.scalar, effect="host")
def size_op(handle):
    """The number of elements."""
    return np.array(queue_of(handle).size(), np.int32)


@op(
    "QueueIsClosedV2",
    "resource -> is_closed: bool",
    name="is_closed",
    shape=shape_rules.scalar,
    effect="host",
)
def is_closed_op(handle):
    """Whether the queue takes no more elements."""
    return np.array(queue_of(handle).closed)
