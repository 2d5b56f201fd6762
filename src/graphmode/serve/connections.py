"""uvicorn's connections, and an end to those of clients that never finish what they ask."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    import asyncio

_Protocol: Any = H11Protocol
if importlib.util.find_spec("httptools") is not None:
    from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

    _Protocol = HttpToolsProtocol

_LINE = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


def connections(header_seconds: float) -> type[Any]:
    """uvicorn's protocol, with a bound on the time from a request's first byte to its body.

    uvicorn bounds how long a connection may lie idle between two requests, and nothing else: a
    client that sends a header a minute keeps its connection for ever.

    Parameters
    ----------
    header_seconds : float

    Returns
    -------
    type
        A class of protocols, as `uvicorn.Config` takes it.
    """

    class Connection(_Protocol):
        _too_late: asyncio.TimerHandle | None = None

        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            self._watch()

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            cycle: Any = self.cycle
            if cycle is not None and not cycle.response_complete:
                self._unwatch()
            elif self._too_late is None:
                self._watch()

        def on_response_complete(self) -> None:
            super().on_response_complete()
            self._unwatch()

        def connection_lost(self, exc: Exception | None) -> None:
            self._unwatch()
            super().connection_lost(exc)

        def _watch(self) -> None:
            self._too_late = self.loop.call_later(header_seconds, self._end)

        def _unwatch(self) -> None:
            if self._too_late is not None:
                self._too_late.cancel()
                self._too_late = None

        def _end(self) -> None:
            self._too_late = None
            if not self.transport.is_closing():
                self.transport.write(_LINE)
                self.transport.close()

    return Connection
