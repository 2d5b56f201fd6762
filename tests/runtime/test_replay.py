"""The short way through a routine run: the same values, and left as soon as something is new."""

import numpy as np
import pytest

import graphmode as tf
from graphmode.runtime import run

pytestmark = pytest.mark.usefixtures("compiled")


@pytest.fixture
def long_ways(monkeypatch):
    """How many compiled runs went the long way."""
    counted = []

    class Counted(run._CompiledRun):
        def __init__(self, *arguments):
            counted.append(1)
            super().__init__(*arguments)

    monkeypatch.setattr(run, "_CompiledRun", Counted)
    return counted


def counting_step():
    x = tf.placeholder(tf.float32, [None, 2])
    w = tf.Variable([1.0, 2.0])
    total = tf.reduce_sum(x * w)
    return x, w, total, tf.assign_add(w, [0.5, 0.25])


def test_only_the_first_run_of_a_signature_is_the_long_way(long_ways):
    with tf.Graph().as_default(), tf.Session() as sess:
        x, w, total, step = counting_step()
        sess.run(w.initializer)
        del long_ways[:]
        seen = []
        for _ in range(4):
            value, _ = sess.run([total, step], {x: [[1, 1], [2, 0]]})
            seen.append(float(value))
        assert len(long_ways) == 1
        np.testing.assert_array_equal(sess.run(w), [3.0, 3.0])
        assert seen == [5.0, 6.75, 8.5, 10.25]
        assert sess.stats().compiled == 6

        sess.run([total, step], {x: np.ones((3, 2))})
        assert len(long_ways) == 3  # reading w, and the new shape


def test_a_variable_that_changed_elsewhere_is_seen():
    with tf.Graph().as_default(), tf.Session() as sess:
        x, w, total, step = counting_step()
        sess.run(w.initializer)
        for _ in range(3):
            sess.run([total, step], {x: [[1, 1]]})
        w.load([10.0, 20.0], sess)
        assert sess.run([total, step], {x: [[1, 1]]})[0] == 30.0
        np.testing.assert_array_equal(sess.run(w), [10.5, 20.25])


def test_a_variable_of_another_shape_is_another_signature():
    with tf.Graph().as_default(), tf.Session() as sess:
        v = tf.Variable([1.0, 2.0], validate_shape=False)
        grow = tf.assign(v, tf.concat([v, v], 0), validate_shape=False)
        sess.run(v.initializer)
        shapes = [sess.run(grow).shape for _ in range(4)]
        assert shapes == [(4,), (8,), (16,), (32,)]


def test_what_may_be_refused_or_drawn_goes_the_long_way(long_ways):
    with tf.Graph().as_default(), tf.Session() as sess:
        ids = tf.placeholder(tf.int32, [None])
        table = tf.Variable(np.arange(6, dtype=np.float32).reshape(3, 2))
        step = tf.assign_add(table, tf.ones([3, 2]))
        rows = tf.gather(table, ids)
        noise = tf.random_uniform([2], seed=3)
        sess.run(table.initializer)
        del long_ways[:]
        for _ in range(3):
            sess.run([rows, step], {ids: [0, 2]})
        assert len(long_ways) == 3
        with pytest.raises(tf.errors.InvalidArgumentError, match=r"indices\[1\] = 3"):
            sess.run([rows, step], {ids: [0, 3]})
        np.testing.assert_array_equal(sess.run(table)[0], [3.0, 4.0])
        assert not np.array_equal(sess.run(noise), sess.run(noise))


def test_a_session_that_is_told_to_interpret_replays_nothing():
    with tf.Graph().as_default(), tf.Session() as sess:
        _, w, _, step = counting_step()
        sess.run(w.initializer)
        for _ in range(3):
            sess.run(step)
        before = sess.stats().compiled
        sess.mode = "interpreted"
        sess.run(step)
        assert (sess.stats().compiled, sess.stats().interpreted) == (before, 1)
        sess.mode = "compiled"
        sess.run(step)
        assert sess.stats().compiled == before + 1
        np.testing.assert_array_equal(sess.run(w), [3.5, 3.25])


@pytest.mark.parametrize("writes", [False, True])
def test_a_shape_that_changes_between_the_look_up_and_the_run_is_seen(writes):
    """As another thread may change it."""
    with tf.Graph().as_default(), tf.Session() as sess:
        v = tf.Variable(np.ones(3, np.float32), validate_shape=False)
        longer = tf.assign(v, np.ones(5, np.float32), validate_shape=False)
        total = tf.reduce_sum(v + tf.cast(tf.size(v), tf.float32))
        fetch = tf.assign(v, v * total) if writes else total
        sess.run(v.initializer)
        for _ in range(2):
            sess.run(v.initializer)
            sess.run(fetch)
        sess.run(v.initializer)
        planned = next(reversed(sess._calls.values())).planned

        class Late(dict):
            def get(self, key):
                planned.signatures = dict(self)
                sess.run(longer.op)
                return self[key]

        planned.signatures = Late(planned.signatures)
        value = sess.run(fetch)
        np.testing.assert_array_equal(value, np.full(5, 30.0) if writes else 30.0)
        assert sess.run(tf.shape(v)) == [5]
