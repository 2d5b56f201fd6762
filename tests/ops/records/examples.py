"""Messages of features, parsed: a batch and one."""

import zlib

import numpy as np
from tests.ops.record import Record, normal

from graphmode.files.examples import (
    BytesList,
    Example,
    Feature,
    FeatureList,
    FeatureLists,
    Features,
    FloatList,
    Int64List,
    SequenceExample,
)


def feature_of(values):
    if values and isinstance(values[0], bytes):
        return Feature(bytes_list=BytesList(value=values))
    if values and isinstance(values[0], float):
        return Feature(float_list=FloatList(value=values))
    return Feature(int64_list=Int64List(value=values))


def message(**features):
    made = {key: feature_of(values) for key, values in features.items()}
    return Example(features=Features(feature=made)).SerializeToString()


def sequence(context, steps):
    lists = {
        key: FeatureList(feature=[feature_of(values) for values in rows])
        for key, rows in steps.items()
    }
    return SequenceExample(
        context=Features(feature={key: feature_of(values) for key, values in context.items()}),
        feature_lists=FeatureLists(feature_list=lists),
    ).SerializeToString()


BATCH = np.array(
    [
        message(a=[1, 2], b=[b"x"], c=[0.5, 1.5, 2.5, 3.5]),
        message(a=[3, 4], b=[b"y", b"z"], c=[1.0, 2.0, 3.0, 4.0], d=[7]),
        message(a=[5, 6], c=[0.0, 0.0, 0.0, 0.0]),
    ],
    object,
)
ONE = np.array(BATCH[1], object)


def _parse(tf, function, serialized):
    found = function(
        serialized,
        {
            "a": tf.FixedLenFeature([2], tf.int64),
            "b": tf.VarLenFeature(tf.string),
            "c": tf.FixedLenSequenceFeature([2], tf.float32, allow_missing=True),
            "d": tf.FixedLenFeature([], tf.int64, -1),
        },
    )
    b = found["b"]
    return [found["a"], b.indices, b.values, b.dense_shape, found["c"], found["d"]]


STEPS = np.array(
    sequence(
        {"n": [3], "name": [b"q"]},
        {"x": [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], "w": [[b"a"], [b"b", b"c"]], "e": []},
    ),
    object,
)


def _parse_steps(tf, serialized):
    context, steps = tf.parse_single_sequence_example(
        serialized,
        {
            "n": tf.FixedLenFeature([], tf.int64),
            "name": tf.VarLenFeature(tf.string),
            "d": tf.FixedLenFeature([], tf.int64, 9),
        },
        {
            "x": tf.FixedLenSequenceFeature([2], tf.float32),
            "w": tf.VarLenFeature(tf.string),
            "q": tf.FixedLenSequenceFeature([], tf.int64, allow_missing=True),
        },
    )
    return [
        context["n"], context["name"].values, context["d"], steps["x"], steps["w"].indices,
        steps["w"].values, steps["w"].dense_shape, steps["q"],
    ]  # fmt: skip


def _parse_batch(tf, serialized):
    context, steps, lengths = tf.io.parse_sequence_example(
        serialized,
        {"n": tf.FixedLenFeature([], tf.int64), "name": tf.VarLenFeature(tf.string)},
        {"x": tf.FixedLenSequenceFeature([2], tf.float32), "w": tf.VarLenFeature(tf.string)},
    )
    return [
        context["n"],
        context["name"].values,
        steps["x"],
        steps["w"].indices,
        steps["w"].values,
        lengths["x"],
    ]


TWO = np.array(
    [STEPS.item(), sequence({"n": [4]}, {"x": [[7.0, 8.0]], "w": [[b"f"], [b"d", b"e"]]})], object
)
JSON = np.array(
    [
        b'{"features": {"feature": {"a": {"int64List": {"value": ["1", 2]}}}}}',
        b'{"features": {"feature": {"b": {"bytes_list": {"value": ["aGk="]}}}}}',
        b"{}",
    ],
    object,
)
PACKED = np.array([[zlib.compress(b"hello " * 5), zlib.compress(b""), b""]], object)
TENSOR = np.array(
    b'\x08\x01\x12\x08\x12\x02\x08\x01\x12\x02\x08\x03"\x0c' + np.float32([1.5, 2, 0]).tobytes(),
    object,
)
TEXTS = {"one_dtype": "messages"}


def _parse_json(tf, texts):
    found = tf.parse_example(
        tf.decode_json_example(texts),
        {"a": tf.VarLenFeature(tf.int64), "b": tf.VarLenFeature(tf.string)},
    )
    return [found["a"].values, found["b"].values, found["b"].dense_shape]


RECORDS = [
    Record(
        "ParseExample",
        lambda tf, s: _parse(tf, tf.parse_example, s),
        [BATCH],
        names_differ="2.21 makes ParseExampleV2, TensorFlow 1.15 what we make",
        **TEXTS,
    ),
    Record(
        "ParseExample",
        lambda tf, s: _parse(tf, tf.parse_example, s),
        [BATCH[:0]],
        "nothing",
        names_differ="2.21 makes ParseExampleV2, TensorFlow 1.15 what we make",
        **TEXTS,
    ),
    Record(
        "ParseSingleExample",
        lambda tf, s: _parse(tf, tf.parse_single_example, s),
        [ONE],
        names_differ="2.21 makes ParseExampleV2, TensorFlow 1.15 what we make",
        **TEXTS,
    ),
    Record(
        "ParseSingleSequenceExample",
        _parse_steps,
        [STEPS],
        names_differ="2.21 makes ParseSequenceExampleV2, TensorFlow 1.15 what we make",
        **TEXTS,
    ),
    Record(
        "ParseSequenceExample",
        _parse_batch,
        [TWO],
        names_differ="2.21 makes ParseSequenceExampleV2, TensorFlow 1.15 what we make",
        **TEXTS,
    ),
    Record(
        "DecodeJSONExample",
        _parse_json,
        [JSON],
        names_differ="2.21 makes ParseExampleV2, TensorFlow 1.15 what we make",
        **TEXTS,
    ),
    Record(
        "DecodeCompressed",
        lambda tf, s: tf.decode_compressed(s, compression_type="ZLIB"),
        [PACKED],
        **TEXTS,
    ),
    Record(
        "SerializeTensor",
        lambda tf, x: tf.serialize_tensor(x),
        [normal(2, 3)],
        dtypes=[
            "float16",
            "float32",
            "float64",
            "int8",
            "int16",
            "int32",
            "int64",
            "uint8",
            "uint16",
            "bool",
            "complex64",
            "complex128",
        ],
    ),
    Record("SerializeTensor", lambda tf, s: tf.serialize_tensor(s), [PACKED], "texts", **TEXTS),
    Record("SerializeTensor", lambda tf, x: tf.serialize_tensor(x), [normal(0, 3)], "nothing"),
    Record("ParseTensor", lambda tf, s: tf.parse_tensor(s, tf.float32), [TENSOR], **TEXTS),
]
