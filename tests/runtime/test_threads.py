"""The law of threads: any order of whole runs, and nobody waits for one that waits.

A run that waits is let go by the events of the test itself; `WAIT` only bounds a deadlock.
"""

import subprocess
import sys
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


def run_all(works):
    """Run the functions at once, each in its thread; raise what one of them raised."""
    failures = []

    def guarded(work):
        try:
            work()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=guarded, args=(work,), daemon=True) for work in works]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + 2 * WAIT
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    assert not any(thread.is_alive() for thread in threads), "a deadlock"
    if failures:
        raise failures[0]


class Mixed:
    """Counters, a large variable, a training step and Python functions that run the session."""

    def __init__(self, sess):
        self.sess = sess
        one = tf.constant(1, tf.int64)
        self.counters = {
            name: tf.Variable(0, dtype=tf.int64, name=name)
            for name in ("plain", "inside", "after_function", "after_reading")
        }
        self.large = tf.Variable(np.zeros((300, 400), np.float32))
        self.weights = tf.Variable(np.zeros(64, np.float32))
        self.x = tf.placeholder(tf.float32, [None, 64])
        error = tf.reduce_sum(self.x * self.weights, 1) - 1.0
        self.loss = tf.reduce_mean(tf.square(error))
        self.train = tf.train.MomentumOptimizer(1e-3, 0.9).minimize(self.loss)
        add = {name: tf.assign_add(v, one) for name, v in self.counters.items()}
        self.add_plain = add["plain"]
        self.add_large = tf.assign_add(self.large, tf.ones([300, 400]))
        self.spread = tf.reduce_max(self.large) - tf.reduce_min(self.large)

        def runs_the_session(value):
            sess.run(add["inside"])
            return value

        first = tf.py_func(runs_the_session, [one], tf.int64)
        self.after_function = tf.assign_add(self.counters["after_function"], first)
        counter = self.counters["after_reading"]
        second = tf.py_func(runs_the_session, [counter], tf.int64)
        self.after_reading = tf.assign_add(counter, second * 0 + 1)
        sess.run(tf.global_variables_initializer())

    def work(self, k, n_runs, did):
        rng = np.random.default_rng(k)
        for action in rng.choice(8, n_runs, p=[0.35, 0.15, 0.1, 0.1, 0.15, 0.05, 0.05, 0.05]):
            did[k, action] += 1
            if action == 0:
                self.sess.run(self.add_plain)
            elif action == 1:
                self.sess.run(self.counters["plain"])
            elif action == 2:
                value = self.sess.run(self.large)
                assert value.min() == value.max(), "a torn read"
                value += 1.0  # it is the caller's
            elif action == 3:
                self.sess.run(self.add_large)
            elif action == 4:
                self.sess.run([self.train, self.loss], {self.x: rng.random((4, 64), np.float32)})
            elif action == 5:
                assert self.sess.run(self.spread) == 0.0, "a torn read"
            elif action == 6:
                self.sess.run(self.after_function)
            else:
                self.sess.run(self.after_reading)


def check_counts(sess, n_threads, n_runs):
    mixed, did = Mixed(sess), np.zeros((n_threads, 8), np.int64)
    run_all([lambda k=k: mixed.work(k, n_runs, did) for k in range(n_threads)])
    plain, _, _, large, _, _, function, reading = did.sum(0)
    counted = sess.run(mixed.counters)
    assert counted["plain"] == plain
    assert counted["after_function"] == function
    assert counted["after_reading"] == reading
    assert counted["inside"] == function + reading
    assert (sess.run(mixed.large) == large).all()
    assert np.isfinite(sess.run(mixed.weights)).all()


def test_every_count_is_exact(sess):
    check_counts(sess, n_threads=8, n_runs=500)


@pytest.mark.slow
def test_every_count_is_exact_over_200_000_runs(sess):
    check_counts(sess, n_threads=8, n_runs=25_000)


def waiting(event, started, *inputs):
    """An op that waits for `event`."""

    def wait(*values):
        started.set()
        assert event.wait(WAIT), "nobody else ran"
        return np.float32(sum(values, 0.0))

    return tf.py_func(wait, list(inputs), tf.float32)


@pytest.mark.parametrize("reads", [False, True])
def test_a_run_that_waits_keeps_no_other_from_running(sess, reads):
    event, started = threading.Event(), threading.Event()
    v, w = tf.Variable(1.0), tf.Variable(10.0)
    held = tf.assign_add(v, waiting(event, started, *([v] if reads else [tf.constant(1.0)])))
    step = tf.assign_add(w, 1.0)
    both = tf.assign_add(v, 100.0)
    sess.run(tf.global_variables_initializer())

    def others():
        assert started.wait(WAIT)
        assert sess.run(v) == 1.0
        assert sess.run(step) == 11.0
        assert sess.run(both) == 101.0
        event.set()

    results = []
    run_all([lambda: results.append(sess.run(held)), others])
    assert results == [102.0]  # the update reads v after the wait: no update is lost
    assert sess.run(v) == 102.0


def test_a_function_that_waits_for_another_threads_run_wakes(sess):
    v = tf.Variable(1.0)
    step = tf.assign_add(v, 1.0)

    def runs_in_a_thread(value):
        seen = []
        run_all([lambda: seen.append(sess.run(step))])
        return np.float32(value + seen[0])

    result = tf.py_func(runs_in_a_thread, [v], tf.float32)
    sess.run(v.initializer)
    assert sess.run([result, tf.assign_add(v, result)])[0] == 3.0
    assert sess.run(v) == 5.0


