"""`graphmode bench-serve`: how many requests a server answers, and how long each takes."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import json
import re
import subprocess
import sys
import time
import urllib.request
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_START_SECONDS = 300.0
_WORD = "a"


@dataclass(frozen=True)
class Load:
    """What a number of clients has seen.

    Parameters
    ----------
    clients : int
        Connections, each with one request at a time.
    requests : int
        Answered while it was measured.
    answered : int
        With those before it was measured.
    errors : int
        Of them, those that were answered otherwise than by 200.
    per_second : float
    p50, p95, p99 : float
        Milliseconds that as many of a hundred requests took at most.
    """

    clients: int
    requests: int
    answered: int
    errors: int
    per_second: float
    p50: float
    p95: float
    p99: float


def measured(url: str, body: bytes, clients: int, seconds: float, token: str | None = None) -> Load:
    """Ask one thing again and again.

    Parameters
    ----------
    url : str
        ``http://host:port/v1/models/NAME:predict``.
    body : bytes
    clients : int
    seconds : float
        As long again, up to a second, is asked before it is measured.
    token : str, optional

    Returns
    -------
    Load

    Raises
    ------
    OSError
        If nobody listens there.
    """
    loop = None
    if importlib.util.find_spec("uvloop") is not None:
        import uvloop

        loop = uvloop.new_event_loop
    with asyncio.Runner(loop_factory=loop) as runner:
        return runner.run(_measured(url, body, clients, seconds, token))


async def _measured(
    url: str, body: bytes, clients: int, seconds: float, token: str | None
) -> Load:  # fmt: skip
    address = urlsplit(url)
    host, port = address.hostname or "127.0.0.1", address.port or 80
    lines = [
        f"POST {address.path} HTTP/1.1", f"Host: {host}:{port}", f"Content-Length: {len(body)}",
        "Content-Type: application/json",
    ]  # fmt: skip
    if token is not None:
        lines.append(f"Authorization: Bearer {token}")
    request = "\r\n".join([*lines, "", ""]).encode() + body
    loop = asyncio.get_running_loop()
    asked = _Asked(request, time.perf_counter() + min(seconds, 1.0), seconds)
    made = [_Client(asked, loop.create_future()) for _ in range(clients)]
    try:
        for client in made:
            await loop.create_connection(lambda client=client: client, host, port)
        await asyncio.gather(*[client.done for client in made])
    finally:
        for client in made:
            client.leave()
    found = np.array(asked.times or [np.nan]) * 1000
    p50, p95, p99 = (round(float(np.percentile(found, p)), 3) for p in (50, 95, 99))
    n = len(asked.times)
    return Load(
        clients, n, asked.answered, asked.errors, round(n / seconds, 1), p50, p95, p99
    )  # fmt: skip


class _Asked:
    """What all clients ask, and what they have been answered."""

    def __init__(self, request: bytes, begin: float, seconds: float) -> None:
        self.request = request
        self.begin, self.end = begin, begin + seconds
        self.times: list[float] = []
        self.answered = self.errors = 0


class _Client(asyncio.Protocol):
    """A connection that asks again as soon as it is answered.

    It shares the processor with the server that it measures: streams would take four times as much
    of it.
    """

    def __init__(self, asked: _Asked, done: asyncio.Future[None]) -> None:
        self._asked = asked
        self.done = done
        self._transport: asyncio.Transport | None = None
        self._start = 0.0
        self._read = b""

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._ask()

    def _ask(self) -> None:
        self._start = time.perf_counter()
        if self._start >= self._asked.end:
            self._end(None)
        elif self._transport is not None:
            self._transport.write(self._asked.request)

    def data_received(self, data: bytes) -> None:
        self._read = read = self._read + data if self._read else data
        head = read.find(b"\r\n\r\n")
        if head < 0:
            return
        length = _LENGTH.search(read, 0, head + 2)
        if length is None:
            self._end(ConnectionError("an answer has no Content-Length"))
            return
        if len(read) < head + 4 + int(length[1]):
            return
        self._read = b""
        now, asked = time.perf_counter(), self._asked
        asked.answered += 1
        if asked.begin <= now < asked.end:
            asked.times.append(now - self._start)
            asked.errors += int(read.split(b" ", 2)[1]) != 200
        self._ask()

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(exc or ConnectionError("the server has closed a connection"))

    def _end(self, error: Exception | None) -> None:
        if self.done.done():
            return
        if error is None:
            self.done.set_result(None)
        else:
            self.done.set_exception(error)

    def leave(self) -> None:
        """Close the connection."""
        self.done.cancel()
        if self._transport is not None:
            self._transport.close()


_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r", re.IGNORECASE)


# ---- what is asked -------------------------------------------------------------------------------


def body_for(model_url: str, rows: int, token: str | None = None) -> bytes:
    """A request that fits a model, by what it says of itself.

    Parameters
    ----------
    model_url : str
        ``http://host:port/v1/models/NAME``.
    rows : int
    token : str, optional

    Returns
    -------
    bytes
        JSON for ``:predict``.

    Raises
    ------
    OSError
        If nobody answers.
    ValueError
        If the model has no signature ``serving_default``.
    """
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    asked = urllib.request.Request(f"{model_url}/metadata", headers=headers)
    with urllib.request.urlopen(asked, timeout=30) as answer:
        signatures = json.load(answer)["metadata"]["signature_def"]["signature_def"]
    if "serving_default" not in signatures:
        raise ValueError(f"{model_url} has no serving_default: give what to ask by --body")
    random = np.random.default_rng(0)
    inputs = signatures["serving_default"]["inputs"]
    return json.dumps({"inputs": {name: _sample(i, rows, random) for name, i in inputs.items()}},
                      separators=(",", ":")).encode()  # fmt: skip


def _sample(info: dict[str, Any], rows: int, random: np.random.Generator) -> Any:
    sizes = [int(dim["size"]) for dim in info["tensor_shape"].get("dim", [])]
    shape = [2 if size < 0 else size for size in sizes]
    if sizes and sizes[0] < 0:
        shape[0] = rows
    kind = info["dtype"]
    if kind == "DT_STRING":
        return np.full(shape, _WORD).tolist()
    if kind == "DT_BOOL":
        return np.zeros(shape, bool).tolist()
    if "INT" in kind:
        return np.zeros(shape, int).tolist()
    return random.random(shape).round(4).tolist()


@contextlib.contextmanager
def server_of(folder: Path, options: Sequence[str] = ()) -> Iterator[str]:
    """Serve a folder by a process of its own, as ``graphmode serve`` does.

    Parameters
    ----------
    folder : Path
    options : list of str

    Yields
    ------
    str
        ``http://host:port/v1/models/model``.

    Raises
    ------
    ValueError
        If it cannot be served, with what the process said.
    """
    command = [
        sys.executable, "-m", "graphmode", "serve", f"model={folder}", "--port", "0", *options,
    ]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None  # noqa: S101 - it is a pipe
            line = server.stdout.readline()
            found = re.search(r"http://\S+?:\d+/v1/models/", line)
            if found is None:
                server.wait(_START_SECONDS)
                raise ValueError(f"{folder} cannot be served")
            yield f"{found[0]}model"
        finally:
            server.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                server.wait(30)
            server.kill()


def as_dicts(loads: Sequence[Load]) -> list[dict[str, Any]]:
    """Loads as JSON has them."""
    return [asdict(load) for load in loads]
