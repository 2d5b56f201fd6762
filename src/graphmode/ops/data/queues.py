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
from graphmode.ops.data.queue_kinds import PaddingFIFOQueue, PriorityQueue, RandomShuffleQueue
from graphmode.ops.data.queue_value import Queue, queue_of


def _unknown(operation):
    return [None] * len(operation.outputs)


def _handle(queue: Any) -> np.ndarray:
    handle = np.empty((), object)
    handle[()] = queue
    return handle


def _opened(
    kind: type[Queue],
    resources: Callable[..., Any],
    names: tuple[str, str],
    component_types: Sequence[DType],
    shapes: Sequence[TensorShape],
    capacity: int,
    **options: int,
) -> np.ndarray:
    """The handle of the queue of a session, which is made at the first time."""
    dims: list[tuple[int, ...]] = [
        tuple(-1 if n is None else n for n in shape.as_list()) for shape in shapes
    ]

    def make(name: str) -> Queue:
        return kind(name, component_types, dims, capacity, **options)

    queue = resources(make, *names)
    if names[1]:
        if not isinstance(queue, Queue):
            raise invalid(f"'{names[1]}' is the shared name of {queue!r}, which is no queue")
        queue.require_same(make(names[1]))
    return _handle(queue)


def _queue(op_type: str):
    return op(
        op_type,
        "-> handle: resource",
        name=op_type,
        shape=shape_rules.scalar,
        effect="host",
    )


@_queue("FIFOQueueV2")
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
    names = container, shared_name
    return _opened(Queue, resources, names, component_types, shapes, capacity)


@_queue("PaddingFIFOQueueV2")
def padding_fifo_queue_op(
    *,
    component_types: Sequence[DType],
    shapes: Sequence[TensorShape] = (),
    capacity: int = -1,
    container: str = "",
    shared_name: str = "",
    resources: Callable[..., Any],
):
    """The handle of a first-in first-out queue of this session that pads what it stacks."""
    names = container, shared_name
    return _opened(PaddingFIFOQueue, resources, names, component_types, shapes, capacity)


@_queue("RandomShuffleQueueV2")
def random_shuffle_queue_op(
    *,
    component_types: Sequence[DType],
    shapes: Sequence[TensorShape] = (),
    capacity: int = -1,
    min_after_dequeue: int = 0,
    seed: int = 0,
    seed2: int = 0,
    container: str = "",
    shared_name: str = "",
    resources: Callable[..., Any],
):
    """The handle of a queue of this session that gives its elements in random order."""
    return _opened(
        RandomShuffleQueue, resources, (container, shared_name), component_types, shapes, capacity,
        min_after_dequeue=min_after_dequeue, seed=seed, seed2=seed2,
    )  # fmt: skip


@_queue("PriorityQueueV2")
def priority_queue_op(
    *,
    component_types: Sequence[DType] = (),
    shapes: Sequence[TensorShape],
    capacity: int = -1,
    container: str = "",
    shared_name: str = "",
    resources: Callable[..., Any],
):
    """The handle of a queue of this session that gives its elements by their priority."""
    names = container, shared_name
    return _opened(PriorityQueue, resources, names, component_types, shapes, capacity)


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
    queue_of(handle).give_one(components)
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
    queue_of(handle).give_rows(components)
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


def _count(n: Any, what: str) -> int:
    if n < 0:
        raise invalid(f"{what} requested {int(n)} < 0 elements")
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
    return list(queue.stacked(queue.take(_count(n, "DequeueManyOp"))))


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
    return list(queue.stacked(queue.take(_count(n, "DequeueUpToOp"), up_to=True)))


@op(
    "QueueCloseV2",
    "resource ->",
    name="close",
    shape=shape_rules.none,
    effect="host",
    blocks=True,
)
def close_op(handle, *, cancel_pending_enqueues: bool = False):
    """Let the queue take no more elements; waits for those that are being given."""
    queue_of(handle).close(cancel_pending_enqueues)
    return ()


@op("QueueSizeV2", "resource -> size: int32", name="size", shape=shape_rules.scalar, effect="host")
def size_op(handle):
    """The number of elements."""
    return np.array(queue_of(handle).count(), np.int32)


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
