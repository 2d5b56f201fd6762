"""uvicorn's connections, with an end to those of clients that never finish what they ask.

The most frequent request is answered without ASGI: a small ``:predict`` that comes in one piece.
"""

from __future__ import annotations

import http
import importlib.util
import re
from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.h11_impl import H11Protocol

from graphmode.serve.errors import refusal_of

if TYPE_CHECKING:
    import asyncio

    from starlette.responses import Response

    from graphmode.serve.rest import Api

_Protocol: Any = H11Protocol
_HAS_HTTPTOOLS = importlib.util.find_spec("httptools") is not None
if _HAS_HTTPTOOLS:
    from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

    _Protocol = HttpToolsProtocol

_STATUS = {
    status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode()
    for status in http.HTTPStatus
}
_LINE = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


_MOST_HEAD = 4096
MOST_BODY = 1 << 16
"""Bytes of a request that may be answered without ASGI."""
_PLAIN = re.compile(
    rb"POST (/v1/models/[\w.-]+(?:/versions/[0-9]+|/labels/[\w.-]+)?:predict) HTTP/1\.1\r\n"
    rb"(?:[\w!#$%&'*+.^`|~-]+:[\t\x20-\x7e]*\r\n)*\r\n"
)
_LENGTH = re.compile(rb"\ncontent-length:[ \t]*([0-9]{1,6})[ \t]*\r")
_CONNECTION = re.compile(rb"\nconnection:[ \t]*([^\r]*)")
_SPECIAL = re.compile(rb"\n(?:transfer-encoding|expect|upgrade):")


class _Head:
    """The lines before a plain request's body."""

    __slots__ = ("path", "size", "text")

    def __init__(self, text: bytes, path: str, length: int) -> None:
        self.text, self.path = text, path
        self.size = len(text) + length

    def begins(self, data: bytes) -> bool:
        """Whether `data` is a request with these very lines, and nothing else."""
        return len(data) == self.size and data.startswith(self.text)


def _plain_head(data: bytes) -> _Head | None:
    """The head of a request that asks for nothing but an answer; None if it may be another."""
    end = data.find(b"\r\n\r\n", 0, _MOST_HEAD) + 4
    found = _PLAIN.fullmatch(data, 0, end) if end > 4 else None
    if found is None:
        return None
    lines = found[0].lower()
    lengths = _LENGTH.findall(lines)
    is_kept = all(value.strip() == b"keep-alive" for value in _CONNECTION.findall(lines))
    if lines.count(b"content-length") != 1 or not lengths or not is_kept or _SPECIAL.search(lines):
        return None
    length = int(lengths[0])
    return _Head(found[0], found[1].decode(), length) if length <= MOST_BODY else None


def connections(header_seconds: float, api: Api | None = None) -> type[Any]:
    """uvicorn's protocol, with a bound on the time from a request's first byte to its body.

    uvicorn bounds how long a connection may lie idle between two requests, and nothing else: a
    client that sends a header a minute keeps its connection for ever.

    Parameters
    ----------
    header_seconds : float
    api : Api, optional
        Answers plain requests without ASGI: those need no token, and are as small as any may be.

    Returns
    -------
    type
        A class of protocols, as `uvicorn.Config` takes it.
    """

    is_direct = api is not None and _HAS_HTTPTOOLS

    class Connection(_Protocol):
        _too_late: asyncio.TimerHandle | None = None
        _head: _Head | None = None
        _is_between = True  # two requests, as far as uvicorn's parser has read
        _is_answering = False  # a plain request
        _is_ending = False
        _held = b""

        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            self._watch()

        def data_received(self, data: bytes) -> None:
            if self._is_answering:
                self._held += data
                self.flow.pause_reading()
                return
            if is_direct and self._is_between and self._asks_plainly(data):
                return
            super().data_received(data)
            cycle: Any = self.cycle
            if cycle is not None and not cycle.response_complete:
                self._unwatch()
            elif self._too_late is None:
                self._watch()

        def _asks_plainly(self, data: bytes) -> bool:
            """Whether it is a plain request, which is then being answered."""
            cycle: Any = self.cycle
            if (cycle is not None and not cycle.response_complete) or self.flow.write_paused:
                return False
            head = self._head
            if head is None or not head.begins(data):
                head = self._head = _plain_head(data)
                if head is None or not head.begins(data):
                    return False
            self._unset_keepalive_if_required()
            self._unwatch()
            self._is_answering = True
            task = self.loop.create_task(self._answer(head.path, data[len(head.text) :]))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)
            return True

        async def _answer(self, path: str, body: bytes) -> None:
            assert api is not None  # noqa: S101 - nothing is plain without
            try:
                response = await api.predicted(path, body)
            except Exception as error:
                response = api.refusal(refusal_of(error))
            self._is_answering = False
            self.server_state.total_requests += 1
            if self.transport.is_closing():
                return
            self.transport.write(self._written(response))
            if self._is_ending:
                self.transport.close()
                return
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )
            if self._held:
                held, self._held = self._held, b""
                self.flow.resume_reading()
                self.data_received(held)

        def _written(self, response: Response) -> bytes:
            status = response.status_code
            lines = [_STATUS.get(status) or b"HTTP/1.1 %d \r\n" % status]  # 499 has no phrase
            for name, value in (*self.server_state.default_headers, *response.raw_headers):
                lines.append(b"%s: %s\r\n" % (name, value))
            lines.append(b"connection: close\r\n\r\n" if self._is_ending else b"\r\n")
            lines.append(bytes(response.body))
            return b"".join(lines)

        def on_message_begin(self) -> None:
            self._is_between = False
            super().on_message_begin()

        def on_message_complete(self) -> None:
            super().on_message_complete()
            self._is_between = True

        def shutdown(self) -> None:
            if self._is_answering:
                self._is_ending = True
            else:
                super().shutdown()

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
