"""Inputs of size zero: values, shapes, dtypes and gradients, fed with known and unknown shapes.

The expected values were taken from TensorFlow 1.15.5.
"""

import numpy as np
import pytest

import graphmode as tf


def zeros(*dims):
    return np.zeros(dims, np.float32)


def ints(*dims):
    return np.zeros(dims, np.int32)


X = np.arange(12, dtype=np.float32).reshape(4, 3)

VALUES = {
    "reshape": (lambda x: tf.reshape(x, [0, -1, 3]), [zeros(0, 6)], zeros(0, 2, 3)),
    "reshape-to_zero": (lambda x: tf.reshape(x, [-1, 0]), [zeros(0, 6)], zeros(6, 0)),
    "reshape-two_zeros": (lambda x: tf.reshape(x, [0, -1, 2]), [zeros(0, 0, 4)], zeros(0, 2, 2)),
    "reshape-keeps": (lambda x: tf.reshape(x, [-1, 3]), [zeros(0, 6)], zeros(0, 3)),
    "bincount": (tf.bincount, [ints(0)], ints(0)),
    "bincount-minlength": (lambda x: tf.bincount(x, minlength=3), [ints(0)], ints(3)),
    "bincount-weights": (
        lambda x, w: tf.bincount(x, weights=w, minlength=2),
        [ints(0), zeros(0)],
        zeros(2),
    ),
    "gather_nd-whole": (tf.gather_nd, [X, ints(2, 0)], np.stack([X, X])),
    "gather_nd": (tf.gather_nd, [X, ints(0, 2)], zeros(0)),
    "concat": (lambda a, b: tf.concat([a, b], 0), [X, zeros(0, 3)], X),
    "top_k": (lambda x: tf.nn.top_k(x, 2)[0], [zeros(0, 3)], zeros(0, 2)),
    "top_k-none": (lambda x: tf.nn.top_k(x, 0)[1], [X], ints(4, 0)),
    "segment_sum": (tf.segment_sum, [zeros(0, 3), ints(0)], zeros(0, 3)),
    "segment_max": (tf.segment_max, [zeros(0, 3), ints(0)], zeros(0, 3)),
    "unsorted_segment_sum": (
        lambda x, i: tf.unsorted_segment_sum(x, i, 2),
        [zeros(0, 3), ints(0)],
        zeros(2, 3),
    ),
    "sparse_segment_sum": (
        lambda x, i, s: tf.sparse_segment_sum(x, i, s, num_segments=2),
        [X, ints(0), ints(0)],
        zeros(2, 3),
    ),
    "softmax_loss-no_class": (
        lambda x: tf.nn.softmax_cross_entropy_with_logits(labels=x, logits=x),
        [zeros(3, 0)],
        zeros(3),
    ),
    "searchsorted": (tf.searchsorted, [zeros(0), X[0]], ints(3)),
    "conv2d": (
        lambda x, k: tf.nn.conv2d(x, k, [1, 1, 1, 1], "VALID"),
        [zeros(0, 4, 4, 3), zeros(2, 2, 3, 5)],
        zeros(0, 3, 3, 5),
    ),
    "matmul": (tf.matmul, [zeros(2, 0), zeros(0, 4)], zeros(2, 4)),
    "tensordot": (
        lambda a, b: tf.tensordot(a, b, 1),
        [zeros(0, 5, 3), zeros(3, 1)],
        zeros(0, 5, 1),
    ),
    "tensordot-of_nothing": (
        lambda a, b: tf.tensordot(a, b, [[0], [1]]),
        [zeros(0, 5, 3), zeros(2, 0)],
        zeros(5, 3, 2),
    ),
    "tensordot-first": (
        lambda a, b: tf.tensordot(a, b, [[1], [1]]),
        [zeros(2, 3), zeros(0, 3)],
        zeros(2, 0),
    ),
    "gray": (tf.image.rgb_to_grayscale, [zeros(0, 5, 3)], zeros(0, 5, 1)),
    "reduce_max": (lambda x: tf.reduce_max(x, 0), [zeros(0, 3)], np.full(3, -np.inf, np.float32)),
}


