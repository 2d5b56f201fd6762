"""`Task`: what one process is in a cluster; `TaskSession`: what a session is at a task."""

from __future__ import annotations

import contextlib
import os
import threading
import weakref
from typing import TYPE_CHECKING, Any, Protocol

from graphmode.cluster.arrays import as_array
from graphmode.cluster.kept import Kept, TaskSessionState, replaced, run_at_task
from graphmode.cluster.passing import Passing
from graphmode.framework.errors import InvalidArgumentError
from graphmode.framework.graph import Graph
from graphmode.framework.proto.messages import protobuf
from graphmode.graph_io.importing import import_graph_def
from graphmode.ops.data.waiting import until, within
from graphmode.runtime.config import ConfigProto
from graphmode.runtime.places.devices import Devices
from graphmode.runtime.planning import build_plan
from graphmode.runtime.signatures import Planned
from graphmode.runtime.stats import RunStats

if TYPE_CHECKING:
    from collections.abc import Collection

    import numpy as np

    from graphmode.cluster.cluster_spec import ClusterSpec, TaskName


class Task:
    """One task of a cluster: what it keeps, and the sessions that run here.

    Parameters
    ----------
    cluster : ClusterSpec
    name : TaskName
    config : ConfigProto
        Of the server.
    """

    def __init__(self, cluster: ClusterSpec, name: TaskName, config: ConfigProto) -> None:
        self.cluster, self.name, self.config = cluster, name, config
        self.kept = Kept()
        self.passing = Passing(cluster, name)
        self.incarnation = int.from_bytes(os.urandom(8), "big") | 1
        """Another number for each process that has been this task."""
        self._sessions: dict[str, TaskSession] = {}
        self._sessions_here: weakref.WeakSet[Ends] = weakref.WeakSet()
        self._lock = threading.Lock()

    def devices(self, soft: bool = False) -> Devices:
        """The devices of this task.

        Parameters
        ----------
        soft : bool
            Whether an op may ask for one that is not there.
        """
        config = ConfigProto(device_count=dict(self.config.device_count), allow_soft_placement=soft)
        return Devices(config, self.name.job, self.name.index)

    def state(self, session: Ends, isolated: bool) -> TaskSessionState:
        """What a session keeps here whose graph is of this process, and whose target is this task.

        Parameters
        ----------
        session : Ends
            Told when the task's sessions are ended.
        isolated : bool
            Whether nothing is shared with other sessions.
        """
        with self._lock:
            self._sessions_here.add(session)
        return TaskSessionState(Kept() if isolated else self.kept, self.name, named=False)

    def enter(
        self, session: str, soft: bool, is_new: bool, home: str, isolated: bool
    ) -> TaskSession:
        """The session of that name; `leave` is to be called as often.

        Parameters
        ----------
        session : str
        soft : bool
            Whether its ops may ask for a device that is not there.
        is_new : bool
        home : str
            The task that it names as its target.
        isolated : bool
            Whether nothing is shared with other sessions.

        Raises
        ------
        AbortedError
            If it is not new, and not known: the connection to it was lost.
        """
        with self._lock:
            found = self._sessions.get(session)
            if found is None and not is_new:
                raise replaced(self.name)
            if found is None:
                found = self._sessions[session] = TaskSession(self, soft, home, isolated)
            found.n_talks += 1
            return found

    def leave(self, session: str, of: TaskSession) -> None:
        """One who talked for a session is gone; with the last one it is closed."""
        with self._lock:
            of.n_talks -= 1
            is_over = not of.n_talks
            if is_over and self._sessions.get(session) is of:
                del self._sessions[session]
        if is_over:
            of.close()

    def close(self, session: str) -> None:
        """Close a session though somebody still talks for it."""
        with self._lock:
            found = self._sessions.get(session)
        if found is not None:
            found.close()

    def reset(self, containers: Collection[str], home: str) -> None:
        """Forget what is in `containers`, and end the sessions whose target is `home`.

        Others go on, and find variables without a value.
        """
        with self._lock:
            ended = [key for key, each in self._sessions.items() if each.home == home]
            sessions: list[Ends] = [self._sessions.pop(key) for key in ended]
            if home == str(self.name):
                sessions += self._sessions_here
        for session in sessions:
            session.end()
        self.kept.forget(containers)


class Ends(Protocol):
    """A session that a task can end."""

    def end(self) -> None:
        """Cancel what it runs, and let it run no more."""


