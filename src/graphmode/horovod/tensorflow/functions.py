"""What is made of the operations: reduced gradients, one rank's variables, Python objects."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any

from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor, convert_to_tensor_or_indexed_slices
from graphmode.framework.indexed_slices import IndexedSlices
from graphmode.horovod.tensorflow import mpi_ops
from graphmode.horovod.tensorflow.compression import Compression
from graphmode.launch import ranks
from graphmode.launch.frames import request
from graphmode.ops import math
from graphmode.ops.control.grouping import group
from graphmode.variables.collections import global_variables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from graphmode.framework.operation import Operation


def allreduce(
    tensor: Any,
    average: bool | None = None,
    device_dense: str = "",
    device_sparse: str = "",
    compression: Any = Compression.none,
    op: Any = None,
    prescale_factor: float = 1.0,
    postscale_factor: float = 1.0,
    name: str | None = None,
) -> Any:
    """The tensors of all ranks combined, element by element.

    Parameters
    ----------
    tensor : Tensor or IndexedSlices
        Of the same shape on all ranks. Of slices the rows of all ranks are gathered.
    average : bool, optional
        The mean (the default) or the sum; superseded by `op`.
    device_dense, device_sparse : str
        Recorded nowhere: ranks exchange between programs.
    compression : Compressor
        What is sent.
    op : ReduceOp, optional
        ``hvd.Average``, ``hvd.Sum``, ``hvd.Min``, ``hvd.Max``, ``hvd.Product``.
    prescale_factor, postscale_factor : float
        What the tensor is multiplied by before and after; whole numbers are cut off after it.
    name : str, optional

    Returns
    -------
    Tensor or IndexedSlices, as `tensor`

    Raises
    ------
    ValueError
        If `init` was not called, or `average` and `op` are both given.
    UnimplementedError
        If `op` is ``hvd.Adasum``.
    NotImplementedError
        If slices are to be combined otherwise than by mean and sum.
    """
    del device_dense, device_sparse
    reduce_op = mpi_ops.reduce_op_of(average, op)
    given: Any = convert_to_tensor_or_indexed_slices(tensor)
    if isinstance(given, IndexedSlices):
        return allreduce_gradients([given], compression, reduce_op, name=name)[0]
    sent, context = compression.compress(_times(given, prescale_factor))
    (reduced,) = mpi_ops.allreduce_all(
        [sent], reduce_op, *mpi_ops.named("HorovodAllreduce", given, name)
    )
    return _times(compression.decompress(reduced, context), postscale_factor)


def _times(tensor: Any, factor: float) -> Any:
    if factor == 1.0:
        return tensor
    if tensor.dtype.is_integer:
        return math.cast(math.cast(tensor, dtypes.float64) * factor, tensor.dtype)
    return tensor * math.cast(factor, tensor.dtype)


def allreduce_gradients(
    gradients: Sequence[Any],
    compression: Any = Compression.none,
    reduce_op: str = "average",
    sparse_as_dense: bool = False,
    name: str | None = None,
) -> list[Any]:
    """The gradients of all ranks: one exchange for tensors, one for the rows of slices.

    Parameters
    ----------
    gradients : list of Tensor, IndexedSlices or None
        None passes through.
    compression : Compressor
        What is sent.
    reduce_op : {"average", "sum"}
    sparse_as_dense : bool
        Whether slices are made tensors first.
    name : str, optional
        Of the operations.

    Returns
    -------
    list, as `gradients`
    """
    given: list[Any] = list(gradients)
    if sparse_as_dense:
        given = [convert_to_tensor(g) if isinstance(g, IndexedSlices) else g for g in given]
    dense = [i for i, g in enumerate(given) if g is not None and not isinstance(g, IndexedSlices)]
    sparse = [i for i, g in enumerate(given) if isinstance(g, IndexedSlices)]
    if dense:
        sent, contexts = zip(*(compression.compress(given[i]) for i in dense), strict=True)
        names = [given[i].name for i in dense]
        reduced = mpi_ops.allreduce_all(list(sent), reduce_op, name or "HorovodAllreduce", names)
        for i, each, context in zip(dense, reduced, contexts, strict=True):
            given[i] = compression.decompress(each, context)
    if sparse:
        if reduce_op not in ("average", "sum"):
            raise NotImplementedError(
                f"the {reduce_op} of IndexedSlices: their rows are gathered.\n"
                "  fix: tf.convert_to_tensor(slices) first"
            )
        sent, contexts = zip(*(compression.compress(given[i].values) for i in sparse), strict=True)
        rows = [part for i, values in zip(sparse, sent, strict=True)
                for part in (values, given[i].indices)]  # fmt: skip
        names = [part.name for i in sparse for part in (given[i].values, given[i].indices)]
        op_name = f"{name}_rows" if name else "HorovodAllgather"
        gathered = mpi_ops.allgather_all(rows, op_name, names)
        for place, (i, context) in enumerate(zip(sparse, contexts, strict=True)):
            values = compression.decompress(gathered[2 * place], context)
            if reduce_op == "average":
                values = values / math.cast(mpi_ops.size(), values.dtype)
            given[i] = IndexedSlices(values, gathered[2 * place + 1], given[i].dense_shape)
    return given


# ---- variables -----------------------------------------------------------------------------------


def broadcast_variables(variables: Iterable[Any], root_rank: int) -> Operation:
    """An operation that gives variables the values that they have on one rank.

    Parameters
    ----------
    variables : iterable of Variable
    root_rank : int

    Returns
    -------
    Operation
    """
    chosen = list(variables)
    if not chosen:
        return group()
    values = [variable.read_value() for variable in chosen]
    given = mpi_ops.broadcast_all(values, root_rank)
    return group(*(var.assign(value) for var, value in zip(chosen, given, strict=True)))


def broadcast_global_variables(root_rank: int) -> Operation:
    """An operation that gives all global variables the values that they have on one rank.

    Parameters
    ----------
    root_rank : int

    Returns
    -------
    Operation
    """
    return broadcast_variables(global_variables(), root_rank)


# ---- Python objects ------------------------------------------------------------------------------


def allgather_object(obj: Any, session: Any = None, name: str | None = None) -> list[Any]:
    """The objects of all ranks, by rank. It exchanges at once, without a session.

    Parameters
    ----------
    obj : picklable
    session : optional
        Not needed.
    name : str, optional
        What the ranks compare.

    Returns
    -------
    list
    """
    del session
    mpi_ops.rank()
    ring = ranks.current().ring
    if ring is None:
        return [obj]
    said = request(f"allgather of objects {name or ''}".rstrip())
    return [pickle.loads(blob) for blob in ring.gather(said, pickle.dumps(obj))]


def broadcast_object(
    obj: Any, root_rank: int = 0, session: Any = None, name: str | None = None
) -> Any:
    """The object of rank `root_rank`, on all ranks. It exchanges at once, without a session.

    Parameters
    ----------
    obj : picklable
    root_rank : int
    session : optional
        Not needed.
    name : str, optional
        What the ranks compare.

    Returns
    -------
    object
    """
    mine = obj if mpi_ops.rank() == root_rank else None
    return allgather_object(mine, session, name or f"broadcast from rank {root_rank}")[root_rank]


def broadcast_object_fn(
    root_rank: int = 0, session: Any = None, name: str | None = None
) -> Callable[[Any], Any]:
    """`broadcast_object` with all but its first argument.

    Parameters
    ----------
    root_rank : int
    session : optional
        Not needed.
    name : str, optional

    Returns
    -------
    callable
    """
    return lambda obj: broadcast_object(obj, root_rank, session, name)
