"""The tasks of this process, by the addresses that sessions name."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from graphmode.cluster.task import Task

_TASKS: dict[str, Task] = {}


def add_task(target: str, task: Task) -> None:
    """Let sessions of this process find `task` without a connection."""
    _TASKS[target] = task


def task_at(target: str) -> Task | None:
    """The task of this process at an address such as ``"grpc://localhost:2222"``."""
    return _TASKS.get(target)
