"""Arrays as TensorProto and back, and what is known of values while a graph is built."""

import importlib

import numpy as np
import pytest

import graphmode as tf

util = importlib.import_module("graphmode.python.framework.tensor_util")

VALUES = {
    "scalar": (7.5, None, None),
    "floats": ([1.0, 2.0, 4.0], None, None),
    "ints": ([[1, 2, 3], [4, 5, 6]], None, None),
    "large int": (2**40, None, None),
    "float64": (np.array([[1.5, 2.5]]), None, None),
    "bool": ([True, False, True], None, None),
    "uint16": ([1, 2, 3], "uint16", None),
    "complex64": ([1 + 2j, 3 - 4j], "complex64", [2, 1]),
    "complex128": (5 + 6j, "complex128", None),
    "text": (["ab", b"\0c\0"], None, None),
    "reshaped": ([1, 2, 3, 4, 5, 6], "int64", [3, 2]),
    "repeated": ([1.0, 2.0], None, [2, 3]),
    "one for all": (3, "int8", [2, 2]),
    "repeated text": (["f", "g"], None, [4]),
    "nothing": ([], "float32", [0, 3]),
}


@pytest.mark.parametrize("name", VALUES)
def test_a_proto_is_the_one_that_tensorflow_writes(name, oracle):
    values, dtype, shape = VALUES[name]
    ours = tf.make_tensor_proto(values, dtype and getattr(tf, dtype), shape)
    theirs = oracle.make_tensor_proto(values, dtype and getattr(oracle, dtype), shape)
    assert ours.SerializeToString() == theirs.SerializeToString()
    found, expected = tf.make_ndarray(ours), oracle.make_ndarray(theirs)
    assert found.dtype == expected.dtype
    np.testing.assert_array_equal(found, expected)


def test_numbers_of_quantized_dtypes_are_in_tuples():
    proto = tf.make_tensor_proto([(21,), (22,)], dtype=tf.quint8)
    assert proto.tensor_content == b"\x15\x16"
    assert util.MakeNdarray(proto).dtype == tf.quint8.as_numpy_dtype
    for bare in (3, [3]):
        with pytest.raises(TypeError, match="Expected qint8"):
            tf.make_tensor_proto(bare, dtype=tf.qint8)


def test_halves_are_written_one_by_one():
    proto = tf.make_tensor_proto(np.array([10.0, 20.0], np.float16))
    assert list(proto.half_val) == [18688, 19712]
    assert tf.make_ndarray(proto).tolist() == [10.0, 20.0]


def test_what_a_proto_refuses():
    with pytest.raises(ValueError, match="at most 1, but received 2"):
        tf.make_tensor_proto(np.array([1, 2]), shape=[1])
    with pytest.raises(TypeError, match=r"shape: \(1, 2\), got \(2, 1\)"):
        tf.make_tensor_proto(np.array([[1], [2]]), shape=(1, 2), verify_shape=True)
    with pytest.raises(TypeError, match="Failed to convert object"):
        tf.make_tensor_proto([tf.Dimension(1)])
    assert util.ShapeEquals(tf.make_tensor_proto([[1, 2]]), tf.TensorShape([1, 2]).as_proto())
    assert not util.ShapeEquals(tf.make_tensor_proto([[1, 2]]), [2, 1])


def test_an_array_that_was_read_may_be_written_to():
    proto = tf.make_tensor_proto([1.0, 2.0])
    util.MakeNdarray(proto)[0] = 9.0
    assert util.MakeNdarray(proto).tolist() == [1.0, 2.0]


def test_attributes_are_messages_as_in_tensorflow():
    image = tf.placeholder(tf.float32, [None, 4, 4, 2])
    pooled = tf.nn.max_pool(image, [1, 2, 2, 1], [1, 2, 2, 1], "SAME").op
    assert pooled.get_attr("padding") == b"SAME"
    assert [d.size for d in image.op.get_attr("shape").dim] == [-1, 4, 4, 2]
    value = tf.constant([[1.0, 2.0]]).op.get_attr("value")
    np.testing.assert_array_equal(util.MakeNdarray(value), [[1.0, 2.0]])
    pooled._set_attr("_note", tf.AttrValue(i=5))
    assert pooled.get_attr("_note") == 5


def test_attributes_of_a_block_may_be_messages():
    graph = tf.get_default_graph()
    with graph._attr_scope({"_a": tf.AttrValue(s=b"outer"), "_b": tf.AttrValue(f=0.5)}):
        with graph._attr_scope({"_a": None}):
            inner = tf.no_op()
        outer = tf.no_op()
    assert outer.get_attr("_a") == b"outer"
    assert inner.get_attr("_b") == 0.5
    with pytest.raises(ValueError, match="no attr named '_a'"):
        inner.get_attr("_a")


def test_static_values():
    fed = tf.placeholder(tf.int32, [])
    assert tf.get_static_value(tf.constant(2) + 3) == 5
    assert tf.get_static_value(fed) is None
    assert tf.get_static_value(tf.Variable(1.0)) is None
    assert tf.get_static_value("text") == "text"
    one, other = tf.get_static_value(tf.stack([tf.constant(4), fed]), partial=True)
    assert (one, other) == (4, None)


def test_static_shapes():
    lengths = tf.concat([[4, -1], tf.placeholder(tf.int32, [2]), [5]], 0)
    assert util.constant_value_as_shape(lengths).as_list() == [4, None, None, None, 5]
    assert util.constant_value_as_shape(lengths[::-2]).as_list() == [5, None, 4]
    assert util.constant_value_as_shape(tf.constant(-1)).ndims is None
    with pytest.raises(ValueError, match="statically known scalar"):
        util.constant_value_as_shape(tf.constant(3))
    with pytest.raises(ValueError, match="must have rank 1"):
        util.constant_value_as_shape(tf.constant([[3]]))
    with tf.Session() as session:
        assert session.run(util.shape_tensor(tf.TensorShape([2, 3]))).tolist() == [2, 3]
