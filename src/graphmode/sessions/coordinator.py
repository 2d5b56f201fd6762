"""`Coordinator`: several threads stop together, and what one of them raised reaches the caller."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

from graphmode.framework.errors import OutOfRangeError
from graphmode.ops.data.waiting import LOOK
from graphmode.platform import logging

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

_LONGEST_PAUSE = 0.1


class Coordinator:
    """Has several threads stop together, and hands on what one of them raised.

    Each thread asks `should_stop` now and then. Any of them calls `request_stop`, with an exception
    if there is one; `join` waits for all and raises it.

    Parameters
    ----------
    clean_stop_exception_types : tuple of type, optional
        Exceptions that only say that there is nothing left to do: they stop all threads, and `join`
        does not raise them. ``tf.errors.OutOfRangeError`` if not given.

    Examples
    --------
    >>> import threading
    >>> import graphmode as tf
    >>> coord = tf.train.Coordinator()
    >>> def work():
    ...     with coord.stop_on_exception():
    ...         while not coord.should_stop():
    ...             raise ValueError("bad row")
    >>> thread = threading.Thread(target=work)
    >>> thread.start()
    >>> coord.join([thread])
    Traceback (most recent call last):
    ValueError: bad row
    """

    def __init__(self, clean_stop_exception_types: Iterable[type] | None = None) -> None:
        if clean_stop_exception_types is None:
            clean_stop_exception_types = (OutOfRangeError,)
        self._clean_stop_exception_types = tuple(clean_stop_exception_types)
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._error: BaseException | None = None
        self._joined = False
        self._threads: set[threading.Thread] = set()

    def request_stop(self, ex: Any = None) -> None:
        """Have all threads stop.

        Parameters
        ----------
        ex : Exception, or tuple as `sys.exc_info` gives it, optional
            What `join` is to raise. Only the first one counts, and none that comes after the stop.

        Raises
        ------
        Exception
            `ex` itself, if `join` has returned already: nobody else would see it.
        """
        error = self._raised(ex)
        with self._lock:
            if self._joined and error is not None:
                raise error
            if self._stop.is_set():
                return
            if error is not None and self._error is None:
                if isinstance(ex, tuple):
                    logging.info(
                        "Error reported to Coordinator: %s", error,
                        exc_info=(type(error), error, error.__traceback__),
                    )  # fmt: skip
                else:
                    logging.info("Error reported to Coordinator: %s, %s", type(error), error)
                self._error = error
            self._stop.set()

    def _raised(self, ex: Any) -> BaseException | None:
        """The exception that `ex` tells of; None for one of a clean stop."""
        if ex is None:
            return None
        error: Any = ex
        if isinstance(ex, tuple):
            parts: list[Any] = [*ex]
            error = parts[1] if len(parts) == 3 else None
        elif not isinstance(ex, BaseException):
            error = sys.exc_info()[1]
        if isinstance(error, self._clean_stop_exception_types):
            return None
        if isinstance(error, BaseException):
            return error
        try:
            raise ValueError(
                "ex must be a tuple or sys.exc_info must return the current exception: "
                f"{ex if isinstance(ex, tuple) else sys.exc_info()}"
            )
        except ValueError as refusal:
            return refusal

    def clear_stop(self) -> None:
        """Forget the stop and what was raised, so that threads can be started again."""
        with self._lock:
            self._joined = False
            self._error = None
            self._stop.clear()

    def should_stop(self) -> bool:
        """Whether somebody has asked for a stop."""
        return self._stop.is_set()

    @contextlib.contextmanager
    def stop_on_exception(self) -> Generator[None]:
        """A block whose exceptions request a stop, and go no further.

        What a thread does stands in it, ``with coord.stop_on_exception():``.
        """
        try:
            yield
        except BaseException:  # whatever ends a thread would be lost with it
            self.request_stop(sys.exc_info())

    def wait_for_stop(self, timeout: float | None = None) -> bool:
        """Wait until a stop is requested.

        Parameters
        ----------
        timeout : float, optional
            For how many seconds at most.

        Returns
        -------
        bool
            Whether it was.
        """
        if timeout is not None:
            return self._stop.wait(timeout)
        while not self._stop.wait(LOOK):
            pass  # a Ctrl-C that came just before it blocked is raised here
        return True

    def register_thread(self, thread: threading.Thread) -> None:
        """Have `join` wait for `thread`, too."""
        with self._lock:
            self._threads.add(thread)

    def join(
        self,
        threads: Iterable[threading.Thread] | None = None,
        stop_grace_period_secs: float = 120,
        ignore_live_threads: bool = False,
    ) -> None:
        """Wait for threads to end, and raise what one of them has reported.

        Parameters
        ----------
        threads : list of threading.Thread, optional
            Beside those that are registered.
        stop_grace_period_secs : float
            How many seconds they have from the moment when a stop is requested.
        ignore_live_threads : bool
            Whether only a message tells of those that have not ended by then.

        Raises
        ------
        Exception
            What was reported to `request_stop`.
        RuntimeError
            If threads have not ended in time.
        """
        with self._lock:
            waited = list(self._threads.union(threads or ()))
        pause = 0.001
        while _any_alive(waited) and not self.wait_for_stop(pause):
            pause = min(2 * pause, _LONGEST_PAUSE)
        end, pause = time.monotonic() + stop_grace_period_secs, 0.001
        while _any_alive(waited) and (left := end - time.monotonic()) > 0:
            time.sleep(min(pause, left))
            pause = min(2 * pause, _LONGEST_PAUSE)
        stragglers = [thread.name for thread in waited if thread.is_alive()]
        with self._lock:
            self._joined = True
            self._threads = set()
            if self._error is not None:
                raise self._error
        if stragglers:
            text = f"Coordinator stopped with threads still running: {' '.join(stragglers)}"
            if not ignore_live_threads:
                raise RuntimeError(text)
            logging.info("%s", text)

    @property
    def failure(self) -> BaseException | None:
        """What has been reported, which `join` will raise; None if nothing."""
        return self._error

    @property
    def joined(self) -> bool:
        """Whether `join` has returned."""
        return self._joined

    def raise_requested_exception(self) -> None:
        """Raise what was reported to `request_stop`, if anything was."""
        with self._lock:
            if self._error is not None:
                raise self._error


def _any_alive(threads: list[threading.Thread]) -> bool:
    return any(thread.is_alive() for thread in threads)
