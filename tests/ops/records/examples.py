"""Messages of features, parsed: a batch and one."""

import numpy as np
from tests.ops.record import Record

from graphmode.files.examples import (
    BytesList,
    Example,
    Feature,
    Features,
    FloatList,
    Int64List,
)


def message(**features):
    made = {}
    for key, values in features.items():
        if values and isinstance(values[0], bytes):
            made[key] = Feature(bytes_list=BytesList(value=values))
        elif values and isinstance(values[0], float):
            made[key] = Feature(float_list=FloatList(value=values))
        else:
            made[key] = Feature(int64_list=Int64List(value=values))
    return Example(features=Features(feature=made)).SerializeToString()


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


TEXTS = {"one_dtype": "messages"}
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
]
