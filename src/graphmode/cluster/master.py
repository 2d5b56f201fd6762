"""`Master`: what runs a session by the tasks of a cluster.

It is in the session's own process, whichever task the session names: it divides each run among the
tasks and talks to each of them itself. What is of the process's own task runs here, on the
session's own graph, and is written into no message.
"""

from __future__ import annotations

import sys
import threading
import time
import uuid
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from graphmode.cluster.arrays import Packing, as_array
from graphmode.cluster.cluster_spec import TaskName, addresses_of
from graphmode.cluster.frames import new_frame
from graphmode.cluster.kept import names_of, replaced, run_at_task
from graphmode.cluster.local_tasks import task_at
from graphmode.cluster.messages import message
from graphmode.cluster.partition import Places, divided, is_of
from graphmode.cluster.parts import Part
from graphmode.cluster.talk import Introduction, Line
from graphmode.framework.device import DeviceSpec
from graphmode.framework.errors import (
    CancelledError,
    DeadlineExceededError,
    OpError,
    UnavailableError,
)
from graphmode.framework.operation import Operation, Tensor
from graphmode.ops.data.waiting import time_left, until
from graphmode.runtime.places.devices import Devices
from graphmode.runtime.places.threads import require_no_fork
from graphmode.runtime.planning import build_plan
from graphmode.runtime.signatures import Planned
from graphmode.runtime.state import SessionState

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from graphmode.cluster.partition import Stage
    from graphmode.cluster.talk import Talk
    from graphmode.runtime.config import ConfigProto
    from graphmode.runtime.order import Needed
    from graphmode.runtime.stats import RunStats

_PATIENCE = 10.0
"""Seconds until a task that does not answer is named, and between two times."""
_PAUSE = 0.1


