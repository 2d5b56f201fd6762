"""A token id outside the vocabulary is named with its place, interpreted and compiled."""

import numpy as np
import pytest

import graphmode as tf


@pytest.mark.parametrize("wrong", [7, -1])
@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("training", [False, True])
def test_the_id_and_its_place(wrong, compiled, training, monkeypatch):
    monkeypatch.setenv("GRAPHMODE_MODE", "compiled" if compiled else "interpreted")
    table = tf.Variable(np.arange(21, dtype=np.float32).reshape(7, 3))
    ids = tf.placeholder(tf.int32, [None, None])
    looked_up = tf.nn.embedding_lookup(table, ids)
    fetch = looked_up
    if training:
        loss = tf.reduce_sum(tf.square(looked_up))
        fetch = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
    fed = np.full((4, 5), 2)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        session.run(fetch, {ids: fed})
        before = session.run(table)
        fed[2, 3] = wrong
        text = rf"embedding_lookup': indices\[2,3\] = {wrong} is not in \[0, 7\)"
        with pytest.raises(tf.errors.InvalidArgumentError, match=text):
            session.run(fetch, {ids: fed})
        np.testing.assert_array_equal(session.run(table), before)


def test_one_hot_of_an_id_outside_is_all_off(oracle):
    # TensorFlow's documented meaning, not an error.
    ids = np.array([[0, 3], [-1, 2]])
    with oracle.Graph().as_default(), oracle.Session() as session:
        expected = session.run(oracle.one_hot(ids, 3, on_value=5.0, off_value=-1.0))
    with tf.Session() as session:
        actual = session.run(tf.one_hot(ids, 3, on_value=5.0, off_value=-1.0))
    np.testing.assert_array_equal(actual, expected)
    assert actual[0, 1].tolist() == actual[1, 0].tolist() == [-1, -1, -1]
