"""A step that waits lets other runs change variables: no update is lost, a failure leaves none."""

import signal
import threading
import time

import numpy as np
import pytest

import graphmode as tf

WAIT = 60.0


@pytest.fixture
def sess(mode):
    with tf.Graph().as_default(), tf.Session() as session:
        yield session


def in_thread(work):
    failures = []

    def guarded():
        try:
            work()
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=guarded, daemon=True)
    thread.start()

    def join():
        thread.join(WAIT)
        assert not thread.is_alive(), "a deadlock"
        if failures:
            raise failures[0]

    return join


def check_nothing_is_held(sess):
    """That no lock is held, and that no reader is registered: another thread looks."""

    def look():
        assert sess._state.writing.acquire(timeout=WAIT)
        sess._state.writing.release()
        assert sess._state.lock.acquire(timeout=WAIT)
        sess._state.lock.release()

    in_thread(look)()
    assert not sess._state.readers


def scalar(function, *inputs):
    """An op that calls `function`, which gives a float."""
    return tf.reshape(tf.py_func(function, list(inputs), tf.float32), [])


# ---- updates before and around a step that waits -------------------------------------------------


def at_top(v, wait):
    with tf.control_dependencies([tf.assign_add(v, 10.0)]):
        return wait(v.read_value())


def in_a_branch(v, wait):
    return tf.cond(v < 1000.0, lambda: tf.assign_add(v, 10.0 + 0 * wait(v)), lambda: v + 0.0)


def after_a_write_of_the_branch(v, wait):
    def branch():
        with tf.control_dependencies([tf.assign_add(v, 10.0)]):
            return wait(v.read_value())

    return tf.cond(v < 1000.0, branch, lambda: v + 0.0)


def in_a_loop(v, wait):
    def body(i):
        with tf.control_dependencies([tf.assign_add(v, 5.0)]):
            return i + 1.0 + 0 * wait(i)

    return tf.while_loop(lambda i: i < 2.0, body, [0.0])


def in_a_branch_of_a_loop(v, wait):
    def body(i):
        with tf.control_dependencies([tf.assign_add(v, 5.0)]):
            return i + 1.0 + tf.cond(i < 9.0, lambda: 0 * wait(i), lambda: 1.0)

    return tf.while_loop(lambda i: i < 2.0, body, [0.0])


PLACES = [
    at_top, in_a_branch, after_a_write_of_the_branch, in_a_loop, in_a_branch_of_a_loop,
]  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
def test_no_update_of_a_run_inside_of_a_run_is_lost(sess, place):
    v = tf.Variable(0.0)
    step = tf.assign_add(v, 1.0)
    calls = []

    def runs(value):
        calls.append(value)
        sess.run(step)
        return np.float32(value)

    outer = place(v, lambda x: scalar(runs, x))
    sess.run(v.initializer)
    for n in (1, 2):
        sess.run(outer)
        assert sess.run(v) == n * 10.0 + len(calls)
    check_nothing_is_held(sess)


@pytest.mark.parametrize("place", PLACES)
def test_no_update_of_another_thread_is_lost(sess, place):
    v = tf.Variable(0.0)
    step = tf.assign_add(v, 1.0)
    calls = []

    def waits(value):
        calls.append(value)
        in_thread(lambda: sess.run(step))()
        return np.float32(value)

    outer = place(v, lambda x: scalar(waits, x))
    sess.run(v.initializer)
    sess.run(outer)
    assert sess.run(v) == 10.0 + len(calls)


def test_what_a_run_has_written_is_seen_while_it_waits(sess):
    """As in TensorFlow."""
    v, w = tf.Variable(1.0), tf.Variable(2.0)
    seen = []
    with tf.control_dependencies([tf.assign(v, 5.0)]):
        wait = scalar(lambda: (seen.append(sess.run([v, w])), np.float32(7))[1])
    with tf.control_dependencies([wait]):
        outer = tf.assign(w, v + wait)
    sess.run(tf.global_variables_initializer())
    assert sess.run(outer) == 12.0
    assert seen == [[5.0, 2.0]]
    assert sess.run([v, w]) == [5.0, 12.0]


def test_an_overwrite_after_the_wait_is_not_shown_before(sess):
    v = tf.Variable(1.0)
    seen = []
    wait = scalar(lambda: (seen.append(sess.run(v)), np.float32(7))[1])
    with tf.control_dependencies([wait]):
        outer = tf.assign(v, 3.0)
    sess.run(v.initializer)
    sess.run(outer)
    assert seen == [1.0]
    assert sess.run(v) == 3.0


# ---- failures ------------------------------------------------------------------------------------


def failing(kind):
    def fails(*values):
        raise kind("on purpose")

    return fails


