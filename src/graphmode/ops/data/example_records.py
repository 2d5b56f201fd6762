"""`ParseExample`, `ParseSingleExample`: serialized `Example` messages as arrays of features."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode._addresses.late import late
from graphmode.framework import dtypes, shape_rules
from graphmode.framework.errors import invalid
from graphmode.framework.op import op
from graphmode.ops.data.features_found import (
    NAMES,
    FeatureReader,
    bracketed,
    counted,
    dims_of,
    joined,
    known,
    places_in_rows,
    texts,
)

if TYPE_CHECKING:
    from graphmode.framework.dtypes import DType
    from graphmode.framework.operation import Dims
    from graphmode.framework.shapes import TensorShape

_example = late("graphmode.files.examples", "parsed_example")


class _OfMessage(FeatureReader):
    """Says it of an `Example`; `where` begins it, `i` is its place in a batch, None for one."""

    def __init__(self, where: str = "", i: int | None = None, has_shape: bool = True) -> None:
        self._where, self._i, self._has_shape = where, i, has_shape

    def steps(self, feature: Any, key: str, dtype: DType, shape: tuple[int, ...]) -> np.ndarray:
        """The values of a feature of any number of steps, which have the shape `shape`."""
        found = self.values(feature, key, dtype)
        if found is None:
            return np.empty((0, *shape), dtype.numpy_dtype)
        stride = math.prod(shape)
        if not stride or found.size % stride:
            raise invalid(
                f"{self._of(key)}  Number of {counted(dtype)} values is not a multiple of "
                f"stride length. Saw {found.size} values but output shape is: "
                f"{bracketed(('?', *shape))}"
            )
        return found.reshape(-1, *shape)

    def other_kind(self, key: str, found: str, n: int, expected: str) -> str:
        said = (
            f"Data type: {NAMES[found]} but expected type: {expected}"
            if self._has_shape or self._i is None
            else f"Expected type: {expected}, Actual type: {NAMES[found]}"
        )
        return f"{self._of(key)}  Data types don't match. {said}"

    def other_size(self, key: str, kind: str, n: int, shape: tuple[int, ...]) -> str:
        lead = "Can't parse serialized Example.  " if self._i is None else ""
        return (
            f"{self._of(key)}  {lead}Number of {kind} values != expected.  "
            f"Values size: {n} but output shape: {bracketed(shape)}"
        )

    def missing(self, key: str, kind: str) -> str:
        return (
            f"{self._where}Feature: {key} (data type: {kind}) is required but could not be found."
        )

    def _of(self, key: str) -> str:
        place = "" if self._i is None else f", Index: {self._i}"
        return f"{self._where}Key: {key}{place}."


def _features(serialized: bytes, name: str) -> Any:
    from google.protobuf.message import DecodeError

    try:
        return _example(serialized).features.feature
    except DecodeError:
        shown = serialized[:40]
        raise invalid(
            f"{name}Could not parse example input, value: {shown!r}"
            + (f" and {len(serialized) - 40} bytes more" if len(serialized) > 40 else "")
        ) from None


def _is_stepwise(shape: TensorShape) -> bool:
    dims = dims_of(shape)
    return bool(dims) and dims[0] is None


# ---- a batch -------------------------------------------------------------------------------------


def _batch_shapes(op) -> list[Dims]:
    shape_rules.with_rank(op.inputs[0].dims, 1)
    (n,) = op.inputs[0].dims or (None,)
    n_sparse, shapes = op.attrs["Nsparse"], op.attrs["dense_shapes"]
    dense = [None if dims_of(shape) is None else (n, *(dims_of(shape) or ())) for shape in shapes]
    return [(None, 2)] * n_sparse + [(None,)] * n_sparse + [(2,)] * n_sparse + dense


@op(
    "ParseExample",
    "string, string, string*Nsparse, string*Ndense, [Tdense] -> sparse_indices: int64*Nsparse, "
    "sparse_values: [sparse_types], sparse_shapes: int64*Nsparse, dense_values: [Tdense]",
    name="ParseExample",
    shape=_batch_shapes,
)
def parse_example_op(
    serialized,
    names,
    sparse_keys,
    dense_keys,
    dense_defaults,
    *,
    sparse_types: Sequence[DType],
    dense_shapes: Sequence[TensorShape],
):
    """Features of a batch of `Example` messages.

    Parameters
    ----------
    serialized : Tensor, string [batch]
    names : Tensor, string [batch] or [0]
        What errors call the messages.
    sparse_keys, dense_keys : list of Tensor, string scalar
        The features that are given as indices and values, and as arrays.
    dense_defaults : list of Tensor, float32, int64 or string
        Of the shape in `dense_shapes`, or empty if the feature has to be there; of steps a scalar,
        which fills up.
    sparse_types : list of DType
    dense_shapes : list of TensorShape
        A first dimension that is None is any number of steps.

    Returns
    -------
    sparse_indices : list of Tensor, int64 [n, 2]
    sparse_values : list of Tensor [n]
    sparse_shapes : list of Tensor, int64 [2]
    dense_values : list of Tensor, [batch, *shape]

    Raises
    ------
    InvalidArgumentError
        When it runs: a message is none, or a feature is missing, of another kind, or of another
        size; with the name of the message, the key and the index in the batch.

    Notes
    -----
    TF op ParseExample.
    """
    called = [name.decode() for name in names] if len(names) else ["<unknown>"] * len(serialized)
    messages = [
        _features(text, f"Name: {name}, ") for text, name in zip(serialized, called, strict=True)
    ]
    indices: list[np.ndarray] = []
    values: list[np.ndarray] = []
    shapes: list[np.ndarray] = []
    readers = [_OfMessage(f"Name: {name}, ", i, False) for i, name in enumerate(called)]
    for key, dtype in zip(texts(sparse_keys), sparse_types, strict=True):
        rows = [
            reader.or_empty(features.get(key), key, dtype)
            for reader, features in zip(readers, messages, strict=True)
        ]
        lengths = [len(row) for row in rows]
        indices.append(places_in_rows(lengths))
        values.append(joined(rows, dtype))
        shapes.append(np.array([len(rows), max(lengths, default=0)], np.int64))
    dense: list[np.ndarray] = []
    readers = [_OfMessage(f"Name: {name}, ", i) for i, name in enumerate(called)]
    for key, default, shape in zip(texts(dense_keys), dense_defaults, dense_shapes, strict=True):
        default, dims = np.asarray(default), known(shape)
        found = [
            (reader, features.get(key)) for reader, features in zip(readers, messages, strict=True)
        ]
        if not _is_stepwise(shape):
            out = np.empty((len(found), *dims), default.dtype)
            for i, (reader, feature) in enumerate(found):
                out[i, ...] = reader.fixed(feature, key, default, dims)
        else:
            dtype = dtypes.as_dtype(default.dtype)
            rows = [reader.steps(feature, key, dtype, dims) for reader, feature in found]
            longest = max(map(len, rows), default=0)
            out = np.full((len(rows), longest, *dims), default.item(), default.dtype)
            for i, row in enumerate(rows):
                out[i, : len(row)] = row
        dense.append(out)
    return [*indices, *values, *shapes, *dense]


# ---- one -----------------------------------------------------------------------------------------


def _single_shapes(op) -> list[Dims]:
    shape_rules.with_rank(op.inputs[0].dims, 0)
    n_sparse = op.attrs["num_sparse"]
    dense = [dims_of(shape) for shape in op.attrs["dense_shapes"]]
    return [(None, 1)] * n_sparse + [(None,)] * n_sparse + [(1,)] * n_sparse + dense


@op(
    "ParseSingleExample",
    "string, [Tdense] -> sparse_indices: int64*num_sparse, sparse_values: [sparse_types], "
    "sparse_shapes: int64*num_sparse, dense_values: [Tdense]",
    name="ParseSingleExample",
    shape=_single_shapes,
)
def parse_single_example_op(
    serialized,
    dense_defaults,
    *,
    num_sparse: int,
    sparse_keys: Sequence[str],
    dense_keys: Sequence[str],
    sparse_types: Sequence[DType],
    dense_shapes: Sequence[TensorShape],
):
    """Features of one `Example` message.

    Parameters
    ----------
    serialized : Tensor, string scalar
    dense_defaults : list of Tensor, float32, int64 or string
    num_sparse : int
    sparse_keys, dense_keys : list of str
    sparse_types : list of DType
    dense_shapes : list of TensorShape
        As those of `parse_example_op`.

    Returns
    -------
    sparse_indices : list of Tensor, int64 [n, 1]
    sparse_values : list of Tensor [n]
    sparse_shapes : list of Tensor, int64 [1]
    dense_values : list of Tensor
        Of the shapes in `dense_shapes`.

    Raises
    ------
    InvalidArgumentError
        When it runs: it is no message, or a feature is missing, of another kind, or of another
        size; with its key.

    Notes
    -----
    TF op ParseSingleExample.
    """
    features = _features(np.asarray(serialized).item(), "")
    reader = _OfMessage()
    rows = [
        reader.or_empty(features.get(key), key, dtype)
        for key, dtype in zip(sparse_keys, sparse_types, strict=True)
    ]
    dense: list[np.ndarray] = []
    for key, default, shape in zip(dense_keys, dense_defaults, dense_shapes, strict=True):
        default, feature = np.asarray(default), features.get(key)
        dense.append(
            reader.steps(feature, key, dtypes.as_dtype(default.dtype), known(shape))
            if _is_stepwise(shape)
            else reader.fixed(feature, key, default, known(shape))
        )
    return [
        *(np.arange(len(row))[:, None] for row in rows),
        *rows,
        *(np.array([len(row)]) for row in rows),
        *dense,
    ]