def test_a_snapshot_is_of_one_moment_while_it_is_computed_on(sess):
    """Two variables that every write changes together are never seen apart."""
    a, b = tf.Variable(np.zeros(50_000)), tf.Variable(np.zeros(50_000))
    step = tf.group(tf.assign_add(a, tf.ones([50_000], tf.float64)), tf.assign_sub(b, a * 0 + 1))
    difference = tf.reduce_max(tf.abs(a + b))
    sess.run(tf.global_variables_initializer())
    done = threading.Event()

    def writes():
        try:
            for _ in range(150):
                sess.run(step)
        finally:
            done.set()

    def reads():
        while not done.is_set():
            assert sess.run(difference) == 0.0

    run_all([writes, reads, reads])
    assert (sess.run(a) == 150.0).all()


def test_random_numbers_are_drawn_once_each(sess):
    x = tf.random_uniform([5], seed=7)
    drawn = [[] for _ in range(4)]
    run_all([lambda k=k: drawn[k].extend(sess.run(x) for _ in range(50)) for k in range(4)])
    with tf.Session() as alone:
        expected = {alone.run(x).tobytes() for _ in range(200)}
    assert {value.tobytes() for values in drawn for value in values} == expected


def test_a_run_of_a_session_that_is_closed_meanwhile_is_cancelled(sess):
    event, started = threading.Event(), threading.Event()
    v = tf.Variable(1.0)
    held = tf.assign_add(v, waiting(event, started, tf.constant(1.0)))
    sess.run(v.initializer)

    def runs():
        with pytest.raises(tf.errors.CancelledError, match="Run call was cancelled"):
            sess.run(held)

    def closes():
        assert started.wait(WAIT)
        sess.close()
        event.set()

    run_all([runs, closes])
    with pytest.raises(RuntimeError, match="Attempted to use a closed Session"):
        sess.run(v)


def test_threads_build_one_graph(mode):
    with tf.Graph().as_default() as graph:
        base = tf.constant(1.0)
        ends = {}

        def builds(k):
            with graph.as_default(), tf.name_scope(f"part{k}"), tf.control_dependencies([base]):
                y = base
                for _ in range(200):
                    y = y + 1.0
                ends[k] = y

        run_all([lambda k=k: builds(k) for k in range(6)])
        operations = graph.get_operations()
        assert len(operations) == 1 + 6 * 200 * 2
        assert [op.id for op in operations] == list(range(len(operations)))
        assert len({op.name for op in operations}) == len(operations)
        for k, end in ends.items():
            assert end.op.name == f"part{k}/add_199"
        with tf.Session() as session:
            assert session.run(list(ends.values())) == [201.0] * 6


def test_a_thread_builds_while_another_runs(sess):
    v = tf.Variable(0.0)
    step = tf.assign_add(v, 1.0)
    sess.run(v.initializer)
    graph = sess.graph

    def builds():
        with graph.as_default():
            y = tf.constant(0.0)
            for i in range(100):
                y = y + v
                if i % 20 == 0:
                    sess.run(y)

    run_all([builds, lambda: [sess.run(step) for _ in range(300)]])
    assert sess.run(v) == 300.0


FORK = """
import os, signal
import numpy as np
import graphmode as tf
from graphmode.runtime.places import threads

def run(session, fetches):
    try:
        return np.array(session.run(fetches, {x: np.ones((2, 3))})).tolist()
    except tf.errors.FailedPreconditionError as error:
        return error.message.splitlines()

x = tf.placeholder(tf.float32, [None, 3])
w = tf.Variable(tf.ones([3, 2]))
loss = tf.reduce_sum(tf.square(tf.matmul(x, w)))
train = tf.train.MomentumOptimizer(0.01, 0.9).minimize(loss)
compiled, auto = tf.Session(mode="compiled"), tf.Session()
for session in (compiled, auto):
    session.run(tf.global_variables_initializer())
compiled.run(train, {x: np.ones((2, 3))})
threads.at_once([(None, int), (None, int)])
child = os.fork()
if not child:
    signal.alarm(60)  # a run that waits for JAX's threads ends here
    threads.at_once([(None, int), (None, int)])
    for session in (compiled, tf.Session(mode="interpreted"), auto):
        if session.mode == "interpreted":
            session.run(tf.global_variables_initializer())
        print(session.mode, run(session, [w]), run(session, [loss]), flush=True)
    auto._state.variables.update(compiled._state.variables)  # arrays of JAX
    print(f"{run(auto, loss):.4f}", flush=True)
    dataset = tf.data.Dataset.range(3).map(lambda n: n * n).prefetch(1)
    following = dataset.make_one_shot_iterator().get_next()
    print([int(auto.run(following)) for _ in range(3)], flush=True)
    os._exit(0)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_a_fork_interprets_or_says_that_it_cannot():
    """It has none of JAX's threads: a program waited for them for ever."""
    done = subprocess.run([sys.executable, "-Wignore", "-c", FORK], capture_output=True, text=True)
    refused = [
        "A run that has to be compiled was called in a process that was forked (os.fork, "
        "multiprocessing) after its parent had started JAX: JAX's threads do not exist here, and a "
        "compiled run would wait for them for ever",
        "  fix: start the processes before the first tf.Session of the parent, or with "
        "multiprocessing.get_context('spawn')",
    ]
    ones, loss = [[[1.0, 1.0]] * 3], [36.0]
    assert done.stdout.splitlines() == [
        f"compiled {refused} {refused}",
        f"interpreted {ones} {loss}",
        f"auto {ones} {loss}",
        "27.8784",
        "[0, 1, 4]",
        "0",
    ], done.stderr
