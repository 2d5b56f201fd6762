"""How a task answers: one conversation for each run that goes on at the same time.

A conversation is a stream of frames both ways. Who begins it says of which cluster and version it
is; then come parts of a graph and runs, one after the other. What waits in one keeps no other
waiting, and ends when the other side is gone.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from graphmode.cluster.agreement import (
    cluster_of,
    introduce,
    is_known,
    require_agreement,
    require_same_version,
)
from graphmode.cluster.arrays import Held, Packing, unpacked
from graphmode.cluster.frames import new_frame, read_frame, refusal_of
from graphmode.cluster.kept import names_of, replaced
from graphmode.cluster.passing import FETCH
from graphmode.cluster.wire import grpc
from graphmode.framework.errors import DataLossError, PermissionDeniedError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graphmode.cluster.task import Task, TaskSession

METHOD = "/graphmode.cluster.Task/Converse"
CLOSE = "/graphmode.cluster.Task/Close"


class Service(grpc.GenericRpcHandler):
    """Answers for a task.

    Parameters
    ----------
    task : Task
    """

    def __init__(self, task: Task) -> None:
        self._task = task

    def service(self, handler_call_details: Any) -> Any:
        """What answers a call; None for methods that are not known."""
        if handler_call_details.method == CLOSE:
            return grpc.unary_unary_rpc_method_handler(self._close)
        if handler_call_details.method == FETCH:
            return grpc.unary_stream_rpc_method_handler(self._fetch)
        if handler_call_details.method != METHOD:
            return None
        return grpc.stream_stream_rpc_method_handler(self._converse)

    def _close(self, session: bytes, context: Any) -> bytes:
        if is_known(context.peer(), self._task.cluster):
            self._task.close(session.decode())
        return b""

    def _fetch(self, key: bytes, context: Any) -> Iterator[bytes]:
        try:
            self._require_known(context.peer())
        except PermissionDeniedError as error:
            yield refusal_of(error)
        else:
            yield from self._task.passing.messages(key.decode())

    def _converse(self, frames: Iterator[bytes], context: Any) -> Iterator[bytes]:
        gone = threading.Event()
        if not context.add_callback(gone.set):
            gone.set()
        try:
            hello = read_frame(next(frames)).hello
            session = self._greeted(hello, context.peer())
        except StopIteration:
            return
        except Exception as error:
            yield refusal_of(error)
            return
        try:
            welcome = new_frame()
            introduce(welcome.welcome, self._task.cluster)
            welcome.welcome.incarnation = self._task.incarnation
            welcome.welcome.job, welcome.welcome.index = self._task.name
            welcome.welcome.filters.extend(self._task.config.device_filters)
            yield welcome.SerializeToString()
            conversation = _Conversation(self._task, session, frames, gone)
            session.waiting.add(gone)
            try:
                for frame in frames:
                    yield from conversation.answer(frame)
            finally:
                conversation.end()
        finally:
            session.waiting.discard(gone)
            self._task.leave(hello.session, session)

    def _greeted(self, hello: Any, peer: str) -> TaskSession:
        """The session that a caller talks for, who has to be one of the cluster."""
        task = self._task
        self._require_known(peer)
        require_same_version(hello, hello.task, task.name)
        require_agreement(task.cluster, cluster_of(hello), task.name, hello.task)
        if hello.incarnation not in (0, task.incarnation):
            raise replaced(task.name)
        home = hello.home or str(task.name)
        is_new = not hello.incarnation
        return task.enter(hello.session, hello.soft, is_new, home, hello.isolated)

    def _require_known(self, peer: str) -> None:
        task = self._task
        if not is_known(peer, task.cluster):
            raise PermissionDeniedError(
                None, None,
                f"{task.name} does not know who calls from {peer}: it answers the machines of its "
                f"cluster only\n  {task.cluster}",
            )  # fmt: skip


class _Conversation:
    """What a session says in one stream."""

    def __init__(
        self, task: Task, session: TaskSession, frames: Iterator[bytes], gone: threading.Event
    ) -> None:
        self._task, self._session, self._frames, self._gone = task, session, frames, gone
        self._kept: dict[str, Any] = {}
        """What stages of the run that goes on have left for later ones."""
        self._held: list[Held] = []
        """What they have left for other tasks."""
        self._answers: dict[str, Callable[[Any], tuple[Any, Packing | None]]] = {
            "run": self._run,
            "part": self._add_part,
            "reset": self._reset,
            "devices": self._devices,
        }

    def answer(self, frame: bytes) -> Iterable[bytes]:
        """What is to be sent back for a frame and the pieces that follow it."""
        try:
            known = self._session.constants.get(frame)
            if known is not None:
                self._session.require_open()
                yield known
                return
            asked = read_frame(frame)
            for field, _ in asked.ListFields():
                answer, packing = self._answers[field.name](getattr(asked, field.name))
                content = answer.SerializeToString()
                is_whole = packing is None or packing.is_empty
                if is_whole and field.name == "run" and self._session.gives_constants(asked.run):
                    self._session.constants[frame] = content
                yield content
                if packing is not None:
                    yield from packing.pieces()
                return
            raise DataLossError(None, None, "an empty message came")
        except Exception as error:
            yield refusal_of(error)

    def _next_piece(self, _: bool) -> bytes:
        for piece in self._frames:
            return piece
        raise DataLossError(None, None, "the other side ended in the middle of an array")

    def _run(self, run: Any) -> tuple[Any, Packing]:
        feeds = unpacked(run.feeds, self._next_piece)
        if run.begins:
            self.end()
        if feeds:
            feeds = self._task.passing.fetched(feeds, run.seconds)
        values = self._session.run(run, feeds, self._kept, self._gone)
        for i, n_readers in Counter(run.passed).items() if run.passed else ():
            values[i] = self._task.passing.held(values[i], n_readers)
            if isinstance(values[i], Held):
                self._held.append(values[i])
        answer, packing = new_frame(), Packing()
        answer.done.SetInParent()
        for value in values:
            packing.add(answer.done.values.add(), value)
        return answer, packing

    def end(self) -> None:
        """Forget what the last run has left."""
        self._kept.clear()
        self._task.passing.release(self._held)
        self._held = []

    def _add_part(self, part: Any) -> tuple[Any, None]:
        (graph,) = unpacked([part.graph], self._next_piece)
        self._session.add_part(part.number, graph, part.stages)
        answer = new_frame()
        answer.done.SetInParent()
        return answer, None

    def _reset(self, reset: Any) -> tuple[Any, None]:
        self._task.reset(names_of(reset.containers), reset.home)
        answer = new_frame()
        answer.done.SetInParent()
        return answer, None

    def _devices(self, _: Any) -> tuple[Any, None]:
        answer = new_frame()
        answer.devices.SetInParent()
        for device in self._task.devices().all:
            answer.devices.devices.add(
                name=device.name, kind=device.device_type, memory=device.memory_limit
            )
        return answer, None
