"""What replicas read: parts of the same batches, or elements of their own."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any

from graphmode.ops import array
from graphmode.replication.replicas import PerReplica, mapped

if TYPE_CHECKING:
    from collections.abc import Callable


class InputReplicationMode(enum.Enum):
    """How many input functions there are: one for each process."""

    PER_WORKER = "PER_WORKER"


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


class ReplicaDataset:
    """A data set whose batches the replicas share.

    Parameters
    ----------
    dataset : Dataset
        Of whole batches.
    n_replicas : int
    """

    def __init__(self, dataset: Any, n_replicas: int) -> None:
        self._dataset, self._n_replicas = dataset, n_replicas

    def make_initializable_iterator(self, shared_name: str | None = None) -> ReplicaInput:
        """An iterator that begins when it is initialised.

        Parameters
        ----------
        shared_name : str, optional

        Returns
        -------
        ReplicaInput
        """
        iterator = self._dataset.make_initializable_iterator(shared_name)
        return shared_batches(iterator, self._n_replicas)

    def make_one_shot_iterator(self) -> ReplicaInput:
        """An iterator that begins by itself.

        Returns
        -------
        ReplicaInput
        """
        return shared_batches(self._dataset.make_one_shot_iterator(), self._n_replicas)


def shared_batches(iterator: Any, n_replicas: int) -> ReplicaInput:
    """What gives each replica its part of the rows of a batch.

    Parameters
    ----------
    iterator : Iterator
        Of whole batches.
    n_replicas : int

    Returns
    -------
    ReplicaInput
    """

    def split(batch: Any) -> Any:
        if n_replicas == 1:
            return batch
        rows = array.shape(batch)[0]
        edges = [rows * i // n_replicas for i in range(n_replicas + 1)]
        return PerReplica(tuple(batch[edges[i] : edges[i + 1]] for i in range(n_replicas)))

    return ReplicaInput(iterator, lambda: mapped(split, iterator.get_next()))


def own_elements(iterator: Any, n_replicas: int) -> ReplicaInput:
    """What gives each replica an element of its own.

    Parameters
    ----------
    iterator : Iterator
    n_replicas : int

    Returns
    -------
    ReplicaInput
    """

    def elements() -> Any:
        parts = [iterator.get_next() for _ in range(n_replicas)]
        return parts[0] if n_replicas == 1 else PerReplica(tuple(parts))

    return ReplicaInput(iterator, elements)
