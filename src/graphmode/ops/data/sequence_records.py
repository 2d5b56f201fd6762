"""`ParseSequenceExample`, `ParseSingleSequenceExample`: `SequenceExample` messages as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode._addresses.late import late
from graphmode.framework import dtypes, shape_rules
from graphmode.framework.errors import InvalidArgumentError, invalid
from graphmode.framework.op import op
from graphmode.ops.data.features_found import (
    LISTS,
    NAMES,
    FeatureReader,
    bracketed,
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

_sequence = late("graphmode.files.examples", "parsed_sequence_example")


class _OfSequence(FeatureReader):
    """Says it of one message; `named` begins it."""

    def __init__(self, serialized: bytes, named: str) -> None:
        super().__init__(serialized)
        self._named = named

    def step(self, feature_list: str, i: int) -> _OfStep:
        """What says it of the step `i` of a list."""
        return _OfStep(self._serialized, self._named, feature_list, i)

    def stored(self, feature: Any, key: str, dtype: DType) -> np.ndarray:
        """The values of a feature that is there, and has to hold a list."""
        found = self.values(feature, key, dtype)
        if found is None:
            raise self.refusal(self.other_kind(key, "", 0, NAMES[LISTS[dtype]]))
        return found

    def other_kind(self, key: str, found: str, n: int, expected: str) -> str:
        held = f"{found} of {n} values" if found else "empty"
        return (
            f"{self._named}{self._place(key)}.  Data types don't match. Expected type: {expected}  "
            f"Feature is: {held}"
        )

    def other_size(self, key: str, kind: str, n: int, shape: tuple[int, ...]) -> str:
        return (
            f"{self._named}Key: {key}, Index: {self._index}.  Number of {kind} values != "
            f"expected.  values size: {n} but output shape: {bracketed(shape)}"
        )

    def missing(self, key: str, kind: str) -> str:
        return f"{self._named}Context feature '{key}' is required but could not be found."

    _index = 0

    def _place(self, key: str) -> str:
        return f"Context feature: {key}"


class _OfStep(_OfSequence):
    """Says it of a step of one message."""

    def __init__(self, serialized: bytes, named: str, feature_list: str, i: int) -> None:
        super().__init__(serialized, named)
        self._list, self._index = feature_list, i

    def _place(self, key: str) -> str:
        return f"{self._list}: {key}, Index: {self._index}"


class _OfBatch(FeatureReader):
    """Says it of a message of a batch: of its context, or of the step `i`."""

    def __init__(self, serialized: bytes, name: str, i: int | None = None) -> None:
        super().__init__(serialized)
        self._name, self._i = name, i

    def step(self, i: int) -> _OfBatch:
        """What says it of the step `i` of a list."""
        return _OfBatch(self._serialized, self._name, i)

    def message(self) -> Any:
        """The message, whose bytes are those of a SequenceExample."""
        from google.protobuf.message import DecodeError

        try:
            return _sequence(self._serialized)
        except DecodeError:
            raise self.refusal(
                f"Invalid protocol message input, example id: {self._name}: it is no "
                "SequenceExample"
            ) from None

    def without_list(self, key: str) -> InvalidArgumentError:
        """The error of a message without a list of steps that has to be there."""
        return self.refusal(f"Missing feature {key} in example {self._name}")

    def other_kind(self, key: str, found: str, n: int, expected: str) -> str:
        which = "context" if self._i is None else "sequence"
        return (
            f"Error in {which} feature {key} in example {self._name}{self._step()}: "
            f"its {n} values are {NAMES[found]}, expected {expected}"
        )

    def other_size(self, key: str, kind: str, n: int, shape: tuple[int, ...]) -> str:
        return (
            f"Unexpected number of elements in feature {key}, example {self._name}{self._step()}: "
            f"{n} {kind} values, expected the shape {bracketed(shape)}"
        )

    def missing(self, key: str, kind: str) -> str:
        return (
            f"Name: {self._name}, Feature: {key} (data type: {kind}) is required but could not be "
            "found."
        )

    def _step(self) -> str:
        return "" if self._i is None else f", step {self._i}"


def _padded(rows: Sequence[np.ndarray], dims: tuple[int, ...], dtype: DType) -> np.ndarray:
    """Rows of steps of `dims` as one array, filled up with zeros or empty texts."""
    fill = b"" if dtype is dtypes.string else 0
    out = np.full((len(rows), max(map(len, rows), default=0), *dims), fill, dtype.numpy_dtype)
    for i, row in enumerate(rows):
        out[i, : len(row)] = row
    return out


# ---- one -----------------------------------------------------------------------------------------


def _single_shapes(op) -> list[Dims]:
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
    shape=_single_shapes,
    context_sparse_types=dtypes.IN_EXAMPLES,
    Tcontext_dense=dtypes.IN_EXAMPLES,
    feature_list_sparse_types=dtypes.IN_EXAMPLES,
    feature_list_dense_types=dtypes.IN_EXAMPLES,
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
    content = np.asarray(serialized).item()
    reader = _OfSequence(content, named)
    try:
        message = _sequence(content)
    except DecodeError:
        raise reader.refusal(
            f"{named}Could not parse example input: it is no SequenceExample"
        ) from None
    context, lists = message.context.feature, message.feature_lists.feature_list
    rows = [
        reader.or_empty(context.get(key), key, dtype)
        for key, dtype in zip(texts(context_sparse_keys), context_sparse_types, strict=True)
    ]
    whole: list[np.ndarray] = []
    for key, default, shape in zip(
        texts(context_dense_keys), context_dense_defaults, context_dense_shapes, strict=True
    ):
        default, dims = np.asarray(default), known(shape)
        if key in context:
            dtype = dtypes.as_dtype(default.dtype)
            found = reader.stored(context[key], key, dtype)
            whole.append(reader.shaped(found, key, dtype, dims))
        else:
            whole.append(reader.fixed(None, key, default, dims))
    ragged = [
        [
            reader.step("Feature List", i).or_empty(step, key, dtype)
            for i, step in enumerate(lists[key].feature if key in lists else ())
        ]
        for key, dtype in zip(
            texts(feature_list_sparse_keys), feature_list_sparse_types, strict=True
        )
    ]
    may_miss = texts(list(np.asarray(feature_list_dense_missing_assumed_empty)))
    dense: list[np.ndarray] = []
    for key, dtype, shape in zip(
        texts(feature_list_dense_keys),
        feature_list_dense_types,
        feature_list_dense_shapes,
        strict=True,
    ):
        if key not in lists and key not in may_miss:
            raise reader.refusal(
                f"{named}Feature list '{key}' is required but could not be found.  Did you mean to "
                "include it in feature_list_dense_missing_assumed_empty or "
                "feature_list_dense_defaults?"
            )
        steps, dims = lists[key].feature if key in lists else (), known(shape)
        out = np.empty((len(steps), *dims), dtype.numpy_dtype)
        for i, step in enumerate(steps):
            at = reader.step("Feature list", i)
            out[i, ...] = at.shaped(at.stored(step, key, dtype), key, dtype, dims)
        dense.append(out)
    lengths = [[len(step) for step in steps] for steps in ragged]
    return [
        *(np.arange(len(row))[:, None] for row in rows), *rows,
        *(np.array([len(row)]) for row in rows), *whole,
        *(places_in_rows(row) for row in lengths),
        *map(joined, ragged, feature_list_sparse_types),
        *(np.array([len(row), max(row, default=0)]) for row in lengths), *dense,
    ]  # fmt: skip


# ---- a batch -------------------------------------------------------------------------------------


def _batch_shapes(op) -> list[Dims]:
    shape_rules.with_rank(op.inputs[0].dims, 1)
    shape_rules.with_rank(op.inputs[1].dims, 1)
    (batch,) = op.inputs[0].dims or (None,)
    attrs = op.attrs
    n, m = len(attrs["context_sparse_keys"]), len(attrs["feature_list_sparse_keys"])

    def of_batch(shapes: Sequence[TensorShape], *steps: None) -> list[Dims]:
        return [None if dims is None else (batch, *steps, *dims) for dims in map(dims_of, shapes)]

    steps = attrs["feature_list_dense_shapes"]
    return [
        *[(None, 2)] * n, *[(None,)] * n, *[(2,)] * n,
        *of_batch(attrs["context_dense_shapes"]),
        *[(None, 3)] * m, *[(None,)] * m, *[(3,)] * m,
        *of_batch(steps, None), *[(batch,)] * len(steps),
    ]  # fmt: skip


@op(
    "ParseSequenceExample",
    "string, string, [Tcontext_dense] -> "
    "context_sparse_indices: int64*Ncontext_sparse, "
    "context_sparse_values: [context_sparse_types], "
    "context_sparse_shapes: int64*Ncontext_sparse, context_dense_values: [Tcontext_dense], "
    "feature_list_sparse_indices: int64*Nfeature_list_sparse, "
    "feature_list_sparse_values: [feature_list_sparse_types], "
    "feature_list_sparse_shapes: int64*Nfeature_list_sparse, "
    "feature_list_dense_values: [feature_list_dense_types], "
    "feature_list_dense_lengths: int64*Nfeature_list_dense",
    name="ParseSequenceExample",
    shape=_batch_shapes,
    context_sparse_types=dtypes.IN_EXAMPLES,
    Tcontext_dense=dtypes.IN_EXAMPLES,
    feature_list_sparse_types=dtypes.IN_EXAMPLES,
    feature_list_dense_types=dtypes.IN_EXAMPLES,
)
def parse_sequence_example_op(
    serialized,
    debug_name,
    context_dense_defaults,
    *,
    feature_list_dense_missing_assumed_empty: Sequence[str],
    context_sparse_keys: Sequence[str],
    context_dense_keys: Sequence[str],
    feature_list_sparse_keys: Sequence[str],
    feature_list_dense_keys: Sequence[str],
    Ncontext_sparse: int = 0,  # noqa: N803 - TensorFlow's name, as the next three
    Ncontext_dense: int = 0,  # noqa: N803
    Nfeature_list_sparse: int = 0,  # noqa: N803
    Nfeature_list_dense: int = 0,  # noqa: N803
    context_sparse_types: Sequence[DType] = (),
    feature_list_dense_types: Sequence[DType] = (),
    context_dense_shapes: Sequence[TensorShape] = (),
    feature_list_sparse_types: Sequence[DType] = (),
    feature_list_dense_shapes: Sequence[TensorShape] = (),
):
    """Features of a batch of `SequenceExample` messages.

    Parameters
    ----------
    serialized : Tensor, string [batch]
    debug_name : Tensor, string [batch] or [0]
        What errors call the messages.
    context_dense_defaults : list of Tensor, float32, int64 or string
        Empty for a feature that has to be there.
    feature_list_dense_missing_assumed_empty : list of str
        The lists of steps that may be missing.
    context_sparse_keys, context_dense_keys : list of str
        Features of the whole, given as indices and values, and as arrays.
    feature_list_sparse_keys, feature_list_dense_keys : list of str
        Features of the steps.
    Ncontext_sparse, Ncontext_dense, Nfeature_list_sparse, Nfeature_list_dense : int
        How many keys there are.
    context_sparse_types, feature_list_dense_types, feature_list_sparse_types : list of DType
    context_dense_shapes, feature_list_dense_shapes : list of TensorShape
        The latter of one step.

    Returns
    -------
    context_sparse_indices : list of Tensor, int64 [n, 2]
    context_sparse_values : list of Tensor [n]
    context_sparse_shapes : list of Tensor, int64 [2]
    context_dense_values : list of Tensor, [batch, *shape]
    feature_list_sparse_indices : list of Tensor, int64 [n, 3]
        The message, the step and the place in it.
    feature_list_sparse_values : list of Tensor [n]
    feature_list_sparse_shapes : list of Tensor, int64 [3]
    feature_list_dense_values : list of Tensor, [batch, longest, *shape]
        Filled up with zeros or empty texts.
    feature_list_dense_lengths : list of Tensor, int64 [batch]

    Raises
    ------
    InvalidArgumentError
        When it runs: a message is none, or a feature is missing, of another kind, or of another
        size; with the name of the message, the key and the step.

    Notes
    -----
    TF op ParseSequenceExample.
    """
    names = [name.decode() for name in debug_name] or ["<unknown>"] * len(serialized)
    if len(names) != len(serialized):
        raise invalid("example_names must be empty or have the correct number of elements")
    readers = [_OfBatch(content, name) for content, name in zip(serialized, names, strict=True)]
    messages = [reader.message() for reader in readers]
    contexts = [message.context.feature for message in messages]
    listed = [message.feature_lists.feature_list for message in messages]

    rows = [
        [
            reader.or_empty(context.get(key), key, dtype)
            for reader, context in zip(readers, contexts, strict=True)
        ]
        for key, dtype in zip(context_sparse_keys, context_sparse_types, strict=True)
    ]
    whole: list[np.ndarray] = []
    for key, default, shape in zip(
        context_dense_keys, context_dense_defaults, context_dense_shapes, strict=True
    ):
        default, dims = np.asarray(default), known(shape)
        out = np.empty((len(messages), *dims), default.dtype)
        dtype = dtypes.as_dtype(default.dtype)
        for i, (reader, context) in enumerate(zip(readers, contexts, strict=True)):
            out[i, ...] = (
                reader.shaped(reader.or_empty(context[key], key, dtype), key, dtype, dims)
                if key in context
                else reader.fixed(None, key, default, dims)
            )
        whole.append(out)

    ragged: list[list[list[np.ndarray]]] = [
        [
            [reader.step(i).or_empty(step, key, dtype) for i, step in enumerate(steps)]
            for reader, lists in zip(readers, listed, strict=True)
            for steps in [lists[key].feature if key in lists else ()]
        ]
        for key, dtype in zip(feature_list_sparse_keys, feature_list_sparse_types, strict=True)
    ]
    padded: list[np.ndarray] = []
    lengths: list[np.ndarray] = []
    for key, dtype, shape in zip(
        feature_list_dense_keys, feature_list_dense_types, feature_list_dense_shapes, strict=True
    ):
        dims, found = known(shape), []
        for reader, lists in zip(readers, listed, strict=True):
            if key not in lists and key not in feature_list_dense_missing_assumed_empty:
                raise reader.without_list(key)
            steps = lists[key].feature if key in lists else ()
            row = np.empty((len(steps), *dims), dtype.numpy_dtype)
            for i, step in enumerate(steps):
                at = reader.step(i)
                row[i, ...] = at.shaped(at.or_empty(step, key, dtype), key, dtype, dims)
            found.append(row)
        padded.append(_padded(found, dims, dtype))
        lengths.append(np.array([len(row) for row in found], np.int64))
    return [
        *(places_in_rows([len(row) for row in found]) for found in rows),
        *map(joined, rows, context_sparse_types),
        *(np.array([len(found), max(map(len, found), default=0)]) for found in rows), *whole,
        *map(_places_in_steps, ragged),
        *(
            joined([step for steps in found for step in steps], dtype)
            for found, dtype in zip(ragged, feature_list_sparse_types, strict=True)
        ),
        *map(_box, ragged), *padded, *lengths,
    ]  # fmt: skip


def _places_in_steps(found: Sequence[Sequence[np.ndarray]]) -> np.ndarray:
    """The message, the step and the place in it of each value."""
    places = places_in_rows([len(step) for steps in found for step in steps])
    which = places_in_rows([len(steps) for steps in found])
    return np.concatenate([which[places[:, 0]], places[:, 1:]], 1)


def _box(found: Sequence[Sequence[np.ndarray]]) -> np.ndarray:
    """The lengths that hold all: of messages, steps and values of a step."""
    longest = max((len(step) for steps in found for step in steps), default=0)
    return np.array([len(found), max(map(len, found), default=0), longest])
