"""A supervisor's services where ranks run every step together: between runs, not beside them.

A thread of its own would run at another step on each rank, and what the ranks exchange would not
fit. So after each run of the thread that made the session the first rank says which services are
due, and all ranks do these at the same place.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.launch import lockstep
from graphmode.launch.frames import request

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphmode.runtime.session import Session
    from graphmode.sessions.coordinator import Coordinator
    from graphmode.sessions.looper_thread import LooperThread

_DUE = request("which services of the supervisor are due")


class ServicesInStep:
    """What `session.run` becomes: a run, then the services that are due.

    Parameters
    ----------
    session : Session
    services : list of (LooperThread, float)
        Threads that are not started, and the seconds between two of their calls.
    coord : Coordinator
        What they stop by an error, and what stops them.
    """

    def __init__(
        self,
        session: Session,
        services: Sequence[tuple[LooperThread, float]],
        coord: Coordinator,
    ) -> None:
        self._run, self._services, self._coord = session.run, services, coord
        self._next = [time.monotonic()] * len(services)
        self._thread = threading.current_thread()
        self._has_begun = self._is_serving = False
        session.run = self

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        fetched = self._run(*args, **kwargs)
        if self._thread is threading.current_thread() and not self._is_serving:
            self._is_serving = True
            try:
                with self._coord.stop_on_exception():
                    self._serve()
            finally:
                self._is_serving = False
        return fetched

    def _serve(self) -> None:
        if not self._has_begun:
            self._has_begun = True
            for thread, _ in self._services:
                thread.start_loop()
        now = time.monotonic()
        own = np.array([now >= next_time for next_time in self._next])
        (due,) = lockstep.of_chief(_DUE, [own])
        for i, (thread, interval) in enumerate(self._services):
            if due[i]:
                self._next[i] = now + interval
                thread.run_loop()
