"""`Partitioned`: a run in stages on several tasks, of which those of other processes are asked.

A stage of the session's own process runs here; of another one's, what it needs is sent and what is
needed of it comes back. Stages of one level run at once.
"""

from __future__ import annotations

import sys
import threading
from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.cluster.arrays import Packing, as_array
from graphmode.cluster.frames import new_frame
from graphmode.cluster.kept import run_at_task
from graphmode.cluster.local_tasks import task_at
from graphmode.cluster.messages import message
from graphmode.cluster.partition import is_of
from graphmode.cluster.parts import Part
from graphmode.framework.errors import OpError
from graphmode.framework.operation import Operation, Tensor
from graphmode.ops.data.waiting import time_left
from graphmode.runtime.planning import build_plan
from graphmode.runtime.signatures import Planned

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from graphmode.cluster.master import Master
    from graphmode.cluster.partition import Stage
    from graphmode.cluster.talk import Line, Talk
    from graphmode.runtime.order import Needed
    from graphmode.runtime.state import SessionState
    from graphmode.runtime.stats import RunStats


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
