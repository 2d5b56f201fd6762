"""What every request has to keep to: the token, the size of its body, the time it is sent in."""

from __future__ import annotations

import asyncio
import hmac
from typing import TYPE_CHECKING, Any

from graphmode.serve.errors import Refused
from graphmode.serve.tensors import as_json

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graphmode.serve.rest import Api
    from graphmode.serve.settings import Settings

_OPEN = frozenset(("/healthz", "/readyz"))
"""Who watches a server's health needs no token."""


def error_body(error: Refused) -> bytes:
    """The JSON of a refusal, as TensorFlow Serving has it."""
    return as_json({"error": error.text})


class Limits:
    """An ASGI application that asks another one, within limits.

    Requests about models go to `api` and meet no router: that is half of what a quick one costs.

    Parameters
    ----------
    app : ASGI application
    api : Api
    settings : Settings
    open_paths : collection of str
        What is answered without the token, beside the server's health.
    """

    def __init__(
        self, app: Any, api: Api, settings: Settings, open_paths: Iterable[str] = ()
    ) -> None:
        self._app = app
        self._api = api
        self._settings = settings
        self._open = _OPEN.union(open_paths)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_begun = False

        async def begin(message: Any) -> None:
            nonlocal is_begun
            is_begun = True
            await send(message)

        try:
            self._check_head(scope)
            body = _Body(receive, self._settings)
            path: str = scope["path"]
            if path.startswith("/v1/"):
                response = await self._api.answer(scope, body.whole)
                await response(scope, body.receive, begin)
            else:
                await self._app(scope, body.receive, begin)
        except Refused as error:
            if is_begun:
                raise
            await _refuse(send, error)

    def _check_head(self, scope: Any) -> None:
        length = token = b""
        for name, value in scope["headers"]:
            if name == b"content-length":
                length = value
            elif name == b"authorization":
                token = value
        wanted = self._settings.token
        if wanted is not None and scope["path"] not in self._open:
            scheme, _, given = token.partition(b" ")
            if scheme.lower() != b"bearer" or not hmac.compare_digest(given, wanted.encode()):
                raise Refused("UNAUTHENTICATED", "Authorization: Bearer TOKEN is needed")
        if length.isdigit() and int(length) > self._settings.max_body:
            raise _too_large(self._settings)


class _Body:
    """The body of a request as it comes, up to a size and for a time."""

    def __init__(self, receive: Any, settings: Settings) -> None:
        self._receive = receive
        self._settings = settings
        self._size = 0
        self._is_whole = False
        self._until: float | None = None

    async def whole(self) -> bytes:
        """All of it."""
        try:
            async with asyncio.timeout(self._settings.body_seconds):
                first = await self._next()
                parts = [first["body"]]
                while not self._is_whole:
                    parts.append((await self._next())["body"])
        except TimeoutError:
            raise _too_slow(self._settings) from None
        return parts[0] if len(parts) == 1 else b"".join(parts)

    async def receive(self) -> Any:
        """The next message."""
        if self._is_whole:
            return await self._receive()
        if self._until is None:
            self._until = asyncio.get_running_loop().time() + self._settings.body_seconds
        try:
            async with asyncio.timeout_at(self._until):
                return await self._next()
        except TimeoutError:
            raise _too_slow(self._settings) from None

    async def _next(self) -> Any:
        message = await self._receive()
        if message["type"] == "http.disconnect":
            raise Refused("CANCELLED", "the client has left")
        self._size += len(message.setdefault("body", b""))
        if self._size > self._settings.max_body:
            raise _too_large(self._settings)
        self._is_whole = not message.get("more_body", False)
        return message


def _too_slow(settings: Settings) -> Refused:
    return Refused(
        "DEADLINE_EXCEEDED",
        f"the request's body did not come within {settings.body_seconds:g} s",
        408,
    )


def _too_large(settings: Settings) -> Refused:
    return Refused(
        "RESOURCE_EXHAUSTED", f"a request may have {settings.max_body:,} bytes at most", 413
    )


async def _refuse(send: Any, error: Refused) -> None:
    body = error_body(error)
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),  # of what was sent, the rest is not read
    ]
    if error.code == "UNAUTHENTICATED":
        headers.append((b"www-authenticate", b"Bearer"))
    await send({"type": "http.response.start", "status": error.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
