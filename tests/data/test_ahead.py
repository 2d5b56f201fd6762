"""What runs ahead in threads: in order, at the same time, with its errors, and ended with its user.

Every call is taken for a long one here, so that threads begin whatever it costs.
"""

import gc
import subprocess
import sys
import threading

import numpy as np
import pytest

import graphmode as tf
from graphmode.data.node import Kept, Reading
from graphmode.data.threads import ahead
from graphmode.ops.data import waiting

Dataset = tf.data.Dataset


@pytest.fixture(autouse=True)
def threads_from_the_second_call(monkeypatch):
    monkeypatch.setattr(ahead, "_LONG", 0.0)
    monkeypatch.setattr(ahead, "_IN_A_ROW", 1)
    with tf.Graph().as_default():
        yield


def in_python(function, x):
    return tf.py_func(function, [x], tf.int64)


def outcomes(dataset):
    """Each element of `dataset`, and in the place of one that fails the error."""
    element = dataset.make_one_shot_iterator().get_next()
    found = []
    with tf.Session() as session:
        while True:
            try:
                found.append(np.asarray(session.run(element)).tolist())
            except tf.errors.OutOfRangeError:
                return found
            except tf.errors.OpError as error:
                found.append(error)


def in_pairs(function):
    """`function` of each number; no call returns before another one runs, but the first."""
    meeting = threading.Barrier(2, timeout=20)

    def call(n):
        if n:
            meeting.wait()
        return function(n)

    return call


@pytest.mark.parametrize("calls", [2, tf.data.experimental.AUTOTUNE])
def test_calls_of_a_map_run_at_once_and_come_in_order(calls, monkeypatch):
    monkeypatch.setattr("graphmode.data.threads.parallel._CORES", 2)
    square = in_pairs(lambda n: n * n)
    dataset = Dataset.range(21).map(lambda x: in_python(square, x), num_parallel_calls=calls)
    assert outcomes(dataset) == [n * n for n in range(21)]


def test_calls_of_map_and_batch_run_at_once():
    square = in_pairs(lambda n: n * n)
    together = tf.data.experimental.map_and_batch(
        lambda x: in_python(square, x), 3, num_parallel_calls=2
    )
    assert outcomes(Dataset.range(7).apply(together)) == [[0, 1, 4], [9, 16, 25], [36]]


