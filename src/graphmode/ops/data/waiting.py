"""How kernels wait: until something is there, until the deadline of their run, never for nobody.

No wait is one without an end: each looks around four times a second. A Ctrl-C that comes just
before a thread blocks does not wake it, in Python as it is; the next look raises it.
"""

from __future__ import annotations

import _thread
import contextlib
import contextvars
import itertools
import math
import os
import threading
import time
from typing import TYPE_CHECKING, Any

from graphmode.framework.errors import (
    CancelledError,
    DeadlineExceededError,
    FailedPreconditionError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

_deadline: contextvars.ContextVar[float | None] = contextvars.ContextVar("deadline", default=None)


@contextlib.contextmanager
def within(seconds: float) -> Generator[None]:
    """A block in which nothing waits longer than `seconds` from its beginning on."""
    token = _deadline.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _deadline.reset(token)


def time_left() -> float | None:
    """The seconds that the block of `within` around the caller has left; None without one."""
    end = _deadline.get()
    return None if end is None else max(end - time.monotonic(), 0.0)


_ended: contextvars.ContextVar[threading.Event | None] = contextvars.ContextVar(
    "ended", default=None
)


@contextlib.contextmanager
def until(ended: threading.Event) -> Generator[None]:
    """A block in which nothing waits any longer once `ended` is set: who asked is gone."""
    token = _ended.set(ended)
    try:
        yield
    finally:
        _ended.reset(token)


LOOK = 0.25
"""Seconds between two looks at whether a wait can end."""
_LOOKS = 8
"""How often nothing has to have moved: one that was woken may not have had its turn yet."""
_Lock: Any = type(threading.RLock())


class Changed(_Lock):
    """A condition, and the lock that it is told of with.

    A Ctrl-C at the edge of a block that holds it leaves it held or not as the block is entered or
    not. `threading.Condition` enters its lock in Python, between two steps of which one may come.
    """

    def __init__(self) -> None:
        super().__init__()
        condition = threading.Condition(self)
        self.wait = condition.wait
        self.wait_for = condition.wait_for
        self.notify_all = condition.notify_all


def wait_for(changed: Changed, ready: Callable[[], bool], why: Callable[[], str]) -> None:
    """Wait until ``ready()``, which is asked again when `changed` is told of.

    Parameters
    ----------
    changed : Changed
        Held by the caller.
    ready : callable
    why : callable
        Gives what is waited for, as a sentence: "FIFOQueue 'q' has 0 elements, 1 is asked for".

    Raises
    ------
    DeadlineExceededError
        If the run has no time left.
    CancelledError
        If nobody wants it any longer.
    FailedPreconditionError
        If the program has no other thread that could change anything: when it begins to wait, or
        later, when those that were there have ended or wait, too.
    """
    if ready():
        return
    if _deadline.get() is not None or _ended.get() is not None:
        wait_for_another(changed, ready, why, _deadline.get())
        return
    if is_alone():
        raise _for_ever(why())
    with idle():
        since, looks = -1, 0
        while not changed.wait_for(ready, LOOK):
            now = _waiting.moves if _waiting.is_everybody() else -1
            looks = looks + 1 if now == since != -1 else 0
            if (looks == _LOOKS or is_alone()) and not ready():
                raise _for_ever(why())
            since = now


def wait_for_another(
    changed: Changed,
    ready: Callable[[], bool],
    why: Callable[[], str],
    end: float | None = None,
) -> None:
    """Wait for a thread that is known to be at work: if it waits, too, it finds out for whom.

    Parameters
    ----------
    changed, ready, why
        As in `wait_for`.
    end : float, optional
        The monotonic time after which it is too late.

    Raises
    ------
    DeadlineExceededError
        If it is.
    CancelledError
        If nobody wants it any longer.
    FailedPreconditionError
        If that thread is gone: a process that has been forked has none.
    """
    ended = _ended.get()
    if end is not None or ended is not None:  # who is waited for so long is not idle
        end = math.inf if end is None else end
        while not changed.wait_for(ready, min(LOOK, max(end - time.monotonic(), 0))):
            if ended is not None and ended.is_set():
                break
            if time.monotonic() >= end:
                raise _late(why())
        if ended is not None and ended.is_set():  # who is gone takes nothing
            raise CancelledError(None, None, "Run call was cancelled")
        return
    with idle():
        while not changed.wait_for(ready, LOOK):
            if is_alone() and not ready():
                raise _for_ever(why())


class _Waiting:
    """The threads that wait, and those that only wait for the end of the program's work."""

    def __init__(self) -> None:
        self.threads: dict[object, int] = {}
        self._numbers = itertools.count()
        self.moves = 0
        """Another number whenever one has come or gone."""
        self.n_left_behind = 0
        """How many Python still counts that a fork has left in the process it was made of."""

    def be_in_a_fork(self) -> None:
        """Forget the threads, which are not here."""
        self.threads.clear()
        self.n_left_behind = _thread._count()

    def move(self) -> None:
        """Tell that one comes or goes."""
        self.moves = next(self._numbers)

    def is_everybody(self) -> bool:
        """Whether no thread runs that does anything else."""
        return _able() <= set(self.threads.values())


_waiting = _Waiting()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_waiting.be_in_a_fork)
_WRITER = "tensorboard.summary.writer.event_file_writer"