@pytest.mark.parametrize("kind", [KeyError, KeyboardInterrupt, SystemExit])
@pytest.mark.parametrize("place", PLACES)
def test_a_run_that_fails_while_it_waits_has_changed_nothing(sess, place, kind):
    v, fresh = tf.Variable(4.0), tf.Variable(1.0)
    noise = tf.random_uniform([5], seed=3)
    with tf.control_dependencies([noise, fresh.initializer]):
        outer = place(v, lambda x: scalar(failing(kind), x))
    sess.run(v.initializer)
    for _ in range(2):
        with pytest.raises(tf.errors.UnknownError if kind is KeyError else kind):
            sess.run(outer)
        check_nothing_is_held(sess)
        assert sess.run(v) == 4.0
        with pytest.raises(tf.errors.FailedPreconditionError):
            sess.run(fresh)
    drawn = sess.run(noise)
    with tf.Session() as alone:
        np.testing.assert_array_equal(alone.run(noise), drawn)


def test_a_failure_takes_back_nothing_that_another_run_has_built_on(sess):
    v, w = tf.Variable(0.0), tf.Variable(0.0)
    step = tf.assign_add(v, 1.0)

    def fails():
        sess.run(step)
        raise KeyError("on purpose")

    with tf.control_dependencies([tf.assign_add(v, 10.0), tf.assign_add(w, 10.0)]):
        outer = scalar(fails)
    sess.run(tf.global_variables_initializer())
    with pytest.raises(tf.errors.UnknownError, match="on purpose"):
        sess.run(outer)
    assert sess.run([v, w]) == [11.0, 0.0]


def test_ctrl_c_while_a_run_waits_to_go_on_holds_nothing(sess):
    """The function has ended, but another thread's run is at work: the signal comes there."""
    v = tf.Variable(0.0)
    joins = []

    def starts():
        inside = threading.Event()

        def other():
            with sess._state.writing:
                inside.set()
                time.sleep(0.05)
                signal.raise_signal(signal.SIGINT)
                time.sleep(0.05)

        joins.append(in_thread(other))
        assert inside.wait(WAIT)
        return np.float32(1)

    with tf.control_dependencies([tf.assign_add(v, 1.0)]):
        outer = scalar(starts)
    sess.run(v.initializer)
    with pytest.raises(KeyboardInterrupt):
        sess.run(outer)
    joins[0]()
    check_nothing_is_held(sess)
    assert sess.run(v) == 0.0


def test_a_session_closed_while_a_run_waits_cancels_it(sess):
    v = tf.Variable(0.0)
    with tf.control_dependencies([tf.assign_add(v, 1.0)]):
        outer = scalar(lambda: (in_thread(sess.close)(), np.float32(1))[1])
    sess.run(v.initializer)
    with pytest.raises(tf.errors.CancelledError, match="Run call was cancelled"):
        sess.run(outer)
    check_nothing_is_held(sess)


# ---- random numbers ------------------------------------------------------------------------------


def test_random_numbers_beside_a_step_that_waits_are_drawn_once_each(sess):
    p = tf.placeholder(tf.bool, [])
    calls, found = [], []

    def waits(x):
        calls.append(x)
        if len(calls) <= 4:  # each of these runs comes in the middle of the one before
            found.append(sess.run(y, {p: True}).tobytes())
        return x

    y = tf.cond(
        p,
        lambda: tf.py_func(waits, [tf.random_uniform([3], seed=5)], tf.float32),
        lambda: tf.zeros([3]),
    )
    found += [sess.run(y, {p: True}).tobytes() for _ in range(2)]
    assert len(found) == len(set(found)) == 6
    with tf.Session() as alone:
        assert {alone.run(y, {p: True}).tobytes() for _ in range(6)} == set(found)


def test_a_loop_that_draws_and_waits_goes_on_after_what_others_drew(sess):
    drawn = []

    def waits(x):
        drawn.append(x.tobytes())
        if len(drawn) == 2:
            sess.run(loop)
        return x

    def body(i, x):
        x = tf.py_func(waits, [tf.random_uniform([3], seed=5)], tf.float32)
        x.set_shape([3])
        return i + 1, x

    loop = tf.while_loop(lambda i, x: i < 3, body, [0, tf.zeros([3])])
    sess.run(loop)
    sess.run(loop)
    assert len(drawn) == len(set(drawn)) == 9


# ---- whose memory --------------------------------------------------------------------------------


def test_an_old_value_that_is_fetched_is_no_snapshots_memory(sess):
    n = 50_000
    v = tf.Variable(np.zeros(n, np.float32))
    started, go_on = threading.Event(), threading.Event()

    def holds(x):
        started.set()
        assert go_on.wait(WAIT)
        return x

    with tf.control_dependencies([tf.py_func(holds, [v], tf.float32)]):
        reads = tf.reduce_sum(v * 2.0)
    old = tf.identity(v)
    with tf.control_dependencies([old]):
        step = tf.assign(v, tf.ones([n]))
    sess.run(v.initializer)
    sess.run(tf.assign_add(v, tf.zeros([n])).op)  # on a device if it is compiled
    results = []
    join = in_thread(lambda: results.append(sess.run(reads)))
    assert started.wait(WAIT)
    before, _ = sess.run([old, step])
    before[:] = 7.0  # it is the caller's
    go_on.set()
    join()
    assert results == [0.0]
    assert (sess.run(v) == 1.0).all()
