"""What goes over a connection between two ranks: frames, each of a kind, a request and bytes."""

from __future__ import annotations

import hashlib
import struct
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import socket

HEAD = struct.Struct("!c16sQ")
DATA, NAMES, FAILED = b"D", b"N", b"F"
"""A part of what is exchanged; what a request is, sent once; why nothing will be exchanged."""


class Request(NamedTuple):
    """What a rank is about to exchange: the same on all ranks, or none of them goes on."""

    digest: bytes
    text: str
    """A line for what is done, then a line for each tensor."""


@lru_cache(maxsize=4096)
def request(text: str) -> Request:
    """The request of a description.

    Parameters
    ----------
    text : str
        Names, dtypes, shapes and order: all that has to be equal on all ranks.

    Returns
    -------
    Request
    """
    return Request(hashlib.blake2b(text.encode(), digest_size=16).digest(), text)


def difference(one: Request, other: Request, of_one: int, of_other: int) -> str:
    """What two ranks do not agree about.

    Parameters
    ----------
    one, other : Request
    of_one, of_other : int
        Whose they are.

    Returns
    -------
    str
        Both ranks, and the first line of each that the other has not.
    """
    left, right = one.text.splitlines(), other.text.splitlines()
    place = next(
        (i for i, (a, b) in enumerate(zip(left, right, strict=False)) if a != b),
        min(len(left), len(right)),
    )
    rows = [
        f"  rank {rank}: {lines[place] if place < len(lines) else 'nothing more'}"
        + (f"   (in {lines[0]})" if place else "")
        for rank, lines in ((of_one, left), (of_other, right))
    ]
    return (
        f"rank {of_one} and rank {of_other} are not about to exchange the same:\n"
        + "\n".join(rows)
        + "\n  fix: all ranks build the same graph and run the same steps in the same order; "
        "what only one rank does must not exchange anything"
    )


class Outgoing:
    """A frame on its way out of a connection that does not block.

    Parameters
    ----------
    parts : list of bytes-like
        What is sent, one after the other.
    """

    def __init__(self, parts: list[bytes | memoryview]) -> None:
        self._left = [memoryview(part).cast("B") for part in parts if len(part)]
        self.is_begun = False
        """Whether some of it has been sent."""

    @property
    def is_done(self) -> bool:
        """Whether all has been sent."""
        return not self._left

    @property
    def rest(self) -> list[memoryview]:
        """What has not been sent."""
        return self._left

    def push(self, connection: socket.socket) -> bool:
        """Send what the connection takes now; whether it took something.

        Raises
        ------
        OSError
            If the other side is gone.
        """
        try:
            n_sent = connection.sendmsg(self._left[:8])
        except BlockingIOError:
            return False
        self.is_begun = True
        while n_sent and self._left:
            first = self._left[0]
            if n_sent < len(first):
                self._left[0] = first[n_sent:]
                break
            n_sent -= len(first)
            del self._left[0]
        return True


class Incoming:
    """A frame on its way in.

    Parameters
    ----------
    into : memoryview, optional
        Where the bytes of a frame of data go; their own memory without it.
    """

    def __init__(self, into: memoryview | None = None) -> None:
        self._head = bytearray(HEAD.size)
        self._into = into
        self._view = memoryview(self._head)
        self.kind = b""
        self.digest = b""
        self.body: memoryview = self._view[:0]

    @property
    def is_done(self) -> bool:
        """Whether all of it is here."""
        return self.kind != b"" and not len(self._view)

    def pull(self, connection: socket.socket) -> bool:
        """Take what is there; whether something was.

        Raises
        ------
        ConnectionError
            If the other side is gone.
        """
        try:
            n_read = connection.recv_into(self._view)
        except BlockingIOError:
            return False
        if n_read == 0:
            raise ConnectionResetError
        self._view = self._view[n_read:]
        if not len(self._view) and not self.kind:
            self.kind, self.digest, length = HEAD.unpack(self._head)
            fits = self._into is not None and len(self._into) == length and self.kind == DATA
            self.body = (
                self._into if fits and self._into is not None else memoryview(bytearray(length))
            )
            self._view = self.body
        return True
