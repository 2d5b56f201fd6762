"""The other side of a conversation: how a session talks to a task of another process."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graphmode.cluster.agreement import (
    cluster_of,
    introduce,
    require_agreement,
    require_same_version,
    task_name,
)
from graphmode.cluster.arrays import Packing, packed_graph, unpacked
from graphmode.cluster.channels import channel_to
from graphmode.cluster.cluster_spec import addresses_of
from graphmode.cluster.frames import error_of, new_frame, read_frame
from graphmode.cluster.service import CLOSE, METHOD
from graphmode.cluster.streams import Direct, StreamEndedError, Watched, open_stream
from graphmode.cluster.wire import grpc
from graphmode.framework import errors
from graphmode.framework.errors import InvalidArgumentError, OpError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np

    from graphmode.cluster.cluster_spec import ClusterSpec, TaskName

_PATIENCE = 2.0
"""Seconds that closing a session waits for a task."""


@dataclass(frozen=True, slots=True)
class Introduction:
    """Who talks: of which session, for which task, of which cluster."""

    session: str
    """Unlike that of any other session."""
    who: str
    """The task that the session is of."""
    cluster: ClusterSpec | None = None
    """None for who does not know it yet."""
    soft: bool = False
    """Whether ops may ask for devices that are not there."""
    isolated: bool = False
    """Whether the session shares no variables and resources with others."""
    home: str = ""
    """The task that the session names as its target; an empty text for who asks that one."""


class Line:
    """The connection to one task, and the conversations on it.

    Parameters
    ----------
    task : TaskName or None
        None for who knows the address only.
    address : str
        host:port
    introduction : Introduction
    """

    def __init__(self, task: TaskName | None, address: str, introduction: Introduction) -> None:
        self.task, self.address = task, address
        self._introduction = introduction
        self._channel = channel_to(address)
        self._idle: list[Talk] = []
        self._home: Talk | None = None
        self._incarnation = 0
        self.is_closed = False
        self.cluster: ClusterSpec | None = None
        """What the task says of its cluster."""
        self.filters: list[str] = []
        """The device filters that its server was given."""

    @property
    def name(self) -> str:
        """What errors call the task."""
        return f"at {self.address}" if self.task is None else f"{self.task} at {self.address}"

    def knows(self, tasks: Iterable[TaskName]) -> bool:
        """Whether the task knows where `tasks` are."""
        return self.cluster is not None and addresses_of(self.cluster).keys() >= set(tasks)

    def call(self) -> Talk:
        """Begin to connect; `Talk.greet` waits for the answer."""
        return Talk(Watched(self._channel, METHOD), self)

    def be_connected(self, home: Talk) -> None:
        """Keep the conversation that stands for the session as long as it lives."""
        welcome = home.greet(self._introduction, self._incarnation)
        self.cluster, self.filters = cluster_of(welcome), list(welcome.filters)
        found = task_name(welcome)
        if self.task is not None and found != self.task:
            raise InvalidArgumentError(
                None, None,
                f"{found} answers at {self.address}, where {self.task} was expected\n"
                "  fix: give every task the same tf.train.ClusterSpec, and each its own job_name "
                "and task_index",
            )  # fmt: skip
        self.task, self._home, self._incarnation = found, home, welcome.incarnation

    @property
    def home(self) -> Talk:
        """The conversation about the session itself."""
        assert self._home is not None  # noqa: S101 - who asks has connected
        return self._home

    def take(self) -> Talk:
        """A conversation for one run."""
        try:
            return self._idle.pop()
        except IndexError:
            pass
        try:
            talk = Talk(open_stream(self._channel, METHOD), self)
        except ValueError:  # of a channel that has been closed
            raise _cancelled() from None
        try:
            talk.greet(self._introduction, self._incarnation)
        except BaseException:
            talk.cancel()
            raise
        return talk

    def give_back(self, talk: Talk) -> None:
        """A run has ended; the next may have its conversation."""
        self._idle.append(talk)
        if self.is_closed:
            self._cancel_idle()

    def close(self) -> None:
        """End all conversations: what waits in one is cancelled."""
        self.is_closed = True
        if self._home is not None and self._home.is_open:
            with contextlib.suppress(grpc.RpcError):  # who does not answer has nothing to end
                close: Any = self._channel.unary_unary(CLOSE)
                close(self._introduction.session.encode(), timeout=_PATIENCE)
        if self._home is not None:
            self._home.cancel()
        self._cancel_idle()
        self._channel.close()

    def _cancel_idle(self) -> None:
        with contextlib.suppress(IndexError):
            while True:
                self._idle.pop().cancel()


class Talk:
    """One stream: what is asked is answered in order."""

    def __init__(self, stream: Direct | Watched, line: Line) -> None:
        self._line, self._stream = line, stream
        self.is_open = True
        """Whether the other side can be asked more."""

    def greet(self, introduction: Introduction, incarnation: int) -> Any:
        """Say who talks; the `Welcome`.

        Raises
        ------
        UnavailableError
            If nobody answers.
        OpError
            If the other side refuses, or is none to work with.
        """
        frame = new_frame()
        introduce(frame.hello, introduction.cluster)
        frame.hello.session, frame.hello.task = introduction.session, introduction.who
        frame.hello.soft, frame.hello.incarnation = introduction.soft, incarnation
        frame.hello.home, frame.hello.isolated = introduction.home, introduction.isolated
        self.send(frame.SerializeToString())
        welcome = self.answer(None).welcome
        name = self._line.name
        require_same_version(welcome, name, introduction.who)
        if introduction.cluster is not None:
            theirs = cluster_of(welcome)
            require_agreement(introduction.cluster, theirs, introduction.who, name)
        return welcome

    def send(self, frame: bytes, packing: Packing | None = None) -> None:
        """Ask something; `answer` waits for what is said to it."""
        pieces = packing.pieces() if packing is not None else ()
        try:
            self._stream.send(frame, pieces)
        except StreamEndedError as end:
            raise self._failed(end) from None

    def answer(self, graph: Any) -> Any:
        """The next answer.

        Parameters
        ----------
        graph : Graph or None
            Whose ops an error names.

        Raises
        ------
        OpError
            What the other side says went wrong, or that it is gone.
        """
        frame = read_frame(self._next())
        if frame.HasField("refusal"):
            raise self._refused(frame.refusal, graph)
        return frame

    def values_or_error(self, graph: Any) -> list[np.ndarray] | OpError:
        """The values that the next answer gives, or what the other side says went wrong.

        Raises
        ------
        OpError
            If the other side is gone, or what it says is damaged.
        """
        frame = read_frame(self._next())
        if frame.HasField("refusal"):
            return self._refused(frame.refusal, graph)
        return unpacked(frame.done.values, self._next)

    def add_part(self, number: int, part: Any, graph: bytes) -> None:
        """Send the ops of a task, and wait until they are there."""
        frame = new_frame()
        frame.part.CopyFrom(part)
        frame.part.number = number
        packing = packed_graph(frame.part.graph, graph)
        self.send(frame.SerializeToString(), packing)
        self.answer(None)

    def cancel(self) -> None:
        """End the conversation; nobody waits for an answer any more."""
        self.is_open = False
        self._stream.cancel()

    def _next(self, is_more: bool = False) -> bytes:
        try:
            return self._stream.receive(is_more)
        except StreamEndedError as end:
            raise self._failed(end) from None

    def _refused(self, refusal: Any, graph: Any) -> OpError:
        error = error_of(refusal, graph, self._line.name)
        if self._line.is_closed and isinstance(error, errors.AbortedError):
            return _cancelled()  # the other side has heard of it first
        return error

    def _failed(self, end: StreamEndedError) -> OpError:
        self.is_open = False
        code, details = end.code, end.details
        if self._line.is_closed:
            return _cancelled()
        if code is grpc.StatusCode.RESOURCE_EXHAUSTED:
            return errors.ResourceExhaustedError(None, None, f"{self._line.name}: {details}")
        if code is grpc.StatusCode.UNIMPLEMENTED:
            return errors.UnimplementedError(
                None, None, f"{self._line.name} is no server of graphmode: {details}"
            )
        return self._gone(details)

    def _gone(self, details: str) -> UnavailableError:
        return UnavailableError(
            None, None,
            f"{self._line.name} cannot be reached: {details}\n"
            "  fix: see that its process runs; when it is back, make a new session "
            "(tf.train.MonitoredTrainingSession does, and restores the newest checkpoint)",
        )  # fmt: skip


def _cancelled() -> errors.CancelledError:
    return errors.CancelledError(None, None, "Run call was cancelled")
