"""Divide what a run needs among the tasks of a cluster, in stages that wait for each other.

A stage is ops of one task and level: it needs what stages of earlier levels give. What holds a
variable or a queue stays with it: an op that writes to one, or is given its handle, runs where it
is. Variables, constants and what only orders others *float*: they are part of every stage that
needs them, and make no step of their own.

Reads come as early as they can, what only computes as late as it can, so that a training step is
three stages: the variables, the gradients, the updates. What reads a variable of another task after
a write that is ordered before it reads it at the end of the stage that writes.
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from graphmode.cluster.cluster_spec import TaskName
from graphmode.framework import dtypes
from graphmode.framework.control_records import Count, Loop
from graphmode.framework.device import DeviceSpec
from graphmode.framework.errors import InvalidArgumentError, UnimplementedError
from graphmode.framework.operation import Operation, Tensor
from graphmode.ops.state.references import (
    is_snapshot,
    is_variable,
    variable_of,
    written_variables,
)
from graphmode.runtime.order import needed_ops

if TYPE_CHECKING:
    from graphmode.runtime.order import Needed

_FLOATING = ("variable", "order", "constant")


@dataclass(slots=True, eq=False)
class Stage:
    """What one task runs at once."""

    task: TaskName
    level: int
    ops: list[Operation] = field(default_factory=list[Operation])
    inputs: list[Tensor] = field(default_factory=list[Tensor])
    """What it is fed: tensors that the caller feeds, or outputs of earlier stages."""
    late: dict[Tensor, Tensor] = field(default_factory=dict[Tensor, Tensor])
    """The inputs whose value is another output: a variable that was written meanwhile."""
    outputs: list[Tensor] = field(default_factory=list[Tensor])
    """The values that others are given, or the caller."""
    targets: list[Operation] = field(default_factory=list[Operation])
    """The ops that are run though nobody reads what they give."""

    @property
    def sources(self) -> list[Tensor]:
        """The values of the inputs."""
        return [self.late.get(tensor, tensor) for tensor in self.inputs]


class Places:
    """Which task each op belongs to.

    Parameters
    ----------
    tasks : sequence of TaskName
        Those that the session may use, in order.
    home : TaskName
        Where ops run that ask for no task.
    """

    def __init__(self, tasks: Sequence[TaskName], home: TaskName) -> None:
        self._tasks, self._home = tasks, home
        self._known: dict[Operation, TaskName] = {}

    def task_of(self, op: Operation) -> TaskName:
        """The task of `op`.

        Raises
        ------
        InvalidArgumentError
            If it asks for one that is not there.
        UnimplementedError
            If it is a branch or a loop that changes variables of several tasks.
        """
        task = self._known.get(op)
        if task is None:
            task = self._known[op] = self._found(op)
        return task

    def _found(self, op: Operation) -> TaskName:
        if is_snapshot(op):
            return self.task_of(variable_of(op.inputs[0]))
        for i, tensor in enumerate(op.inputs):
            if _stays(op, i):
                return self.task_of(variable_of(tensor) if is_variable(tensor) else tensor.op)
        if isinstance(op.control, Count):
            return self._home
        if op.control is not None and op.control.written:
            tasks = {self.task_of(variable) for variable in op.control.written}
            if len(tasks) > 1:
                raise UnimplementedError(
                    None, op,
                    f"{op.type} '{op.name}': it changes variables of several tasks: "
                    f"{', '.join(map(str, sorted(tasks)))}\n"
                    "  fix: keep the variables that one branch or loop changes on one task",
                )  # fmt: skip
            return tasks.pop()
        return self._asked(op)

    def _asked(self, op: Operation) -> TaskName:
        job, index = _job_and_task(op.device) if op.device else (None, None)
        if job is None and index is None:
            return self._home
        fitting = [t for t in self._tasks if job in (None, t.job) and index in (None, t.index)]
        if not fitting:
            known = ", ".join(f"{task}/device:CPU:0" for task in self._tasks)
            raise InvalidArgumentError(
                None, op,
                f"Cannot assign a device for operation {op.name}: Operation was explicitly "
                f"assigned to {op.device} but available devices are [ {known} ]. Make sure the "
                "device specification refers to a valid device.\n"
                "  fix: name a job and a task of the cluster's tf.train.ClusterSpec, which "
                "ConfigProto(device_filters=) does not exclude",
            )  # fmt: skip
        return self._home if self._home in fitting else fitting[0]


def is_of(device: str, task: TaskName) -> bool:
    """Whether what asks for `device` may be of `task`."""
    job, index = _job_and_task(device)
    return job in (None, task.job) and index in (None, task.index)


@functools.lru_cache(maxsize=1024)
def _job_and_task(device: str) -> tuple[str | None, int | None]:
    spec = DeviceSpec.from_string(device)
    return spec.job, spec.task


def _stays(op: Operation, i: int) -> bool:
    """Whether `op` runs where its input `i` is kept."""
    specs = op.op_def.inputs
    return op.inputs[i].dtype.base_dtype is dtypes.resource or (i < len(specs) and specs[i].is_ref)


def is_floating(op: Operation) -> bool:
    """Whether it is part of every stage that needs it."""
    if op.op_def.role in _FLOATING or is_snapshot(op):
        return True
    return len(op.outputs) == 1 and op.outputs[0].dtype.base_dtype is dtypes.resource


def divided(
    elements: Sequence[Tensor | Operation],
    fed: Sequence[Tensor],
    places: Places,
    done: Collection[Operation] = (),
) -> tuple[Needed, list[list[Stage]]]:
    """What `elements` need when `fed` are given, in levels of stages.

    Parameters
    ----------
    elements : sequence of Tensor and Operation
        What is fetched.
    fed : sequence of Tensor
    places : Places
    done : collection of Operation
        What has run: of a partial run.

    Returns
    -------
    needed : Needed
    levels : list of list of Stage
    """
    return _Division(elements, fed, places, done).levels()


class _Division:
    def __init__(
        self,
        elements: Sequence[Tensor | Operation],
        fed: Sequence[Tensor],
        places: Places,
        done: Collection[Operation],
    ) -> None:
        self._task_of = places.task_of
        self._elements = elements
        self._origin = {tensor: tensor for tensor in fed}
        """What is fed, and what has the same value in the graph."""
        for tensor in fed:
            for twin in tensor.graph.twins.get(tensor, ()):
                self._origin.setdefault(twin, tensor)
        self._fed = frozenset(self._origin)
        given = self._fed.union(done)
        self._needed = needed_ops([e for e in elements if e not in self._fed], given)
        fetched = {e if isinstance(e, Operation) else e.op for e in elements if e not in self._fed}
        self._floating = {
            op for op in self._needed.order
            if is_floating(op) and not (op in fetched and op.op_def.role == "constant")
        }  # fmt: skip
        self._counts = {op for op in self._needed.order if isinstance(op.control, Count)}
        self._level: dict[Operation, int] = {}
        self._stages: dict[tuple[int, TaskName], Stage] = {}
        self._late: dict[Operation, dict[Operation, int]] = {}
        """Of ops that read variables of other tasks which are written before: at which level."""

    def levels(self) -> tuple[Needed, list[list[Stage]]]:
        self._number()
        self._delay()
        for op in self._needed.order:
            if op not in self._floating:
                self._stage(self._level[op], self._task_of(op)).ops.append(op)
        self._connect()
        stages = sorted(self._stages.values(), key=lambda stage: stage.level)
        levels: dict[int, list[Stage]] = {}
        for stage in stages:
            levels.setdefault(stage.level, []).append(stage)
        return self._needed, list(levels.values())

    def _stage(self, level: int, task: TaskName) -> Stage:
        key = (level, task)
        if key not in self._stages:
            self._stages[key] = Stage(task, level)
        return self._stages[key]

    def _reads(self, op: Operation) -> list[Tensor]:
        """What `op` reads, of a loop that lists values how many times it repeats, too."""
        reads = self._needed.read_by(op)
        bound = op.control.bound if isinstance(op.control, Loop) else None
        if bound is not None and bound.op in self._counts:
            return [*reads, bound]
        return reads

    # ---- which level -------------------------------------------------------------------------

    def _number(self) -> None:
        """Give each op the first level where all that it needs is there."""
        after: dict[Operation, dict[TaskName, int]] = {}
        """When what an op waits for is done, by task."""
        seen: dict[Operation, dict[Operation, int]] = {}
        """At which level the variables were written that are written before an op."""
        for op in self._needed.order:
            before: dict[TaskName, int] = {}
            written: dict[Operation, int] = {}
            for other in self._waits_for(op):
                for task, level in after.get(other, {}).items():
                    before[task] = max(before.get(task, level), level)
                written = _later(written, seen.get(other))
            if op in self._floating:
                after[op], seen[op] = before, written
                continue
            here = self._task_of(op)
            level = 0
            for variable in self._far_variables(op, here):
                if variable in written:
                    self._late.setdefault(op, {})[variable] = written[variable]
                level = max(level, written.get(variable, 0) + 1)
            for task, other in before.items():
                level = max(level, other + (task != here))
            self._level[op] = level
            after[op] = {here: level}
            changed = written_variables([op])
            seen[op] = {**written, **dict.fromkeys(changed, level)} if changed else written

    def _waits_for(self, op: Operation) -> Iterable[Operation]:
        for tensor in self._reads(op):
            if tensor not in self._fed:
                yield tensor.op
        yield from op.control_inputs

    def _far_variables(self, op: Operation, here: TaskName) -> list[Operation]:
        """The variables of other tasks whose values `op` reads."""
        variables = [self._variable_read(t) for t in self._reads(op) if t not in self._fed]
        return [v for v in variables if v is not None and self._task_of(v) != here]

    @staticmethod
    def _variable_read(tensor: Tensor) -> Operation | None:
        """The variable whose value `tensor` is, as a reference or as a snapshot of one."""
        if tensor.dtype.base_dtype is dtypes.resource:
            return None
        if is_snapshot(tensor.op):
            tensor = tensor.op.inputs[0]
        return variable_of(tensor) if is_variable(tensor) else None

    def _delay(self) -> None:
        """Move what only computes to the first that reads it."""
        readers: dict[Operation, list[Operation]] = {}
        waited_for: set[Operation] = set()
        for op in self._needed.order:
            waited_for.update(op.control_inputs)
            for tensor in self._reads(op):
                if tensor not in self._fed:
                    readers.setdefault(tensor.op, []).append(op)
        waited_for |= {e if isinstance(e, Operation) else e.op for e in self._elements}
        for op in reversed(self._needed.order):
            reading = readers.get(op)
            if not reading or op in waited_for or op in self._floating:
                continue
            if not _only_computes(op) or any(reader in self._floating for reader in reading):
                continue
            here = self._task_of(op)
            self._level[op] = min(
                self._level[reader] - (self._task_of(reader) != here) for reader in reading
            )

    # ---- what goes in and out ----------------------------------------------------------------

    def _connect(self) -> None:
        for stage in list(self._stages.values()):
            self._collect(stage)
        last = max((level for level, _ in self._stages), default=0)
        for element in self._elements:
            if isinstance(element, Tensor) and element not in self._fed:
                variable = self._variable_read(element)
                if variable is None:
                    self._give(element, self._giver(element))
                else:  # at the end, or of a snapshot at the beginning
                    task = self._task_of(variable)
                    level = 0 if is_snapshot(element.op) else self._last(task, last)
                    self._give(element, self._stage(level, task))
        for stage in self._stages.values():
            read_here = {tensor.op for op in stage.ops for tensor in self._reads(op)}
            read_here |= {tensor.op for tensor in stage.outputs} | self._counts
            stage.targets = [op for op in stage.ops if op not in read_here]

    def _last(self, task: TaskName, level: int) -> int:
        """The last level up to `level` in which `task` runs something."""
        return max((n for n, other in self._stages if other == task and n <= level), default=0)

    def _collect(self, stage: Stage) -> None:
        """Find what the ops of `stage` need from outside of it, and who gives that."""
        late = {v: n for op in stage.ops for v, n in self._late.get(op, {}).items()}
        read: dict[Tensor, Stage | None] = {}
        seen: set[Operation] = set()
        stack = list(stage.ops)
        while stack:
            op = stack.pop()
            for tensor in self._reads(op):
                if tensor in self._fed:
                    read[self._origin[tensor]] = None
                    continue
                variable = self._variable_read(tensor)
                if variable is not None and self._task_of(variable) != stage.task:
                    task = self._task_of(variable)
                    if variable in late:
                        stage.late[tensor] = variable.outputs[0]
                        read[tensor] = self._stage(late[variable], task)
                    else:
                        read[tensor] = self._stage(0, task)
                elif tensor.op in self._floating:
                    if tensor.op not in seen:
                        seen.add(tensor.op)
                        stack.append(tensor.op)
                elif self._level[tensor.op] != stage.level or (
                    self._task_of(tensor.op) != stage.task
                ):
                    read[tensor] = self._giver(tensor)
        stage.inputs = list(read)
        for source, giver in zip(stage.sources, read.values(), strict=True):
            if giver is not None:
                self._give(source, giver)

    def _giver(self, tensor: Tensor) -> Stage:
        """The stage that makes `tensor`."""
        op = tensor.op
        if op in self._floating:
            return self._stage(0, self._task_of(op))
        return self._stage(self._level[op], self._task_of(op))

    @staticmethod
    def _give(tensor: Tensor, stage: Stage) -> None:
        if tensor not in stage.outputs:
            stage.outputs.append(tensor)


def _later(
    first: dict[Operation, int], second: dict[Operation, int] | None
) -> dict[Operation, int]:
    """The later level of each variable."""
    if not second or second is first:
        return first
    if not first:
        return second
    return {v: max(first.get(v, 0), second.get(v, 0)) for v in (*first, *second)}


def _only_computes(op: Operation) -> bool:
    op_def = op.op_def
    return (
        op_def.effect == "pure"
        and not op_def.blocks
        and op_def.role != "reading"
        and op.control is None
        and not any(map(is_variable, op.inputs))
    )
