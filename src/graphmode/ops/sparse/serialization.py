"""Sparse tensors as texts: three `TensorProto` each, of the indices, the values and the shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import shape_rules
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.dtypes import ANY, DType, as_dtype, string
from graphmode.framework.errors import invalid
from graphmode.framework.op import op
from graphmode.framework.proto.attr_values import tensor_proto
from graphmode.framework.proto.messages import protobuf
from graphmode.framework.proto.reading import make_ndarray
from graphmode.framework.shapes import TensorShape
from graphmode.framework.sparse_tensor import SparseTensor
from graphmode.ops.sparse.dense import as_sparse

if TYPE_CHECKING:
    from collections.abc import Sequence

Parts = tuple[np.ndarray, np.ndarray, np.ndarray]
"""The indices, the values and the shape of a sparse tensor."""


def rows_of(indices: np.ndarray, values: np.ndarray, shape: np.ndarray) -> list[Parts]:
    """The rows of a sparse tensor, a sparse tensor each.

    Raises
    ------
    InvalidArgumentError
        If it has no rows, or an index is outside of it.
    """
    rank = len(shape)
    if rank <= 1:
        raise invalid(f"Rank of input SparseTensor should be > 1, but saw rank: {rank}")
    n = int(shape[0])
    first = indices[:, 0] if len(indices) else np.empty(0, np.int64)
    outside = np.flatnonzero((first < 0) | (first >= n))
    if len(outside):
        at = int(outside[0])
        raise invalid(f"index {at} of the SparseTensor is in row {first[at]}, but it has {n}")
    order = np.argsort(first, kind="stable")
    ends = np.searchsorted(first[order], np.arange(1, n))
    rest = indices.reshape(-1, rank)[order, 1:]
    return [
        (row, some, shape[1:])
        for row, some in zip(
            np.split(rest, ends) if n else (),
            np.split(values[order], ends) if n else (),
            strict=True,
        )
    ]


def joined(parts: Sequence[Parts], dtype: DType) -> list[np.ndarray]:
    """Sparse tensors along a new first dimension, as long as the longest of them.

    Raises
    ------
    InvalidArgumentError
        If their ranks differ.
    """
    rank = len(parts[0][2])
    for i, (_, _, shape) in enumerate(parts):
        if len(shape) != rank:
            raise invalid(
                f"Inconsistent shape across SparseTensors: rank prior to SparseTensor[{i}] was: "
                f"{rank} but rank of SparseTensor[{i}] is: {len(shape)}"
            )
    numbers = np.repeat(np.arange(len(parts)), [len(values) for _, values, _ in parts])
    within = np.concatenate([indices.reshape(-1, rank) for indices, _, _ in parts])
    longest = np.max([shape for _, _, shape in parts], axis=0)
    return [
        np.concatenate([numbers[:, None], within], axis=1).astype(np.int64),
        np.concatenate([values for _, values, _ in parts]).astype(dtype.numpy_dtype, copy=False),
        np.array([len(parts), *longest], np.int64),
    ]


def _text_of(array: np.ndarray) -> bytes:
    if array.dtype != object:
        return tensor_proto(array).SerializeToString()
    words = [bytes(word) for word in array.ravel().tolist()]
    proto = tensor_proto(np.empty((len(words), 0), np.uint8))
    proto.dtype = string.as_datatype_enum
    del proto.tensor_shape.dim[1:]
    proto.tensor_content = b"".join(_varint(len(word)) for word in words) + b"".join(words)
    return proto.SerializeToString()


def _varint(n: int) -> bytes:
    found = bytearray()
    while n > 127:
        found.append(n & 127 | 128)
        n >>= 7
    found.append(n)
    return bytes(found)


def _array_of(text: Any) -> np.ndarray:
    proto = protobuf("tensor").TensorProto()
    try:
        proto.ParseFromString(bytes(text))
        if proto.dtype == string.as_datatype_enum and proto.tensor_content:
            return _words(proto.tensor_content, proto.tensor_shape.dim[0].size)
        return make_ndarray(proto)
    except Exception as error:  # protobuf's own classes, and what a part that is too short raises
        raise invalid("Could not parse serialized proto") from error


def _words(content: bytes, n: int) -> np.ndarray:
    """Texts that are all lengths first, then all characters."""
    lengths: list[int] = []
    at = 0
    for _ in range(n):
        length = shift = 0
        while True:
            byte = content[at]
            at += 1
            length |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                break
        lengths.append(length)
    found = np.empty(n, object)
    for i, length in enumerate(lengths):
        found[i] = content[at : at + length]
        at += length
    return found


def _texts_of(parts: Parts) -> list[bytes]:
    return [_text_of(part) for part in parts]


def _parts_of(texts: Sequence[Any], i: int, dtype: DType) -> Parts:
    indices, values, shape = (_array_of(text) for text in texts)
    found = as_dtype(values.dtype)
    if found != dtype:
        raise invalid(
            f"Requested SparseTensor of type {dtype.name} but SparseTensor[{i}].values.dtype() == "
            f"{found.name}"
        )
    if indices.ndim != 2 or indices.shape != (len(values), len(shape)):
        raise invalid(
            f"SparseTensor[{i}] has indices of shape {shape_rules.dims_text(indices.shape)} for "
            f"{len(values)} values of rank {len(shape)}"
        )
    return indices, values, shape


def _three(operation):
    return [(3,)]


@op(
    "SerializeSparse",
    "int64, T, int64 -> serialized_sparse: out_type",
    shape=_three,
    effect="host",
    T=ANY,
)
def _serialize_sparse(sparse_indices, sparse_values, sparse_shape, *, out_type: DType = string):
    texts = np.empty(3, object)
    texts[:] = _texts_of((sparse_indices, sparse_values, sparse_shape))
    return texts


def _three_a_row(operation):
    return [(None, 3)]


@op(
    "SerializeManySparse",
    "int64, T, int64 -> serialized_sparse: out_type",
    shape=_three_a_row,
    effect="host",
    T=ANY,
)
def _serialize_many_sparse(
    sparse_indices, sparse_values, sparse_shape, *, out_type: DType = string
):
    rows = rows_of(sparse_indices, sparse_values, sparse_shape)
    texts = np.empty((len(rows), 3), object)
    for i, row in enumerate(rows):
        texts[i] = _texts_of(row)
    return texts


def _of_unknown_size(operation):
    return [(None, None), (None,), (None,)]


@op(
    "DeserializeManySparse",
    "string -> sparse_indices: int64, sparse_values: dtype, sparse_shape: int64",
    shape=_of_unknown_size,
    effect="host",
)
def _deserialize_many_sparse(serialized_sparse, *, dtype: DType):
    texts = np.asarray(serialized_sparse, object)
    dims = shape_rules.dims_text(texts.shape)
    if texts.ndim != 2 or texts.shape[1] != 3:
        raise invalid(f"Serialized sparse should have 3 columns but has shape {dims}")
    return _joined_texts(texts, dtype, dims)


def _joined_texts(texts: np.ndarray, dtype: DType, dims: str) -> list[np.ndarray]:
    if not len(texts):
        raise invalid(
            f"Serialized sparse should have at least 1 serialized tensor, but has a zero dimension "
            f"{dims}"
        )
    return joined([_parts_of(row, i, dtype) for i, row in enumerate(texts.tolist())], dtype)


@op(
    "DeserializeSparse",
    "Tserialized -> sparse_indices: int64, sparse_values: dtype, sparse_shape: int64",
    shape=_of_unknown_size,
    effect="host",
    Tserialized=(string,),
)
def _deserialize_sparse(serialized_sparse, *, dtype: DType):
    texts = np.asarray(serialized_sparse, object)
    dims = shape_rules.dims_text(texts.shape)
    if not texts.ndim or texts.shape[-1] != 3:
        raise invalid(f"Serialized sparse should have 3 as the last dimension but has shape {dims}")
    if texts.ndim == 1:
        return _parts_of(texts.tolist(), 0, dtype)
    indices, values, shape = _joined_texts(texts.reshape(-1, 3), dtype, dims)
    outer = np.array(texts.shape[:-1], np.int64)
    where = np.stack(np.unravel_index(indices[:, 0], outer), axis=1).astype(np.int64)
    return [
        np.concatenate([where, indices[:, 1:]], axis=1), values, np.concatenate([outer, shape[1:]])
    ]  # fmt: skip


def serialize_sparse(sp_input: Any, name: str | None = None, out_type: Any = string) -> Any:
    """A SparseTensor as three texts.

    Parameters
    ----------
    sp_input : SparseTensor
        Of any dtype.
    out_type : DType
        string, the only one that there is here.

    Returns
    -------
    Tensor, string [3]
        `TensorProto` messages of the indices, the values and the shape.

    Raises
    ------
    TypeError
        If `sp_input` is no SparseTensor, or `out_type` is not string.
    """
    return _serialize_sparse(*_given(sp_input, out_type), name=name)


def serialize_many_sparse(sp_input: Any, name: str | None = None, out_type: Any = string) -> Any:
    """The rows of a SparseTensor as three texts each.

    Parameters
    ----------
    sp_input : SparseTensor
        Of any dtype, of rank 2 or more.
    out_type : DType
        string, the only one that there is here.

    Returns
    -------
    Tensor, string [rows, 3]

    Raises
    ------
    TypeError
        If `sp_input` is no SparseTensor, or `out_type` is not string.
    InvalidArgumentError
        When it runs, if it has no rows.
    """
    return _serialize_many_sparse(*_given(sp_input, out_type), name=name)


def _given(sp_input: Any, out_type: Any) -> tuple[Any, Any, Any]:
    if as_dtype(out_type) is not string:
        raise TypeError(f"out_type must be tf.string: there is no {as_dtype(out_type).name} of it")
    sparse = as_sparse(sp_input)
    return sparse.indices, sparse.values, sparse.dense_shape


def deserialize_many_sparse(
    serialized_sparse: Any, dtype: Any, rank: int | None = None, name: str | None = None
) -> SparseTensor:
    """What `serialize_many_sparse` wrote, or several times `serialize_sparse`.

    Parameters
    ----------
    serialized_sparse : Tensor, string [rows, 3]
    dtype : DType
        Of the values.
    rank : int, optional
        Of the result, which is that of a row and 1.

    Returns
    -------
    SparseTensor
        Of shape [rows, ...], as long as the longest row.

    Raises
    ------
    InvalidArgumentError
        When it runs, if a row is none of `dtype`, or their ranks differ.
    """
    parts = _deserialize_many_sparse(serialized_sparse, dtype=as_dtype(dtype), name=name)
    return _of_rank(parts, rank)


def deserialize_sparse(
    serialized_sparse: Any, dtype: Any, rank: int | None = None, name: str | None = None
) -> SparseTensor:
    """What `serialize_sparse` wrote.

    Parameters
    ----------
    serialized_sparse : Tensor, string [..., 3]
    dtype : DType
        Of the values.
    rank : int, optional
        Of the result.

    Returns
    -------
    SparseTensor
        Of shape [...] and that of the longest one.

    Raises
    ------
    InvalidArgumentError
        When it runs, if one is none of `dtype`, or their ranks differ.
    """
    texts = convert_to_tensor(serialized_sparse, dtype=string)
    return _of_rank(_deserialize_sparse(texts, dtype=as_dtype(dtype), name=name), rank)


def _of_rank(parts: Sequence[Any], rank: int | None) -> SparseTensor:
    indices, values, shape = parts
    indices.set_shape(TensorShape([None, rank]))
    shape.set_shape(TensorShape([rank]))
    return SparseTensor(indices, values, shape)
