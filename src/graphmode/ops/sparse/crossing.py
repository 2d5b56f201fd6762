"""`sparse.cross`: every combination of the features of each row, joined or hashed."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from graphmode.framework import dtypes
from graphmode.framework.errors import invalid
from graphmode.framework.op import op
from graphmode.framework.operation import Tensor
from graphmode.framework.sparse_tensor import SparseTensor
from graphmode.ops.math.casts import cast
from graphmode.ops.strings.each import as_array
from graphmode.ops.strings.hashing import farm_fingerprint, joined_fingerprint

_KEY = 0xDECAFCAFFE


def _shape(op):
    if op.attrs["num_buckets"] < 0:
        raise ValueError(
            f"Attr 'num_buckets' of 'SparseCross' Op passed {op.attrs['num_buckets']} less than "
            "minimum 0."
        )

    return [(None, 2), (None,), (2,)]


@op(
    "SparseCross",
    "int64*N, [sparse_types], int64*N, [dense_types] -> output_indices: int64, "
    "output_values: out_type, output_shape: int64",
    name="SparseCross",
    shape=_shape,
    data_dependent=True,
)
def _sparse_cross(
    indices,
    values,
    shapes,
    dense_inputs,
    *,
    hashed_output: bool,
    num_buckets: int,
    hash_key: int,
    out_type: dtypes.DType,
    internal_type: dtypes.DType,
):
    columns: list[list[list[Any]]] = []
    for i, (places, found, shape) in enumerate(zip(indices, values, shapes, strict=True)):
        if places.ndim != 2 or places.shape[1] != 2 or len(shape) != 2:
            raise invalid(f"Expected D2 of index to be 2 got {places.shape[-1]} at position {i}")
        columns.append(_rows(places[:, 0].tolist(), found.tolist(), int(shape[0])))
    for i, dense in enumerate(dense_inputs):
        if np.ndim(dense) != 2:
            raise invalid(f"Dense inputs should be a matrix but got rank {np.ndim(dense)} at {i}")
        columns.append(np.asarray(dense).tolist())
    n_rows = len(columns[0]) if columns else 0
    for i, column in enumerate(columns):
        if len(column) != n_rows:
            raise invalid(f"Expected batch size {n_rows} got {len(column)} at position {i}")
    bound = 0
    if hashed_output:
        bound = num_buckets or np.iinfo(np.int64).max
        columns = [[list(map(_hashed, row)) for row in column] for column in columns]
    else:
        columns = [[list(map(_written, row)) for row in column] for column in columns]
    crossed: list[list[Any]] = [
        [
            _fingerprint(parts, hash_key) % bound if bound else b"_X_".join(parts)
            for parts in itertools.product(*(column[i] for column in columns))
        ]
        for i in range(n_rows)
    ]
    lengths = [len(row) for row in crossed]
    out = np.empty((sum(lengths), 2), np.int64)
    out[:, 0] = np.repeat(np.arange(n_rows), lengths)
    out[:, 1] = [k for n in lengths for k in range(n)]
    flat = [value for row in crossed for value in row]
    made = np.array(flat, np.int64) if hashed_output else as_array(flat, (len(flat),))
    return out, made, np.array([n_rows, max(lengths, default=0)], np.int64)


def _rows(rows: Iterable[int], values: Iterable[Any], n: int) -> list[list[Any]]:
    found: list[list[Any]] = [[] for _ in range(n)]
    for row, value in zip(rows, values, strict=True):
        if not 0 <= row < n:
            raise invalid(f"An index has the row {row}, the shape {n} rows")
        found[row].append(value)
    return found


def _written(value: bytes | int) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


def _hashed(value: bytes | int) -> int:
    return farm_fingerprint(value) if isinstance(value, bytes) else value & (1 << 64) - 1


def _fingerprint(parts: Sequence[int], key: int) -> int:
    for part in parts:
        key = joined_fingerprint(key, part)
    return key


def _crossed(
    inputs: Any, hashed_output: bool, num_buckets: int, hash_key: int | None, name: str | None
) -> SparseTensor:
    if not isinstance(inputs, list):
        raise TypeError("Inputs must be a list")
    if not all(isinstance(given, SparseTensor | Tensor) for given in inputs):
        raise TypeError("All inputs must be SparseTensors")
    sparse = [given for given in inputs if isinstance(given, SparseTensor)]
    values = [given.values for given in sparse]
    dense = [given for given in inputs if not isinstance(given, SparseTensor)]
    internal = dtypes.string
    for features in (values, dense):
        for i, given in enumerate(features):
            if given.dtype != dtypes.string:
                features[i] = cast(given, dtypes.int64)
                internal = dtypes.int64
    return SparseTensor(
        *_sparse_cross(
            [given.indices for given in sparse],
            values,
            [given.dense_shape for given in sparse],
            dense,
            hashed_output=hashed_output,
            num_buckets=num_buckets,
            hash_key=hash_key or _KEY,
            out_type=dtypes.int64 if hashed_output else dtypes.string,
            internal_type=internal,
            name=name,
        )
    )


def sparse_cross(inputs: Any, name: str | None = None) -> SparseTensor:
    """Every combination of the features of each row, joined by ``_X_``.

    Parameters
    ----------
    inputs : list of SparseTensor or Tensor, string or integers, [batch, n]
        The features of all SparseTensors come first, then those of the tensors.

    Returns
    -------
    SparseTensor, string [batch, longest]

    Raises
    ------
    TypeError
        If `inputs` is no list, or one is no tensor.
    InvalidArgumentError
        When it runs, if their numbers of rows differ.

    Notes
    -----
    TF op SparseCross.

    Examples
    --------
    >>> import graphmode as tf
    >>> crossed = tf.sparse.cross([tf.constant([["a", "b"]]), tf.constant([[1, 2]])])
    >>> with tf.Session() as sess:
    ...     print(sess.run(crossed).values)
    [b'a_X_1' b'a_X_2' b'b_X_1' b'b_X_2']
    """
    return _crossed(inputs, False, 0, None, name)


def sparse_cross_hashed(
    inputs: Any, num_buckets: int = 0, hash_key: int | None = None, name: str | None = None
) -> SparseTensor:
    """Every combination of the features of each row, as the number of a bucket.

    Parameters
    ----------
    inputs : list of SparseTensor or Tensor, string or integers, [batch, n]
        The features of all SparseTensors come first, then those of the tensors.
    num_buckets : int
        How many; 0 gives the whole hash.
    hash_key : int, optional
        What the hash begins with.

    Returns
    -------
    SparseTensor, int64 [batch, longest]

    Raises
    ------
    TypeError
        If `inputs` is no list, or one is no tensor.
    ValueError
        If `num_buckets` is negative.
    InvalidArgumentError
        When it runs, if their numbers of rows differ.

    Notes
    -----
    TF op SparseCross. Strings are hashed by FarmHash's 64-bit fingerprint.
    """
    return _crossed(inputs, True, num_buckets, hash_key, name)
