"""Checks made before a program runs: which they are, what they refuse, what they make possible."""

import numpy as np
import pytest

import graphmode as tf

pytestmark = pytest.mark.usefixtures("compiled")


def embedding_step(optimizer):
    """(ids, table, training step) of a lookup whose ids are reshaped on the way."""
    ids = tf.placeholder(tf.int32, [None, 2], name="ids")
    table = tf.Variable(np.arange(15, dtype=np.float32).reshape(5, 3), name="table")
    rows = tf.nn.embedding_lookup(table, tf.reshape(ids, [-1]))
    return ids, table, optimizer.minimize(tf.reduce_sum(tf.square(rows)))


OPTIMIZERS = {
    "GradientDescent": tf.train.GradientDescentOptimizer(0.1),
    "Momentum": tf.train.MomentumOptimizer(0.1, 0.9),
    "Adagrad": tf.train.AdagradOptimizer(0.1),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_fed_rows_are_checked_first_and_the_table_gives_up_its_memory(name):
    with tf.Graph().as_default(), tf.Session() as sess:
        ids, table, train = embedding_step(OPTIMIZERS[name])
        sess.run(tf.global_variables_initializer())
        sess.run(train, {ids: [[0, 1], [1, 4]]})
        old = sess._state.variables[table.op]
        sess.run(train, {ids: [[0, 1], [1, 4]]})
        assert old.is_deleted()

        before = sess.run(tf.global_variables())
        with pytest.raises(tf.errors.InvalidArgumentError, match=r"indices\[2\] = 5 is not in"):
            sess.run(train, {ids: [[0, 1], [5, 4]]})
        for value, old_value in zip(sess.run(tf.global_variables()), before, strict=True):
            np.testing.assert_array_equal(value, old_value)
        sess.run(train, {ids: [[0, 1], [3, 4]]})


def test_a_check_of_what_the_program_computes_keeps_the_memory():
    with tf.Graph().as_default(), tf.Session() as sess:
        x = tf.placeholder(tf.float32, [3])
        w = tf.Variable([1.0, 2.0, 3.0])
        finite = tf.check_numerics(tf.log(x) * w, "log went wrong")
        train = tf.train.GradientDescentOptimizer(0.5).minimize(tf.reduce_sum(tf.square(finite)))
        sess.run(w.initializer)
        sess.run(train, {x: [1.0, 2.0, 4.0]})
        old = sess._state.variables[w.op]
        before = sess.run(w)
        with pytest.raises(tf.errors.InvalidArgumentError, match=r"log went wrong.*NaN"):
            sess.run(train, {x: [1.0, -2.0, 4.0]})
        assert not old.is_deleted()
        np.testing.assert_array_equal(sess.run(w), before)


def test_integer_division_by_a_fed_zero_is_refused():
    with tf.Graph().as_default(), tf.Session() as sess:
        a = tf.placeholder(tf.int32, [2])
        counter = tf.Variable(7, name="counter")
        step = tf.assign_add(counter, tf.reduce_sum(tf.floordiv(tf.constant([9, 9]), a)))
        sess.run(counter.initializer)
        assert sess.run(step, {a: [3, 9]}) == 11
        with pytest.raises(tf.errors.InvalidArgumentError, match="Integer division by zero"):
            sess.run(step, {a: [3, 0]})
        assert sess.run(counter) == 11


def test_rows_that_a_variable_holds_are_checked_by_the_program():
    """The variable is a NumPy array at the first compiled run and on the device after it."""
    with tf.Graph().as_default(), tf.Session() as sess:
        row = tf.Variable([1, 2], name="row")
        table = tf.Variable(np.eye(4, dtype=np.float32), name="table")
        picked = tf.gather(table, row)
        advance = tf.assign_add(row, [1, 1])
        sess.run(tf.global_variables_initializer())
        sess._state.variables = {op: np.asarray(v) for op, v in sess._state.variables.items()}
        for expected in ([1, 2], [2, 3]):
            np.testing.assert_array_equal(sess.run([picked, advance])[0].argmax(1), expected)
        with pytest.raises(tf.errors.InvalidArgumentError, match=r"indices\[1\] = 4 is not in"):
            sess.run([picked, advance])
        assert sess.run(row).tolist() == [3, 4]


def test_rows_that_the_program_draws_are_within_the_table_by_their_sampler():
    with tf.Graph().as_default(), tf.Session() as sess:
        labels = tf.placeholder(tf.int64, [4, 1], name="labels")
        table = tf.Variable(tf.ones([50, 3]))
        bias = tf.Variable(tf.zeros([50]))
        loss = tf.nn.nce_loss(table, bias, labels, tf.ones([4, 3]), num_sampled=6, num_classes=50)
        train = tf.train.MomentumOptimizer(0.1, 0.9).minimize(loss)
        sess.run(tf.global_variables_initializer())
        sess.run(train, {labels: [[0], [49], [7], [7]]})
        old = sess._state.variables[table.op]
        sess.run(train, {labels: [[0], [49], [7], [7]]})
        assert old.is_deleted()
        with pytest.raises(tf.errors.InvalidArgumentError, match="received 50"):
            sess.run(train, {labels: [[0], [50], [7], [7]]})


def test_a_sampler_that_reaches_beyond_the_table_is_refused():
    with tf.Graph().as_default(), tf.Session() as sess:
        table = tf.Variable(tf.ones([5, 3]))
        drawn, _, _ = tf.nn.uniform_candidate_sampler(
            tf.zeros([1, 1], tf.int64), 1, 40, False, range_max=60, seed=1
        )
        rows = tf.nn.embedding_lookup(table, drawn)
        train = tf.train.GradientDescentOptimizer(0.1).minimize(tf.reduce_sum(rows))
        sess.run(table.initializer)
        with pytest.raises(tf.errors.InvalidArgumentError, match=r"is not in \[0, 5\)"):
            sess.run(train)
        np.testing.assert_array_equal(sess.run(table), np.ones([5, 3], np.float32))
