"""Cluster resolvers: which tasks there are and which one this process is, from where it is said."""

from __future__ import annotations

import abc
import json
import os
from collections import Counter
from typing import TYPE_CHECKING, Any, ClassVar

from graphmode.cluster.cluster_spec import ClusterSpec
from graphmode.framework.device import DeviceSpec
from graphmode.framework.graph import Graph
from graphmode.runtime.session import Session

if TYPE_CHECKING:
    from collections.abc import Mapping


class ClusterResolver(abc.ABC):
    """What finds out about a cluster; a base of your own, with these three methods.

    Beside them it has `task_type`, `task_id` and `rpc_layer`: the job and the index of this
    process, and the protocol of addresses, None where they are not known.
    """

    task_type: Any
    task_id: Any
    rpc_layer: Any

    @abc.abstractmethod
    def cluster_spec(self) -> ClusterSpec:
        """The cluster as it is now."""

    @abc.abstractmethod
    def master(
        self, task_type: str | None = None, task_id: int | None = None, rpc_layer: str | None = None
    ) -> str:
        """The `target` of a session that runs by a task.

        Parameters
        ----------
        task_type, task_id : optional
            The task; this process's if not given.
        rpc_layer : str, optional
            "grpc", for example.

        Returns
        -------
        str
        """

    def num_accelerators(
        self, task_type: str | None = None, task_id: int | None = None, config_proto: Any = None
    ) -> Mapping[str, int]:
        """How many devices of each type a task has.

        Parameters
        ----------
        task_type, task_id : optional
            The task; all tasks if not given.
        config_proto : ConfigProto, optional
            Of the session that asks.

        Returns
        -------
        dict of str to int
        """
        with Session(
            self.master(task_type, task_id), graph=Graph(), config=config_proto
        ) as session:
            specs = [DeviceSpec.from_string(device.name) for device in session.list_devices()]
        counted = (
            spec.device_type or ""
            for spec in specs
            if None in (task_type, task_id) or (spec.job, spec.task) == (task_type, task_id)
        )
        return Counter(counted)

    @property
    def environment(self) -> str | None:
        """Where the program runs: an empty text."""
        return ""


class AddressedResolver(ClusterResolver):
    """What knows addresses of tasks: subclasses say which task is meant where none is named."""

    _accelerators: Mapping[str, int] | None = None
    """What is said of every task's devices, if nobody is to be asked."""
    _fills_in: ClassVar[bool] = True
    """Whether `master` without a task means this process's."""

    def master(
        self, task_type: str | None = None, task_id: int | None = None, rpc_layer: str | None = None
    ) -> str:
        """The address of a task; of this one, or what was said in its place, if none is named.

        Parameters
        ----------
        task_type, task_id : optional
            The task.
        rpc_layer : str, optional
            "grpc", for example; what the resolver says if not given.

        Returns
        -------
        str
            An empty text if there is none, or TF_CONFIG describes a cluster of one task.

        Raises
        ------
        ValueError
            If there is no such task, or TF_CONFIG is no JSON object.
        """
        task = self._named(task_type, task_id)
        if task is None:
            return self._without_task(rpc_layer)
        return as_url(self.cluster_spec().task_address(*task), rpc_layer or self._layer)

    def num_accelerators(
        self, task_type: str | None = None, task_id: int | None = None, config_proto: Any = None
    ) -> Mapping[str, int]:
        """How many devices of each type a task has: what was given, or else it is asked.

        Parameters
        ----------
        task_type, task_id : optional
            The task; this one, or all if it is not known which that is, if none is named.
        config_proto : ConfigProto, optional
            Of the session that asks.

        Returns
        -------
        dict of str to int
        """
        if self._accelerators is not None:
            return self._accelerators
        return super().num_accelerators(*self._filled_in(task_type, task_id), config_proto)

    def _filled_in(self, task_type: Any, task_id: Any) -> tuple[Any, Any]:
        """A task, with what is not said of it from what is known of this one."""
        return (
            self.task_type if task_type is None else task_type,
            self.task_id if task_id is None else task_id,
        )

    def _named(self, task_type: Any, task_id: Any) -> tuple[Any, Any] | None:
        """The task that is meant; None for none."""
        task = self._filled_in(task_type, task_id) if self._fills_in else (task_type, task_id)
        return None if None in task else task

    def _without_task(self, rpc_layer: str | None) -> str:
        """What `master` gives where no task is meant."""
        return ""

    @property
    def _layer(self) -> str | None:
        """The protocol of addresses if none is given."""
        return self.rpc_layer


