"""What a task keeps between runs, for all sessions: variables and resources by container and name.

A variable of one session is that of every other one whose op has its name, as in TensorFlow. So is
what has a `shared_name`; a queue, a reader or an iterator without one is its session's own, and so
are random counters.
"""

from __future__ import annotations

import threading
import weakref
from typing import TYPE_CHECKING, Any

from graphmode.cluster.shared_variables import SharedVariables, VariablesOfSession
from graphmode.framework.errors import AbortedError
from graphmode.runtime.resources import ResourceTable
from graphmode.runtime.run import run_plan
from graphmode.runtime.state import SessionState, cancelled

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    import numpy as np

    from graphmode.framework.operation import Operation
    from graphmode.runtime.resources import Resource
    from graphmode.runtime.signatures import Planned
    from graphmode.runtime.state import Reader
    from graphmode.runtime.stats import RunStats
    from graphmode.runtime.trace import Trace


class _ByName(dict[Any, Any]):
    """What is known of operations, the same for those of one name in several graphs."""

    def get(self, op: Operation, default: Any = None) -> Any:
        return super().get(op.name, default)

    def __getitem__(self, op: Operation) -> Any:
        return super().__getitem__(op.name)

    def __setitem__(self, op: Operation, value: Any) -> None:
        super().__setitem__(op.name, value)


class Kept:
    """What all sessions of a task have in common."""

    def __init__(self) -> None:
        self.variables = SharedVariables()
        self.layout = 0
        self.writing = threading.RLock()
        self.lock = threading.Lock()
        self.readers: set[Reader] = set()
        self.resources = SharedResources()

    def forget(self, containers: Collection[str]) -> None:
        """Forget the variables and the resources of `containers`."""
        with self.lock:
            self.variables.forget(containers)
            self.layout += 1
        self.resources.forget(containers)


class SharedResources(ResourceTable):
    """The resources of a task by container and name."""

    def forget(self, containers: Collection[str]) -> None:
        """Forget those of `containers`, and wake everybody who waits for one."""
        with self._lock:
            keys = [key for key in self._kept if key[0] in containers]
            gone = [self._kept.pop(key) for key in keys]
        for resource in gone:
            resource.cancel()


class _Resources(ResourceTable):
    """The resources of a task as one session sees them: some are its own."""

    def __init__(self, shared: SharedResources) -> None:
        super().__init__()
        self._shared = shared

    def get(
        self,
        op: Operation,
        make: Callable[[str], Resource],
        container: str = "",
        shared_name: str = "",
        by_name: bool = False,
    ) -> Resource:
        if shared_name or by_name or op.attrs.get("use_node_name_sharing"):
            return self._shared.get(op, make, container, shared_name or op.name)
        return super().get(op, make, container, op.name, by_name)


class TaskSessionState(SessionState):
    """What one session keeps at a task: what is the task's, and its own random counters.

    Parameters
    ----------
    kept : Kept
    task : TaskName
        What errors call the task.
    named : bool
        Whether the session runs several graphs in which ops of one name are the same: the parts
        that another process has sent.
    """

    def __init__(self, kept: Kept, task: object, named: bool) -> None:  # nothing of the base's
        self._kept = kept
        self.lends = named
        self.variables: VariablesOfSession = VariablesOfSession(kept.variables, task)
        self.writing = kept.writing
        self.lock = kept.lock
        self.readers = kept.readers
        self.resources = _Resources(kept.resources)
        self.closed = False
        self._has_room: weakref.WeakKeyDictionary[Planned, int] = weakref.WeakKeyDictionary()
        """With which layout a plan may write what it writes."""
        self._seeds = _ByName() if named else {}
        self.positions = _ByName() if named else {}

    @property
    def layout(self) -> int:  # type: ignore[override]
        """Grows whenever a variable of the task appears or changes shape or dtype."""
        return self._kept.layout

    @layout.setter
    def layout(self, layout: int) -> None:
        self._kept.layout = layout

    def require_room(self, planned: Planned) -> None:
        """Refuse a run that would write to variables which other graphs have declared otherwise.

        It is to be asked before the run, which may use up the memory of other variables.

        Raises
        ------
        InvalidArgumentError, InternalError
        """
        stores = planned.plan.stores
        if stores and self._has_room.get(planned) != self.layout:
            with self.lock:
                layout = self.layout
                self.variables.require_room(op for op, _ in stores)
            self._has_room[planned] = layout

    def move(self, op: Operation, old: Any, new: Any) -> None:
        """As the base, whichever session reads."""
        self.variables.move(op, old, new)

    def store(self, values: dict[Operation, Any]) -> None:
        """As the base; what was declared with another shape, and may be, is forgotten."""
        if self.closed:
            raise cancelled()
        self.variables.make_room(values)
        super().store(values)

    def close(self) -> None:
        """End the session; the task keeps what it keeps."""
        self.closed = True
        self.resources.close()


def run_at_task(
    planned: Planned,
    feeds: list[np.ndarray],
    state: SessionState,
    stats: RunStats,
    mode: str,
    trace: Trace | None = None,
) -> list[Any]:
    """As `run_plan`, at a task whose variables sessions share that may disagree about them.

    Parameters
    ----------
    planned : Planned
    feeds : list of array
    state : TaskSessionState
    stats : RunStats
    mode : str
    trace : Trace, optional
    """
    if isinstance(state, TaskSessionState):
        state.require_room(planned)
    return run_plan(planned, feeds, state, stats, mode, trace)


def replaced(task: object) -> AbortedError:
    """What a session meets at a task that has forgotten it."""
    return AbortedError(
        None,
        None,
        f"The session is not known any more at {task}: it was started again, the connection was "
        "lost, or tf.Session.reset was called, since the session was made\n"
        "  fix: make a new session and initialise or restore the variables; "
        "tf.train.MonitoredTrainingSession does so by itself",
    )


def names_of(containers: Iterator[str]) -> frozenset[str]:
    """The containers that a reset names; the one that nothing names if there are none."""
    return frozenset("" if name == "localhost" else name for name in containers) or frozenset({""})
