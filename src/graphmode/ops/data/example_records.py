"""`ParseExample`, `ParseSingleExample`: serialized `Example` messages as arrays of features."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from graphmode.framework import dtypes, shape_rules
from graphmode.framework.op import op
from graphmode.ops.data.example_messages import Messages
from graphmode.ops.data.features_found import dims_of, places_in_rows, texts

if TYPE_CHECKING:
    from graphmode.framework.dtypes import DType
    from graphmode.framework.operation import Dims
    from graphmode.framework.shapes import TensorShape


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
    sparse_types=dtypes.IN_EXAMPLES,
    Tdense=dtypes.IN_EXAMPLES,
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
    messages = Messages(serialized, called)
    columns = [
        messages.column(key, dtype)
        for key, dtype in zip(texts(sparse_keys), sparse_types, strict=True)
    ]
    dense = [
        messages.dense(key, default, shape)
        for key, default, shape in zip(texts(dense_keys), dense_defaults, dense_shapes, strict=True)
    ]
    return [
        *(places_in_rows(lengths) for _, lengths in columns),
        *(values for values, _ in columns),
        *(np.array([len(serialized), max(n, default=0)], np.int64) for _, n in columns),
        *dense,
    ]


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
    sparse_types=dtypes.IN_EXAMPLES,
    Tdense=dtypes.IN_EXAMPLES,
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
    message = Messages([np.asarray(serialized).item()], None)
    rows = [
        message.column(key, dtype).values
        for key, dtype in zip(sparse_keys, sparse_types, strict=True)
    ]
    dense = [
        message.dense(key, default, shape)[0, ...]
        for key, default, shape in zip(dense_keys, dense_defaults, dense_shapes, strict=True)
    ]
    return [
        *(np.arange(len(row))[:, None] for row in rows),
        *rows,
        *(np.array([len(row)]) for row in rows),
        *dense,
    ]
