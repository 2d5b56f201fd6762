"""`CrossDeviceOps`: how strategies of TensorFlow move values between devices.

Programs choose one for a `MirroredStrategy`. Here values meet where they are reduced, whatever has
been chosen: XLA's programs move them. What they say of sums and means holds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.framework.default_graph import get_default_graph
from graphmode.ops import array
from graphmode.replication.replicas import PerReplica
from graphmode.replication.strategy import Strategy

if TYPE_CHECKING:
    from collections.abc import Sequence


class CrossDeviceOps:
    """How the values of replicas become one, on one device."""

    def reduce(self, reduce_op: Any, per_replica_value: Any, destinations: Any) -> Any:
        """The sum or the mean of the values of replicas.

        Parameters
        ----------
        reduce_op : ReduceOp or str
            SUM or MEAN.
        per_replica_value : PerReplica or Tensor, of any dtype
        destinations : str or object
            The device, if it is a text.

        Returns
        -------
        Tensor
        """
        device = destinations if isinstance(destinations, str) else None
        with get_default_graph().device(device):
            return Strategy().reduce(reduce_op, per_replica_value)

    def batch_reduce(
        self, reduce_op: Any, value_destination_pairs: Sequence[tuple[Any, Any]]
    ) -> list[Any]:
        """`reduce` of several values.

        Parameters
        ----------
        reduce_op : ReduceOp or str
        value_destination_pairs : sequence of (value, destinations)

        Returns
        -------
        list of Tensor
        """
        return [self.reduce(reduce_op, value, where) for value, where in value_destination_pairs]

    def broadcast(self, tensor: Any, destinations: Sequence[str]) -> Any:
        """A tensor on each of several devices.

        Parameters
        ----------
        tensor : Tensor, of any dtype and shape
        destinations : sequence of str

        Returns
        -------
        PerReplica
        """
        copies: list[Any] = []
        for device in destinations:
            with get_default_graph().device(device):
                copies.append(array.identity(tensor))
        return PerReplica(tuple(copies))


class ReductionToOneDevice(CrossDeviceOps):
    """Values are added up on one device.

    Parameters
    ----------
    reduce_to_device : str, optional
        Which, where the destination is no device.
    accumulation_fn : callable, optional
        Accepted.
    """

    def __init__(self, reduce_to_device: str | None = None, accumulation_fn: Any = None) -> None:
        self._device = reduce_to_device

    def reduce(self, reduce_op: Any, per_replica_value: Any, destinations: Any) -> Any:
        """As for `CrossDeviceOps`, on the device of this one.

        Parameters
        ----------
        reduce_op : ReduceOp or str
        per_replica_value : PerReplica or Tensor, of any dtype
        destinations : str or object

        Returns
        -------
        Tensor
        """
        return super().reduce(reduce_op, per_replica_value, self._device or destinations)


class HierarchicalCopyAllReduce(CrossDeviceOps):
    """Values are added up in groups of devices.

    Parameters
    ----------
    num_packs : int
        Accepted.

    Raises
    ------
    ValueError
        If it is negative.
    """

    def __init__(self, num_packs: int = 1) -> None:
        _require_packs("HierarchicalCopy", num_packs)


class NcclAllReduce(CrossDeviceOps):
    """Values are added up by NCCL, as XLA uses it between GPUs.

    Parameters
    ----------
    num_packs : int
        Accepted.

    Raises
    ------
    ValueError
        If it is negative.
    """

    def __init__(self, num_packs: int = 1) -> None:
        _require_packs("NCCL all-reduce", num_packs)


class AllReduceCrossDeviceOps(CrossDeviceOps):
    """Values are added up by an algorithm that is named.

    Parameters
    ----------
    all_reduce_alg : str
    num_packs, agg_small_grads_max_bytes, agg_small_grads_max_group : int
        Accepted.
    """

    def __init__(
        self,
        all_reduce_alg: str = "nccl",
        num_packs: int = 1,
        agg_small_grads_max_bytes: int = 0,
        agg_small_grads_max_group: int = 10,
    ) -> None:
        del all_reduce_alg, num_packs, agg_small_grads_max_bytes, agg_small_grads_max_group


def _require_packs(algorithm: str, num_packs: int) -> None:
    if num_packs < 0:
        raise ValueError(f"{algorithm} requires num_packs >= 0, but {num_packs} is given")
