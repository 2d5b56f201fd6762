"""The ranks, and what they compute together, as operations of the graph."""

from __future__ import annotations

from enum import Enum
from typing import Any

from graphmode.autodiff.registry import register
from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import get_default_graph
from graphmode.framework.errors import UnimplementedError
from graphmode.framework.operation import Operation, Tensor
from graphmode.launch import joining, ranks
from graphmode.ops import array, math
from graphmode.ops.array.constants import constant
from graphmode.ops.collective import horovod as collective

_UNINITIALIZED = "Horovod has not been initialized; use hvd.init()."
_begun: list[bool] = []


class ReduceOp(Enum):
    """How the tensors of the ranks become one."""

    Average = "average"
    Sum = "sum"
    Adasum = "adasum"
    Min = "min"
    Max = "max"
    Product = "product"


Average, Sum, Adasum = ReduceOp.Average, ReduceOp.Sum, ReduceOp.Adasum
Min, Max, Product = ReduceOp.Min, ReduceOp.Max, ReduceOp.Product


# ---- the ranks -----------------------------------------------------------------------------------


def init(comm: Any = None, process_sets: Any = None) -> None:
    """Join the other ranks, if `graphmode launch`, MPI, SLURM or Kubernetes has started some.

    Parameters
    ----------
    comm : list of int or communicator of mpi4py, optional
        All ranks in their order: these are one group.
    process_sets : optional
        Not taken.

    Raises
    ------
    UnimplementedError
        If a group of its own is asked for.
    FailedPreconditionError
        If the others are not found, or this process has used JAX before.
    """
    joined = joining.join()
    if process_sets or (comm is not None and not _is_of_all(comm, joined)):
        raise UnimplementedError(
            None,
            None,
            f"hvd.init takes all {joined.size} processes in their order: groups of some of them "
            "are not there.\n  fix: hvd.init()",
        )
    _begun[:] = [True]


def _is_of_all(comm: Any, joined: ranks.Rank) -> bool:
    """Whether a communicator has all ranks, as they are numbered."""
    if hasattr(comm, "Get_size"):
        return (comm.Get_rank(), comm.Get_size()) == (joined.index, joined.size)
    return list(comm) in ([], list(range(joined.size)))


def shutdown() -> None:
    """Forget the other ranks; the process stays one of them until it ends."""
    _begun.clear()


def is_initialized() -> bool:
    """Whether `init` was called."""
    return bool(_begun)


def _rank() -> ranks.Rank:
    if not _begun:
        raise ValueError(_UNINITIALIZED)
    return ranks.current()


def rank() -> int:
    """The number of this process, from 0 on."""
    return _rank().index


def size() -> int:
    """How many processes there are."""
    return _rank().size


def local_rank() -> int:
    """The number of this process among those of its machine: the number of its GPU."""
    return _rank().local_index


def local_size() -> int:
    """How many processes this machine has."""
    return _rank().local_size


def cross_rank() -> int:
    """The number of this machine, where all have as many processes."""
    return _rank().index // _rank().local_size


