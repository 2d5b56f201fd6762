"""The short way through a routine run: the same values, and left as soon as something is new."""

import gc

import jax
import numpy as np
import pytest

import graphmode as tf
from graphmode.runtime import run
from graphmode.runtime.programs.compiler import Program

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


class TestWhatIsReadAgainAndAgain:
    """Variables and constants lie where programs read them in place, once one has."""

    @pytest.mark.parametrize("is_drawn", [False, True], ids=["routine", "long way"])
    def test_nothing_of_numpy_but_feeds_is_given_to_a_program(self, monkeypatch, is_drawn):
        given = []

        def called(program, arguments):
            given.append([type(value) for value in arguments])
            return passed_on(program, arguments)

        passed_on = Program._called
        monkeypatch.setattr(Program, "_called", called)
        with tf.Graph().as_default(), tf.Session() as sess:
            x = tf.placeholder(tf.float32, [2])
            w, step = tf.Variable([1.0, 2.0]), tf.Variable([0.0, 0.0])
            y = tf.tile(x, [10]) * tf.constant(np.arange(20, dtype=np.float32)) + tf.tile(w, [10])
            y += tf.random_uniform([], 1, 1) if is_drawn else 1
            trained = tf.assign_add(step, w)
            sess.run(tf.global_variables_initializer())
            for i in range(3):
                w.load([1.0, 2.0 + i], sess)
                for _ in range(2):
                    del given[:]
                    np.testing.assert_array_equal(sess.run(y, {x: [0, 0]}), [2, 3 + i] * 10)
                    (types,) = given
                    assert types.count(np.ndarray) == 1 + is_drawn  # the feed, the keys
                sess.run(trained)
            assert np.ndarray not in given[-1]
            np.testing.assert_array_equal(sess.run(step), [3.0, 9.0])

    def test_a_constant_is_there_once_for_all_shapes_and_fetches(self):
        large = np.arange(1999, dtype=np.float32)
        with tf.Graph().as_default(), tf.Session() as sess:
            x, c = tf.placeholder(tf.float32, [None, 1]), tf.constant(large)
            for fetch in (x * c, x + c):
                for n in range(1, 4):
                    for _ in range(2):
                        assert sess.run(fetch, {x: np.ones([n, 1])}).shape == (n, 1999)
            gc.collect()
            assert [array.shape for array in jax.live_arrays()].count((1999,)) == 1

    @pytest.mark.parametrize("is_drawn", [False, True], ids=["routine", "long way"])
    def test_what_is_fetched_is_the_callers(self, is_drawn):
        large = np.zeros([200, 200], np.float32)
        with tf.Graph().as_default(), tf.Session() as sess:
            w, c = tf.get_variable("w", [200, 200]), tf.constant(large)
            drawn = tf.random_uniform([]) if is_drawn else tf.constant(1.0)
            w.load(large, sess)
            for _ in range(3):
                for value in sess.run([w, c, w + c, drawn])[:3]:
                    assert not value.any()
                    value[:] = 1

    def test_a_reader_keeps_what_it_reads_from_being_written_over(self, monkeypatch):
        with tf.Graph().as_default(), tf.Session() as sess:
            w = tf.get_variable("w", [100], initializer=tf.zeros_initializer())
            total, step = tf.reduce_sum(w * 2), tf.assign_add(w, tf.ones([100]))
            sess.run(w.initializer)
            sess.run([total, step])
            sess.run(total)
            w.load(np.zeros(100), sess)

            def called(program, arguments):
                monkeypatch.undo()
                sess.run(step)  # would use up the memory of w
                return passed_on(program, arguments)

            passed_on = Program._called
            monkeypatch.setattr(Program, "_called", called)
            assert sess.run(total) == 0
            assert sess.run(total) == 200
