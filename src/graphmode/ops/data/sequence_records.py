"""`ParseSingleSequenceExample`: a serialized `SequenceExample` message as arrays of features."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode._addresses.late import late
from graphmode.framework import dtypes, shape_rules
from graphmode.framework.errors import invalid
from graphmode.framework.op import op
from graphmode.ops.data.example_records import COUNTED, LISTS, NAMES, array_of, dims_of, texts

if TYPE_CHECKING:
    from graphmode.framework.dtypes import DType
    from graphmode.framework.operation import Dims
    from graphmode.framework.shapes import TensorShape

_sequence = late("graphmode.files.examples", "parsed_sequence_example")


def _values(feature: Any, dtype: DType, said: str) -> np.ndarray | None:
    """The values of one feature, None if it has none; `said` begins what is wrong with it."""
    kind = feature.WhichOneof("kind")
    if kind is None:
        return None
    if kind != LISTS[dtype]:
        raise invalid(
            f"{said}.  Data types don't match. Expected type: {NAMES[LISTS[dtype]]}  Feature is: "
            f"{kind} of {len(getattr(feature, kind).value)} values"
        )
    return array_of(getattr(feature, kind).value, dtype)


def _fitting(values: np.ndarray, dtype: DType, shape: tuple[int, ...], said: str) -> np.ndarray:
    if values.size != math.prod(shape):
        raise invalid(
            f"{said}.  Number of {COUNTED[LISTS[dtype]]} values != expected.  values size: "
            f"{values.size} but output shape: [{','.join(map(str, shape))}]"
        )
    return values.reshape(shape)


def _shape(shape: TensorShape) -> tuple[int, ...]:
    return tuple(dim for dim in dims_of(shape) or () if dim is not None)


def _shapes(op) -> list[Dims]:
    shape_rules.with_rank(op.inputs[0].dims, 0)
    attrs = op.attrs
    n, m = attrs["Ncontext_sparse"], attrs["Nfeature_list_sparse"]
    steps = [dims_of(shape) for shape in attrs["feature_list_dense_shapes"]]
    return [
        *[(None, 1)] * n, *[(None,)] * n, *[(1,)] * n,
        *map(dims_of, attrs["context_dense_shapes"]),
        *[(None, 2)] * m, *[(None,)] * m, *[(2,)] * m,
        *(None if dims is None else (None, *dims) for dims in steps),
    ]  # fmt: skip


@op(
    "ParseSingleSequenceExample",
    "string, string, string*Ncontext_sparse, string*Ncontext_dense, string*Nfeature_list_sparse, "
    "string*Nfeature_list_dense, [Tcontext_dense], string -> "
    "context_sparse_indices: int64*Ncontext_sparse, "
    "context_sparse_values: [context_sparse_types], "
    "context_sparse_shapes: int64*Ncontext_sparse, context_dense_values: [Tcontext_dense], "
    "feature_list_sparse_indices: int64*Nfeature_list_sparse, "
    "feature_list_sparse_values: [feature_list_sparse_types], "
    "feature_list_sparse_shapes: int64*Nfeature_list_sparse, "
    "feature_list_dense_values: [feature_list_dense_types]",
    name="ParseSingleSequenceExample",
    shape=_shapes,
)
def parse_single_sequence_example_op(
    serialized,
    feature_list_dense_missing_assumed_empty,
    context_sparse_keys,
    context_dense_keys,
    feature_list_sparse_keys,
    feature_list_dense_keys,
    context_dense_defaults,
    debug_name,
    *,
    context_sparse_types: Sequence[DType],
    feature_list_dense_types: Sequence[DType],
    context_dense_shapes: Sequence[TensorShape],
    feature_list_sparse_types: Sequence[DType],
    feature_list_dense_shapes: Sequence[TensorShape],
):
    """Features of one `SequenceExample` message.

    Parameters
    ----------
    serialized : Tensor, string scalar
    feature_list_dense_missing_assumed_empty : Tensor, string [n]
        The lists of steps that may be missing.
    context_sparse_keys, context_dense_keys : list of Tensor, string scalar
        Features of the whole, given as indices and values, and as arrays.
    feature_list_sparse_keys, feature_list_dense_keys : list of Tensor, string scalar
        Features of the steps.
    context_dense_defaults : list of Tensor, float32, int64 or string
        Empty for a feature that has to be there.
    debug_name : Tensor, string scalar
        What errors call the message.
    context_sparse_types, feature_list_dense_types, feature_list_sparse_types : list of DType
    context_dense_shapes, feature_list_dense_shapes : list of TensorShape
        The latter of one step.

    Returns
    -------
    context_sparse_indices : list of Tensor, int64 [n, 1]
    context_sparse_values : list of Tensor [n]
    context_sparse_shapes : list of Tensor, int64 [1]
    context_dense_values : list of Tensor
        Of the shapes in `context_dense_shapes`.
    feature_list_sparse_indices : list of Tensor, int64 [n, 2]
    feature_list_sparse_values : list of Tensor [n]
    feature_list_sparse_shapes : list of Tensor, int64 [2]
    feature_list_dense_values : list of Tensor, [steps, *shape]

    Raises
    ------
    InvalidArgumentError
        When it runs: it is no message, or a feature is missing, of another kind, or of another
        size; with the key and the step.

    Notes
    -----
    TF op ParseSingleSequenceExample.
    """
    from google.protobuf.message import DecodeError

    named = f"Name: {np.asarray(debug_name).item().decode()}, "
    try:
        message = _sequence(np.asarray(serialized).item())
    except DecodeError:
        raise invalid(f"{named}Could not parse example input: it is no SequenceExample") from None
    context, lists = message.context.feature, message.feature_lists.feature_list
    rows: list[np.ndarray] = []
    for key, dtype in zip(texts(context_sparse_keys), context_sparse_types, strict=True):
        found = None
        if key in context:
            found = _values(context[key], dtype, f"{named}Context feature: {key}")
        rows.append(array_of([], dtype) if found is None else found)
    whole: list[np.ndarray] = []
    for key, default, shape in zip(
        texts(context_dense_keys), context_dense_defaults, context_dense_shapes, strict=True
    ):
        default, dims = np.asarray(default), _shape(shape)
        dtype = dtypes.as_dtype(default.dtype)
        found = None
        if key in context:
            found = _values(context[key], dtype, f"{named}Context feature: {key}")
        if found is not None:
            whole.append(_fitting(found, dtype, dims, f"{named}Key: {key}, Index: 0"))
        elif default.size or not math.prod(dims):
            whole.append(default.reshape(dims))
        else:
            raise invalid(f"{named}Context feature '{key}' is required but could not be found.")
    ragged: list[list[np.ndarray]] = []
    for key, dtype in zip(texts(feature_list_sparse_keys), feature_list_sparse_types, strict=True):
        steps = lists[key].feature if key in lists else ()
        ragged.append(
            [
                array_of([], dtype) if found is None else found
                for i, step in enumerate(steps)
                for found in [_values(step, dtype, f"{named}Feature List: {key}, Index: {i}")]
            ]
        )
    may_miss = texts(list(np.asarray(feature_list_dense_missing_assumed_empty)))
    dense: list[np.ndarray] = []
    for key, dtype, shape in zip(
        texts(feature_list_dense_keys),
        feature_list_dense_types,
        feature_list_dense_shapes,
        strict=True,
    ):
        if key not in lists and key not in may_miss:
            raise invalid(
                f"{named}Feature list '{key}' is required but could not be found.  Did you mean to "
                "include it in feature_list_dense_missing_assumed_empty or "
                "feature_list_dense_defaults?"
            )
        steps, dims = lists[key].feature if key in lists else (), _shape(shape)
        out = np.empty((len(steps), *dims), dtype.numpy_dtype)
        for i, step in enumerate(steps):
            found = _values(step, dtype, f"{named}Feature list: {key}, Index: {i}")
            values = array_of([], dtype) if found is None else found
            out[i] = _fitting(values, dtype, dims, f"{named}Key: {key}, Index: {i}")
        dense.append(out)
    return [
        *(np.arange(len(row))[:, None] for row in rows), *rows,
        *(np.array([len(row)]) for row in rows), *whole,
        *(_places(steps) for steps in ragged),
        *(
            np.concatenate([array_of([], dtype), *steps])
            for steps, dtype in zip(ragged, feature_list_sparse_types, strict=True)
        ),
        *(np.array([len(steps), max(map(len, steps), default=0)]) for steps in ragged), *dense,
    ]  # fmt: skip


def _places(steps: Sequence[np.ndarray]) -> np.ndarray:
    """The step and the place in it of each value."""
    return np.array(
        [(i, j) for i, step in enumerate(steps) for j in range(len(step))], np.int64
    ).reshape(-1, 2)
