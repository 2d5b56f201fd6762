"""`Server`: this process as one task of a cluster."""

from __future__ import annotations

import atexit
import errno
import os
import socket
import threading
from typing import Any

from graphmode.cluster.cluster_spec import ClusterSpec, TaskName
from graphmode.cluster.local_tasks import add_task
from graphmode.cluster.messages import message
from graphmode.cluster.service import Service
from graphmode.cluster.task import Task
from graphmode.cluster.threads import DaemonThreads
from graphmode.cluster.wire import grpc
from graphmode.framework.errors import (
    InvalidArgumentError,
    UnimplementedError,
    UnknownError,
)
from graphmode.runtime.config import ConfigProto
from graphmode.runtime.places.threads import require_no_fork

_OPTIONS = [
    ("grpc.so_reuseport", 0),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.min_ping_interval_without_data_ms", 1_000),
    ("grpc.http2.max_ping_strikes", 0),
    ("grpc.keepalive_time_ms", 10_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.http2.ping_timeout_ms", 10_000),
]
_SERVERS: list[Server] = []
"""Those of this process: each lives as long as it, whether the program keeps it or not."""
_COPIED = (
    "intra_op_parallelism_threads", "inter_op_parallelism_threads", "use_per_session_threads",
    "placement_period", "allow_soft_placement", "log_device_placement", "operation_timeout_in_ms",
    "isolate_session_state",
)  # fmt: skip


class Server:
    """This process as one task of a cluster: it keeps variables and queues, and runs ops.

    Parameters
    ----------
    server_or_cluster_def : ServerDef, ClusterDef, ClusterSpec or dict
        The cluster, or all that is to be said of the server.
    job_name : str, optional
        Which job the task is of; needed where there are several.
    task_index : int, optional
        Which task of the job; needed where there are several.
    protocol : str, optional
        "grpc".
    config : ConfigProto, optional
        Its `device_count` says which devices the task has.
    start : bool
        Whether it answers from now on; else after `start`.

    Raises
    ------
    TypeError
        If the first argument is something else.
    ValueError
        If `job_name` or `task_index` is needed, or there is no such job.
    InvalidArgumentError
        If there is no such task, or its address is none.
    UnimplementedError
        If `protocol` is another one.
    UnknownError
        If the port is in use, or the address is not one of this machine.
    FailedPreconditionError
        If the process was forked from one in which JAX had been started.

    Examples
    --------
    >>> import graphmode as tf
    >>> server = tf.train.Server.create_local_server()
    >>> with tf.Graph().as_default(), tf.Session(server.target) as sess:
    ...     print(sess.run(tf.constant("Hello, distributed TensorFlow!")).decode())
    Hello, distributed TensorFlow!
    """

    def __init__(
        self,
        server_or_cluster_def: Any,
        job_name: str | None = None,
        task_index: int | None = None,
        protocol: str | None = None,
        config: ConfigProto | None = None,
        start: bool = True,
    ) -> None:
        require_no_fork("tf.train.Server")
        self._server_def = _server_def(
            server_or_cluster_def, job_name, task_index, protocol, config
        )
        made = self._server_def
        if made.protocol != "grpc":
            raise UnimplementedError(
                None, None,
                "No server factory registered for the given ServerDef: "
                f"protocol: \"{made.protocol}\"\n  fix: protocol='grpc'",
            )  # fmt: skip
        cluster, name = ClusterSpec(made.cluster), TaskName(made.job_name, made.task_index)
        if name.job not in cluster.jobs or name.index not in cluster.task_indices(name.job):
            raise InvalidArgumentError(
                None, None,
                f"Task {name.index} was not defined in job \"{name.job}\"\n"
                f"  the cluster: {cluster}",
            )  # fmt: skip
        address = cluster.task_address(name.job, name.index)
        host, _, port = address.rpartition(":")
        if not host or not port.isdigit():
            raise InvalidArgumentError(
                None, None,
                f"Could not parse port for local server from \"{address}\"\n"
                f"  fix: give {name} an address as host:port",
            )  # fmt: skip
        _require_free(host, int(port), name)
        self._task = Task(cluster, name, config or ConfigProto())
        threads: Any = DaemonThreads()
        self._grpc = grpc.server(threads, [Service(self._task)], options=_OPTIONS)
        try:
            port = self._grpc.add_insecure_port(address)
        except RuntimeError as error:
            raise _not_bound(address, name, str(error)) from None
        self._target = f"grpc://{host}:{port}"
        self._ended = threading.Event()
        add_task(self._target, self._task)
        add_task(f"grpc://localhost:{port}", self._task)
        _SERVERS.append(self)
        self._is_started = False
        if start:
            self.start()

    def start(self) -> None:
        """Answer from now on; a second call changes nothing."""
        if not self._is_started:
            self._is_started = True
            self._grpc.start()
            atexit.register(self._grpc.stop, None)

    def join(self) -> None:
        """Wait until the server has ended, which it does with its process."""
        while not self._ended.wait(3600):
            pass

    @property
    def server_def(self) -> Any:
        """What the server is, as a `ServerDef`."""
        return self._server_def

    @property
    def target(self) -> str:
        """What a `Session` names to run by this server: ``"grpc://host:port"``."""
        return self._target

    @staticmethod
    def create_local_server(config: ConfigProto | None = None, start: bool = True) -> Server:
        """A server that is a cluster of its own, at a free port of this machine.

        Parameters
        ----------
        config : ConfigProto, optional
        start : bool
            As for the class.

        Returns
        -------
        Server
        """
        return Server({"local": ["localhost:0"]}, protocol="grpc", config=config, start=start)


def _server_def(
    given: Any, job_name: str | None, task_index: int | None, protocol: str | None, config: Any
) -> Any:
    kind: Any = message("ServerDef")
    made = kind()
    if isinstance(given, kind):
        made.MergeFrom(given)
        made.job_name = made.job_name if job_name is None else job_name
        made.task_index = made.task_index if task_index is None else task_index
        made.protocol = made.protocol if protocol is None else protocol
    else:
        try:
            cluster = ClusterSpec(given)
        except TypeError:
            raise TypeError(
                "Could not convert `server_or_cluster_def` to a `tf.train.ServerDef` or "
                "`tf.train.ClusterSpec`."
            ) from None
        if job_name is None:
            if len(cluster.jobs) != 1:
                raise ValueError("Must specify an explicit `job_name`.")
            job_name = cluster.jobs[0]
        if task_index is None:
            indices = cluster.task_indices(job_name)
            if len(indices) != 1:
                raise ValueError("Must specify an explicit `task_index`.")
            task_index = indices[0]
        made.cluster.CopyFrom(cluster.as_cluster_def())
        made.job_name, made.task_index = job_name, task_index
        made.protocol = "grpc" if protocol is None else protocol
    if config is not None:
        _write_config(made.default_session_config, config)
    return made


def _write_config(message: Any, config: ConfigProto) -> None:
    for field in _COPIED:
        setattr(message, field, getattr(config, field))
    message.device_count.update(config.device_count)
    message.device_filters[:] = config.device_filters


def _require_free(host: str, port: int, name: TaskName) -> None:
    """Refuse an address that does not resolve, is of another machine, or in use."""
    try:
        found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise _not_bound(f"{host}:{port}", name, f"the name does not resolve ({error})") from None
    for family, kind, *_, address in found:
        try:
            with socket.socket(family, kind) as trial:
                trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                trial.bind(address)
                return
        except OSError as error:
            reason = error
            if error.errno == errno.EADDRINUSE:
                break
    raise _not_bound(f"{host}:{port}", name, os.strerror(reason.errno or 0))


def _not_bound(address: str, name: TaskName, why: str) -> UnknownError:
    return UnknownError(
        None, None,
        f"Could not start gRPC server: {name} cannot listen at {address}: {why}\n"
        "  fix: see that no other process uses the port (a task that was not ended?), and that "
        "the cluster's tf.train.ClusterSpec gives this task an address of this machine",
    )  # fmt: skip