def cross_size() -> int:
    """How many machines there are, where all have as many processes."""
    return -(-_rank().size // _rank().local_size)


def is_homogeneous() -> bool:
    """Whether all machines have as many processes."""
    return _rank().size % _rank().local_size == 0


def mpi_threads_supported() -> bool:
    """Whether threads may exchange: each exchange waits for the one before."""
    _rank()
    return True


def _no() -> bool:
    """Whether Horovod would use it: no, the ranks exchange by sockets of their own."""
    return False


mpi_enabled = mpi_built = gloo_enabled = gloo_built = nccl_built = _no
ddl_built = ccl_built = cuda_built = rocm_built = _no


def rank_op(name: str | None = None) -> Tensor:
    """`rank` as a tensor, int32 scalar."""
    return constant(rank(), dtypes.int32, name=name or "HorovodRank")


def size_op(process_set_id: int = 0, name: str | None = None) -> Tensor:
    """`size` as a tensor, int32 scalar."""
    del process_set_id
    return constant(size(), dtypes.int32, name=name or "HorovodSize")


def local_rank_op(name: str | None = None) -> Tensor:
    """`local_rank` as a tensor, int32 scalar."""
    return constant(local_rank(), dtypes.int32, name=name or "HorovodLocalRank")


def local_size_op(name: str | None = None) -> Tensor:
    """`local_size` as a tensor, int32 scalar."""
    return constant(local_size(), dtypes.int32, name=name or "HorovodLocalSize")


# ---- operations ----------------------------------------------------------------------------------


def reduce_op_of(average: bool | None, op: Any) -> str:
    """What `average` and `op` of a call say together.

    Raises
    ------
    ValueError
        If both are given, or `op` is none.
    UnimplementedError
        If it is Adasum.
    """
    if average is not None and op is not None:
        raise ValueError("The op parameter supersedes average. Please provide only one of them.")
    if average is not None:
        return "average" if average else "sum"
    chosen = Average if op is None else op
    if chosen is Adasum:
        raise UnimplementedError(
            None,
            None,
            "op=hvd.Adasum is not there: ranks are averaged or summed.\n"
            "  fix: op=hvd.Average, and a learning rate that grows with hvd.size()",
        )
    if not isinstance(chosen, ReduceOp):
        raise ValueError(
            f"op must be hvd.Average, hvd.Sum, hvd.Min, hvd.Max or hvd.Product, got {op!r}"
        )
    return chosen.value


def allreduce_all(
    tensors: list[Tensor],
    reduce_op: str,
    name: str | None = None,
    names: list[str] | None = None,
) -> list[Tensor]:
    """The tensors of all ranks combined, in one exchange.

    Parameters
    ----------
    tensors : list of Tensor
        Numbers.
    reduce_op : str
        As `reduce_op_of` gives it.
    name : str, optional
        Of the operation.
    names : list of str, optional
        What the ranks compare; those of the tensors by default.

    Returns
    -------
    list of Tensor
    """
    if reduce_op == "average":
        for tensor in tensors:
            if tensor.dtype.base_dtype == dtypes.bool:
                raise TypeError(
                    f"{tensor.name} is bool, which has no mean.\n  fix: op=hvd.Min (of all ranks), "
                    "op=hvd.Max (of any), or tf.cast(x, tf.float32) for the share of them"
                )
    return _exchange(collective.horovod_allreduce, tensors, name, names, reduce_op=reduce_op)


def allgather_all(
    tensors: list[Tensor], name: str | None = None, names: list[str] | None = None
) -> list[Tensor]:
    """The rows of all ranks, of each of some tensors, in one exchange.

    Parameters
    ----------
    tensors : list of Tensor
        Of rank at least 1.

    Returns
    -------
    list of Tensor
    """
    return _exchange(collective.horovod_allgather, tensors, name, names)


def broadcast_all(
    tensors: list[Tensor], root_rank: int, name: str | None = None, names: list[str] | None = None
) -> list[Tensor]:
    """The tensors of one rank, on all ranks, in one exchange.

    Parameters
    ----------
    tensors : list of Tensor
    root_rank : int

    Returns
    -------
    list of Tensor
    """
    return _exchange(collective.horovod_broadcast, tensors, name, names, root_rank=root_rank)


def _exchange(
    function: Any, tensors: list[Tensor], name: str | None, names: list[str] | None, **attrs: Any
) -> list[Tensor]:
    if not _begun:
        raise ValueError(_UNINITIALIZED)
    for tensor in tensors:
        if tensor.dtype.base_dtype not in dtypes.NUMBERS | {dtypes.bool}:
            raise TypeError(
                f"ranks exchange numbers, and {tensor.name} is {tensor.dtype.base_dtype.name}"
            )
    names = names or [tensor.name for tensor in tensors]
    return function(tensors, tensor_names=names, name=name, **attrs)


def allgather(tensor: Any, name: str | None = None, **_ignored: Any) -> Tensor:
    """The rows of all ranks one after the other, in the order of the ranks.

    Parameters
    ----------
    tensor : Tensor of shape [n, ...]
        `n` may differ between ranks, the other dimensions may not.
    name : str, optional

    Returns
    -------
    Tensor of shape [sum of all n, ...]
    """
    tensor = convert_to_tensor(tensor)
    if tensor.shape.ndims == 0:
        raise ValueError(f"allgather joins rows, and {tensor.name} is a scalar")
    return allgather_all([tensor], *named("HorovodAllgather", tensor, name))[0]


def broadcast(tensor: Any, root_rank: int, name: str | None = None, **_ignored: Any) -> Tensor:
    """The tensor of rank `root_rank`, on all ranks.

    Parameters
    ----------
    tensor : Tensor
        Of the same shape on all ranks.
    root_rank : int
    name : str, optional

    Returns
    -------
    Tensor, as `tensor`
    """
    tensor = convert_to_tensor(tensor)
    return broadcast_all([tensor], root_rank, *named("HorovodBroadcast", tensor, name))[0]


def named(kind: str, tensor: Tensor, name: str | None) -> tuple[str, list[str]]:
    """The name of an operation on one tensor, and what the ranks compare: `name` if it is given."""
    made = f"{kind}_{tensor.name.replace(':', '_').replace('/', '_')}"
    return name or made, [name or tensor.name]


# ---- gradients -----------------------------------------------------------------------------------


def _allreduce_gradient(op: Operation, *gradients: Tensor) -> list[Tensor]:
    reduce_op = op.attrs["reduce_op"]
    reduce_op = reduce_op.decode() if isinstance(reduce_op, bytes) else reduce_op
    if reduce_op not in ("sum", "average"):
        raise LookupError(f"No gradient through '{op.name}': it takes the {reduce_op} of the ranks")
    return allreduce_all(list(gradients), reduce_op)


def _allgather_gradient(op: Operation, *gradients: Tensor) -> list[Tensor]:
    summed = allreduce_all(list(gradients), "sum")
    counts = array.stack([array.shape(tensor)[0] for tensor in op.inputs])
    of_all = allgather_all([array.expand_dims(counts, 0)])[0]
    before = math.reduce_sum(of_all[: rank()], 0)
    return [total[before[i] : before[i] + counts[i]] for i, total in enumerate(summed)]


def _broadcast_gradient(op: Operation, *gradients: Tensor) -> list[Tensor]:
    summed = allreduce_all(list(gradients), "sum")
    if rank() == op.attrs["root_rank"]:
        return summed
    with get_default_graph().control_dependencies(summed):  # this rank has to give its part, too
        return [array.identity(array.zeros_like(each)) for each in summed]


register(
    {
        "HorovodAllreduce": _allreduce_gradient,
        "HorovodAllgather": _allgather_gradient,
        "HorovodBroadcast": _broadcast_gradient,
    }
)
