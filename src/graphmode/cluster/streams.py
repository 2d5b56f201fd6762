"""Streams of messages to a task: read by the thread that waits for the answer, or by gRPC's own.

gRPC's public stream has a thread that sends and one that receives, so an answer crosses two threads
before it is there. A call of its own queue of events (that gRPC's blocking calls of one message
are made of) sends and receives in the thread that asks, at half the price. It is no public
interface: where a release of gRPC has none such, all streams are the public ones.
"""

from __future__ import annotations

import contextlib
import queue
from typing import TYPE_CHECKING, Any

from graphmode.cluster.wire import grpc

if TYPE_CHECKING:
    from collections.abc import Iterable

try:
    from grpc._cython import cygrpc as _core
except ImportError:  # pragma: no cover - every release so far has it
    _core: Any = None

_CODES = {code.value[0]: code for code in grpc.StatusCode}
_OPENED, _SENT, _RECEIVED, _ANSWERED, _ENDED = range(5)
"""What an event of a `Direct` stream says."""


class StreamEndedError(Exception):
    """The other side has ended a stream, or is gone.

    Parameters
    ----------
    code : grpc.StatusCode
    details : str
    """

    def __init__(self, code: grpc.StatusCode, details: str) -> None:
        super().__init__(details)
        self.code, self.details = code, details


class Watched:
    """A stream of gRPC's public interface, whose threads notice what happens though nobody waits.

    Parameters
    ----------
    channel : grpc.Channel
    method : str
    """

    def __init__(self, channel: grpc.Channel, method: str) -> None:
        self._outgoing: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        converse: Any = channel.stream_stream(method)
        self._incoming: Any = converse(iter(self._outgoing.get, None))

    def send(self, message: bytes, pieces: Iterable[bytes] = ()) -> None:
        """Send a message and the pieces that follow it."""
        self._outgoing.put(message)
        for piece in pieces:
            self._outgoing.put(piece)

    def receive(self, is_more: bool = False) -> bytes:
        """The next message of the other side.

        Parameters
        ----------
        is_more : bool
            Whether another one follows, which may come while this one is looked at.

        Raises
        ------
        StreamEndedError
        """
        try:
            return next(self._incoming)
        except StopIteration:
            raise StreamEndedError(grpc.StatusCode.OK, "it has ended the conversation") from None
        except grpc.RpcError as error:
            ended: Any = error
            raise StreamEndedError(ended.code(), ended.details() or "") from None

    def cancel(self) -> None:
        """End the stream."""
        self._outgoing.put(None)
        self._incoming.cancel()


class Direct:
    """A stream that the thread reads which waits: one thread at a time.

    Every batch of operations gives one event, and the queue of events is gone with the last: a
    further look at it would never come back. So `_due` counts what is still to come, and rather
    too little than too much where Ctrl-C comes in between.

    Parameters
    ----------
    core : cygrpc.Channel
    method : str
    """

    def __init__(self, core: Any, method: str) -> None:
        opening = (
            ((_core.SendInitialMetadataOperation(None, 0),), _OPENED),
            ((_core.ReceiveStatusOnClientOperation(0),), _ENDED),
            ((_core.ReceiveInitialMetadataOperation(0),), _OPENED),
        )
        self._call: Any = core.segregated_call(
            0, method.encode(), None, None, None, None, opening, None
        )
        self._due = len(opening)
        self._is_sending = self._is_receiving = self._is_over = False
        self._arrived: bytes | None = None
        self._end: StreamEndedError | None = None

    def send(self, message: bytes, pieces: Iterable[bytes] = ()) -> None:
        """Send a message and the pieces that follow it, to which there is one answer."""
        for piece in pieces:
            self._send(message)
            message = piece
        self._send(message, is_last=True)

    def receive(self, is_more: bool = False) -> bytes:
        """As for `Watched`."""
        while (message := self._arrived) is None:
            if self._end is not None:
                if not self._due:
                    raise self._end
                self._take()  # what was sent before the end may be told after it
                continue
            self._await_message()
            self._take()
        self._arrived = None
        if is_more:
            self._await_message()
        return message

    def cancel(self) -> None:
        """End the stream."""
        with contextlib.suppress(ValueError):  # it is ending
            self._call.cancel(grpc.StatusCode.CANCELLED.value[0], "nobody waits any more")
        while self._due:
            self._take()

    def _send(self, message: bytes, is_last: bool = False) -> None:
        while self._is_sending and self._end is None:
            self._take()
        if self._end is not None:
            return
        sending = _core.SendMessageOperation(message, 0)
        if is_last and not self._is_receiving:  # one event for both
            receiving = _core.ReceiveMessageOperation(0)
            self._is_sending = self._is_receiving = self._begin(_ANSWERED, sending, receiving)
        else:
            self._is_sending = self._begin(_SENT, sending)

    def _await_message(self) -> None:
        if not (self._is_receiving or self._is_over):
            self._is_receiving = self._begin(_RECEIVED, _core.ReceiveMessageOperation(0))

    def _begin(self, tag: int, *operations: Any) -> bool:
        """Whether there will be an event: not if the call has ended."""
        is_due = self._call.operate(operations, tag)
        if is_due:
            self._due += 1
        return is_due

    def _take(self) -> None:
        """Wait for the next event."""
        if not self._due:
            raise StreamEndedError(grpc.StatusCode.CANCELLED, "the stream was interrupted")
        self._due -= 1
        try:
            event = self._call.next_event()
        except BaseException:
            self._due = 0  # gRPC has ended the call, and taken the queue away
            self._end = StreamEndedError(grpc.StatusCode.CANCELLED, "the stream was interrupted")
            raise
        if event.tag in (_ANSWERED, _SENT):
            self._is_sending = False
        if event.tag in (_ANSWERED, _RECEIVED):
            self._is_receiving = False
            self._arrived = event.batch_operations[-1].message()
            self._is_over = self._arrived is None
        elif event.tag == _ENDED:
            (status,) = event.batch_operations
            details = status.details() or "it has ended the conversation"
            self._end = StreamEndedError(_CODES[status.code()], details)


def open_stream(channel: grpc.Channel, method: str) -> Direct | Watched:
    """A stream for runs: read by the thread that waits, if this gRPC can.

    Parameters
    ----------
    channel : grpc.Channel
    method : str
    """
    core = getattr(channel, "_channel", None)
    if _core is not None and isinstance(core, _core.Channel):
        with contextlib.suppress(AttributeError, TypeError):  # another gRPC than those known
            return Direct(core, method)
    return Watched(channel, method)
