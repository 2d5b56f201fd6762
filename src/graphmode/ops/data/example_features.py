"""`tf.parse_example` and those like it: features of messages by their descriptions."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.operation import Tensor
from graphmode.framework.shapes import TensorShape, as_shape
from graphmode.framework.sparse_tensor import SparseTensor
from graphmode.ops.array.constants import constant
from graphmode.ops.array.shaping import expand_dims, reshape, squeeze
from graphmode.ops.data.example_records import parse_example_op, parse_single_example_op
from graphmode.ops.data.sequence_records import (
    parse_sequence_example_op,
    parse_single_sequence_example_op,
)
from graphmode.ops.sparse.arrangement import sparse_reshape
from graphmode.ops.sparse.merging import sparse_merge


class VarLenFeature(NamedTuple):
    """A feature of any number of values, which becomes a SparseTensor.

    Parameters
    ----------
    dtype : DType
        float32, int64 or string.
    """

    dtype: Any


class SparseFeature(NamedTuple):
    """Two or more features that say a SparseTensor: where its values stand, and what they are.

    Parameters
    ----------
    index_key : str or list of str
        The features that hold the index along each axis: int64.
    value_key : str
        The feature that holds the values.
    dtype : DType
        float32, int64 or string.
    size : int or list of int
        The length of each axis.
    already_sorted : bool
        Whether the indices are in row-major order.
    """

    index_key: Any
    value_key: str
    dtype: Any
    size: Any
    already_sorted: bool = False


class FixedLenFeature(NamedTuple):
    """A feature that has a shape.

    Parameters
    ----------
    shape : shape
    dtype : DType
        float32, int64 or string.
    default_value : array, of `shape` and `dtype`, optional
        For messages without the feature; without it each message has to have it.
    """

    shape: Any
    dtype: Any
    default_value: Any = None


class FixedLenSequenceFeature(NamedTuple):
    """A feature of any number of steps that have a shape.

    Parameters
    ----------
    shape : shape
        Of one step.
    dtype : DType
        float32, int64 or string.
    allow_missing : bool
        Has to be True.
    default_value : scalar, optional
        Fills up shorter ones of a batch; 0 or an empty text if not given.
    """

    shape: Any
    dtype: Any
    allow_missing: bool = False
    default_value: Any = None


_KINDS = (VarLenFeature, SparseFeature, FixedLenFeature, FixedLenSequenceFeature)


class _Raw:
    """The features that an op looks for, of the descriptions that a program gives."""

    def __init__(self, features: Mapping[str, Any]) -> None:
        self.sparse: dict[str, Any] = {}
        self.dense: dict[str, tuple[TensorShape, Any, Any]] = {}
        for key in sorted(features):
            feature = features[key]
            if isinstance(feature, VarLenFeature):
                _require(feature.dtype, "type", key)
                self._add_sparse(key, feature.dtype)
            elif isinstance(feature, SparseFeature):
                self._add_parts(key, feature)
            elif isinstance(feature, FixedLenFeature):
                self._add_fixed(key, feature)
            elif isinstance(feature, FixedLenSequenceFeature):
                self._add_steps(key, feature)
            else:
                raise ValueError(f"Invalid feature {key}:{feature}.")
        both = self.sparse.keys() & self.dense.keys()
        if both:
            raise ValueError(f"Dense and sparse keys must not intersect; intersection: {both}")

    def _add_sparse(self, key: str, dtype: Any) -> None:
        known = self.sparse.setdefault(key, dtypes.as_dtype(dtype))
        if known != dtypes.as_dtype(dtype):
            raise ValueError(f"Conflicting type {known} vs {dtype} for feature {key}.")

    def _add_parts(self, key: str, feature: SparseFeature) -> None:
        for what, given in (
            ("index_key", feature.index_key), ("value_key", feature.value_key),
            ("type", feature.dtype), ("size", feature.size),
        ):  # fmt: skip
            if not given and given != 0:
                raise ValueError(f"Missing {what} for SparseFeature {feature}.")
        for index_key in sorted(_index_keys(feature)):
            self._add_sparse(index_key, dtypes.int64)
        self._add_sparse(feature.value_key, feature.dtype)

    def _add_fixed(self, key: str, feature: FixedLenFeature) -> None:
        _require(feature.dtype, "type", key)
        _require(feature.shape, "shape", key)
        shape = as_shape(feature.shape)
        if not shape.is_fully_defined():
            raise ValueError(
                f"All dimensions of shape for feature {key} need to be known but received "
                f"{shape.as_list() if shape.dims is not None else shape}."
            )
        self.dense[key] = shape, dtypes.as_dtype(feature.dtype), feature.default_value

    def _add_steps(self, key: str, feature: FixedLenSequenceFeature) -> None:
        _require(feature.dtype, "type", key)
        _require(feature.shape, "shape", key)
        if not feature.allow_missing:
            raise ValueError(
                "Unsupported: FixedLenSequenceFeature requires allow_missing to be True."
            )
        shape = as_shape([None, *as_shape(feature.shape).as_list()])
        self.dense[key] = shape, dtypes.as_dtype(feature.dtype), feature.default_value

    def defaults(self) -> list[Tensor]:
        """The default of each feature with a shape, as its op takes it."""
        return [self._default(key, *self.dense[key]) for key in self.dense]

    def _default(self, key: str, shape: TensorShape, dtype: Any, given: Any) -> Tensor:
        named = re.sub(r"[^A-Za-z0-9_.\-/]", "_", key)
        dims = shape.as_list()
        if dims and dims[0] is None:
            if given is None:
                return convert_to_tensor("" if dtype == dtypes.string else 0, dtype=dtype)
            return reshape(convert_to_tensor(given, dtype=dtype, name=f"padding_{named}"), [])
        if given is None:
            return constant([], dtype=dtype)
        if isinstance(given, Tensor):
            return given
        return reshape(convert_to_tensor(given, dtype=dtype, name=f"key_{named}"), dims)

    @property
    def shapes(self) -> list[TensorShape]:
        """The shape of each feature that has one."""
        return [shape for shape, _, _ in self.dense.values()]

    def tensors(self, outputs: Sequence[Tensor]) -> dict[str, Any]:
        """The tensors of an op by their keys: indices, values, shapes, then arrays."""
        n = len(self.sparse)
        parts = zip(outputs[:n], outputs[n : 2 * n], outputs[2 * n : 3 * n], strict=True)
        found: dict[str, Any] = {
            key: SparseTensor(*part) for key, part in zip(self.sparse, parts, strict=True)
        }
        found.update(zip(self.dense, outputs[3 * n :], strict=True))
        return found


def _required(features: Mapping[str, Any]) -> Mapping[str, Any]:
    if not features:
        raise ValueError(f"Missing: features was {features}.")
    return features


def _require(given: Any, what: str, key: str) -> None:
    if given is None:
        raise ValueError(f"Missing {what} for feature {key}.")


def _index_keys(feature: SparseFeature) -> list[str]:
    return [feature.index_key] if isinstance(feature.index_key, str) else list(feature.index_key)


def _merged(features: Mapping[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    """`found` with the SparseTensors that several features say together."""
    for key in sorted(features):
        feature = features[key]
        if isinstance(feature, SparseFeature):
            if isinstance(feature.index_key, str):
                places = found[feature.index_key]
            else:
                places = [found[index_key] for index_key in feature.index_key]
            found[key] = sparse_merge(
                places, found[feature.value_key], feature.size,
                already_sorted=feature.already_sorted,
            )  # fmt: skip
    return {key: found[key] for key in found if key in features}


def parse_example(
    serialized: Any,
    features: Mapping[str, Any],
    name: str | None = None,
    example_names: Any = None,
) -> dict[str, Any]:
    """The features of a batch of serialized `Example` messages.

    Parameters
    ----------
    serialized : Tensor, string [batch]
    features : dict of str to feature
        `FixedLenFeature`, `VarLenFeature`, `SparseFeature`, `FixedLenSequenceFeature`.
    example_names : Tensor, string [batch], optional
        What errors call the messages.

    Returns
    -------
    dict of str to Tensor or SparseTensor
        ``[batch, *shape]``; of steps ``[batch, longest, *shape]``, filled up.

    Raises
    ------
    ValueError
        If a description is none, or says no dtype or shape.
    InvalidArgumentError
        When it runs: a message is none, or a feature is missing, of another kind, or of another
        size.
    """
    raw = _Raw(_required(features))
    with name_scope(name, "ParseExample", [serialized, example_names]):
        defaults = raw.defaults()
        outputs = parse_example_op(
            serialized,
            np.array([], object) if example_names is None else example_names,
            list(raw.sparse),
            list(raw.dense),
            defaults,
            sparse_types=list(raw.sparse.values()),
            dense_shapes=raw.shapes,
        )
        found = raw.tensors(_flat(outputs))
    return _merged(features, found)


def _flat(outputs: Any) -> list[Tensor]:
    if isinstance(outputs, Tensor):
        return [outputs]
    flat: list[Tensor] = []
    for output in outputs:
        flat += output if isinstance(output, list) else [output]
    return flat


def parse_single_example(
    serialized: Any,
    features: Mapping[str, Any],
    name: str | None = None,
    example_names: Any = None,
) -> dict[str, Any]:
    """The features of one serialized `Example` message.

    Parameters
    ----------
    serialized : Tensor, string scalar
    features : dict of str to feature
        As those of `parse_example`.
    example_names : Tensor, string scalar, optional
        What errors call the message.

    Returns
    -------
    dict of str to Tensor or SparseTensor
        As those of `parse_example`, without the first axis.

    Raises
    ------
    ValueError
        If a description is none, or says no dtype or shape.
    InvalidArgumentError
        When it runs: it is no message, or a feature is missing, of another kind, or of another
        size.
    """
    if example_names is not None:
        return _parsed_as_batch(serialized, features, name, example_names)
    raw = _Raw(_required(features))
    with name_scope(name, "ParseSingleExample", [serialized, example_names]):
        serialized = convert_to_tensor(serialized, dtypes.string, name="serialized")
        outputs = parse_single_example_op(
            serialized,
            raw.defaults(),
            num_sparse=len(raw.sparse),
            sparse_keys=list(raw.sparse),
            dense_keys=list(raw.dense),
            sparse_types=list(raw.sparse.values()),
            dense_shapes=raw.shapes,
        )
        found = raw.tensors(_flat(outputs))
    return _merged(features, found)


def _parsed_as_batch(
    serialized: Any, features: Mapping[str, Any], name: str | None, example_names: Any
) -> dict[str, Any]:
    """A batch of one, for the name that errors give."""
    with name_scope(name, "ParseSingleExample", [serialized, example_names]):
        found = parse_example(
            expand_dims(serialized, 0), features, example_names=expand_dims(example_names, 0)
        )
        return {
            key: sparse_reshape(value, value.dense_shape[1:])
            if isinstance(value, SparseTensor)
            else squeeze(value, [0], name=f"Squeeze_{key}")
            for key, value in found.items()
        }


def _of_sequences(
    context_features: Mapping[str, Any] | None, sequence_features: Mapping[str, Any] | None
) -> tuple[_Raw, _Raw, list[str]]:
    """What an op looks for in the whole and in the steps, and the lists that may be missing."""
    if not (context_features or sequence_features):
        raise ValueError("Missing features.")
    for features, kinds in (
        (context_features, (FixedLenFeature, VarLenFeature)),
        (sequence_features, (FixedLenSequenceFeature, VarLenFeature)),
    ):
        for key, feature in (features or {}).items():
            if not isinstance(feature, _KINDS):
                raise ValueError(f"Invalid feature {key}:{feature}.")
            if not isinstance(feature, kinds):
                raise ValueError(f"Unsupported {type(feature).__name__} {feature} for key '{key}'.")
    context = _Raw(context_features or {})
    steps = dict(sequence_features or {})
    for key, feature in steps.items():
        if isinstance(feature, FixedLenSequenceFeature):
            if feature.default_value is not None:
                raise ValueError(f"Value feature_list_dense_defaults[{key}] must be None")
            steps[key] = feature._replace(allow_missing=True)
    sequence = _Raw(steps)
    may_miss = [key for key in sequence.dense if (sequence_features or {})[key].allow_missing]
    return context, sequence, may_miss


def parse_single_sequence_example(
    serialized: Any,
    context_features: Mapping[str, Any] | None = None,
    sequence_features: Mapping[str, Any] | None = None,
    example_name: Any = None,
    name: str | None = None,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The features of one serialized `SequenceExample` message.

    Parameters
    ----------
    serialized : Tensor, string scalar
    context_features : dict of str to FixedLenFeature or VarLenFeature, optional
        Of the whole.
    sequence_features : dict of str to FixedLenSequenceFeature or VarLenFeature, optional
        Of the steps; without ``allow_missing`` each has to be there.
    example_name : Tensor, string scalar, optional
        What errors call the message.

    Returns
    -------
    context : dict of str to Tensor or SparseTensor
    sequence : dict of str to Tensor or SparseTensor
        ``[steps, *shape]``.

    Raises
    ------
    ValueError
        If nothing is looked for, or a description is none, or says no dtype or shape.
    InvalidArgumentError
        When it runs: it is no message, or a feature is missing, of another kind, or of another
        size.
    """
    context, sequence, may_miss = _of_sequences(context_features, sequence_features)
    with name_scope(name, "ParseSingleSequenceExample", [serialized]):
        outputs = _flat(
            parse_single_sequence_example_op(
                serialized,
                np.array([key.encode() for key in may_miss], object),
                list(context.sparse),
                list(context.dense),
                list(sequence.sparse),
                list(sequence.dense),
                context.defaults(),
                "" if example_name is None else example_name,
                context_sparse_types=list(context.sparse.values()),
                feature_list_dense_types=[dtype for _, dtype, _ in sequence.dense.values()],
                context_dense_shapes=context.shapes,
                feature_list_sparse_types=list(sequence.sparse.values()),
                feature_list_dense_shapes=[shape[1:] for shape in sequence.shapes],
            )
        )
        n = 3 * len(context.sparse) + len(context.dense)
        return context.tensors(outputs[:n]), sequence.tensors(outputs[n:])