class SimpleClusterResolver(AddressedResolver):
    """A cluster that the program knows.

    Parameters
    ----------
    cluster_spec : ClusterSpec
    master : str
        What `master` gives where no task is asked for.
    task_type : str, optional
    task_id : int, optional
        The task that this process is.
    environment : str
    num_accelerators : dict of str to int, optional
        What `num_accelerators` gives.
    rpc_layer : str, optional

    Raises
    ------
    TypeError
        If `cluster_spec` is none, or `master` no string.
    """

    _fills_in = False

    def __init__(
        self,
        cluster_spec: ClusterSpec,
        master: str = "",
        task_type: str | None = None,
        task_id: int | None = None,
        environment: str = "",
        num_accelerators: Mapping[str, int] | None = None,
        rpc_layer: str | None = None,
    ) -> None:
        given: Any = (cluster_spec, master)
        if not isinstance(given[0], ClusterSpec):
            raise TypeError("cluster_spec must be a ClusterSpec.")
        if not isinstance(given[1], str):
            raise TypeError("master must be a string.")
        self._cluster_spec = cluster_spec
        self._master = master
        self.task_type = task_type
        self.task_id = task_id
        self.rpc_layer = rpc_layer
        self._environment = environment
        self._accelerators = dict(num_accelerators or {})

    def cluster_spec(self) -> ClusterSpec:
        """The cluster that was given."""
        return self._cluster_spec

    def _without_task(self, rpc_layer: str | None) -> str:
        return as_url(self._master, rpc_layer or self.rpc_layer)

    @property
    def environment(self) -> str | None:
        """What was given."""
        return self._environment


class TFConfigClusterResolver(AddressedResolver):
    """The cluster of the environment variable TF_CONFIG, which schedulers set.

    ``{"cluster": {"ps": ["a:2222"], "worker": ["b:2222"]}, "task": {"type": "ps", "index": 0}}``

    Parameters
    ----------
    task_type, task_id, rpc_layer, environment : optional
        In place of what it says.
    """

    def __init__(
        self,
        task_type: str | None = None,
        task_id: int | None = None,
        rpc_layer: str | None = None,
        environment: str | None = None,
    ) -> None:
        self._task_type = task_type
        self._task_id = task_id
        self._rpc_layer = rpc_layer
        self._environment = environment

    @property
    def task_type(self) -> str | None:
        """The job of this process."""
        found = self._task_type
        if found is None:
            found = tf_config().get("task", {}).get("type")
        return None if found is None else str(found)

    @task_type.setter
    def task_type(self, task_type: str | None) -> None:
        self._task_type = task_type

    @property
    def task_id(self) -> int | None:
        """The index of this process in its job."""
        found: Any = self._task_id
        if found is None:
            found = tf_config().get("task", {}).get("index")
        return None if found is None else int(found)

    @task_id.setter
    def task_id(self, task_id: int | None) -> None:
        self._task_id = task_id

    @property
    def rpc_layer(self) -> str | None:
        """The protocol of addresses."""
        return tf_config().get("rpc_layer") if self._rpc_layer is None else self._rpc_layer

    @rpc_layer.setter
    def rpc_layer(self, rpc_layer: str | None) -> None:
        self._rpc_layer = rpc_layer

    @property
    def environment(self) -> str | None:
        """What was given."""
        return self._environment

    def cluster_spec(self) -> ClusterSpec:
        """The cluster that TF_CONFIG describes; one without jobs if it describes none.

        Returns
        -------
        ClusterSpec

        Raises
        ------
        ValueError
            If it is no JSON object.
        """
        return ClusterSpec(tf_config().get("cluster", {}))

    def _named(self, task_type: Any, task_id: Any) -> tuple[Any, Any] | None:
        cluster = self.cluster_spec()
        is_alone = sum(cluster.num_tasks(job) for job in cluster.jobs) < 2
        if is_alone or tf_config().get("session_master") is not None:
            return None
        return self._filled_in(task_type, task_id)

    def _without_task(self, rpc_layer: str | None) -> str:
        return tf_config().get("session_master") or ""


