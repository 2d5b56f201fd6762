"""How kernels wait: until something is there, until the deadline of their run, never for nobody."""

from __future__ import annotations

import contextlib
import contextvars
import sys
import time
from typing import TYPE_CHECKING

from graphmode.framework.errors import DeadlineExceededError, FailedPreconditionError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from contextlib import AbstractContextManager
    from threading import Condition, Lock

_deadline: contextvars.ContextVar[float | None] = contextvars.ContextVar("deadline", default=None)


@contextlib.contextmanager
def within(seconds: float) -> Generator[None]:
    """A block in which nothing waits longer than `seconds` from its beginning on."""
    token = _deadline.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _deadline.reset(token)


def wait_for(changed: Condition, ready: Callable[[], bool], why: Callable[[], str]) -> None:
    """Wait until ``ready()``, which is asked again when `changed` is told of.

    Parameters
    ----------
    changed : Condition
        Held by the caller.
    ready : callable
    why : callable
        Gives what is waited for, as a sentence: "FIFOQueue 'q' has 0 elements, 1 is asked for".

    Raises
    ------
    DeadlineExceededError
        If the run has no time left.
    FailedPreconditionError
        If the program has no other thread, which could change anything.
    """
    if ready():
        return
    end = _deadline.get()
    if end is not None:
        if not changed.wait_for(ready, max(end - time.monotonic(), 0)):
            raise _late(why())
        return
    if is_alone():
        raise FailedPreconditionError(
            None,
            None,
            f"The run would wait for ever: {why()}, and no other thread of the program runs that "
            "could change that.\n  fix: before it, tf.train.start_queue_runners(sess=sess), or "
            "run in a thread of your own what it waits for",
        )
    changed.wait_for(ready)


def turn(lock: Lock, why: Callable[[], str]) -> AbstractContextManager[object]:
    """A block with `lock` held, which others may hold while they wait.

    Raises
    ------
    DeadlineExceededError
        If the run has no time left.
    """
    return lock if _deadline.get() is None else _turn_in_time(lock, why)


@contextlib.contextmanager
def _turn_in_time(lock: Lock, why: Callable[[], str]) -> Generator[None]:
    if not lock.acquire(timeout=max((_deadline.get() or 0) - time.monotonic(), 0)):
        raise _late(f"{why()}, and others wait for the same")
    try:
        yield
    finally:
        lock.release()


def is_alone() -> bool:
    """Whether the program has no other thread that runs Python."""
    return len(sys._current_frames()) == 1  # `threading` knows those that it has started


def _late(why: str) -> DeadlineExceededError:
    return DeadlineExceededError(
        None,
        None,
        f"Timed out waiting for notification: {why}\n  fix: a longer timeout_in_ms, or see that "
        "something runs that it waits for (tf.train.start_queue_runners)",
    )
