"""`serialize_tensor`, `parse_tensor`, `decode_compressed`, `decode_json_example`: what is refused.

Texts are those of TensorFlow 1.15.5; values are compared in `tests/ops/records/examples.py`.
"""

import gzip
import zlib

import numpy as np
import pytest

import graphmode as tf

PACKED = zlib.compress(b"hello " * 5)


def refused(tensor, kind, text):
    with tf.Session() as session, pytest.raises(kind) as error:
        session.run(tensor)
    assert text in str(error.value)


def test_arrays_of_every_kind_come_back(mode):
    arrays = [
        np.array([[b"a", b"b\0"]], object), np.array(True), np.int64([[]]), np.float16([1.5, -2]),
        np.array([[(3,), (-4,)]], tf.qint8.as_numpy_dtype), np.complex64([1 + 2j]),
    ]  # fmt: skip
    with tf.Session() as session:
        for array in arrays:
            tensor = tf.constant(array, tf.as_dtype(array.dtype))
            found = session.run(tf.parse_tensor(tf.serialize_tensor(tensor), tensor.dtype))
            assert found.dtype == array.dtype and found.tolist() == array.tolist()


def test_bytes_that_are_no_array():
    of_floats = tf.serialize_tensor([1.5, 2.5])
    refused(
        tf.parse_tensor(of_floats, tf.int32), tf.errors.InvalidArgumentError,
        "Type mismatch between parsed tensor (float) and dtype (int32)",
    )  # fmt: skip
    for content in (b"", b"\xff\xff", b"\x08\x01\x12\x04\x12\x02\x08\x02\x22\x02ab"):
        refused(
            tf.parse_tensor(content, tf.float32), tf.errors.InvalidArgumentError,
            f"Cannot parse tensor from proto: {len(content)} bytes",
        )  # fmt: skip
    refused(
        tf.parse_tensor([b""], tf.int32), tf.errors.InvalidArgumentError,
        "Expected `serialized` to be a scalar, got shape: [1]",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("content", "compression", "kind", "text"),
    [
        (b"hello", "ZLIB", "DataLossError", "inflate() failed with error -3: incorrect header"),
        (PACKED, "GZIP", "DataLossError", "inflate() failed with error -3: incorrect header"),
        (PACKED[:-6], "ZLIB", "DataLossError",
         f"ZLIB data of {len(PACKED) - 6} bytes is cut: 7 bytes could be decompressed"),
        (PACKED, "LZ4", "InvalidArgumentError",
         "Only ZLIB, GZIP or NONE are supported compressions"),
    ],
)  # fmt: skip
def test_bytes_that_are_not_compressed(content, compression, kind, text):
    refused(tf.decode_compressed(content, compression), getattr(tf.errors, kind), text)


def test_members_and_what_follows(mode):
    twice = gzip.compress(b"one ") + gzip.compress(b"two")
    with tf.Session() as session:
        assert session.run(tf.decode_compressed([[twice]], "GZIP")).tolist() == [[b"one two"]]
        assert session.run(tf.decode_compressed(PACKED + b"more", "ZLIB")) == b"hello " * 5
        assert session.run(tf.decode_compressed(b"as it is")) == b"as it is"


@pytest.mark.parametrize(
    "text", ["", "not json", "[]", "null", '{"x": 1}', '{"features": {}} x',
             '{"features": {"feature": {"a": {"int64List": {"value": [1.5]}}}}}']
)  # fmt: skip
def test_what_is_no_json_of_an_example(text):
    with tf.Session() as session, pytest.raises(tf.errors.InvalidArgumentError) as error:
        session.run(tf.decode_json_example(["{}", text]))
    assert "Error while parsing JSON: " in str(error.value)
    assert "(string 1)" in str(error.value)
