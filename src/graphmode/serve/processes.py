"""`serve`: one process that listens, or several that share what it listens to."""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import os
import signal
import socket
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import uvicorn

from graphmode._addresses.late import late
from graphmode.platform import logging
from graphmode.runtime.places import platforms
from graphmode.runtime.programs.compilation_cache import keep_programs
from graphmode.serve.application import app
from graphmode.serve.config import WatchedConfig, read_config
from graphmode.serve.connections import MOST_BODY, connections
from graphmode.serve.library import Library, ModelConfig
from graphmode.serve.metrics import Metrics
from graphmode.serve.pages import routes
from graphmode.serve.rest import Api
from graphmode.serve.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_grpc_server = late("graphmode.serve.grpc_service", "grpc_server")
_KEEP_ALIVE = 75  # seconds; clients keep connections for as long as they may
_QUICK_DEATHS = 3


@dataclass(frozen=True, kw_only=True)
class Listening:
    """Where a server listens, and what it serves.

    Parameters
    ----------
    models : list of ModelConfig
    config_file : Path, optional
        In place of `models`; it is read again when it changes.
    host : str
    port : int
        0 takes a free one.
    grpc_port : int, optional
    workers : int
        Processes.
    settings : Settings
    """

    models: list[ModelConfig] = field(default_factory=list[ModelConfig])
    config_file: Path | None = None
    host: str = "127.0.0.1"
    port: int = 8501
    grpc_port: int | None = None
    workers: int = 1
    settings: Settings = field(default_factory=Settings)


def serve(listening: Listening, say: Callable[[str], None]) -> int:
    """Serve models until a signal comes.

    Parameters
    ----------
    listening : Listening
    say : callable
        Is told what a person should read.

    Returns
    -------
    int
        The exit status: 0 after SIGTERM or Ctrl-C.

    Raises
    ------
    OSError
        If the address cannot be listened to.
    ValueError
        If the file of models cannot be used, or no model can be loaded.
    """
    if listening.config_file is not None:
        read_config(listening.config_file)
    with contextlib.closing(_bound(listening.host, listening.port)) as listener:
        if listening.grpc_port is not None:
            _bound(listening.host, listening.grpc_port).close()
        if listening.workers > 1:
            return _supervise(listening, listener, say)
        return _work(listening, listener, say, Metrics())


def _bound(host: str, port: int) -> socket.socket:
    """A socket that listens.

    Raises
    ------
    OSError
        With the address in its text.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((host, port))
        made.listen(2048)
    except OSError as error:
        made.close()
        raise OSError(f"{host}:{port}: {error.strerror or error}: --port chooses another") from None
    made.set_inheritable(True)
    return made


class _Server(uvicorn.Server):
    """uvicorn's server, which ends with status 0 after a signal: it was asked to."""

    def __init__(self, config: uvicorn.Config, say: Callable[[], None]) -> None:
        super().__init__(config)
        self._say = say

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._say()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        with _on_signals(self.handle_exit):
            yield


