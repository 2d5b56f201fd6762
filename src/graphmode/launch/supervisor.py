"""`supervise`: start the ranks of a program, watch them, end them together, start them again."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphmode.launch.guard import Guard
from graphmode.launch.rank_process import Place, RankProcess, unheard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import FrameType

_LOOK = 0.05
_ABORTED = 128 + signal.SIGABRT
_LAST_WORDS = 1.0
"""Seconds that the other ranks have, after one has failed, to say what they met."""
_GRACE = 5.0
"""Seconds from SIGTERM to SIGKILL."""
USAGE_ERROR = 2


class LaunchError(Exception):
    """Why ranks cannot be started."""


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be run by several ranks."""

    command: Sequence[str]
    size: int
    hosts: Sequence[tuple[str, int]] = ()
    """Machines and how many ranks each has; none: this one."""
    port: int | None = None
    """Of the first rank's machine; None for a free one."""
    restarts: int = 0
    restart_with: int | None = None
    """The number of ranks after a restart; None for as many."""
    heartbeat: float = 10.0
    """Seconds without a pulse after which a rank counts as dead."""
    progress: float | None = None
    """Seconds without an exchange after which it does; None for any number."""
    logs: Path | None = None
    """Where is kept what ranks say; None for a folder of its own, gone if nothing has failed."""
    shell: tuple[str, ...] = Place().shell
    variables: dict[str, str] = field(default_factory=dict[str, str])