class Master:
    """Runs a session by the tasks of a cluster.

    Parameters
    ----------
    target : str
        The address of a task: "grpc://host:port".
    config : ConfigProto
        Of the session.
    """

    def __init__(self, target: str, config: ConfigProto) -> None:
        require_no_fork("tf.Session")
        self._address = target.removeprefix("grpc://")
        self._config = config
        self._task = task_at(target)
        self._closed = threading.Event()
        self._connecting = threading.Lock()
        self._is_connected = self._is_forgotten = False
        self._lines: dict[TaskName, Line] = {}
        self._n_parts = 0
        self._session = uuid.uuid4().hex
        self.is_logged = bool(config.log_device_placement)
        """Whether the session says where ops run."""
        if self._task is not None:
            self.state: SessionState = self._task.state(self, bool(config.isolate_session_state))
            self.devices = self._task.devices(bool(config.allow_soft_placement))
        else:
            self.state, self.devices = SessionState(), Devices(config)

    # ---- connecting --------------------------------------------------------------------------

    def connect(self) -> None:
        """Wait until every task answers that the session may use.

        Raises
        ------
        OpError
            If one of them cannot be worked with, or the time of the run is over.
        """
        self._require_known()
        if self._is_connected:
            return
        with self._connecting:
            if self._is_connected:
                return
            introduction = Introduction(
                self._session, "a session of another process" if self._task is None
                else str(self._task.name), None, bool(self._config.allow_soft_placement),
                bool(self._config.isolate_session_state),
            )  # fmt: skip
            filters = list(self._config.device_filters)
            if self._task is not None:
                home, cluster = self._task.name, self._task.cluster
            else:
                first = Line(None, self._address, introduction)
                self._wait_for([first])
                home, cluster = first.task, first.cluster
                assert home is not None and cluster is not None  # noqa: S101 - it has answered
                self._lines[home] = first
                filters += first.filters
            introduction = replace(introduction, cluster=cluster, home=str(home))
            tasks = _chosen(addresses_of(cluster), home, filters)
            new = {
                task: Line(task, address, introduction)
                for task, address in tasks.items()
                if task not in self._lines and (self._task is None or task != home)
            }
            self._wait_for(new.values())
            self._lines.update(new)
            self._home, self.tasks = home, list(tasks)
            self._is_connected = True

    def _wait_for(self, lines: Iterable[Line]) -> None:
        """Wait until all of `lines` answer; name those that do not, every ten seconds."""
        pending = list(lines)
        limit, began = time_left(), time.monotonic()
        named = began + _PATIENCE
        try:
            while True:
                talks = [(line, line.call()) for line in pending]
                silent: list[tuple[Line, UnavailableError]] = []
                for line, talk in talks:
                    try:
                        line.be_connected(talk)
                    except UnavailableError as error:
                        silent.append((line, error))
                if not silent:
                    return
                pending = [line for line, _ in silent]
                now = time.monotonic()
                if limit is not None and now - began >= limit:
                    line, error = silent[0]
                    raise DeadlineExceededError(
                        None, None,
                        f"CreateSession was still waiting for response from worker: {line.name}\n"
                        f"  {error.message}",
                    )  # fmt: skip
                if now >= named:
                    named = now + _PATIENCE
                    for line, error in silent:
                        _say_that_it_waits(line, error)
                if self._closed.wait(_PAUSE):
                    raise CancelledError(None, None, "Run call was cancelled")
        except BaseException:
            for line in lines:
                line.close()
            raise

    # ---- planning ----------------------------------------------------------------------------

    def planned(
        self,
        elements: Sequence[Tensor | Operation],
        fed: Sequence[Tensor],
        done: Collection[Operation] = (),
    ) -> Planned | Partitioned:
        """Plan a run: an ordinary plan if all of it is of this process's task.

        Parameters
        ----------
        elements : sequence of Tensor and Operation
            What is fetched.
        fed : sequence of Tensor
        done : collection of Operation
            What has run: of a partial run.

        Raises
        ------
        InvalidArgumentError
            If an op asks for a task or a device that is not there.
        """
        needed, levels = divided(elements, fed, Places(self.tasks, self._home), done)
        if self._task is not None and all(
            stage.task == self._home for level in levels for stage in level
        ):
            plan = build_plan(elements, fed, self.state.resources, done)
            self.devices.check(plan)
            return Planned(plan, self.devices)
        return Partitioned(self, elements, fed, needed, levels, done)

    def next_part(self) -> int:
        """A number for what is sent of a graph."""
        with self._connecting:
            self._n_parts += 1
            return self._n_parts

    def line(self, task: TaskName) -> Line | None:
        """The connection to a task; None to the one of this process."""
        return self._lines.get(task)

    # ---- running -----------------------------------------------------------------------------

    def run(
        self,
        planned: Planned | Partitioned,
        feeds: list[np.ndarray],
        state: SessionState,
        stats: RunStats,
        mode: str,
        trace: Any = None,
    ) -> list[Any]:
        """As `run_plan`.

        Parameters
        ----------
        planned : Planned or Partitioned
            From `planned`.
        feeds : list of array
        state : SessionState
        stats : RunStats
        mode : str
        trace : Trace, optional
            Gets what runs in this process.
        """
        self._require_known()
        with until(self._closed):
            if isinstance(planned, Planned):
                return run_at_task(planned, feeds, state, stats, mode, trace)
            return planned.run(feeds, state, stats, mode, trace)

    def list_devices(self) -> list[Any]:
        """The devices of all tasks, those of the target first."""
        self.connect()
        found: list[Any] = []
        for line in map(self.line, sorted(self.tasks, key=lambda task: task != self._home)):
            if line is None:
                found += self.devices.all
                continue
            frame = new_frame()
            frame.devices.SetInParent()
            with self._connecting:
                line.home.send(frame.SerializeToString())
                answer = line.home.answer(None)
            found += [FarDevice(d.name, d.kind, d.memory) for d in answer.devices.devices]
        return found

    def reset(self, containers: Sequence[str]) -> None:
        """Have every task forget what is in `containers`, and its sessions."""
        self.connect()
        frame = new_frame()
        frame.reset.containers.extend(containers)
        frame.reset.home = str(self._home)
        for line in map(self.line, self.tasks):
            if line is not None:
                line.home.send(frame.SerializeToString())
                line.home.answer(None)
        if self._task is not None:  # last, since it ends this session too
            self._task.reset(names_of(frame.reset.containers), frame.reset.home)

    def end(self) -> None:
        """As `close`, by the session's own task, which has been reset."""
        if self._is_connected:
            self._is_forgotten = True
            self.close()

    def _require_known(self) -> None:
        if self._is_forgotten:
            raise replaced(self._home)

    def close(self) -> None:
        """End the session: what waits in one of its runs is cancelled. The tasks keep theirs."""
        if self._closed.is_set():
            return
        self._closed.set()
        self.state.close()
        for line in self._lines.values():
            line.close()


def _chosen(
    tasks: dict[TaskName, str], home: TaskName, filters: Sequence[str]
) -> dict[TaskName, str]:
    """Those of `tasks` that one of `filters` names, and `home`; all if there are no filters."""
    specs = [DeviceSpec.from_string(each) for each in filters]
    return {
        task: address
        for task, address in tasks.items()
        if not specs or task == home or any(
            spec.job in (None, task.job) and spec.task in (None, task.index) for spec in specs
        )
    }  # fmt: skip


def reset(target: str, containers: Sequence[str] | None, config: ConfigProto) -> None:
    """Have the tasks of a cluster forget what is in `containers`.

    Parameters
    ----------
    target : str
        The address of one of them.
    containers : list of str, optional
        What is in none of them if not given.
    config : ConfigProto
        Of which `device_filters` counts.
    """
    master = Master(target, config)
    try:
        master.reset(containers or ())
    finally:
        master.close()