@contextlib.contextmanager
def idle() -> Generator[None]:
    """A block in which the calling thread waits for something that fills and empties no queue."""
    me = object()
    try:
        _waiting.threads[me] = threading.get_ident()
        _waiting.move()
        yield
    finally:
        _waiting.threads.pop(me, None)
        _waiting.move()


class Turn:
    """Whose turn it is to do a thing that one does at a time, and may wait while he does it.

    Parameters
    ----------
    changed : Changed
        Told of when the next may.
    """

    def __init__(self, changed: Changed) -> None:
        self.changed = changed
        self.holder: int | None = None
        """A thread, which enters no block twice: what it left to a Ctrl-C, it takes anew."""
        self.n_waiting = 0

    def is_free(self) -> bool:
        """Whether nobody does it; asked for by who holds `changed`."""
        return self.holder is None

    def wait(self, why: Callable[[], str]) -> None:
        """Wait until it is free, with `changed` held."""

        def told() -> str:
            return f"{why()}, and others wait for the same"

        self.n_waiting += 1
        try:
            wait_for_another(self.changed, self.is_free, told, _deadline.get())
        finally:
            self.n_waiting -= 1


class turn:  # noqa: N801 - a context manager is a verb or a state
    """A block that others do not enter meanwhile; waits for them.

    Parameters
    ----------
    of : Turn
    why : callable
        Gives what is waited for, as in `wait_for`.

    Raises
    ------
    DeadlineExceededError
        If the run has no time left.
    """

    __slots__ = ("_of", "_why")

    def __init__(self, of: Turn, why: Callable[[], str]) -> None:
        self._of, self._why = of, why

    def __enter__(self) -> None:
        of, me = self._of, threading.get_ident()
        with of.changed:
            if of.holder is not None and of.holder != me:
                of.wait(self._why)
            of.holder = me

    def __exit__(self, *exception: object) -> None:
        of = self._of
        of.holder = None
        if of.n_waiting:
            with of.changed:
                of.changed.notify_all()


def is_alone() -> bool:
    """Whether the program has no other thread that runs Python, but for those that write events."""
    return _able() <= {threading.get_ident()}


def _able() -> set[int | None]:
    """The threads that may do anything; None for one that begins or that `threading` ignores.

    `sys._current_frames` would know them all, but Python 3.11 may collect garbage in it, with a
    lock held that another thread which begins waits for: neither goes on then, nor sees a Ctrl-C.
    """
    threads = threading.enumerate()
    able = {thread.ident for thread in threads if type(thread).__module__ != _WRITER}
    are_known = _thread._count() - _waiting.n_left_behind < len(threads)
    return able if are_known else {*able, None}


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
