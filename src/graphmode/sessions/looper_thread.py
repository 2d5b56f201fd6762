"""`LooperThread`: a thread that does one thing again and again until a coordinator says stop."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

from graphmode.sessions.coordinator import Coordinator

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


class LooperThread(threading.Thread):
    """A thread that calls a function at intervals until its coordinator says stop.

    Parameters
    ----------
    coord : Coordinator
    timer_interval_secs : float or None
        Seconds from the beginning of one call to that of the next; None for no pause.
    target : callable, optional
        What is called; without it a subclass says what in `run_loop`.
    args : sequence, optional
    kwargs : dict, optional

    Raises
    ------
    ValueError
        If `coord` is none, or there are arguments and no `target`.
    """

    def __init__(
        self,
        coord: Coordinator,
        timer_interval_secs: float | None,
        target: Callable[..., Any] | None = None,
        args: Sequence[Any] | None = None,
        kwargs: Mapping[str, Any] | None = None,
    ) -> None:
        if not _is_coordinator(coord):
            raise ValueError(f"'coord' argument must be a Coordinator: {coord}")
        if target is None and (args or kwargs):
            raise ValueError("'args' and 'kwargs' argument require that you also pass 'target'")
        super().__init__(daemon=True)
        self._coord = coord
        self._timer_interval_secs = timer_interval_secs
        self._function = target
        self._arguments = (tuple(args or ()), dict(kwargs or {}))
        coord.register_thread(self)

    @staticmethod
    def loop(
        coord: Coordinator,
        timer_interval_secs: float | None,
        target: Callable[..., Any],
        args: Sequence[Any] | None = None,
        kwargs: Mapping[str, Any] | None = None,
    ) -> LooperThread:
        """Start a thread that calls a function at intervals.

        Parameters
        ----------
        coord : Coordinator
        timer_interval_secs : float or None
            Seconds from the beginning of one call to that of the next; None for no pause.
        target : callable
        args : sequence, optional
        kwargs : dict, optional

        Returns
        -------
        LooperThread
        """
        looper = LooperThread(coord, timer_interval_secs, target, args, kwargs)
        looper.start()
        return looper

    def run(self) -> None:
        """What the thread does."""
        with self._coord.stop_on_exception():
            self.start_loop()
            interval = self._timer_interval_secs
            if interval is None:
                while not self._coord.should_stop():
                    self.run_loop()
            else:
                next_time = time.monotonic()
                while not self._coord.wait_for_stop(next_time - time.monotonic()):
                    next_time += interval
                    self.run_loop()
            self.stop_loop()

    def start_loop(self) -> None:
        """Called once, before the first `run_loop`."""

    def stop_loop(self) -> None:
        """Called once, after the last `run_loop`."""

    def run_loop(self) -> None:
        """Called at each interval."""
        if self._function is not None:
            args, kwargs = self._arguments
            self._function(*args, **kwargs)


def _is_coordinator(coord: Any) -> bool:
    return isinstance(coord, Coordinator)
