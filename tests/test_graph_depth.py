"""A graph as deep as a program cares to make it: no walk over it may recurse."""

import sys

import numpy as np
import pytest

import graphmode as tf

DEPTH = 100_000


def chain(x, depth):
    """tanh and addition in turns: `depth` ops, one after another."""
    y = x
    for _ in range(depth // 2):
        y = tf.tanh(y)
        y = y + x
    return y


def by_hand(x, depth):
    """The value of `chain` and its derivative."""
    y, slope = x, 1.0
    for _ in range(depth // 2):
        y = np.tanh(y)
        slope = slope * (1 - y * y) + 1
        y = y + x
    return y, slope


def test_100_000_ops_build_differentiate_and_run():
    assert sys.getrecursionlimit() < DEPTH // 10
    with tf.Graph().as_default() as graph, tf.Session() as sess:
        x = tf.placeholder(tf.float64, [])
        y = chain(x, DEPTH)
        assert len(graph.get_operations()) == DEPTH + 1
        (slope,) = tf.gradients(y, x)
        value, derivative = sess.run([y, slope], {x: 0.1})
    np.testing.assert_allclose([value, derivative], by_hand(0.1, DEPTH), rtol=1e-10)


def test_a_deep_chain_of_control_edges():
    with tf.Graph().as_default(), tf.Session() as sess:
        count = tf.Variable(0)
        sess.run(count.initializer)
        last = tf.assign_add(count, 1)
        for _ in range(4_999):
            with tf.control_dependencies([last]):
                last = tf.assign_add(count, 1)
        assert sess.run(last) == 5_000


def test_deep_constants_fold_without_recursion():
    with tf.Graph().as_default():
        total = tf.constant(0)
        for _ in range(20_000):
            total = total + 1
        assert tf.zeros([total // 5_000, 3]).shape.as_list() == [4, 3]


@pytest.mark.parametrize("depth", [2_000])
def test_a_chain_compiles_to_what_it_is_interpreted_as(monkeypatch, depth):
    monkeypatch.setenv("GRAPHMODE_MODE", "compiled")
    with tf.Graph().as_default(), tf.Session() as sess:
        x = tf.placeholder(tf.float64, [])
        y = chain(x, depth)
        np.testing.assert_allclose(sess.run(y, {x: 0.1}), by_hand(0.1, depth)[0], rtol=1e-10)


def loop_of(length, x):
    return tf.while_loop(lambda i, y: i < length, lambda i, y: (i + 1, tf.sin(y) * x), (0, x))[1]


@pytest.mark.parametrize("wide", [False, True], ids=["chain", "diamonds"])
def test_the_length_of_a_loop_may_come_from_far(mode, wide):
    """Two ways at each of 40 diamonds: a walk without memory takes 2^40 steps."""
    with tf.Graph().as_default(), tf.Session() as sess:
        x, n = tf.placeholder(tf.float64, []), tf.placeholder(tf.int32, [])
        length = n
        for _ in range(40 if wide else 3_000):
            length = tf.maximum(length, length + 0) if wide else length + 0
        y = loop_of(length, x)
        (slope,) = tf.gradients(y, x)
        value, derivative = sess.run([y, slope], {x: 0.7, n: 2})
    once = np.sin(0.7) * 0.7
    d_once = np.cos(0.7) * 0.7 + np.sin(0.7)
    np.testing.assert_allclose(value, np.sin(once) * 0.7)
    np.testing.assert_allclose(derivative, np.cos(once) * d_once * 0.7 + np.sin(once))


def test_a_deep_body_has_a_gradient():
    depth = 20_000
    with tf.Graph().as_default(), tf.Session(mode="interpreted") as sess:
        x = tf.placeholder(tf.float64, [])

        def body(i, y):
            for _ in range(depth):
                y = y + x
            return i + 1, y

        y = tf.while_loop(lambda i, y: i < 2, body, (0, x))[1]
        (slope,) = tf.gradients(y, x)
        assert sess.run([y, slope], {x: 0.5}) == [0.5 * (2 * depth + 1), 2 * depth + 1]


@pytest.mark.slow
def test_a_chain_of_100_000_ops_compiles():
    with tf.Graph().as_default(), tf.Session(mode="compiled") as sess:
        x = tf.placeholder(tf.float64, [])
        y = x
        for _ in range(DEPTH // 2):
            y = y * 0.5 + x
        assert len(sess.graph.get_operations()) > DEPTH
        np.testing.assert_allclose(sess.run(y, {x: 0.1}), 0.2, rtol=1e-12)
