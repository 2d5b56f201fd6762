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
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from graphmode.cluster.cluster_spec import TaskName, addresses_of
from graphmode.cluster.frames import new_frame
from graphmode.cluster.kept import names_of, replaced, run_at_task
from graphmode.cluster.local_tasks import task_at
from graphmode.cluster.partition import Places, divided
from graphmode.cluster.partitioned_run import Partitioned
from graphmode.cluster.talk import Introduction, Line
from graphmode.framework.device import DeviceSpec
from graphmode.framework.errors import (
    CancelledError,
    DeadlineExceededError,
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

    from graphmode.runtime.config import ConfigProto
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


def _say_that_it_waits(line: Line, error: UnavailableError) -> None:
    text = f"CreateSession still waiting for response from worker: {line.task or line.address}"
    why = str(error.message).splitlines()[0]
    print(f"{text}\n  {why}", file=sys.stderr)  # noqa: T201 - as TensorFlow does