@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
@pytest.mark.parametrize("case", VALUES)
def test_value(case, known, mode):
    build, arrays, expected = VALUES[case]
    fed = [tf.placeholder(tf.as_dtype(a.dtype), a.shape if known else None) for a in arrays]
    with tf.Session() as sess:
        found = sess.run(build(*fed), dict(zip(fed, arrays, strict=True)))
    assert found.dtype == expected.dtype
    assert found.shape == expected.shape
    assert np.array_equal(found, expected)


GRADIENTS = (
    *(
        "reshape",
        "concat",
        "gather_nd",
        "top_k",
        "segment_sum",
        "segment_max",
        "conv2d",
        "matmul",
        "reduce_max",
    ),
    "unsorted_segment_sum",
    "sparse_segment_sum",
    "softmax_loss-no_class",
)


@pytest.mark.parametrize("case", GRADIENTS)
def test_gradient_has_the_shape_of_the_input_and_is_zero(case, mode):
    build, arrays, _ = VALUES[case]
    fed = [tf.placeholder(tf.as_dtype(a.dtype)) for a in arrays]
    (gradient,) = tf.gradients(build(*fed), fed[:1])
    with tf.Session() as sess:
        found = sess.run(gradient, dict(zip(fed, arrays, strict=True)))
    assert found.shape == arrays[0].shape
    assert found.sum() == (12 if case == "concat" else 0)


@pytest.mark.parametrize("name", ["max", "min", "prod", "sum"])
def test_gradient_of_unsorted_segments(name, mode):
    x, ids = tf.placeholder(tf.float32), tf.placeholder(tf.int32)
    total = getattr(tf, f"unsorted_segment_{name}")(x, ids, 2)
    (gradient,) = tf.gradients(total, x)
    with tf.Session() as sess:
        assert sess.run(gradient, {x: zeros(0, 3), ids: ints(0)}).shape == (0, 3)
        found = sess.run(gradient, {x: X[:2] + 1, ids: [1, -1]})
    assert np.array_equal(found, [[1, 1, 1], [0, 0, 0]])


def test_gradient_of_the_best_none(mode):
    x = tf.placeholder(tf.float32)
    (gradient,) = tf.gradients(tf.nn.top_k(x, 0)[0], x)
    with tf.Session() as sess:
        assert np.array_equal(sess.run(gradient, {x: X}), np.zeros_like(X))


@pytest.mark.parametrize(
    ("value", "dtype", "shape", "expected"),
    [
        (1.0, None, [0, 3], zeros(0, 3)),
        (3, None, [2, 0], zeros(2, 0)),
        (3, tf.int32, [2, 0], ints(2, 0)),
        ([1, 2], None, [0], zeros(0)),
        ([], None, [2, 3], zeros(2, 3)),
        ([], tf.int32, [2], ints(2)),
    ],
)
def test_constants_of_no_or_from_no_elements(value, dtype, shape, expected):
    constant = tf.constant(value, dtype, shape)
    assert constant.shape == shape
    with tf.Session() as sess:
        found = sess.run(constant)
    assert found.dtype == expected.dtype
    assert np.array_equal(found, expected)


def test_static_shapes():
    nothing = tf.zeros([0, 6])
    assert tf.reshape(nothing, [0, -1, 3]).shape == [0, 2, 3]
    assert tf.reshape(nothing, [-1, 0]).shape == [6, 0]
    assert tf.unstack(tf.zeros([0, 3])) == []


def test_lists_of_nothing_are_refused():
    with pytest.raises(ValueError, match="'values' to 'ConcatV2' Op with length 0 shorter than"):
        tf.concat([], 0)
