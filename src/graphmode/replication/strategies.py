"""The strategies that programs choose from: one device, several, or a cluster's servers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.framework.default_graph import get_default_graph
from graphmode.replication.placement import replica_device_setter
from graphmode.replication.resolvers import TFConfigClusterResolver
from graphmode.replication.strategy import Strategy
from graphmode.runtime.places.devices import list_devices

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager


class OneDeviceStrategy(Strategy):
    """One replica, all of it on one device.

    Parameters
    ----------
    device : str
    """

    def __init__(self, device: str) -> None:
        super().__init__()
        self.worker_devices = (device,)
        self.parameter_device = device

    def _around(self) -> AbstractContextManager[Any]:
        return get_default_graph().device(self.parameter_device)


class MirroredStrategy(Strategy):
    """A replica on each of several devices of this process; gradients are summed.

    A variable is kept once, on the first device: TensorFlow keeps a copy on each. The values are
    the same. What a replica may not do is ask for values of the others (`merge_call`).

    Parameters
    ----------
    devices : list of str, optional
        All GPUs, or the first CPU, if neither it nor a number is given.
    num_gpus : int, optional
        How many GPUs.
    num_gpus_per_worker : int, optional
        The same.
    cross_device_ops, auto_shard_dataset, cross_tower_ops : optional
        Accepted.

    Examples
    --------
    >>> import graphmode as tf
    >>> strategy = tf.distribute.MirroredStrategy(["/cpu:0", "/cpu:1"])
    >>> def replica():
    ...     x = tf.constant([1.0, 3.0])[tf.distribute.get_replica_context()
    ...                                 .replica_id_in_sync_group]
    ...     w = tf.get_variable("w", initializer=2.0)
    ...     return tf.train.GradientDescentOptimizer(0.5).minimize(w * x)
    >>> with strategy.scope():
    ...     step = strategy.group(strategy.experimental_run_v2(replica))
    >>> with tf.Session(config=tf.ConfigProto(device_count={"CPU": 2})) as sess:
    ...     sess.run(tf.global_variables_initializer())
    ...     sess.run(step)
    ...     float(sess.run("w:0"))
    0.0
    """

    def __init__(
        self,
        devices: Sequence[str] | None = None,
        num_gpus: int | None = None,
        num_gpus_per_worker: int | None = None,
        cross_device_ops: Any = None,
        auto_shard_dataset: bool = False,
        cross_tower_ops: Any = None,
    ) -> None:
        super().__init__()
        n_gpus = num_gpus if num_gpus_per_worker is None else num_gpus_per_worker
        if devices is None and n_gpus is None:
            n_gpus = sum(device.device_type == "GPU" for device in list_devices())
        if devices is None:
            devices = [f"/device:GPU:{i}" for i in range(n_gpus or 0)] or ["/device:CPU:0"]
        self.worker_devices = tuple(devices)
        self.parameter_device = self.worker_devices[0]


class CentralStorageStrategy(MirroredStrategy):
    """A replica on each of several devices, whose variables are on one.

    Parameters
    ----------
    compute_devices : list of str, optional
        All GPUs, or the first CPU, if not given.
    parameter_device : str, optional
        The only device, or else the first CPU, if not given.
    """

    def __init__(
        self, compute_devices: Sequence[str] | None = None, parameter_device: str | None = None
    ) -> None:
        super().__init__(compute_devices)
        if parameter_device is None:
            several = len(self.worker_devices) > 1
            parameter_device = "/device:CPU:0" if several else self.worker_devices[0]
        self.parameter_device = parameter_device


class ParameterServerStrategy(Strategy):
    """Variables on the parameter servers of a cluster, one after the other; one replica a worker.

    Parameters
    ----------
    cluster_resolver : ClusterResolver, optional
        What knows the cluster and this task; the environment variable TF_CONFIG if not given.
    """

    def __init__(self, cluster_resolver: Any = None) -> None:
        super().__init__()
        resolver: Any = TFConfigClusterResolver() if cluster_resolver is None else cluster_resolver
        if isinstance(resolver, int):  # contrib's first argument: GPUs of each worker
            resolver = TFConfigClusterResolver()
        self._cluster: Any = resolver.cluster_spec()
        self._task = (resolver.task_type, resolver.task_id)

    def _around(self) -> AbstractContextManager[Any]:
        job, index = self._task
        worker = f"/job:{job}/task:{index or 0}" if job else "/job:worker"
        return get_default_graph().device(
            replica_device_setter(worker_device=worker, cluster=self._cluster)
        )

    def configure(
        self,
        session_config: Any = None,
        cluster_spec: Any = None,
        task_type: str | None = None,
        task_id: int | None = None,
    ) -> None:
        """Tell it about the cluster, and a session that it needs no other worker.

        Parameters
        ----------
        session_config : ConfigProto, optional
            Whose `device_filters` are set.
        cluster_spec : ClusterSpec, optional
        task_type : str, optional
        task_id : int, optional
        """
        if cluster_spec is not None:
            self._cluster, self._task = cluster_spec, (task_type, task_id)
        job, index = self._task
        if session_config is not None and job in ("chief", "worker"):
            del session_config.device_filters[:]
            session_config.device_filters.extend([f"/job:{job}/task:{index}", "/job:ps"])
