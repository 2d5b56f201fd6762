"""`ClusterSpec`: which jobs a cluster has, and where the tasks of each are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from graphmode.framework.proto.messages import protobuf


class TaskName(NamedTuple):
    """One task of a cluster."""

    job: str
    index: int

    def __str__(self) -> str:
        return f"/job:{self.job}/replica:0/task:{self.index}"


class ClusterSpec:
    """The jobs of a cluster, and the network addresses of their tasks.

    Parameters
    ----------
    cluster : dict, ClusterDef or ClusterSpec
        Job -> list of addresses (``"host:port"``), or dict of task index -> address where only some
        are known.

    Raises
    ------
    TypeError
        If it is something else, or a name or an address is no string.

    Examples
    --------
    >>> import graphmode as tf
    >>> spec = tf.train.ClusterSpec({"ps": ["a:2222"], "worker": {1: "b:2222"}})
    >>> spec.task_address("worker", 1), spec.num_tasks("ps")
    ('b:2222', 1)
    """

    def __init__(self, cluster: Any) -> None:
        kind: Any = protobuf("cluster").ClusterDef
        self._cluster_spec: dict[str, dict[int, str]] = {}
        if isinstance(cluster, dict):
            given: dict[str, Any] = cluster
            for job_name, tasks in given.items():
                self._cluster_spec[job_name] = _by_index(job_name, tasks)
            self._cluster_def = _message_of(self._cluster_spec)
        elif isinstance(cluster, kind | ClusterSpec):
            message = cluster.as_cluster_def() if isinstance(cluster, ClusterSpec) else cluster
            self._cluster_def = kind()
            self._cluster_def.MergeFrom(message)
            for job in message.job:
                self._cluster_spec[job.name] = dict(job.tasks.items())
        else:
            raise TypeError(
                "`cluster` must be a dictionary mapping one or more job names to lists of network "
                "addresses, or a `ClusterDef` protocol buffer"
            )

    def __bool__(self) -> bool:
        return bool(self._cluster_spec)

    __nonzero__ = __bool__

    def __eq__(self, other: object) -> bool:
        return self._cluster_spec == other

    def __ne__(self, other: object) -> bool:
        return self._cluster_spec != other

    __hash__ = None  # type: ignore[assignment]

    def __str__(self) -> str:
        tasks = self.as_dict()
        return "ClusterSpec({" + ", ".join(f"{k!r}: {tasks[k]!r}" for k in sorted(tasks)) + "})"

    def as_dict(self) -> dict[str, Any]:
        """Job -> list of addresses, or dict of index -> address where some are not known."""
        return {
            job: {} if not tasks else self.job_tasks(job) if max(tasks) + 1 == len(tasks)
            else {index: tasks[index] for index in sorted(tasks)}
            for job, tasks in self._cluster_spec.items()
        }  # fmt: skip

    def as_cluster_def(self) -> Any:
        """The cluster as a `ClusterDef`."""
        return self._cluster_def

    @property
    def jobs(self) -> list[str]:
        """The names of the jobs."""
        return list(self._cluster_spec)

    def num_tasks(self, job_name: str) -> int:
        """How many tasks of a job are known.

        Parameters
        ----------
        job_name : str

        Returns
        -------
        int

        Raises
        ------
        ValueError
            If there is no such job.
        """
        return len(self._tasks(job_name))

    def task_indices(self, job_name: str) -> list[int]:
        """The indices of the tasks of a job.

        Parameters
        ----------
        job_name : str

        Returns
        -------
        list of int

        Raises
        ------
        ValueError
            If there is no such job.
        """
        return sorted(self._tasks(job_name))

    def task_address(self, job_name: str, task_index: int) -> str:
        """Where a task is.

        Parameters
        ----------
        job_name : str
        task_index : int

        Returns
        -------
        str

        Raises
        ------
        ValueError
            If there is no such job or task.
        """
        tasks = self._tasks(job_name)
        if task_index not in tasks:
            raise ValueError(f"No task with index {task_index!r} in job {job_name!r}")
        return tasks[task_index]

    def job_tasks(self, job_name: str) -> list[str | None]:
        """The addresses of a job's tasks by index, None for those that are not known.

        Parameters
        ----------
        job_name : str

        Returns
        -------
        list of str or None

        Raises
        ------
        ValueError
            If there is no such job, or it has no task.
        """
        tasks = self._tasks(job_name)
        return [tasks.get(i) for i in range(max(tasks) + 1)]

    def _tasks(self, job_name: str) -> dict[int, str]:
        if job_name not in self._cluster_spec:
            raise ValueError(f"No such job in cluster: {job_name!r}")
        return self._cluster_spec[job_name]

    @property
    def _addresses(self) -> dict[TaskName, str]:
        """Where each task is, sorted by name."""
        return {
            TaskName(job, index): self._cluster_spec[job][index]
            for job in sorted(self._cluster_spec)
            for index in sorted(self._cluster_spec[job])
        }


def addresses_of(cluster: ClusterSpec) -> dict[TaskName, str]:
    """Where each task of `cluster` is, by name in order."""
    return cluster._addresses  # pyright: ignore[reportPrivateUsage]


def _by_index(job_name: str, tasks: Any) -> dict[int, str]:
    if isinstance(tasks, list | tuple):
        return dict(enumerate(tasks))  # pyright: ignore[reportUnknownArgumentType]
    if isinstance(tasks, dict):
        return dict(tasks)  # pyright: ignore[reportUnknownArgumentType]
    raise TypeError(
        f"The tasks for job {job_name!r} must be a list or a dictionary from integers to strings."
    )


def _message_of(tasks_of: Mapping[str, Mapping[int, Any]]) -> Any:
    message = protobuf("cluster").ClusterDef()
    for job_name, tasks in sorted(tasks_of.items()):
        if not isinstance(job_name, str | bytes):
            raise TypeError(f"Job name {job_name!r} must be bytes or unicode")
        job = message.job.add(name=job_name)
        for index, address in sorted(tasks.items()):
            if not isinstance(address, str | bytes):
                raise TypeError(f"Task address {address!r} must be bytes or unicode")
            job.tasks[index] = address
    return message
