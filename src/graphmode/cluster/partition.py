"""Divide what a run needs among the tasks of a cluster, in stages that wait for each other.

A stage is ops of one task and level: it needs what stages of earlier levels give. What holds a
variable or a queue stays with it: an op that writes to one, or is given its handle, runs where it
is. Variables, constants and what only orders others *float*: they are part of every stage that
needs them, and make no step of their own.

Reads come as early as they can, what only computes as late as it can, so that a training step is
three stages: the variables, the gradients, the updates.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from graphmode.cluster.cluster_spec import TaskName
from graphmode.framework import dtypes
from graphmode.framework.device import DeviceSpec
from graphmode.framework.errors import InvalidArgumentError, UnimplementedError
from graphmode.framework.operation import Operation, Tensor
from graphmode.ops.state.references import is_snapshot, is_variable, variable_of
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
    """The values that it is given: fed ones, or outputs of earlier stages."""
    outputs: list[Tensor] = field(default_factory=list[Tensor])
    """The values that others are given, or the caller."""
    targets: list[Operation] = field(default_factory=list[Operation])
    """The ops that are run though nobody reads what they give."""


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
    if op.op_def.role in _FLOATING:
        return True
    return len(op.outputs) == 1 and op.outputs[0].dtype.base_dtype is dtypes.resource


def divided(
    elements: Sequence[Tensor | Operation],
    fed: Sequence[Tensor],
    places: Places,
) -> tuple[Needed, list[list[Stage]]]:
    """What `elements` need when `fed` are given, in levels of stages.

    Parameters
    ----------
    elements : sequence of Tensor and Operation
        What is fetched.
    fed : sequence of Tensor
    places : Places

    Returns
    -------
    needed : Needed
    levels : list of list of Stage
    """
    return _Division(elements, fed, places).levels()


class _Division:
    def __init__(
        self, elements: Sequence[Tensor | Operation], fed: Sequence[Tensor], places: Places
    ) -> None:
        self._task_of = places.task_of
        self._elements = elements
        self._origin = {tensor: tensor for tensor in fed}
        """What is fed, and what has the same value in the graph."""
        for tensor in fed:
            for twin in tensor.graph.twins.get(tensor, ()):
                self._origin.setdefault(twin, tensor)
        self._fed = frozenset(self._origin)
        self._needed = needed_ops([e for e in elements if e not in self._fed], self._fed)
        fetched = {e if isinstance(e, Operation) else e.op for e in elements if e not in self._fed}
        self._floating = {
            op for op in self._needed.order
            if is_floating(op) and not (op in fetched and op.op_def.role == "constant")
        }  # fmt: skip
        self._level: dict[Operation, int] = {}
        self._stages: dict[tuple[int, TaskName], Stage] = {}

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

    # ---- which level -------------------------------------------------------------------------

    def _number(self) -> None:
        """Give each op the first level where all that it needs is there."""
        after: dict[Operation, dict[TaskName, int]] = {}
        """When what an op waits for is done, by task."""
        for op in self._needed.order:
            before: dict[TaskName, int] = {}
            for other in self._waits_for(op):
                for task, level in after.get(other, {}).items():
                    before[task] = max(before.get(task, level), level)
            if op in self._floating:
                after[op] = before
                continue
            here = self._task_of(op)
            level = 1 if self._reads_far_variable(op, here) else 0
            for task, other in before.items():
                level = max(level, other + (task != here))
            self._level[op] = level
            after[op] = {here: level}

    def _waits_for(self, op: Operation) -> Iterable[Operation]:
        for tensor in self._needed.read_by(op):
            if tensor not in self._fed:
                yield tensor.op
        yield from op.control_inputs

    def _reads_far_variable(self, op: Operation, here: TaskName) -> bool:
        return any(
            tensor not in self._fed and self._is_far_variable(op, i, here)
            for i, tensor in enumerate(self._needed.read_by(op))
        )

    def _is_far_variable(self, op: Operation, i: int, here: TaskName) -> bool:
        """Whether the value of a variable of another task is read."""
        tensor = self._needed.read_by(op)[i]
        return (
            is_variable(tensor)
            and tensor.dtype.base_dtype is not dtypes.resource
            and self._task_of(variable_of(tensor)) != here
        )

    def _delay(self) -> None:
        """Move what only computes to the first that reads it."""
        readers: dict[Operation, list[Operation]] = {}
        waited_for: set[Operation] = set()
        for op in self._needed.order:
            waited_for.update(op.control_inputs)
            for tensor in self._needed.read_by(op):
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
        givers: dict[Tensor, Stage] = {}
        for stage in list(self._stages.values()):
            read: dict[Tensor, None] = {}
            for op in stage.ops:
                self._add_read(op, stage, read)
            stage.inputs = list(read)
        for stage in list(self._stages.values()):
            for tensor in stage.inputs:
                if tensor not in self._fed:
                    self._give(tensor, self._giver(tensor, stage.level, givers))
        last = max((level for level, _ in self._stages), default=0)
        for element in self._elements:
            if isinstance(element, Tensor) and element not in self._fed:
                self._give(element, self._giver(element, last + 1, givers))
        for stage in self._stages.values():
            read_here = {
                tensor.op for op in stage.ops for tensor in self._needed.read_by(op)
            } | {tensor.op for tensor in stage.outputs}  # fmt: skip
            stage.targets = [op for op in stage.ops if op not in read_here]

    def _add_read(self, op: Operation, stage: Stage, read: dict[Tensor, None]) -> None:
        """Add to `read` the values that `op` needs from outside of `stage`."""
        seen: set[Operation] = set()
        stack = [op]
        while stack:
            current = stack.pop()
            for i, tensor in enumerate(self._needed.read_by(current)):
                if tensor in self._fed:
                    read[self._origin[tensor]] = None
                elif self._is_far_variable(current, i, stage.task):
                    read[tensor] = None
                elif tensor.op in self._floating:
                    if tensor.op not in seen:
                        seen.add(tensor.op)
                        stack.append(tensor.op)
                elif self._level[tensor.op] != stage.level or (
                    self._task_of(tensor.op) != stage.task
                ):
                    read[tensor] = None

    def _giver(self, tensor: Tensor, before: int, givers: dict[Tensor, Stage]) -> Stage:
        """The stage that gives `tensor` to one of the level `before`."""
        op = tensor.op
        if op not in self._floating:
            return self._stage(self._level[op], self._task_of(op))
        if tensor in givers:
            return givers[tensor]
        task = self._task_of(variable_of(tensor) if is_variable(tensor) else op)
        last = max((n for n, other in self._stages if other == task and n < before), default=0)
        givers[tensor] = self._stage(last, task)
        return givers[tensor]

    @staticmethod
    def _give(tensor: Tensor, stage: Stage) -> None:
        if tensor not in stage.outputs:
            stage.outputs.append(tensor)


def _only_computes(op: Operation) -> bool:
    op_def = op.op_def
    return (
        op_def.effect == "pure"
        and not op_def.blocks
        and op_def.role != "reading"
        and op.control is None
        and not any(map(is_variable, op.inputs))
    )


def stages_of(levels: Iterable[Iterable[Stage]], where: Callable[[Stage], bool]) -> list[Stage]:
    """The stages of `levels` that are `where`, in order."""
    return [stage for level in levels for stage in level if where(stage)]