def parse_sequence_example(
    serialized: Any,
    context_features: Mapping[str, Any] | None = None,
    sequence_features: Mapping[str, Any] | None = None,
    example_names: Any = None,
    name: str | None = None,
) -> tuple[dict[str, Any], dict[str, Any], dict[str, Tensor]]:
    """The features of a batch of serialized `SequenceExample` messages.

    Parameters
    ----------
    serialized : Tensor, string [batch]
    context_features : dict of str to FixedLenFeature or VarLenFeature, optional
        Of the whole.
    sequence_features : dict of str to FixedLenSequenceFeature or VarLenFeature, optional
        Of the steps; without ``allow_missing`` each message has to have it.
    example_names : Tensor, string [batch], optional
        What errors call the messages.

    Returns
    -------
    context : dict of str to Tensor or SparseTensor
        ``[batch, *shape]``.
    sequence : dict of str to Tensor or SparseTensor
        ``[batch, longest, *shape]``, filled up with zeros or empty texts; a SparseTensor has the
        axes message, step and place in the step.
    lengths : dict of str to Tensor, int64 [batch]
        How many steps a message has of each FixedLenSequenceFeature.

    Raises
    ------
    ValueError
        If nothing is looked for, or a description is none, or says no dtype or shape.
    InvalidArgumentError
        When it runs: a message is none, or a feature is missing, of another kind, or of another
        size.

    Examples
    --------
    >>> import graphmode as tf
    >>> def steps(*rows):
    ...     feature = [tf.train.Feature(int64_list=tf.train.Int64List(value=row)) for row in rows]
    ...     lists = {"words": tf.train.FeatureList(feature=feature)}
    ...     made = tf.train.SequenceExample(
    ...         feature_lists=tf.train.FeatureLists(feature_list=lists))
    ...     return made.SerializeToString()
    >>> _, sequence, lengths = tf.io.parse_sequence_example(
    ...     [steps([3], [1], [4]), steps([5])],
    ...     sequence_features={"words": tf.FixedLenSequenceFeature([], tf.int64)})
    >>> with tf.Session() as sess:
    ...     print(*sess.run([sequence["words"], lengths["words"]]))
    [[3 1 4]
     [5 0 0]] [3 1]
    """
    context, sequence, may_miss = _of_sequences(context_features, sequence_features)
    with name_scope(name, "ParseSequenceExample", [serialized]):
        dense = [dtype for _, dtype, _ in sequence.dense.values()]
        outputs = _flat(
            parse_sequence_example_op(
                serialized,
                np.array([], object) if example_names is None else example_names,
                context.defaults(),
                feature_list_dense_missing_assumed_empty=may_miss,
                context_sparse_keys=list(context.sparse),
                context_dense_keys=list(context.dense),
                feature_list_sparse_keys=list(sequence.sparse),
                feature_list_dense_keys=list(sequence.dense),
                Ncontext_sparse=len(context.sparse),
                Ncontext_dense=len(context.dense),
                Nfeature_list_sparse=len(sequence.sparse),
                Nfeature_list_dense=len(sequence.dense),
                context_sparse_types=list(context.sparse.values()),
                feature_list_dense_types=dense,
                context_dense_shapes=context.shapes,
                feature_list_sparse_types=list(sequence.sparse.values()),
                feature_list_dense_shapes=[shape[1:] for shape in sequence.shapes],
            )
        )
        n = 3 * len(context.sparse) + len(context.dense)
        end = len(outputs) - len(dense)
        lengths = dict(zip(sequence.dense, outputs[end:], strict=True))
        return context.tensors(outputs[:n]), sequence.tensors(outputs[n:end]), lengths
