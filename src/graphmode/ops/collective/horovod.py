"""Horovod's three operations, each over a list of tensors: one exchange, whatever their number.

They run on the host, between the program of the gradients and that of the update.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from graphmode.framework.errors import invalid
from graphmode.framework.op import op
from graphmode.launch import ranks
from graphmode.launch.frames import Request, request

COMBINE = {"sum": np.add, "average": np.add, "min": np.minimum, "max": np.maximum,
           "product": np.multiply}  # fmt: skip


def _said(what: str, names: Sequence[str], arrays: Sequence[Any], skip: int = 0) -> Request:
    """What is exchanged, in words: the same on all ranks.

    `skip` is the number of leading dimensions that may differ.
    """
    lines = [
        f"{name}: {array.dtype.name} {['any'] * skip + list(array.shape[skip:])}"
        for name, array in zip(names, arrays, strict=True)
    ]
    n = len(lines)
    return request("\n".join([f"{what} of {n} tensor{'s' if n > 1 else ''}", *lines]))


def _given(operation: Any) -> list[Any]:
    return [tensor.dims for tensor in operation.inputs]


def _any_rows(operation: Any) -> list[Any]:
    return [
        None if tensor.dims is None else (None, *tensor.dims[1:]) for tensor in operation.inputs
    ]


@op("HorovodAllreduce", "[T] -> [T]", shape=_given, effect="host", ordered=True,
    differs="takes a list, which is reduced in one exchange")  # fmt: skip
def horovod_allreduce(input, *, reduce_op: str = "sum", tensor_names: Sequence[str]):
    """The tensors of all ranks combined, element by element: the same bits on every rank.

    Parameters
    ----------
    input : list of Tensor
        Numbers, of any shapes, the same on all ranks.
    reduce_op : {"sum", "average", "min", "max", "product"}
    tensor_names : list of str
        What the ranks compare, beside dtypes and shapes.
    """
    reduce_op = _text(reduce_op)
    ring, arrays = ranks.current().ring, [np.asarray(value) for value in input]
    if ring is None:
        return arrays
    said = _said(f"allreduce ({reduce_op})", _texts(tensor_names), arrays)
    results: list[Any] = [None] * len(arrays)
    for dtype in dict.fromkeys(array.dtype for array in arrays):
        places = [i for i, array in enumerate(arrays) if array.dtype == dtype]
        vector = np.concatenate([arrays[i].reshape(-1) for i in places])
        ring.reduce(said, vector, COMBINE[reduce_op])
        if reduce_op == "average":
            vector = _divided(vector, ring.size)
        start = 0
        for i in places:
            stop = start + arrays[i].size
            results[i] = vector[start:stop].reshape(arrays[i].shape)
            start = stop
    return results


def _divided(vector: Any, size: int) -> Any:
    if vector.dtype.kind in "iu":
        return vector // vector.dtype.type(size)
    return np.divide(vector, vector.dtype.type(size), out=vector)


@op("HorovodAllgather", "[T] -> [T]", shape=_any_rows, effect="host", ordered=True,
    differs="takes a list, which is gathered in one exchange")  # fmt: skip
def horovod_allgather(input, *, tensor_names: Sequence[str]):
    """The rows of all ranks one after the other, in the order of the ranks.

    Parameters
    ----------
    input : list of Tensor
        Of any dtype but string, rank at least 1; the first dimensions may differ between ranks.
    tensor_names : list of str
        As of `horovod_allreduce`.
    """
    ring = ranks.current().ring
    arrays = [np.ascontiguousarray(value) for value in input]
    for name, array in zip(_texts(tensor_names), arrays, strict=True):
        if not array.ndim:
            raise invalid(
                f"allgather joins rows, and {name} is a scalar.\n  fix: tf.reshape(x, [1])"
            )
    if ring is None:
        return arrays
    said = _said("allgather", _texts(tensor_names), arrays, skip=1)
    counts = np.array([len(array) for array in arrays], np.int64)
    blobs = ring.gather(said, b"".join([counts.tobytes(), *(a.tobytes() for a in arrays)]))
    parts: list[list[Any]] = [[] for _ in arrays]
    for blob in blobs:
        rows = np.frombuffer(blob, np.int64, len(arrays))
        start = rows.nbytes
        for array, n, found in zip(arrays, rows.tolist(), parts, strict=True):
            n_elements = n * int(np.prod(array.shape[1:], dtype=np.int64))
            part = np.frombuffer(blob, array.dtype, n_elements, start) if n_elements else array[:0]
            found.append(part.reshape(n, *array.shape[1:]))
            start += n_elements * array.dtype.itemsize
    return [np.concatenate(found) for found in parts]


@op("HorovodBroadcast", "[T] -> [T]", shape=_given, effect="host", ordered=True,
    differs="takes a list, which is given in one exchange")  # fmt: skip
def horovod_broadcast(input, *, root_rank: int = 0, tensor_names: Sequence[str]):
    """The tensors of one rank, on all ranks.

    Parameters
    ----------
    input : list of Tensor
        Of any dtype but string, of the same shapes on all ranks.
    root_rank : int
        Whose values they become.
    tensor_names : list of str
        As of `horovod_allreduce`.
    """
    rank, arrays = ranks.current(), [np.asarray(value) for value in input]
    if not 0 <= root_rank < rank.size:
        raise invalid(f"broadcast from rank {root_rank}: there are {rank.size} ranks, from 0 on")
    if rank.ring is None:
        return arrays
    said = _said(f"broadcast from rank {root_rank}", _texts(tensor_names), arrays)
    vector = np.concatenate([_as_bytes(array) for array in arrays])
    rank.ring.broadcast(said, vector, root_rank)
    results: list[Any] = []
    start = 0
    for array in arrays:
        part = vector[start : start + array.nbytes]
        results.append(part.copy().view(array.dtype).reshape(array.shape))
        start += array.nbytes
    return results


def _as_bytes(array: Any) -> Any:
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8)


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else value


def _texts(values: Sequence[Any]) -> list[str]:
    return [_text(value) for value in values]
