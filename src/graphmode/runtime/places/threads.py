"""The threads of a run: ours for the stages of a level, each on its device, and those of JAX.

A process that was forked has neither.
"""

from __future__ import annotations

import contextvars
import functools
import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from graphmode.framework.errors import FailedPreconditionError

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor


@functools.cache
def _pool() -> ThreadPoolExecutor:
    from concurrent.futures import ThreadPoolExecutor  # 5 ms, which few programs need

    return ThreadPoolExecutor(thread_name_prefix="graphmode-device")


def at_once(parts: Sequence[tuple[Any, Callable[[], None]]]) -> None:
    """Call the functions of `parts`, each with the device it is for, at the same time.

    The first one runs in the calling thread. On accelerators a call returns when the work is
    queued, so that one thread keeps all of them busy.

    Raises
    ------
    Exception
        That of the first part that failed, when all have ended.
    """
    from concurrent.futures import wait

    waits = [device is None or device.platform.shares_memory for device, _ in parts]
    futures: list[Future[None]] = []
    here: list[Callable[[], None]] = []
    for (_, call), in_thread in zip(parts, waits, strict=True):
        if in_thread and here:
            # what the calling thread says of its run, such as its deadline, holds there, too
            futures.append(_pool().submit(contextvars.copy_context().run, call))
        else:
            here.append(call)
    try:
        for call in here:
            call()
    finally:
        wait(futures)
    for future in futures:
        future.result()


class Started:
    """Where JAX was made ready for programs."""

    process: int | None = None
    """The number of the process, None if it has not been."""
    is_elsewhere = False
    """Whether that was in a process that this one was forked from: a program would wait for ever
    for threads that are not here."""


def _be_in_a_fork() -> None:
    _pool.cache_clear()
    Started.is_elsewhere = Started.process is not None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_be_in_a_fork)


def require_no_fork(call: str) -> None:
    """Refuse to go on where the threads of JAX are missing.

    Parameters
    ----------
    call : str
        What was called.

    Raises
    ------
    FailedPreconditionError
    """
    if Started.is_elsewhere:
        raise FailedPreconditionError(
            None, None,
            f"{call} was called in a process that was forked (os.fork, multiprocessing) after its "
            "parent had started JAX: JAX's threads do not exist here, and a compiled run would "
            "wait for them for ever\n"
            "  fix: start the processes before the first tf.Session of the parent, or with "
            "multiprocessing.get_context('spawn')",
        )  # fmt: skip