class _Stopped(BaseException):
    """A signal asks the launcher to end."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


@dataclass(slots=True)
class _Failure:
    """The rank that has ended a run of all."""

    rank: int
    status: int
    text: str


def supervise(job: Job) -> int:
    """Run a job to its end.

    What each rank says is shown with its number before each line. When a rank fails, all end; then
    they are started again, up to ``job.restarts`` times: a program goes on from its newest
    checkpoint by itself. When this process ends, however it does, so do the ranks.

    Parameters
    ----------
    job : Job

    Returns
    -------
    int
        0, or the status of the first rank that has failed (128 and the number of its signal), 130
        after Ctrl-C, 143 after SIGTERM.

    Raises
    ------
    LaunchError
        If a port is in use, or a host is not found.
    """
    logs = Path(tempfile.mkdtemp(prefix="graphmode-launch-")) if job.logs is None else job.logs
    logs.mkdir(parents=True, exist_ok=True)
    history: list[dict[str, Any]] = []
    size = job.size
    # Sets of words have the same order on all ranks, and after a restart.
    hashes = os.environ.get("PYTHONHASHSEED", str(secrets.randbelow(1 << 32)))
    job = replace(job, variables={**job.variables, "PYTHONHASHSEED": hashes})
    guard = Guard()
    with _signals():
        try:
            for attempt in range(job.restarts + 1):
                folder = logs / f"attempt-{attempt}"
                folder.mkdir(exist_ok=True)
                failure = _run_once(job, size, folder, history, guard)
                if failure is None:
                    return 0
                again = attempt < job.restarts and failure.status != USAGE_ERROR
                _say(f"{failure.text}; all ranks have ended. What each has said: {folder}")
                if not again:
                    return failure.status
                size = job.restart_with or size
                ranks = "1 rank" if size == 1 else f"{size} ranks"
                _say(f"start {attempt + 2} of at most {job.restarts + 1}, with {ranks}")
        except _Stopped as stop:
            _say(f"ended by {signal.Signals(stop.number).name}, and all ranks with it")
            return 128 + stop.number
        finally:
            guard.close()
            if job.logs is None and not any(any(run["exits"]) for run in history):
                shutil.rmtree(logs)
            else:
                (logs / "exits.json").write_text(json.dumps(history, indent=1) + "\n")
    return 0


def _run_once(
    job: Job, size: int, folder: Path, history: list[dict[str, Any]], guard: Guard
) -> _Failure | None:
    places = _places(job, size)
    coordinator = _coordinator(places[0], job.port)
    processes: list[RankProcess] = []
    failure: _Failure | None = None
    try:
        for index, place in enumerate(places):
            variables = {
                **job.variables,
                "GRAPHMODE_RANK": str(index),
                "GRAPHMODE_SIZE": str(size),
                "GRAPHMODE_COORDINATOR": coordinator,
                "GRAPHMODE_LOCAL": str(int(not place.host)),
            }
            log = folder / f"rank-{index}.log"
            processes.append(RankProcess(index, job.command, variables, log, place))
            guard.watch(processes[-1].pid)
        failure = _watch(processes, job)
    finally:
        _end(processes)
        for process in processes:
            guard.forget(process.pid)
        ended: dict[str, Any] = {"ranks": size, "exits": [each.status for each in processes]}
        if failure is not None:
            ended["why"] = failure.text
        history.append(ended)
    return failure


def _watch(processes: Sequence[RankProcess], job: Job) -> _Failure | None:
    """Wait until all have ended well, or one has not."""
    until: float | None = None
    while True:
        for process in processes:
            process.look()
        failures = [each for each in (_failure_of(p, job) for p in processes) if each is not None]
        failures += _stuck(processes, job)
        if unheard.is_set():  # as of `| head`: any other program ends then
            raise _Stopped(signal.SIGPIPE)
        if all(process.status == 0 for process in processes):
            return None
        now = time.monotonic()
        if not failures:  # or no longer: a rank that was silent has said something
            until = None
        elif until is None:
            until = now + _LAST_WORDS
        if until is not None and (now >= until or len(failures) == len(processes)):
            return _first(failures, processes)
        time.sleep(_LOOK)


def _first(failures: Sequence[_Failure], processes: Sequence[RankProcess]) -> _Failure:
    """Which one came first: those that fail because of it say so, or are aborted by JAX."""
    told = {process.index for process in processes if process.was_told}
    return min(
        failures,
        key=lambda each: (each.rank in told, each.status == _ABORTED, each.status < 128),
    )


def _failure_of(process: RankProcess, job: Job) -> _Failure | None:
    status, index = process.status, process.index
    if process.failed_with and status in (None, -signal.SIGABRT):
        if status is None and time.monotonic() - process.failed_at < _GRACE:
            return None
        more = "" if status else ", and a thread of its program goes on"
        text = f"rank {index} has failed with status {process.failed_with}{more}"
        return _Failure(index, process.failed_with, text)
    if status is None:
        if process.silence() > job.heartbeat:
            text = f"rank {index} has been silent for {job.heartbeat:g} s"
            return _Failure(index, 128 + signal.SIGKILL, text)
        return None
    if status == 0:
        return None
    if status < 0:
        text = f"rank {index} was ended by {signal.Signals(-status).name}"
        return _Failure(index, 128 - status, text)
    return _Failure(index, status, f"rank {index} has ended with status {status}")


def _stuck(processes: Sequence[RankProcess], job: Job) -> list[_Failure]:
    """The ranks that keep all from going on: of those that exchange nothing, who does not wait."""
    running = [process for process in processes if process.status is None]
    if job.progress is None or not any(p.standstill() > job.progress for p in running):
        return []
    waiting = [p.index for p in running if p.is_waiting]
    stuck = [p.index for p in running if not p.is_waiting] or waiting
    text = f"{_ranks(stuck, 'has', 'have')} exchanged nothing for {job.progress:g} s"
    if waiting != stuck and waiting:
        text += (
            f", and {_ranks(waiting, 'waits', 'wait')} for {'it' if len(stuck) == 1 else 'them'}"
        )
    return [_Failure(stuck[0], 128 + signal.SIGKILL, text)]


def _ranks(indices: Sequence[int], one: str, many: str) -> str:
    """Some ranks, and a verb."""
    if len(indices) == 1:
        return f"rank {indices[0]} {one}"
    return f"ranks {', '.join(map(str, indices))} {many}"


def _end(processes: Sequence[RankProcess]) -> None:
    """End what still runs, politely first, and all that ranks have left behind."""

    def wait(seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until and any(p.status is None for p in processes):
            time.sleep(_LOOK)

    try:
        running = [process for process in processes if process.status is None]
        for process in running:
            process.send(signal.SIGTERM)
            process.send(signal.SIGCONT)
        wait(_GRACE)
    finally:
        for process in processes:
            process.finish()


# ---- where ---------------------------------------------------------------------------------------


def _places(job: Job, size: int) -> list[Place]:
    if not job.hosts:
        return [Place()] * size
    places = [Place(host, job.shell) for host, n in job.hosts for _ in range(n)]
    if len(places) < size:
        raise LaunchError(
            f"{size} ranks, and the hosts have room for {len(places)}: "
            + ", ".join(f"{host}:{n}" for host, n in job.hosts)
        )
    for host in dict.fromkeys(place.host for place in places[:size]):
        try:
            socket.getaddrinfo(host.rpartition("@")[2], None)
        except OSError as error:
            raise LaunchError(f"the host {host} is not found: {error.strerror}") from None
    return places[:size]


def _coordinator(place: Place, port: int | None) -> str:
    """Where the first rank is to listen."""
    if place.host:
        return f"{place.host.rpartition('@')[2]}:{port or 29_400}"
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port or 0))
        except OSError as error:
            raise LaunchError(f"port {port} cannot be used: {error.strerror}") from None
        return f"127.0.0.1:{probe.getsockname()[1]}"


# ---- the terminal --------------------------------------------------------------------------------


@contextlib.contextmanager
def _signals() -> Iterator[None]:
    """Make of the signals that end a program an exception that ends the ranks first."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before: dict[int, Callable[[int, FrameType | None], Any] | int | None] = {}

    def stop(number: int, frame: FrameType | None) -> None:
        del frame
        for each in before:  # one is enough: what ends the ranks is not to be stopped itself
            signal.signal(each, signal.SIG_IGN)
        raise _Stopped(number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # as nohup has it
            before[number] = signal.signal(number, stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _say(text: str) -> None:
    with contextlib.suppress(OSError):
        sys.stderr.write(f"graphmode launch: {text}\n")
        sys.stderr.flush()
