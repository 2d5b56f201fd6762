"""`graphmode bench-serve`: how many requests a server answers, and how long each takes."""

from __future__ import annotations

import asyncio
import contextlib
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
    return asyncio.run(_measured(url, body, clients, seconds, token))


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
    begin = time.perf_counter() + min(seconds, 1.0)
    end = begin + seconds
    times: list[float] = []
    errors = answered = 0

    async def ask() -> None:
        nonlocal errors, answered
        reader, writer = await asyncio.open_connection(host, port)
        try:
            while (start := time.perf_counter()) < end:
                writer.write(request)
                status = await _answered(reader)
                now = time.perf_counter()
                answered += 1
                if begin <= now < end:
                    times.append(now - start)
                    errors += status != 200
        finally:
            writer.close()

    await asyncio.gather(*[ask() for _ in range(clients)])
    found = np.array(times or [np.nan]) * 1000
    p50, p95, p99 = (round(float(np.percentile(found, p)), 3) for p in (50, 95, 99))
    return Load(
        clients, len(times), answered, errors, round(len(times) / seconds, 1), p50, p95, p99
    )


_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


async def _answered(reader: asyncio.StreamReader) -> int:
    """Read an answer; give its status."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = _LENGTH.search(head)
    if length is None:
        raise ConnectionError("an answer has no Content-Length")
    await reader.readexactly(int(length[1]))
    return int(head.split(b" ", 2)[1])


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