class TaskSession:
    """A session of another process: the parts of its graph that it has sent."""

    def __init__(self, task: Task, soft: bool, home: str, isolated: bool) -> None:
        self.n_talks = 0
        self.home = home
        """The task that the session names as its target."""
        kept = Kept() if isolated else task.kept
        self.state = TaskSessionState(kept, task.name, named=True)
        self._task = task
        self._devices = task.devices(soft)
        self._stats = RunStats()
        self._parts: dict[int, _Part] = {}
        self.constants: dict[bytes, bytes] = {}
        """The answers to runs that only give constants, by what asks for them."""
        self.waiting: set[threading.Event] = set()
        """Set when nobody waits any more for the runs that go on."""

    def close(self) -> None:
        """End the session: what waits in one of its runs takes nothing any more."""
        self.state.close()
        for gone in list(self.waiting):
            gone.set()

    end = close

    def add_part(self, number: int, graph: np.ndarray, stages: Any) -> None:
        """Take what another process has sent of its graph.

        Parameters
        ----------
        number : int
            How runs will name it.
        graph : array of uint8
            A serialized GraphDef.
        stages : list of Stage
            The messages.
        """
        self.require_open()
        self._parts[number] = _Part(graph.tobytes(), stages)

    def run(
        self,
        run: Any,
        feeds: list[np.ndarray],
        kept: dict[str, Any],
        gone: threading.Event,
    ) -> list[Any]:
        """Run a stage; the values that are wanted elsewhere.

        Parameters
        ----------
        run : Run
            The message.
        feeds : list of array
            What it is given.
        kept : dict
            What earlier stages of the run have left here, and where this one leaves something.
        gone : Event
            Set when nobody waits for the run any more.
        """
        self.require_open()
        part = self._parts.get(run.part)
        if part is None or run.stage >= len(part.stages):
            raise InvalidArgumentError(
                None, None, f"part {run.part} of a graph has no stage {run.stage}, or was not sent"
            )
        stage = part.stages[run.stage]
        planned = part.planned(run.stage, self.state, self._devices)
        if len(feeds) != len(stage.feeds):
            raise InvalidArgumentError(
                None, None, f"{len(feeds)} values were sent where {len(stage.feeds)} were due"
            )
        feeds += [kept[name] for name in stage.kept_feeds]
        limit = within(run.seconds) if run.seconds > 0 else contextlib.nullcontext()
        with until(gone), limit:
            values = run_at_task(planned, feeds, self.state, self._stats, run.mode)
        n = len(stage.fetches)
        for name, value in zip(stage.kept_fetches, values[n:], strict=True):
            kept[name] = as_array(value)
        return values[:n]

    def gives_constants(self, run: Any) -> bool:
        """Whether a run, which has been made, does nothing but give the same values each time.

        Parameters
        ----------
        run : Run
            The message.
        """
        is_constant = self._parts[run.part].is_constant[run.stage]
        return is_constant and run.begins and not run.seconds and not run.passed

    def require_open(self) -> None:
        """Refuse what comes after the end of the session.

        Raises
        ------
        AbortedError
        """
        if self.state.closed:
            raise replaced(self._task.name)


class _Part:
    """The ops of one task that some runs need, as a graph of their own."""

    def __init__(self, graph: bytes, stages: Any) -> None:
        self.stages = stages
        self._graph = Graph()
        with self._graph.as_default():
            import_graph_def(protobuf("graph").GraphDef.FromString(graph), name="")
        for op in self._graph.get_operations():
            op.site = None  # the line that made it is in another process, which adds it to errors
        self._planned: list[Planned | None] = [None] * len(stages)
        self.is_constant = [False] * len(stages)
        """Of each stage that has a plan, whether it only gives constants."""

    def planned(self, number: int, state: TaskSessionState, devices: Devices) -> Planned:
        """The plan of a stage, made at its first run."""
        planned = self._planned[number]
        if planned is None:
            graph, stage = self._graph, self.stages[number]
            with graph.building:
                tensors = [
                    [graph.get_tensor_by_name(name) for name in names]
                    for names in (stage.feeds, stage.kept_feeds, stage.fetches, stage.kept_fetches)
                ]
                targets = [graph.get_operation_by_name(name) for name in stage.targets]
                done = [
                    graph.get_operation_by_name(name)
                    for other in self.stages if other is not stage
                    for name in other.members
                ]  # fmt: skip
                plan = build_plan(
                    [*tensors[2], *tensors[3], *targets], [*tensors[0], *tensors[1]],
                    state.resources, done,
                )  # fmt: skip
            devices.check(plan, plan.order)
            does = plan.prologue, plan.steps, plan.loads, plan.stores, plan.feed_slots
            self.is_constant[number] = not any(does) and not stage.kept_fetches
            planned = self._planned[number] = Planned(plan, devices)
        return planned