class FarDevice(NamedTuple):
    """A device of another process."""

    name: str
    device_type: str
    memory_limit: int

    @property
    def memory_limit_bytes(self) -> int:
        """As `memory_limit`."""
        return self.memory_limit


class Partitioned:
    """A run in stages on several tasks.

    Parameters
    ----------
    master : Master
    elements, fed
        As for `Master.planned`.
    needed : Needed
    levels : list of list of Stage
    done : collection of Operation
        What has run before.
    """

    def __init__(
        self,
        master: Master,
        elements: Sequence[Tensor | Operation],
        fed: Sequence[Tensor],
        needed: Needed,
        levels: list[list[Stage]],
        done: Collection[Operation],
    ) -> None:
        self._master, self._fed, self._levels = master, fed, levels
        self.plan = self
        self.order = tuple(needed.order)
        """All ops that are needed."""
        self._wanted = [element for element in elements if isinstance(element, Tensor)]
        self._graph = next((each.graph for each in (*elements, *fed)), None)
        stages = [stage for level in levels for stage in level]
        placed = {op for stage in stages for op in stage.ops}
        returned = {*self._wanted}
        for stage in stages:
            returned.update(t for t in stage.sources if _comes_from_elsewhere(t, stage, stages))
        self._here: dict[Stage, Planned] = {}
        self._far: dict[Stage, _FarStage] = {}
        self._parts: list[_FarPart] = []
        sent: list[tuple[Line, Part]] = []
        for task in dict.fromkeys(stage.task for stage in stages):
            own = [stage for stage in stages if stage.task == task]
            line = master.line(task)
            if line is None:
                for stage in own:
                    self._here[stage] = self._planned_here(stage, placed.union(done))
                continue
            is_of_this_process = task_at(f"grpc://{line.address}") is not None
            sent.append((line, Part(needed, own, placed, is_of_this_process)))
        passed = self._passed(returned, sent)
        for line, part in sent:
            far = _FarPart(line, master.next_part(), part, returned)
            self._parts.append(far)
            for number, stage in enumerate(part.stages):
                self._far[stage] = _FarStage(far, number, returned, passed)
                if master.is_logged:
                    _say_where(stage)
        self._alone = self._far.get(stages[0]) if len(stages) == 1 else None
        """The only stage, if it is one of another task."""

    def _passed(self, returned: set[Tensor], sent: list[tuple[Line, Part]]) -> dict[Tensor, int]:
        """What tasks fetch from each other since nobody here needs it, and how many stages do."""
        needed_here = {*self._wanted}
        for stage in self._here:
            needed_here.update(stage.sources)
        counts: Counter[Tensor] = Counter()
        for line, part in sent:
            for number in range(len(part.stages)):
                sources = set(part.sources(number))
                counts.update(sources)
                if not line.knows(self._master.tasks):
                    needed_here.update(sources)
        return {t: counts[t] for t in returned.difference(needed_here)}

    def _planned_here(self, stage: Stage, others: set[Operation]) -> Planned:
        master = self._master
        done = others.difference(stage.ops)
        wanted = [*stage.outputs, *stage.targets]
        plan = build_plan(wanted, stage.inputs, master.state.resources, done)
        own = [op for op in stage.ops if not op.device or is_of(op.device, stage.task)]
        master.devices.check(plan, own)
        return Planned(plan, master.devices)

    def depends_on(self, ops: Iterable[Operation]) -> bool:
        """Whether one of `ops` is needed."""
        return not set(ops).isdisjoint(self.order)

    def run(
        self,
        feeds: list[np.ndarray],
        state: SessionState,
        stats: RunStats,
        mode: str,
        trace: Any,
    ) -> list[Any]:
        """Run the stages, level by level; the fetched values.

        Raises
        ------
        OpError
            What a stage refused, or that a task is gone. What other stages have changed by then
            stays changed.
        """
        for part in self._parts:
            part.be_sent()
        values: dict[Tensor, Any] = dict(zip(self._fed, feeds, strict=True))
        if self._alone is not None and trace is None:
            self._run_alone(self._alone, values, mode)
        else:
            self._run_levels(values, state, stats, mode, trace)
        return self._given(values)

    def _run_alone(self, stage: _FarStage, values: dict[Tensor, Any], mode: str) -> None:
        """As `_run_levels`, where there is nothing to look up and nobody else to wait for."""
        talk = stage.line.take()
        is_answered = False
        try:
            stage.begin(talk, True, values, mode)
            found = talk.values_or_error(self._graph)
            is_answered = True
        finally:
            if is_answered:
                stage.line.give_back(talk)
            else:
                talk.cancel()
        if isinstance(found, OpError):
            raise found
        values.update(zip(stage.fetches, found, strict=True))

    def _run_levels(
        self,
        values: dict[Tensor, Any],
        state: SessionState,
        stats: RunStats,
        mode: str,
        trace: Any,
    ) -> None:
        """Run the stages, and add what they give to `values`."""
        talks: dict[Line, Talk] = {}
        waiting: set[Line] = set()
        is_done = False
        try:
            for level in self._levels:
                far = [self._far[stage] for stage in level if stage in self._far]
                started = 0 if trace is None else trace.now()
                for stage in far:
                    line = stage.line
                    begins = line not in talks
                    if begins:
                        talks[line] = line.take()
                    waiting.add(line)
                    stage.begin(talks[line], begins, values, mode)
                for stage in level:
                    planned = self._here.get(stage)
                    if planned is not None:
                        given = [as_array(values[tensor]) for tensor in stage.sources]
                        results = run_at_task(planned, given, state, stats, mode, trace)
                        n = len(stage.outputs)
                        values.update(zip(stage.outputs, results[:n], strict=True))
                for stage in far:
                    found = talks[stage.line].values_or_error(self._graph)
                    waiting.discard(stage.line)
                    if isinstance(found, OpError):
                        raise found
                    values.update(zip(stage.fetches, found, strict=True))
                    if trace is not None:
                        trace.add_task(stage.task, stage.ops, stage.held, started)
            is_done = True
        finally:
            for line, talk in talks.items():
                if is_done or (line not in waiting and talk.is_open):
                    line.give_back(talk)
                else:
                    talk.cancel()

    def _given(self, values: dict[Tensor, Any]) -> list[Any]:
        """The fetched values, each of which the caller may change."""
        used = {id(values[tensor]) for tensor in self._fed}
        given: list[Any] = []
        for tensor in self._wanted:
            value = values[tensor]
            if id(value) in used:
                value = np.copy(value)
            used.add(id(value))
            given.append(value[()] if isinstance(value, np.ndarray) else value)
        return given


