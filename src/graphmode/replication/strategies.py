"""`tf.distribute`: strategies, which say how many replicas of a model there are, and where.

As far as programs and estimators of TensorFlow 1 need them: a graph holds all replicas, a variable
is kept once, on the device of the parameters.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from graphmode.framework import nest
from graphmode.framework.default_graph import colocate_with, get_default_graph
from graphmode.ops import array, math
from graphmode.ops.control.grouping import group
from graphmode.replication.placement import replica_device_setter
from graphmode.replication.replicas import (
    PerReplica,
    ReduceOp,
    ReplicaContext,
    Replicas,
    building,
    tensors_of,
)
from graphmode.replication.resolvers import TFConfigClusterResolver
from graphmode.runtime.places.devices import list_devices

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence
    from contextlib import AbstractContextManager


class InputContext:
    """What an input function is told: which part of the data is its.

    Parameters
    ----------
    num_input_pipelines, input_pipeline_id, num_replicas_in_sync : int
    """

    def __init__(
        self,
        num_input_pipelines: int = 1,
        input_pipeline_id: int = 0,
        num_replicas_in_sync: int = 1,
    ) -> None:
        self.num_input_pipelines = num_input_pipelines
        self.input_pipeline_id = input_pipeline_id
        self.num_replicas_in_sync = num_replicas_in_sync

    def get_per_replica_batch_size(self, global_batch_size: int) -> int:
        """The rows of a batch that each replica has.

        Parameters
        ----------
        global_batch_size : int

        Returns
        -------
        int

        Raises
        ------
        ValueError
            If they cannot be divided evenly.
        """
        if global_batch_size % self.num_replicas_in_sync:
            raise ValueError(
                f"The `global_batch_size` {global_batch_size} is not divisible by "
                f"`num_replicas_in_sync` {self.num_replicas_in_sync} "
            )
        return global_batch_size // self.num_replicas_in_sync


class ReplicaInput:
    """The elements of a data set, a part or one for each replica.

    Parameters
    ----------
    iterator : Iterator
    next_of_replicas : callable
        Gives the next elements, `PerReplica` if there are several.
    """

    def __init__(self, iterator: Any, next_of_replicas: Callable[[], Any]) -> None:
        self._iterator = iterator
        self._next = next_of_replicas

    def initialize(self) -> Any:
        """The operation that begins with the first element."""
        return self._iterator.initializer

    initializer = property(initialize)

    def get_next(self, name: str | None = None) -> Any:
        """The next elements.

        Parameters
        ----------
        name : str, optional
            Accepted.

        Returns
        -------
        Nested structure of Tensor
            Of `PerReplica`, if there are several.
        """
        return self._next()


class Strategy:
    """One replica, placed by the program: the base of all, and what counts without any.

    Parameters
    ----------
    extended : optional
        Accepted: there are no parts of another kind here.
    """

    worker_devices: tuple[str, ...] = ("",)
    """The device of each replica, an empty text for wherever the program says."""
    parameter_device: str = ""
    """Where variables are."""

    def __init__(self, extended: Any = None) -> None:
        del extended

    @property
    def extended(self) -> Strategy:
        """The strategy itself."""
        return self

    @property
    def num_replicas_in_sync(self) -> int:
        """How many replicas make a step together."""
        return len(self.worker_devices)

    @property
    def parameter_devices(self) -> tuple[str, ...]:
        """Where variables are."""
        return (self.parameter_device or self.worker_devices[0],)

    def _placed(self) -> AbstractContextManager[Any]:
        """The block in which what belongs to no replica is built."""
        if not self.parameter_device:
            return contextlib.nullcontext()
        return get_default_graph().device(self.parameter_device)

    @contextlib.contextmanager
    def scope(self) -> Generator[Strategy]:
        """A block in which this is the strategy."""

        def placed(next_creator: Callable[..., Any], **arguments: Any) -> Any:
            with self._placed():
                return next_creator(**arguments)

        building.strategies.append(self)
        try:
            with get_default_graph().variable_creator_scope(placed), self._around():
                yield self
        finally:
            building.strategies.remove(self)

    def _around(self) -> AbstractContextManager[Any]:
        return contextlib.nullcontext()

    def call_for_each_replica(
        self, fn: Callable[..., Any], args: Any = (), kwargs: Any = None
    ) -> Any:
        """Build a function once for each replica, on its device.

        Parameters
        ----------
        fn : callable
        args : sequence, optional
        kwargs : dict, optional
            What is a `PerReplica` in either, each replica is given its part of.

        Returns
        -------
        What it gives
            With `PerReplica` leaves, if there are several replicas.
        """
        return Replicas(self).call(fn, tuple(args), dict(kwargs or {}))

    experimental_run_v2 = call_for_each_replica
    run = call_for_each_replica

    def experimental_run(self, fn: Callable[..., Any], input_iterator: Any = None) -> Any:
        """Build a function of the next elements once for each replica.

        Parameters
        ----------
        fn : callable
        input_iterator : ReplicaInput, optional

        Returns
        -------
        As for `experimental_run_v2`.
        """
        args = () if input_iterator is None else (input_iterator.get_next(),)
        return self.call_for_each_replica(fn, args)

    def reduce(self, reduce_op: Any, value: Any, axis: int | None = None) -> Any:
        """The sum or the mean of what the replicas gave.

        Parameters
        ----------
        reduce_op : ReduceOp or str
            SUM or MEAN.
        value : PerReplica or Tensor, of any dtype, or nested structure of them
        axis : int, optional
            Along which each value is reduced, too; the mean is then of all elements.

        Returns
        -------
        Tensor, or structure of them
        """
        is_mean = ReduceOp(getattr(reduce_op, "value", str(reduce_op).upper())) is ReduceOp.MEAN

        def one(value: Any) -> Any:
            values = tensors_of(value)
            count: Any = len(values)
            if axis is not None:
                lengths = [array.shape(v)[axis] for v in values]
                count = math.cast(math.add_n(lengths), values[0].dtype)
                values = [math.reduce_sum(v, axis) for v in values]
            total = math.add_n(values) if len(values) > 1 else array.identity(values[0])
            return total / count if is_mean else total

        with self._placed():
            return _mapped(one, value)

    def reduce_to(self, reduce_op: Any, value: Any, destinations: Any) -> Any:
        """`reduce` without an axis.

        Parameters
        ----------
        reduce_op : ReduceOp
        value : PerReplica or Tensor, of any dtype
        destinations : object
            Accepted.

        Returns
        -------
        Tensor
        """
        return self.reduce(reduce_op, value)

    def experimental_local_results(self, value: Any) -> tuple[Any, ...]:
        """What each replica gave.

        Parameters
        ----------
        value : PerReplica or Tensor, of any dtype

        Returns
        -------
        tuple
        """
        return tuple(tensors_of(value))

    def unwrap(self, value: Any) -> list[Any]:
        """What each replica gave, as a list.

        Parameters
        ----------
        value : PerReplica or Tensor, of any dtype

        Returns
        -------
        list
        """
        return tensors_of(value)

    def group(self, value: Any, name: str | None = None) -> Any:
        """An operation that runs what each replica gave.

        Parameters
        ----------
        value : PerReplica or Operation
        name : str, optional

        Returns
        -------
        Operation
        """
        values = tensors_of(value)
        return values[0] if len(values) == 1 and name is None else group(*values, name=name)

    def make_dataset_iterator(self, dataset: Any) -> ReplicaInput:
        """An iterator whose batches the replicas share: each has its part of the rows.

        Parameters
        ----------
        dataset : Dataset
            Of whole batches.

        Returns
        -------
        ReplicaInput
        """
        iterator = dataset.make_initializable_iterator()
        n = self.num_replicas_in_sync

        def split(batch: Any) -> Any:
            if n == 1:
                return batch
            rows = array.shape(batch)[0]
            edges = [rows * i // n for i in range(n + 1)]
            return PerReplica(tuple(batch[edges[i] : edges[i + 1]] for i in range(n)))

        return ReplicaInput(iterator, lambda: _mapped(split, iterator.get_next()))

    def make_input_fn_iterator(
        self, input_fn: Callable[[InputContext], Any], replication_mode: Any = None
    ) -> ReplicaInput:
        """An iterator that gives each replica an element of its own.

        Parameters
        ----------
        input_fn : callable
            Takes an `InputContext` and gives a data set.
        replication_mode : optional
            Accepted.

        Returns
        -------
        ReplicaInput
        """
        n = self.num_replicas_in_sync
        iterator = input_fn(InputContext(num_replicas_in_sync=n)).make_initializable_iterator()

        def elements() -> Any:
            parts = [iterator.get_next() for _ in range(n)]
            return parts[0] if n == 1 else PerReplica(tuple(parts))

        return ReplicaInput(iterator, elements)

    def colocate_vars_with(self, colocate_with_variable: Any) -> AbstractContextManager[None]:
        """A block in which variables are made where another one is.

        Parameters
        ----------
        colocate_with_variable : Variable
        """
        return colocate_with(colocate_with_variable)

    def configure(
        self,
        session_config: Any = None,
        cluster_spec: Any = None,
        task_type: str | None = None,
        task_id: int | None = None,
    ) -> None:
        """Tell it about the cluster: of no account where all replicas are in one process.

        Parameters
        ----------
        session_config, cluster_spec, task_type, task_id : optional
        """

    def update_config_proto(self, config_proto: Any) -> Any:
        """The configuration of sessions, as it is.

        Parameters
        ----------
        config_proto : ConfigProto

        Returns
        -------
        ConfigProto
        """
        return config_proto


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


_DEFAULT = Strategy()
_DEFAULT_REPLICA = ReplicaContext(_DEFAULT, 0)


def get_strategy() -> Strategy:
    """The strategy of the innermost `scope`; one of one replica outside of all."""
    return building.strategies[-1] if building.strategies else _DEFAULT


def has_strategy() -> bool:
    """Whether a strategy has been chosen by a `scope`."""
    return bool(building.strategies)


def get_replica_context() -> ReplicaContext | None:
    """The replica that is being built; None in a `scope` outside of replicas."""
    if building.replica is not None:
        return building.replica
    return None if building.strategies else _DEFAULT_REPLICA


def in_cross_replica_context() -> bool:
    """Whether what is built belongs to no replica."""
    return get_replica_context() is None


def experimental_set_strategy(strategy: Strategy | None) -> None:
    """Make a strategy that of all that follows, as if in its `scope`.

    Parameters
    ----------
    strategy : Strategy or None
        None for none.

    Raises
    ------
    RuntimeError
        Within a `scope`.
    """
    if len(building.strategies) > len(building.entered):
        raise RuntimeError("Must not be called inside a `tf.distribute.Strategy` scope.")
    while building.entered:
        building.entered.pop().close()
    if strategy is not None:
        stack = contextlib.ExitStack()
        stack.enter_context(strategy.scope())
        building.entered.append(stack)


def get_loss_reduction() -> ReduceOp:
    """How losses of replicas are meant to be added up: SUM, since nothing scales them here."""
    return ReduceOp.SUM


def _mapped(function: Callable[[Any], Any], structure: Any) -> Any:
    """A structure with a function's values of its leaves, of which a `PerReplica` is one."""
    if isinstance(structure, PerReplica):
        return function(structure)
    if isinstance(structure, nest.DICT):
        return {key: _mapped(function, item) for key, item in structure.items()}
    if isinstance(structure, list | tuple):
        parts = [_mapped(function, item) for item in structure]  # pyright: ignore[reportUnknownVariableType]
        return type(structure)(*parts) if hasattr(structure, "_fields") else type(structure)(parts)  # pyright: ignore[reportUnknownVariableType]
    return function(structure)
