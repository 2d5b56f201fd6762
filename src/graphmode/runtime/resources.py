"""`ResourceTable`: what a session keeps besides variables: queues, counts."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from graphmode.framework.errors import CancelledError

if TYPE_CHECKING:
    from graphmode.framework.operation import Operation


class Resource(Protocol):
    """What the table keeps."""

    def cancel(self) -> None:
        """Wake everybody who waits for it, with CancelledError."""


class ResourceTable:
    """The resources of a session, by container and shared name, or by the op that makes them."""

    def __init__(self) -> None:
        self._kept: dict[Any, Resource] = {}
        self._lock = threading.Lock()
        self._closed = False

    def get(
        self,
        op: Operation,
        make: Callable[[str], Resource],
        container: str = "",
        shared_name: str = "",
        by_name: bool = False,
    ) -> Resource:
        """The resource of `op`, made by ``make(name)`` at the first call.

        Parameters
        ----------
        op : Operation
        make : callable
        container, shared_name : str
            Ops of one shared name have one resource.
        by_name : bool
            Whether the name of `op` is its shared name, if it has no other.

        Raises
        ------
        CancelledError
            If the session is closed.
        """
        if by_name:
            shared_name = shared_name or op.name
        key = (container, shared_name) if shared_name else op
        with self._lock:
            if self._closed:
                raise CancelledError(None, None, "Run call was cancelled")
            if key not in self._kept:
                self._kept[key] = make(shared_name or f"_{len(self._kept)}_{op.name}")
            return self._kept[key]

    def close(self) -> None:
        """Forget all, and wake everybody who waits for one."""
        with self._lock:
            self._closed = True
            kept, self._kept = list(self._kept.values()), {}
        for resource in kept:
            resource.cancel()
