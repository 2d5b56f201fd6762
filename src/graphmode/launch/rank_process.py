"""One rank as its supervisor sees it: a process, its output, its pulse, how it ended."""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import socket
import subprocess
import sys
import threading
import time
from typing import IO, TYPE_CHECKING, NamedTuple

from graphmode.launch import lifeline

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_LINE = 1 << 16
_NOISE = b"[Gloo] Rank "
"""Begins what the collectives of JAX say when processes connect; the logs have it."""
_written = threading.Lock()
unheard = threading.Event()
"""Set when nobody reads what is shown any more."""


class Place(NamedTuple):
    """Where a rank runs."""

    host: str = ""
    """Empty for this machine."""
    shell: tuple[str, ...] = ("ssh", "-o", "BatchMode=yes")
    """What runs a command on another one."""


class RankProcess:
    """A rank that has been started.

    Parameters
    ----------
    index : int
    command : list of str
    variables : mapping
        What its environment has beside this process's.
    log : Path
        Where all that it says is kept.
    place : Place
    """

    def __init__(
        self,
        index: int,
        command: Sequence[str],
        variables: Mapping[str, str],
        log: Path,
        place: Place,
    ) -> None:
        self.index = index
        self.log = log
        self.started = self.last_pulse = self.last_progress = time.monotonic()
        self.has_pulse = self.was_told = self.is_waiting = False
        self.failed_with = 0
        """The status with which it was about to end, and when it said so."""
        self.failed_at = 0.0
        self._count = b""
        self._file = log.open("wb")
        ours: socket.socket | None = None
        theirs: socket.socket | None = None
        variables = {**variables, "PYTHONUNBUFFERED": "1"}
        if place.host:
            command = _on_another_machine(command, {**variables, lifeline.NAME: "stdin"}, place)
            environment = dict(os.environ)
        else:
            ours, theirs = socket.socketpair()
            variables[lifeline.NAME] = str(theirs.fileno())
            environment = {**os.environ, **variables}
        self._line = ours
        if ours is not None:
            ours.setblocking(False)
        self._process = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.PIPE if place.host else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=() if theirs is None else (theirs.fileno(),),
            start_new_session=True,
        )
        if theirs is not None:
            theirs.close()
        self._readers = [
            threading.Thread(target=self._copy, args=(source, shown), daemon=True)
            for source, shown in (
                (self._process.stdout, sys.stdout),
                (self._process.stderr, sys.stderr),
            )
        ]
        for reader in self._readers:
            reader.start()

    @property
    def pid(self) -> int:
        """Its process, which leads a group of its own."""
        return self._process.pid

    @property
    def status(self) -> int | None:
        """How it ended: its status, of a signal the negative number; None while it runs."""
        return self._process.poll()

    def look(self) -> None:
        """Take the pulses that have come."""
        if self._line is None:
            return
        with contextlib.suppress(OSError):
            said = self._line.recv(_LINE)
            if said:
                self.last_pulse = time.monotonic()
                self.has_pulse = True
                words = said.splitlines()
                self.was_told = self.was_told or lifeline.WAS_TOLD in words
                for word in words:
                    if word.startswith(lifeline.FAILED):
                        self.failed_with = int(word.removeprefix(lifeline.FAILED))
                        self.failed_at = self.last_pulse
                count = words[-1].removesuffix(lifeline.WAITS)
                self.is_waiting = count != words[-1]
                if count != self._count:
                    self._count, self.last_progress = count, self.last_pulse

    def silence(self) -> float:
        """Seconds since its last pulse; 0 before the first one, and of another machine."""
        return time.monotonic() - self.last_pulse if self.has_pulse else 0.0

    def standstill(self) -> float:
        """Seconds since its last exchange with the others; 0 before the first one."""
        return time.monotonic() - self.last_progress if self._count not in (b"", b"0") else 0.0

    def send(self, number: signal.Signals) -> None:
        """Send a signal to it and to all that it has started."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)

    def finish(self) -> None:
        """Leave nothing of it: the group, the output, the files."""
        self.send(signal.SIGKILL)
        self._process.wait()
        if self._line is not None:
            self._line.close()
        if self._process.stdin is not None:
            self._process.stdin.close()
        for reader in self._readers:
            reader.join(timeout=5)
        self._file.close()

    def _copy(self, source: IO[bytes] | None, shown: IO[str]) -> None:
        """Show what it says, each line with its number before it, and keep it."""
        if source is None:
            return
        mark, rest = f"[{self.index}] ".encode(), b""
        while True:
            part = os.read(source.fileno(), _LINE)
            *lines, rest = (rest + part).split(b"\n")
            if not part and rest:
                lines, rest = [*lines, rest], b""
            with _written:
                self._file.write(part)
                self._file.flush()
                for line in lines:
                    if not line.startswith(_NOISE):
                        _show(shown, mark + line + b"\n")
            if not part:
                source.close()
                return


def _show(shown: IO[str], line: bytes) -> None:
    if unheard.is_set():
        return
    try:
        binary = getattr(shown, "buffer", None)
        if binary is None:
            shown.write(line.decode(errors="replace"))
        else:
            binary.write(line)
        shown.flush()
    except BrokenPipeError:
        unheard.set()
        with contextlib.suppress(OSError, ValueError):  # what is left of it goes nowhere
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, shown.fileno())
            os.close(nowhere)
    except (OSError, ValueError):
        pass


def _on_another_machine(
    command: Sequence[str], variables: Mapping[str, str], place: Place
) -> list[str]:
    said = [f"{name}={value}" for name, value in variables.items()]
    path = os.environ.get("PYTHONPATH")
    said += [f"PYTHONPATH={path}"] if path else []
    there = f"cd {shlex.quote(os.getcwd())} && exec env {shlex.join([*said, *command])}"  # noqa: PTH109
    return [*place.shell, place.host, there]
