"""`Strategy`: how many replicas of a model there are, and where; what is done with all of them.

As far as programs and estimators of TensorFlow 1 need it: a graph holds all replicas, a variable is
kept once, on the device of the parameters.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from graphmode.data.dataset import Dataset
from graphmode.framework.default_graph import colocate_with, get_default_graph
from graphmode.ops import array, math
from graphmode.ops.control.grouping import group
from graphmode.replication.input_of_replicas import (
    InputContext,
    ReplicaDataset,
    ReplicaInput,
    own_elements,
    shared_batches,
)
from graphmode.replication.replicas import ReduceOp, Replicas, building, mapped, tensors_of

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from contextlib import AbstractContextManager


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
            return mapped(one, value)

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
        return shared_batches(dataset.make_initializable_iterator(), self.num_replicas_in_sync)

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
        dataset = input_fn(InputContext(num_replicas_in_sync=n))
        return own_elements(dataset.make_initializable_iterator(), n)

    def experimental_distribute_dataset(self, dataset: Any) -> ReplicaDataset:
        """A data set whose iterators' batches the replicas share: each has its part of the rows.

        Parameters
        ----------
        dataset : Dataset
            Of whole batches.

        Returns
        -------
        ReplicaDataset
        """
        return ReplicaDataset(dataset, self.num_replicas_in_sync)

    def experimental_make_numpy_dataset(self, numpy_input: Any, session: Any = None) -> Any:
        """A data set of the rows of arrays.

        Parameters
        ----------
        numpy_input : array, or nested structure of them
            Of one length, of any dtype.
        session : Session, optional
            Accepted: the arrays are in the graph.

        Returns
        -------
        Dataset
        """
        return Dataset.from_tensor_slices(numpy_input)

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
