"""slim's queues: batches that are made ahead of the step, and queue runners of a `with` block."""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING, Any

from graphmode.framework import nest
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import GraphKeys, get_default_graph, name_scope
from graphmode.framework.dtypes import float32
from graphmode.input.queue_kinds import PaddingFIFOQueue
from graphmode.input.queue_runner import QueueRunner, add_queue_runner
from graphmode.input.queues import FIFOQueue
from graphmode.ops.math.casts import cast
from graphmode.sessions.coordinator import Coordinator
from graphmode.summary.values import scalar

if TYPE_CHECKING:
    from collections.abc import Generator

_running = threading.Lock()


def prefetch_queue(
    tensors: Any,
    capacity: int = 8,
    num_threads: int = 1,
    dynamic_pad: bool = False,
    shared_name: str | None = None,
    name: str | None = None,
) -> FIFOQueue | PaddingFIFOQueue:
    """A queue of what `tensors` give, made ahead of the step that dequeues it.

    Parameters
    ----------
    tensors : list of Tensor, or dict of them
        A batch, for one, of any dtypes and shapes.
    capacity : int
        How many of them are ready at most.
    num_threads : int
        How many threads make them.
    dynamic_pad : bool
        Whether lengths may be unknown.
    shared_name : str, optional
        Queues of one name are the same queue.

    Returns
    -------
    FIFOQueue or PaddingFIFOQueue
        Of dictionaries if `tensors` is one.
    """
    names = sorted(tensors) if isinstance(tensors, nest.DICT) else None
    given = list(tensors) if names is None else [tensors[key] for key in names]
    with name_scope(name, "prefetch_queue", given):
        parts = [convert_to_tensor(value) for value in given]
        kind = PaddingFIFOQueue if dynamic_pad else FIFOQueue
        queue = kind(
            capacity,
            [part.dtype for part in parts],
            [part.shape for part in parts],
            names,
            shared_name,
        )
        put = queue.enqueue(parts if names is None else dict(zip(names, parts, strict=True)))
        add_queue_runner(QueueRunner(queue, [put] * num_threads))
        scalar(f"fraction_of_{capacity}_full", cast(queue.size(), float32) * (1.0 / capacity))
        return queue


class NestedQueueRunnerError(Exception):
    """One block of `QueueRunners` is inside of another."""


@contextlib.contextmanager
def QueueRunners(session: Any) -> Generator[None]:  # noqa: N802 - TensorFlow's name
    """A block while which the queue runners of the default graph fill their queues.

    Parameters
    ----------
    session : Session

    Raises
    ------
    NestedQueueRunnerError
        If another such block is open.
    """
    if not _running.acquire(blocking=False):
        raise NestedQueueRunnerError("QueueRunners cannot be nested")
    try:
        coord = Coordinator()
        runners = get_default_graph().get_collection(GraphKeys.QUEUE_RUNNERS)
        threads = [
            thread
            for runner in runners
            for thread in runner.create_threads(session, coord=coord, daemon=True, start=True)
        ]
        try:
            yield
        finally:
            coord.request_stop()
            try:
                coord.join(threads, stop_grace_period_secs=120)
            except RuntimeError:
                session.close()
    finally:
        _running.release()
