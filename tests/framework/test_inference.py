"""What is known of shape tensors while the graph is built: deep, wide, shared, and in time."""

import threading

import numpy as np
import pytest

import graphmode as tf
from graphmode.framework.inference import constant_dim, constant_dims, constant_value

DEPTH = 100_000


def partly_known():
    """The shape of a tensor of which one length is known: [?, 3]."""
    return tf.shape(tf.placeholder(tf.float32, [None, 3]))


def identities(tensor, depth):
    for _ in range(depth):
        tensor = tf.identity(tensor)
    return tensor


def casts(tensor, depth):
    for _ in range(depth // 2):
        tensor = tf.cast(tf.cast(tensor, tf.int64), tf.int32)
    return tensor


def slices_and_joins(tensor, depth):
    """Each step reads the one before twice: paths double with each."""
    for _ in range(depth // 3):
        tensor = tf.concat([tensor[:1], tensor[1:]], 0)
    return tensor


def packs(tensor, depth):
    for _ in range(depth // 3):
        tensor = tf.stack([tensor[0], tensor[1]])
    return tensor


@pytest.mark.parametrize(
    ("chain", "depth"),
    [(identities, DEPTH), (casts, 20_000), (slices_and_joins, 6_000), (packs, 6_000)],
)
def test_a_deep_shape_is_read(chain, depth):
    with tf.Graph().as_default():
        shape = chain(partly_known(), depth)
        assert constant_dims(shape) == (None, 3)
        assert constant_dim(shape[1]) == 3
        assert constant_dim(shape[0]) is None
        assert tf.zeros(shape).shape.as_list() == [None, 3]


def test_a_wide_shape_is_read():
    with tf.Graph().as_default():
        shape = partly_known()
        many = tf.concat([tf.stack([shape[1]] * 2_000 + [shape[0]]), shape] * 3, 0)
        assert constant_dims(many) == ((3,) * 2_000 + (None, None, 3)) * 3


def test_each_tensor_of_a_growing_chain_is_read_once():
    """A shape rule asks at every step; what it asked before, it knows."""
    with tf.Graph().as_default():
        shape = partly_known()
        x = tf.zeros(shape)
        for _ in range(4_000):
            shape = tf.identity(shape)
            x = tf.reshape(x, shape)
        assert x.shape.as_list() == [None, 3]


def test_what_set_shape_adds_is_seen():
    x = tf.placeholder(tf.float32, [None, 3])
    shape = tf.identity(tf.shape(x))
    assert constant_dims(shape) == (None, 3)
    x.set_shape([2, None])
    assert constant_dims(shape) == (2, 3)


def test_a_length_is_a_whole_number():
    x = tf.placeholder(tf.float32, [])
    assert constant_value(tf.stack([1.5, x])[0]) is None
    assert constant_value(tf.stack([float("nan"), x])[0]) is None
    assert constant_dims(tf.cast(tf.stack([2.0, x]), tf.int32)) == (2, None)


def test_readers_of_shapes_fold():
    x = tf.placeholder(tf.float32, [2, None, 5])
    x.set_shape([2, 3, 5])
    y = tf.placeholder(tf.float32, [None, 4])
    assert constant_value(tf.rank(y)) == 2
    assert constant_value(tf.raw_ops.Size(input=x)) == 30
    np.testing.assert_array_equal(constant_value(tf.raw_ops.Shape(input=x)), [2, 3, 5])
    assert constant_value(tf.raw_ops.Shape(input=y)) is None
    known = tf.raw_ops.ShapeN(input=[x, x])
    np.testing.assert_array_equal(constant_value(known[1]), [2, 3, 5])
    assert constant_value(tf.raw_ops.ShapeN(input=[x, y])[0]) is None


def test_a_loop_that_gained_exports_is_read_in_time():
    """Its first outputs were known to be unknown before the gradient asked for more."""
    done = threading.Event()
    found = []

    def differentiate():
        with tf.Graph().as_default(), tf.Session() as sess:
            v = tf.placeholder(tf.float32, [3])
            _, s = tf.while_loop(
                lambda i, s: i < 3, lambda i, s: (i + 1, s + v[i] * v[i]), [0, 0.0]
            )
            assert constant_value(s) is None
            (g,) = tf.gradients(s, v)
            assert constant_value(g) is None
            found.append(sess.run(g, {v: [1.0, 2.0, 5.0]}))
        done.set()

    threading.Thread(target=differentiate, daemon=True).start()
    assert done.wait(60)
    np.testing.assert_allclose(found[0], [2.0, 4.0, 10.0])


def test_the_value_of_what_is_no_constant():
    unknown = tf.placeholder(tf.int32, [])
    constant_value = tf.contrib.util.constant_value
    assert constant_value(3.0) == 3.0
    assert constant_value(tf.Variable(1.0)) is None
    assert constant_value(tf.stack([4, unknown])) is None
    first, second = constant_value(tf.stack([4, unknown]), partial=True)
    assert first == 4 and second is None
    assert constant_value(tf.stack([4, 5]), partial=True).tolist() == [4, 5]