@contextlib.contextmanager
def _on_signals(handler: Any) -> Iterator[None]:
    kept = {number: signal.signal(number, handler) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, before in kept.items():
            signal.signal(number, before)


def _work(
    listening: Listening, listener: socket.socket, say: Callable[[str], None], metrics: Metrics
) -> int:
    """Serve in this process."""
    keep_programs()
    settings = listening.settings
    share_cores(listening.workers)
    file = listening.config_file
    configs = listening.models if file is None else read_config(file)
    reread = None if file is None else WatchedConfig(file)
    library = Library(configs, settings, metrics, reread)
    library.start()
    status = 1
    try:
        errors = library.errors()
        if len(errors) == len(library.names):
            raise ValueError("; ".join(errors))
        for line in errors:
            say(f"not served: {line}")
        server = _Server(configured(library), lambda: say(_where(listening, listener, library)))
        with _answering_grpc(listening, library):
            server.run(sockets=[listener])
        status = 0 if server.started else 1
        return status
    finally:
        if not library.stop():
            logging.error("serve: a model computes what nobody waits for: this process ends")
            os._exit(status)


def share_cores(n_processes: int = 1) -> None:
    """Have programs take one core where a process has two or less: the other one answers.

    Parameters
    ----------
    n_processes : int
        That serve together.
    """
    affinity = getattr(os, "sched_getaffinity", None)
    n_cores = (os.cpu_count() or 1) if affinity is None else len(affinity(0))
    if n_cores <= 2 * n_processes:
        platforms.take_one_core()


def configured(library: Library) -> uvicorn.Config:
    """How uvicorn is told to serve a library that somebody else starts and stops.

    The process is the server's: its garbage collector is told, too.

    Parameters
    ----------
    library : Library

    Returns
    -------
    uvicorn.Config
    """
    settings = library.settings
    library.changed = _spare_collector
    _spare_collector()
    direct = Api(library) if settings.token is None and settings.max_body >= MOST_BODY else None
    return uvicorn.Config(
        app([], settings=settings, library=library, routes=routes()),
        http=connections(settings.header_seconds, direct),
        lifespan="on",
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=_KEEP_ALIVE,
        timeout_graceful_shutdown=int(settings.timeout) + 1,
    )


def _spare_collector() -> None:
    """Have the garbage collector look at nothing that there is now.

    Going through the graph, its programs and JAX itself stops all requests for 30 ms and more, and
    what a request makes has it do so several times a second.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()


@contextlib.contextmanager
def _answering_grpc(listening: Listening, library: Library) -> Iterator[None]:
    """Answer gRPC meanwhile, if a port was named."""
    if listening.grpc_port is None:
        yield
        return
    host = f"[{listening.host}]" if ":" in listening.host else listening.host
    server, _ = _grpc_server(library, f"{host}:{listening.grpc_port}", listening.workers > 1)
    server.start()
    try:
        yield
    finally:
        server.stop(listening.settings.timeout).wait()


def _where(listening: Listening, listener: socket.socket, library: Library) -> str:
    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    names = ", ".join(library.names)
    also = "" if listening.grpc_port is None else f"  gRPC {shown}:{listening.grpc_port}"
    return f"http://{shown}:{port}/v1/models/{also}  {names}"


# ---- several processes ---------------------------------------------------------------------------


def _work_in_child(listening: Listening, listener: socket.socket, folder: str, i: int) -> None:
    def say(text: str) -> None:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()

    try:
        status = _work(listening, listener, say, Metrics(Path(folder), i))
    except ValueError as error:
        sys.stderr.write(f"graphmode serve: {error}\n")
        status = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def _supervise(listening: Listening, listener: socket.socket, say: Callable[[str], None]) -> int:
    """Keep as many processes as were asked for, which all accept from one socket."""
    context = multiprocessing.get_context("spawn")
    is_ending = False

    def end(*_: Any) -> None:
        nonlocal is_ending
        is_ending = True

    def started(i: int) -> Any:
        process = context.Process(target=_work_in_child, args=(listening, listener, folder, i))
        process.start()
        return process, time.monotonic()

    deaths = 0
    with _on_signals(end), tempfile.TemporaryDirectory(prefix="graphmode-serve-") as folder:
        running = [started(i) for i in range(listening.workers)]
        while not is_ending and deaths < _QUICK_DEATHS:
            time.sleep(0.2)
            for i, (process, since) in enumerate(running):
                if process.is_alive() or is_ending:
                    continue
                deaths = deaths + 1 if time.monotonic() - since < 30 else 0
                say(f"a process ended with status {process.exitcode}; another one is started")
                running[i] = started(i)
        for process, _ in running:
            process.terminate()
        until = time.monotonic() + listening.settings.timeout + 5
        for process, _ in running:
            process.join(max(0.1, until - time.monotonic()))
            if process.is_alive():
                process.kill()
                process.join()
    return 0 if is_ending else 1
