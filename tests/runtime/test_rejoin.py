"""The pieces of one tensor put together again: the values of cutting, without the cuts."""

import numpy as np
import pytest

import graphmode as tf
from graphmode.runtime.programs import rejoin

X = np.arange(4 * 6 * 5, dtype=np.float32).reshape(4, 6, 5)


@pytest.fixture
def rejoined(monkeypatch):
    """The shapes of what was joined from the whole tensor, of every program."""
    shapes = []
    join = rejoin._join

    def counted(value, **how):
        result = join(value, **how)
        shapes.append(result.shape)
        return result

    monkeypatch.setattr(rejoin, "_join", counted)
    monkeypatch.setenv("GRAPHMODE_MODE", "compiled")
    return shapes


def squeezed(pieces, axis):
    return [tf.squeeze(piece, [axis]) for piece in pieces]


@pytest.mark.parametrize(
    ("join", "expected"),
    [
        (lambda x: tf.stack(tf.unstack(x, axis=1), axis=1), X),
        (lambda x: tf.stack(tf.unstack(x, axis=1), axis=0), X.transpose(1, 0, 2)),
        (lambda x: tf.stack(tf.unstack(x, axis=-1), axis=-2), X.transpose(0, 2, 1)),
        (lambda x: tf.concat(tf.unstack(x, axis=0), 1), X.transpose(1, 0, 2).reshape(6, 20)),
        (lambda x: tf.concat(tf.unstack(x, axis=1), -1), X.reshape(4, 30)),
        (lambda x: tf.stack(squeezed(tf.split(x, 6, 1), 1)), X.transpose(1, 0, 2)),
        (lambda x: tf.stack(squeezed(tf.split(x, [1] * 4, 0), 0), 1), X.transpose(1, 0, 2)),
        (
            lambda x: tf.concat(tf.split(x, 3, 1), 0),
            X.reshape(4, 3, 2, 5).transpose(1, 0, 2, 3).reshape(12, 2, 5),
        ),
        (
            lambda x: tf.concat([tf.expand_dims(p, 1) for p in tf.unstack(x, axis=1)], 1),
            X,
        ),
    ],
)
def test_all_pieces_in_order(rejoined, join, expected):
    with tf.Graph().as_default(), tf.Session() as sess:
        x = tf.placeholder(tf.float32, X.shape)
        np.testing.assert_array_equal(sess.run(join(x), {x: X}), expected)
    assert rejoined == [expected.shape]


@pytest.mark.parametrize(
    ("join", "expected"),
    [
        (lambda x: tf.stack(tf.unstack(x, axis=1)[::-1]), X.transpose(1, 0, 2)[::-1]),
        (lambda x: tf.stack(tf.unstack(x, axis=1)[:3]), X.transpose(1, 0, 2)[:3]),
        (lambda x: tf.concat(tf.split(x, [2, 4], 1), 1), X),
        (lambda x: tf.stack([2 * p for p in tf.unstack(x)]), 2 * X),
    ],
)
def test_other_pieces_are_joined_as_they_are(rejoined, join, expected):
    with tf.Graph().as_default(), tf.Session() as sess:
        x = tf.placeholder(tf.float32, X.shape)
        np.testing.assert_array_equal(sess.run(join(x), {x: X}), expected)
    assert rejoined == []


def test_a_recurrent_network_over_lists_joins_whole_tensors(rejoined):
    with tf.Graph().as_default(), tf.Session() as sess:
        x = tf.placeholder(tf.float32, X.shape)
        cell = tf.nn.rnn_cell.BasicRNNCell(3)
        outputs, _ = tf.nn.static_rnn(cell, tf.unstack(x, axis=1), dtype=tf.float32)
        total = tf.reduce_sum(tf.reshape(tf.concat(outputs, 1), [-1, 3]) ** 2)
        gradient = tf.gradients(total, x)[0]
        sess.run(tf.global_variables_initializer())
        del rejoined[:]
        sess.run(gradient, {x: X})
        # The inputs and the outputs, and the gradient of either.
        assert rejoined == [(6, 4, 5), (4, 18), (6, 4, 3), (4, 6, 5)]