def test_an_error_comes_once_at_its_element():
    dataset = Dataset.from_tensor_slices([1, 2, 5, 0, 4, 0, 10])
    found = outcomes(dataset.map(lambda x: 20 // x, num_parallel_calls=3))
    errors = [found.pop(i) for i in (5, 3)]
    assert found == [20, 10, 4, 5, 2]
    for error in errors:
        assert "Integer division by zero" in str(error)
        assert "dataset.map(lambda x: 20 // x, num_parallel_calls=3)" in str(error)


def test_an_error_of_the_source_comes_once_at_its_element():
    dataset = Dataset.from_tensor_slices([4, 5, 0, 2]).map(lambda x: 20 // x)
    five, four, error, ten = outcomes(dataset.map(lambda x: x + 1, num_parallel_calls=2))
    assert (five, four, ten) == (6, 5, 11)
    assert "Integer division by zero" in str(error)


def test_a_parallel_map_draws_in_order():
    def noisy(x):
        return tf.cast(x, tf.float32) + tf.random_uniform([3], seed=5)

    alone, parallel = (
        outcomes(Dataset.range(9).map(noisy, num_parallel_calls=n)) for n in (None, 4)
    )
    assert alone == parallel


@pytest.mark.parametrize("calls", [0, -2])
def test_calls_that_are_none(calls):
    dataset = Dataset.range(3).map(lambda x: x, num_parallel_calls=calls)
    element = dataset.make_one_shot_iterator().get_next()
    text = "num_parallel_calls must be greater than zero"
    with tf.Session() as session, pytest.raises(tf.errors.InvalidArgumentError, match=text):
        session.run(element)


@pytest.mark.parametrize(("cycle", "block"), [(2, 1), (3, 2), (2, 3), (4, 1)])
@pytest.mark.parametrize("kind", ["interleave", "parallel_interleave"])
def test_data_sets_read_ahead_take_turns(kind, cycle, block):
    def numbers(n):
        return Dataset.range(10 * n, 10 * n + n % 4)

    alone = outcomes(Dataset.range(7).interleave(numbers, cycle, block))
    if kind == "interleave":
        dataset = Dataset.range(7).interleave(numbers, cycle, block, num_parallel_calls=2)
    else:
        dataset = Dataset.range(7).apply(
            tf.data.experimental.parallel_interleave(numbers, cycle, block)
        )
    assert outcomes(dataset) == alone


def test_a_sloppy_interleave_waits_for_nobody():
    is_free = threading.Event()

    def numbers(n):
        for i in range(3):
            if n == 0 and not is_free.wait(20):
                raise ValueError("nobody went on")
            yield 10 * n + i

    def of_one(n):
        return Dataset.from_generator(numbers, tf.int64, [], args=[n])

    sloppy = tf.data.experimental.parallel_interleave(of_one, cycle_length=2, sloppy=True)
    element = Dataset.range(3).apply(sloppy).make_one_shot_iterator().get_next()
    with tf.Session() as session:
        found = [session.run(element) for _ in range(6)]
        is_free.set()
        rest = [session.run(element) for _ in range(3)]
        with pytest.raises(tf.errors.OutOfRangeError):
            session.run(element)
    assert found == [10, 11, 12, 20, 21, 22] and rest == [0, 1, 2]


def test_who_collects_garbage_waits_for_no_lock():
    """Another thread may hold the line's, and wait for one that is held where garbage is found."""
    line = ahead.Line(tuple, ahead.itself, 1, 1)
    step = ahead.Ahead(line, Reading({}, Kept()))
    step()
    held, let_go = threading.Event(), threading.Event()

    def hold():
        with line._changed:
            held.set()
            let_go.wait(20)

    thread = threading.Thread(target=hold)
    thread.start()
    assert held.wait(20)
    del step
    assert line.is_stopped and thread.is_alive()
    let_go.set()
    thread.join(20)


def test_an_element_that_nobody_is_left_to_make_is_not_waited_for(monkeypatch):
    """As in a forked process, which has no threads."""
    monkeypatch.setattr(waiting, "is_alone", lambda: True)
    monkeypatch.setattr(waiting, "LOOK", 0.001)
    line = ahead.Line(tuple, ahead.itself, 1, 1)
    with pytest.raises(tf.errors.FailedPreconditionError, match="forked process"):
        line.next()


ENDS = """
import sys
import graphmode as tf

def seen(x):
    return tf.py_func(lambda n: n, [x], tf.int64)

def at_once(source):
    return source.map(seen, num_parallel_calls=2).prefetch(2)

numbers = tf.data.Dataset.range(10**9)
sloppy = tf.data.experimental.parallel_interleave(
    lambda n: at_once(tf.data.Dataset.range(n, n + 9)), 2, sloppy=True
)
element = at_once(numbers.apply(sloppy)).make_one_shot_iterator().get_next()
batch = tf.train.batch([tf.random_uniform([3])], 4, num_threads=2)
sess = tf.Session()
tf.train.start_queue_runners(sess)
for _ in range(9):
    sess.run([element, batch])
sys.exit(3)
"""


def test_threads_at_work_keep_no_program_from_ending():
    done = subprocess.run([sys.executable, "-c", ENDS], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (3, "", "")


def whole(source):
    """Everything that runs ahead, one behind the other."""
    sloppy = tf.data.experimental.parallel_interleave(Dataset.from_tensors, 2, sloppy=True)
    divided = source.map(lambda x: 12 // (x - 6), num_parallel_calls=2)
    return divided.interleave(Dataset.from_tensors, 2, 1, 2).apply(sloppy).prefetch(2)


def left_at_the_second(session, iterator, element):
    session.run([element]), session.run([element])


def begun_again(session, iterator, element):
    for _ in range(2):
        session.run(iterator.initializer)
        session.run([element]), session.run([element])


def taken_to_the_error(session, iterator, element):
    with pytest.raises(tf.errors.InvalidArgumentError, match="division"):
        for _ in range(8):
            session.run(element)


@pytest.mark.parametrize("use", [left_at_the_second, begun_again, taken_to_the_error])
@pytest.mark.parametrize("times", [4, pytest.param(300, marks=pytest.mark.slow)])
def test_no_thread_is_left(use, times):
    before = set(threading.enumerate())
    for i in range(2 * times):
        with tf.Graph().as_default():
            iterator = whole(Dataset.range(100)).make_initializable_iterator()
            element = iterator.get_next()
            session = tf.Session()
            session.run(iterator.initializer)
            use(session, iterator, element)
        if i % 2:
            session.close()
        del iterator, element, session
    gc.collect()
    for thread in set(threading.enumerate()) - before:
        thread.join(10)
    assert set(threading.enumerate()) <= before