class UnionResolver(AddressedResolver):
    """Several clusters as one: lists of a job's tasks one after the other, dicts by their indices.

    Parameters
    ----------
    *args : ClusterResolver
        The first one also says what is not given here.
    rpc_layer, task_type, task_id : optional

    Raises
    ------
    ValueError
        If there is none.
    TypeError
        If one is no `ClusterResolver`.
    """

    _fills_in = False

    def __init__(
        self,
        *args: ClusterResolver,
        rpc_layer: str | None = None,
        task_type: str | None = None,
        task_id: int | None = None,
    ) -> None:
        if not args:
            raise ValueError("At least one ClusterResolver is required.")
        given: tuple[Any, ...] = args
        if not all(isinstance(resolver, ClusterResolver) for resolver in given):
            raise TypeError("All arguments must be a sub-class of `ClusterResolver.`")
        self._resolvers = args
        self._given_layer = rpc_layer
        self.rpc_layer = args[0].rpc_layer if rpc_layer is None else rpc_layer
        self.task_type = args[0].task_type if task_type is None else task_type
        self.task_id = args[0].task_id if task_id is None else task_id

    def cluster_spec(self) -> ClusterSpec:
        """The cluster of all.

        Returns
        -------
        ClusterSpec

        Raises
        ------
        KeyError
            If two of them know the same task.
        """
        known = [resolver.cluster_spec().as_dict() for resolver in self._resolvers]
        merged: dict[str, Any] = {}
        for job in dict.fromkeys(job for cluster in known for job in cluster):
            parts: list[Any] = [cluster[job] for cluster in known if job in cluster]
            if all(isinstance(part, list) for part in parts):
                merged[job] = [address for part in parts for address in part]
                continue
            merged[job] = {}
            for part in parts:
                tasks: dict[int, Any] = dict(enumerate(part)) if isinstance(part, list) else part
                twice = set(tasks) & set(merged[job])
                if twice:
                    raise KeyError(
                        f"Duplicate keys detected when merging two ClusterSpecs: {twice!r}"
                    )
                merged[job].update(tasks)
        return ClusterSpec(merged)

    def _without_task(self, rpc_layer: str | None) -> str:
        return self._resolvers[0].master(rpc_layer=rpc_layer)

    @property
    def _layer(self) -> str | None:
        return self._given_layer

    @property
    def environment(self) -> str | None:
        """What the first resolver says."""
        return self._resolvers[0].environment


def as_url(address: str, rpc_layer: str | None) -> str:
    """An address with its protocol: ``grpc://host:port``.

    Parameters
    ----------
    address : str
    rpc_layer : str or None

    Returns
    -------
    str
    """
    return f"{rpc_layer}://{address}" if rpc_layer else address


def tf_config() -> dict[str, Any]:
    """What the environment variable TF_CONFIG says, an empty dict if it is not set.

    Returns
    -------
    dict

    Raises
    ------
    ValueError
        If it is no JSON object, or what it says of this task is none.
    """
    text = os.environ.get("TF_CONFIG", "") or "{}"
    try:
        found: Any = json.loads(text)
    except ValueError as error:
        raise ValueError(f"the environment variable TF_CONFIG is no JSON: {error}") from None
    if not isinstance(found, dict) or not isinstance(found.get("task", {}), dict):  # pyright: ignore[reportUnknownMemberType]
        raise ValueError(
            'the environment variable TF_CONFIG is not of the form {"cluster": {"worker": '
            f'["host:port"]}}, "task": {{"type": "worker", "index": 0}}}}: {text[:200]}'
        )
    return found  # pyright: ignore[reportUnknownVariableType]
