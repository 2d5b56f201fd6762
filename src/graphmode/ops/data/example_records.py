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

if TYPE_CHECKING:
    from graphmode.framework.dtypes import DType
    from graphmode.framework.operation import Dims
    from graphmode.framework.shapes import TensorShape

_example = late("graphmode.files.examples", "parsed_example")
LISTS = {dtypes.float32: "float_list", dtypes.int64: "int64_list", dtypes.string: "bytes_list"}
NAMES = {"float_list": "float", "int64_list": "int64", "bytes_list": "string"}
COUNTED = {"float_list": "float", "int64_list": "int64", "bytes_list": "bytes"}


def dims_of(shape: TensorShape) -> Dims:
    """The lengths of a shape, None if nothing is known."""
    return None if shape.dims is None else tuple(dim.value for dim in shape.dims)


def array_of(values: Any, dtype: DType) -> np.ndarray:
    """A vector of `values`: of texts one of objects."""
    if dtype is not dtypes.string:
        return np.array(values, dtype.numpy_dtype)
    out = np.empty(len(values), object)
    out[:] = values
    return out


class _Reader:
    """Finds the features of a message; `where` begins what it says of one that does not fit.

    `i` is its place in a batch, None for one alone.
    """

    def __init__(self, where: str = "", i: int | None = None) -> None:
        self._where, self._i = where, i

    def values(
        self, features: Any, key: str, dtype: DType, has_shape: bool = True
    ) -> np.ndarray | None:
        """The values of a feature, None if the message has none."""
        feature = features.get(key)
        kind = None if feature is None else feature.WhichOneof("kind")
        if kind is None:
            return None
        if kind != LISTS[dtype]:
            found, expected = NAMES[kind], NAMES[LISTS[dtype]]
            raise invalid(
                f"{self._of(key)}  Data types don't match. "
                + (
                    f"Data type: {found} but expected type: {expected}"
                    if has_shape or self._i is None
                    else f"Expected type: {expected}, Actual type: {found}"
                )
            )
        return array_of(getattr(feature, kind).value, dtype)

    def fixed(
        self, features: Any, key: str, default: np.ndarray, shape: tuple[int, ...]
    ) -> np.ndarray:
        """The values of a feature that has a shape, or its default."""
        dtype = dtypes.as_dtype(default.dtype)
        found = self.values(features, key, dtype)
        if found is None:
            if not default.size and math.prod(shape):
                raise invalid(
                    f"{self._where}Feature: {key} (data type: {NAMES[LISTS[dtype]]}) is required "
                    "but could not be found."
                )
            return np.asarray(default).reshape(shape)
        if found.size != math.prod(shape):
            lead = "Can't parse serialized Example.  " if self._i is None else ""
            raise invalid(
                f"{self._of(key)}  {lead}Number of {COUNTED[LISTS[dtype]]} values != expected.  "
                f"Values size: {found.size} but output shape: [{','.join(map(str, shape))}]"
            )
        return found.reshape(shape)

    def steps(self, features: Any, key: str, dtype: DType, shape: tuple[int, ...]) -> np.ndarray:
        """The values of a feature of any number of steps, which have the shape `shape`."""
        found = self.values(features, key, dtype)
        if found is None:
            return np.empty((0, *shape), dtype.numpy_dtype)
        stride = math.prod(shape)
        if not stride or found.size % stride:
            raise invalid(
                f"{self._of(key)}  Number of {COUNTED[LISTS[dtype]]} values is not a multiple of "
                f"stride length. Saw {found.size} values but output shape is: "
                f"[{','.join(map(str, ('?', *shape)))}]"
            )
        return found.reshape(-1, *shape)

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


def texts(values: Sequence[Any]) -> list[str]:
    """Keys, which an op is given as arrays of bytes."""
    return [np.asarray(value).item().decode() for value in values]


def _is_stepwise(shape: TensorShape) -> bool:
    dims = dims_of(shape)
    return bool(dims) and dims[0] is None


def _known(shape: TensorShape) -> tuple[int, ...]:
    return tuple(dim for dim in dims_of(shape) or () if dim is not None)


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
    readers = [_Reader(f"Name: {name}, ", i) for i, name in enumerate(called)]
    indices: list[np.ndarray] = []
    values: list[np.ndarray] = []
    shapes: list[np.ndarray] = []
    for key, dtype in zip(texts(sparse_keys), sparse_types, strict=True):
        found = [
            reader.values(features, key, dtype, has_shape=False)
            for reader, features in zip(readers, messages, strict=True)
        ]
        rows = [array_of([], dtype) if row is None else row for row in found]
        lengths = [len(row) for row in rows]
        places = np.empty((sum(lengths), 2), np.int64)
        places[:, 0] = np.repeat(np.arange(len(rows)), lengths)
        places[:, 1] = np.concatenate([*map(np.arange, lengths), np.arange(0)])
        indices.append(places)
        values.append(np.concatenate([array_of([], dtype), *rows]))
        shapes.append(np.array([len(rows), max(lengths, default=0)], np.int64))
    dense: list[np.ndarray] = []
    for key, default, shape in zip(texts(dense_keys), dense_defaults, dense_shapes, strict=True):
        default = np.asarray(default)
        pairs = list(zip(readers, messages, strict=True))
        known = _known(shape)
        if not _is_stepwise(shape):
            rows = [reader.fixed(features, key, default, known) for reader, features in pairs]
            out = np.empty((len(rows), *known), default.dtype)
        else:
            dtype = dtypes.as_dtype(default.dtype)
            rows = [reader.steps(features, key, dtype, known) for reader, features in pairs]
            longest = max(map(len, rows), default=0)
            out = np.full((len(rows), longest, *known), default.item(), default.dtype)
        for i, row in enumerate(rows):
            if _is_stepwise(shape):
                out[i, : len(row)] = row
            else:
                out[i] = row
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
    reader = _Reader()
    rows: list[np.ndarray] = []
    for key, dtype in zip(sparse_keys, sparse_types, strict=True):
        found = reader.values(features, key, dtype)
        rows.append(array_of([], dtype) if found is None else found)
    dense = [
        reader.steps(features, key, dtypes.as_dtype(np.asarray(default).dtype), _known(shape))
        if _is_stepwise(shape)
        else reader.fixed(features, key, np.asarray(default), _known(shape))
        for key, default, shape in zip(dense_keys, dense_defaults, dense_shapes, strict=True)
    ]
    return [
        *(np.arange(len(row))[:, None] for row in rows),
        *rows,
        *(np.array([len(row)]) for row in rows),
        *dense,
    ]
