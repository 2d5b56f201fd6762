"""The ranks in a ring: each gives to the next one, takes from the one before.

All that ranks exchange goes this way round. A frame carries the hash of what its sender is about to
exchange, so that a rank sees at the first frame whether the one before it is about the same; what
goes wrong goes round, too, and is the same error on all ranks. Sums take the least bytes that they
can: each rank sends ``2 (n - 1) / n`` of the vector.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import select
import socket
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from graphmode.framework.errors import InternalError, InvalidArgumentError, OpError
from graphmode.launch import frames
from graphmode.launch.frames import DATA, FAILED, HEAD, NAMES, Incoming, Outgoing, Request

_SMALL = 1 << 16
"""Bytes: up to so many all vectors go round whole, in half as many turns."""
_PIECE = 1 << 20
"""Bytes of a broadcast that a rank hands on while it takes the next ones."""
_LAST_WORDS = 1.0
"""Seconds in which a rank tells of a failure, or is told."""
_ALONE = "\0"
_KINDS: dict[str, Callable[..., OpError]] = {
    kind.__name__: kind for kind in (InternalError, InvalidArgumentError)
}

Array = np.ndarray[Any, Any]


class Ring:
    """This rank's place among the ranks.

    Parameters
    ----------
    rank, size : int
    following, previous : socket
        Connections with the next rank and with the one before; one connection each.

    Attributes
    ----------
    n_exchanges : int
        How many exchanges were made.
    n_bytes : int
        How many bytes of data this rank has sent.
    is_waiting : bool
        Whether it waits for another rank, in an exchange.
    was_told : bool
        Whether it has failed because of what another rank has met.
    """

    def __init__(
        self, rank: int, size: int, following: socket.socket, previous: socket.socket
    ) -> None:
        self.rank, self.size = rank, size
        self.n_exchanges = self.n_bytes = 0
        self.was_told = self.is_waiting = False
        self._following, self._previous = following, previous
        for connection in (following, previous):
            connection.setblocking(False)
        self._outgoing = Outgoing([])
        self._lock = threading.Lock()
        self._pid = os.getpid()
        self._failure: OpError | None = None
        self._told: set[bytes] = set()
        self._known: dict[bytes, Request] = {}
        self._said_waiting = False
        self._patience = float(os.environ.get("HOROVOD_STALL_CHECK_TIME_SECONDS") or 60)
        self._limit = float(os.environ.get("HOROVOD_STALL_SHUTDOWN_TIME_SECONDS") or 0)

    # ---- exchanges --------------------------------------------------------------------------

    def reduce(self, request: Request, vector: Array, combine: Callable[..., Any]) -> None:
        """Combine the vectors of all ranks, in place, to the same bits on each.

        Parameters
        ----------
        request : Request
        vector : ndarray [n], contiguous
            This rank's, then what all of them make.
        combine : ufunc
            ``np.add``, ``np.minimum``, ``np.maximum``, ``np.multiply``.

        Raises
        ------
        InvalidArgumentError
            If another rank is about to exchange something else.
        InternalError
            If a rank is gone.
        """
        with self._lock:
            self._begin()
            if vector.nbytes <= _SMALL:
                parts = self._all(request, _bytes_of(vector))
                if len(vector):
                    vectors = [np.frombuffer(part, vector.dtype) for part in parts]
                    np.copyto(vector, vectors[0])
                    for other in vectors[1:]:
                        combine(vector, other, out=vector)
                return
            n = self.size
            bounds = np.linspace(0, len(vector), n + 1).astype(np.int64)
            pieces = [vector[a:b] for a, b in itertools.pairwise(bounds)]
            taken = np.empty(max(map(len, pieces)), vector.dtype)
            for turn in range(n - 1):
                mine = pieces[(self.rank - turn) % n]
                theirs = pieces[(self.rank - turn - 1) % n]
                other = taken[: len(theirs)]
                self._turn(request, _bytes_of(mine), _bytes_of(other))
                combine(theirs, other, out=theirs)
            for turn in range(n - 1):
                mine = pieces[(self.rank + 1 - turn) % n]
                self._turn(request, _bytes_of(mine), _bytes_of(pieces[(self.rank - turn) % n]))

    def gather(self, request: Request, blob: bytes | memoryview) -> list[Any]:
        """What each rank gives, on all ranks.

        Parameters
        ----------
        request : Request
        blob : bytes
            This rank's, of any length.

        Returns
        -------
        list of bytes
            By rank.

        Raises
        ------
        InvalidArgumentError, InternalError
            As `reduce`.
        """
        with self._lock:
            self._begin()
            return self._all(request, blob)

    def broadcast(self, request: Request, vector: Array, root: int) -> None:
        """Give all ranks the vector of one.

        Parameters
        ----------
        request : Request
        vector : ndarray [n], contiguous
            Of rank `root`; what the others have is overwritten.
        root : int

        Raises
        ------
        InvalidArgumentError, InternalError
            As `reduce`.
        """
        with self._lock:
            self._begin()
            whole = _bytes_of(vector)
            pieces = [whole[i : i + _PIECE] for i in range(0, max(len(whole), 1), _PIECE)]
            place = (self.rank - root) % self.size
            is_last = place == self.size - 1
            held: memoryview | None = None
            for piece in pieces:
                if place == 0:
                    self._turn(request, piece, None, takes=False)
                else:
                    self._turn(request, None if is_last else held, piece)
                    held = piece
            if held is not None and not is_last:
                self._turn(request, held, None, takes=False)
            # Round once more, so that no rank goes on before all have come here.
            self._all(request, b"")

    def close(self) -> None:
        """End the connections: whoever waits for this rank gets an error."""
        for connection in (self._following, self._previous):
            connection.close()

    # ---- turns ------------------------------------------------------------------------------

    def _begin(self) -> None:
        if os.getpid() != self._pid:
            raise InternalError(
                None,
                None,
                f"this process was forked from rank {self.rank} after it had joined the others, "
                "and is no rank itself.\n  fix: exchange nothing in it, or start it with "
                "multiprocessing.get_context('spawn')",
            )
        if self._failure is not None:
            raise _KINDS[type(self._failure).__name__](None, None, self._failure.message)
        self.n_exchanges += 1
        self._said_waiting = False

    def _all(self, request: Request, blob: Any) -> list[Any]:
        parts: list[Any] = [b""] * self.size
        parts[self.rank] = blob
        for turn in range(self.size - 1):
            given = parts[(self.rank - turn) % self.size]
            parts[(self.rank - turn - 1) % self.size] = self._turn(request, given, None)
        parts[self.rank] = bytes(blob)
        return parts

    def _turn(
        self, request: Request, given: Any, into: memoryview | None, takes: bool = True
    ) -> Any:
        """Give a frame (None: nothing) to the next rank while one is taken from the last one."""
        try:
            return self._exchange(request, given, into, takes)
        except OpError as error:
            self._failure = self._failure or error
            raise
        except BaseException as stop:
            self._failure = InternalError(
                None, None, f"rank {self.rank} was stopped in the middle of an exchange: {stop!r}"
            )
            self._tell(self._failure, self.rank)
            raise

    def _exchange(self, request: Request, given: Any, into: memoryview | None, takes: bool) -> Any:
        parts: list[Any] = []
        if given is not None:
            if request.digest not in self._told:
                text = request.text.encode()
                parts += [HEAD.pack(NAMES, request.digest, len(text)), text]
                self._told.add(request.digest)
            parts += [HEAD.pack(DATA, request.digest, len(given)), given]
            self.n_bytes += len(given)
        outgoing = self._outgoing = Outgoing(parts)
        incoming = Incoming(into) if takes else None
        received: Any = None
        started = 0.0
        while incoming is not None or not outgoing.is_done:
            moved = False
            if incoming is not None:
                moved = self._pull(incoming, request)
                if incoming.is_done:
                    if self._is_waited_for(incoming, request):
                        received, incoming = incoming.body, None
                    else:
                        incoming = Incoming(into)
            if not outgoing.is_done:
                moved |= self._push(outgoing, request, incoming)
            if not moved:
                started = started or time.monotonic()
                self._wait(outgoing, incoming, request, time.monotonic() - started)
        self.is_waiting = False
        if into is not None and received is not None and len(received) != len(into):
            before = (self.rank - 1) % self.size
            text = f"rank {before} gives {len(received)} bytes, rank {self.rank} {len(into)}"
            raise self._fail(InternalError(None, None, text), self.rank)
        return received

    def _pull(self, incoming: Incoming, request: Request) -> bool:
        try:
            return incoming.pull(self._previous)
        except OSError:
            gone = (self.rank - 1) % self.size
            raise self._fail(self._gone(gone, request), gone) from None

    def _push(self, outgoing: Outgoing, request: Request, incoming: Incoming | None) -> bool:
        try:
            return outgoing.push(self._following)
        except OSError:
            gone = (self.rank + 1) % self.size
            raise self._fail(
                self._last_words(incoming or Incoming()) or self._gone(gone, request), gone
            ) from None

    def _is_waited_for(self, incoming: Incoming, request: Request) -> bool:
        """Look at a frame that has come: whether it is the data, of the same exchange."""
        if incoming.kind == NAMES:
            text = bytes(incoming.body).decode()
            self._known[incoming.digest] = Request(incoming.digest, text)
            return False
        if incoming.kind == FAILED:
            raise self._passed_on(incoming)
        before = (self.rank - 1) % self.size
        if incoming.digest != request.digest:
            other = self._known.get(incoming.digest) or Request(incoming.digest, "?")
            pair = sorted([(before, other), (self.rank, request)], key=lambda each: each[0])
            text = frames.difference(pair[0][1], pair[1][1], pair[0][0], pair[1][0])
            raise self._fail(InvalidArgumentError(None, None, text), self.rank)
        return True

    def _wait(
        self, outgoing: Outgoing, incoming: Incoming | None, request: Request, waited: float
    ) -> None:
        waiting = select.poll()
        if incoming is not None:
            waiting.register(self._previous, select.POLLIN)
        if not outgoing.is_done:
            waiting.register(self._following, select.POLLOUT)
        self.is_waiting = True
        waiting.poll(250)
        if waited > self._patience and not self._said_waiting:
            self._said_waiting = True
            sys.stderr.write(f"graphmode: {self._waits(incoming, request, waited)}\n")
        if self._limit and waited > self._limit:
            raise self._fail(
                InternalError(None, None, self._waits(incoming, request, waited)), self.rank
            )

    def _waits(self, incoming: Incoming | None, request: Request, waited: float) -> str:
        other = (self.rank + (1 if incoming is None else -1)) % self.size
        return (
            f"rank {self.rank} has waited for rank {other} for {waited:.0f} s, in "
            f"{request.text.splitlines()[0]}"
        )

    # ---- what goes wrong --------------------------------------------------------------------

    def _gone(self, rank: int, request: Request) -> OpError:
        what = request.text.splitlines()[0]
        return InternalError(
            None,
            None,
            f"rank {rank} has ended, while rank {self.rank} waits for it in {what}.\n"
            f"  fix: look at what rank {rank} said last; if it came to its end, it ran fewer "
            "steps than the others",
        )

    def _fail(self, error: OpError, origin: int) -> OpError:
        self._failure = error
        self.was_told = origin != self.rank
        self._tell(error, origin)
        return error

    def _tell(self, error: OpError, origin: int) -> None:
        """Let the next rank know, and by it all others up to `origin`."""
        following = (self.rank + 1) % self.size
        if following == origin:
            return
        text = f"{origin}{_ALONE}{type(error).__name__}{_ALONE}{error.message}".encode()
        try:
            self._following.settimeout(_LAST_WORDS)
            # What follows half a frame would be taken for the rest of it.
            rest = self._outgoing.rest if self._outgoing.is_begun else []
            for part in (*rest, HEAD.pack(FAILED, bytes(16), len(text)), text):
                self._following.sendall(part)
        except OSError:
            # It sees for itself that this rank has ended.
            with contextlib.suppress(OSError):
                self._following.shutdown(socket.SHUT_WR)
        finally:
            with contextlib.suppress(OSError):
                self._following.setblocking(False)

    def _passed_on(self, incoming: Incoming) -> OpError:
        origin, kind, text = bytes(incoming.body).decode().split(_ALONE, 2)
        return self._fail(_KINDS[kind](None, None, text), int(origin))

    def _last_words(self, incoming: Incoming) -> OpError | None:
        """What the rank before says of a failure, if it comes soon, after the frame `incoming`."""
        until = time.monotonic() + _LAST_WORDS
        try:
            while time.monotonic() < until:
                if not incoming.pull(self._previous):
                    select.select([self._previous], [], [], 0.1)
                if incoming.is_done:
                    if incoming.kind == FAILED:
                        return self._passed_on(incoming)
                    incoming = Incoming()
        except OSError:
            pass
        return None


def _bytes_of(array: Array) -> memoryview:
    return array.reshape(-1).view(np.uint8).data
