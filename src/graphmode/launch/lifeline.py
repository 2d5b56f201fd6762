"""The line between a rank and its supervisor: cut, it ends the rank; pulses say that it lives."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import threading

from graphmode.launch import ranks

NAME = "GRAPHMODE_LIFELINE"
"""The number of the line's descriptor; "stdin" where only that reaches another machine."""
PULSE = 1.0
"""Seconds between two pulses."""
WAS_TOLD = b"told"
"""What a rank says that fails because of what another one has met."""
FAILED = b"failed "
"""Before the status with which a rank is about to end: a thread of the program may keep it."""
WAITS = b"w"
"""Behind the number of exchanges: the rank waits for another one."""
_STDIN = "stdin"
_held: list[socket.socket] = []


def hold() -> None:
    """Hold on to the supervisor's line, if there is one: end when it ends.

    From then on a thread sends the number of exchanges so far, each second, and whether it waits.
    """
    said = os.environ.pop(NAME, None)
    if said is None:
        return
    if said == _STDIN:
        line = os.dup(0)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
    else:
        line = int(said)
        os.set_inheritable(line, False)
    pulses = said != _STDIN
    if pulses:
        _held[:] = [socket.socket(fileno=line)]
    threading.Thread(
        target=_watch, args=(line, pulses), name="graphmode-lifeline", daemon=True
    ).start()


def is_held() -> bool:
    """Whether a supervisor listens."""
    return bool(_held)


def say(word: bytes) -> None:
    """Tell the supervisor, if there is one.

    Parameters
    ----------
    word : bytes
        A number of exchanges, or `WAS_TOLD`.
    """
    for connection in _held:
        with contextlib.suppress(OSError):
            connection.sendall(word + b"\n")


def _watch(line: int, pulses: bool) -> None:
    while True:
        if pulses:
            ring = ranks.current().ring
            say(b"0" if ring is None else b"%d%s" % (ring.n_exchanges, WAITS * ring.is_waiting))
        try:
            readable, _, _ = select.select([line], [], [], PULSE)
            if readable and not os.read(line, 1):
                break
        except OSError:
            break
    os.killpg(os.getpgrp(), signal.SIGKILL)
