"""How kernels wait: until something is there, until the deadline of their run, never for nobody."""

from __future__ import annotations

import contextlib
import contextvars
import sys
import threading
import time
from typing import TYPE_CHECKING

from graphmode.framework.errors import DeadlineExceededError, FailedPreconditionError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from contextlib import AbstractContextManager
    from threading import Condition, Lock
    from types import FrameType

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
        If the program has no other thread that could change anything: when it begins to wait, or
        later, when those that were there have ended or wait, too.
    """
    if ready():
        return
    end = _deadline.get()
    if end is not None:
        if not changed.wait_for(ready, max(end - time.monotonic(), 0)):
            raise _late(why())
        return
    if is_alone():
        raise _for_ever(why())
    with _waiting:
        since, looks = -1, 0
        while not changed.wait_for(ready, _LOOK):
            now = _waiting.moves if _waiting.is_everybody() else -1
            looks = looks + 1 if now == since != -1 else 0
            if (looks == _LOOKS or is_alone()) and not ready():
                raise _for_ever(why())
            since = now


class _Waiting:
    """The threads that wait, and those that only wait for the end of the program's work."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[int, int] = {}
        self.moves = 0
        """How often one has come or gone."""

    def __enter__(self) -> None:
        self._add(1)

    def __exit__(self, *exception: object) -> None:
        self._add(-1)

    def _add(self, n: int) -> None:
        me = threading.get_ident()
        with self._lock:
            self.moves += 1
            self._counts[me] = self._counts.get(me, 0) + n
            if not self._counts[me]:
                del self._counts[me]

    def is_everybody(self) -> bool:
        """Whether no thread runs that does anything else."""
        return _able() <= self._counts.keys()


_waiting = _Waiting()
_WRITER = "tensorboard.summary.writer.event_file_writer"
_LOOK = 0.25
"""Seconds between two looks at whether the wait can end."""
_LOOKS = 8
"""How often nothing has to have moved: one that was woken may not have had its turn yet."""


def idle() -> AbstractContextManager[object]:
    """A block in which the calling thread waits for something that fills and empties no queue."""
    return _waiting


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
    """Whether the program has no other thread that runs Python, but for those that write events."""
    return len(sys._current_frames()) == 1 or _able() <= {threading.get_ident()}


def _able() -> set[int]:
    """The threads that may do anything."""
    return {n for n, frame in sys._current_frames().items() if not _writes_events(frame)}


def _writes_events(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_globals.get("__name__") == _WRITER:
            return True
        frame = frame.f_back
    return False


def _for_ever(why: str) -> FailedPreconditionError:
    return FailedPreconditionError(
        None,
        None,
        f"The run would wait for ever: {why}, and no other thread of the program runs that "
        "could change that.\n  fix: before it, tf.train.start_queue_runners(sess=sess), or "
        "run in a thread of your own what it waits for",
    )


def _late(why: str) -> DeadlineExceededError:
    return DeadlineExceededError(
        None,
        None,
        f"Timed out waiting for notification: {why}\n  fix: a longer timeout_in_ms, or see that "
        "something runs that it waits for (tf.train.start_queue_runners)",
    )
