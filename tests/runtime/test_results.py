"""Whose memory a result has: the caller's, whatever it came from."""

import gc

import numpy as np
import pytest

import graphmode as tf

SHAPE = (200, 300)


@pytest.fixture
def sess(mode):
    with tf.Graph().as_default(), tf.Session() as session:
        yield session


def numbers() -> np.ndarray:
    return np.arange(60_000, dtype=np.float32).reshape(SHAPE)


def test_writing_to_large_results_reaches_nothing_else(sess):
    x = tf.placeholder(tf.float32, SHAPE)
    v = tf.Variable(numbers())
    constant = tf.constant(numbers())
    same = tf.identity(x)
    twice = x * 2.0
    step = tf.assign_add(v, x)
    fetches = [x, same, twice, tf.identity(twice), v, step, constant, tf.identity(constant)]
    sess.run(v.initializer)
    fed = numbers()
    for _ in range(3):
        results = sess.run(fetches, {x: fed})
        for i, result in enumerate(results):
            assert result.ctypes.data % 64 == 0  # XLA copies what begins elsewhere when it is fed
            result[:] = -i - 1.0
        assert [result[7, 9] for result in results] == [-i - 1.0 for i in range(8)]
        np.testing.assert_array_equal(fed, numbers())
    np.testing.assert_array_equal(sess.run(v), 4 * numbers())
    np.testing.assert_array_equal(sess.run(constant), numbers())


def test_a_result_outlives_the_session_and_later_runs(sess):
    x = tf.placeholder(tf.float32, SHAPE)
    y = tf.tanh(x)
    first = sess.run(y, {x: numbers()})
    for _ in range(3):
        sess.run(y, {x: np.zeros(SHAPE, np.float32)})
    sess.close()
    gc.collect()
    np.testing.assert_allclose(first, np.tanh(numbers()), rtol=1e-6)


def test_results_can_be_fed_as_they_are(sess):
    w = tf.placeholder(tf.float32, SHAPE)
    new = w + 1.0
    value = np.zeros(SHAPE, np.float32)
    for _ in range(5):
        before, value = value, sess.run(new, {w: value})
        assert before[0, 0] == value[0, 0] - 1
    assert (value == 5.0).all()