def _comes_from_elsewhere(tensor: Tensor, stage: Stage, stages: Iterable[Stage]) -> bool:
    return not any(other.task == stage.task and tensor in other.outputs for other in stages)


class _FarPart:
    """The ops of another task, which it is sent before the first run."""

    def __init__(self, line: Line, number: int, part: Part, returned: set[Tensor]) -> None:
        self.line, self.number, self.part = line, number, part
        self._message = message("Part")()
        self._content = part.write(self._message, returned)
        self._is_sent = False
        self._lock = threading.Lock()

    def be_sent(self) -> None:
        """Send it if it has not been sent."""
        if self._is_sent:
            return
        with self._lock:
            if not self._is_sent:
                talk = self.line.take()
                try:
                    talk.add_part(self.number, self._message, self._content)
                except BaseException:
                    talk.cancel()
                    raise
                self.line.give_back(talk)
                self._is_sent = True
                self._content = b""


class _FarStage:
    """A stage that another task runs."""

    def __init__(
        self, part: _FarPart, number: int, returned: set[Tensor], passed: dict[Tensor, int]
    ) -> None:
        stage = part.part.stages[number]
        self.line, self.task, self.ops = part.line, stage.task, stage.ops
        self.held = part.part.ops
        self.fetches = [tensor for tensor in stage.outputs if tensor in returned]
        self._passed = [i for i, t in enumerate(self.fetches) for _ in range(passed.get(t, 0))]
        self._part, self._number = part.number, number
        self._given = part.part.sources(number)
        self._written: dict[tuple[bool, str], bytes] = {}
        """What is sent where nothing is given and nothing ends."""

    def begin(self, talk: Talk, begins: bool, values: dict[Tensor, Any], mode: str) -> None:
        """Send what it needs; it begins to run."""
        left = time_left()
        is_always_same = left is None and not self._given
        if is_always_same and (begins, mode) in self._written:
            talk.send(self._written[begins, mode])
            return
        frame, packing = new_frame(), Packing()
        run = frame.run
        run.part, run.stage, run.begins, run.mode = self._part, self._number, begins, mode
        if left is not None:
            run.seconds = max(left, 1e-3)
        run.passed.extend(self._passed)
        for tensor in self._given:
            packing.add(run.feeds.add(), values[tensor])
        content = frame.SerializeToString()
        if is_always_same:
            self._written[begins, mode] = content
        talk.send(content, packing)


def _say_where(stage: Stage) -> None:
    for op in stage.ops:
        device = f"{stage.task}/device:CPU:0"
        print(f"{op.name}: ({op.type}): {device}", file=sys.stderr)  # noqa: T201 - asked for


def _say_that_it_waits(line: Line, error: UnavailableError) -> None:
    text = f"CreateSession still waiting for response from worker: {line.task or line.address}"
    why = str(error.message).splitlines()[0]
    print(f"{text}\n  {why}", file=sys.stderr)  # noqa: T201 - as TensorFlow does
