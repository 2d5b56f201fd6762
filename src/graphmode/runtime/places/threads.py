"""Do several things at once: the stages of a level, each on its device."""

from __future__ import annotations

import contextvars
import functools
import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor


@functools.cache
def _pool() -> ThreadPoolExecutor:
    from concurrent.futures import ThreadPoolExecutor  # 5 ms, which few programs need

    return ThreadPoolExecutor(thread_name_prefix="graphmode-device")


if hasattr(os, "register_at_fork"):  # a fork has none of the threads
    os.register_at_fork(after_in_child=_pool.cache_clear)


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
