"""What outlives the launcher to end what it has started: groups of processes, even stopped ones."""

from __future__ import annotations

import contextlib
import subprocess
import sys

# Its own few lines, so that it starts at once: numbers come, +N to watch, -N no more; at the end
# of what it is told, whatever is still watched is killed.
_PROGRAM = """
import os, signal, sys
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, signal.SIG_IGN)
watched = set()
for line in sys.stdin:
    number = int(line)
    watched.add(number) if number > 0 else watched.discard(-number)
for group in watched:
    try:
        os.killpg(group, signal.SIGKILL)
    except OSError:
        pass
"""


class Guard:
    """A process that kills groups when this one ends, however it ends."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-S", "-E", "-c", _PROGRAM],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )

    def watch(self, group: int) -> None:
        """Have the processes of `group` killed when this process ends."""
        self._say(group)

    def forget(self, group: int) -> None:
        """Leave `group` alone: its number may come to be another's."""
        self._say(-group)

    def close(self) -> None:
        """End the guard; what is still watched ends with it."""
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()
        self._process.wait()

    def _say(self, number: int) -> None:
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.write(f"{number}\n")
                self._process.stdin.flush()
