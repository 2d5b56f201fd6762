"""Runs that wait: for what other threads give, until their time is over, until Ctrl-C."""

import signal
import subprocess
import sys
import threading

import numpy as np
import pytest

import graphmode as tf
from graphmode.ops.data import waiting
from graphmode.ops.io.reader_value import Reader
from graphmode.python.ops.data_flow_ops import Barrier

WAIT = 60.0


def in_thread(work):
    """A thread that does `work`, and the list of what that gives."""
    found = []

    def run():
        try:
            found.append(work())
        except Exception as error:
            found.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread, found


def waiting_fetches():
    """Fetches that wait, each with what it says it waits for."""
    empty, full = tf.FIFOQueue(9, tf.int32, shapes=[[]]), tf.FIFOQueue(1, tf.int32, shapes=[[]])
    mixed = tf.RandomShuffleQueue(9, 4, tf.int32, shapes=[[]])
    staged = tf.contrib.staging.StagingArea([tf.int32])
    full_area = tf.contrib.staging.StagingArea([tf.int32], capacity=1)
    one = tf.constant(1)
    before = [full.enqueue(1), full_area.put([one]), mixed.enqueue_many([[1, 2, 3]])]
    fetches = {
        "dequeue": (empty.dequeue(), "has 0 elements, 1 asked for"),
        "dequeue_many": (empty.dequeue_many(3), "has 0 elements, 3 asked for"),
        "kept": (mixed.dequeue(), "has 3 elements of which 4 stay in it until it is closed"),
        "enqueue": (full.enqueue(2), "is full, its capacity is 1"),
        "gradient": (
            tf.ConditionalAccumulator(tf.float32).take_grad(2),
            "has 0 gradients of step 0, 2 asked for",
        ),
        "rows": (
            tf.SparseConditionalAccumulator(tf.float32).take_grad(1),
            "has 0 gradients of step 0, 1 asked for",
        ),
        "barrier": (Barrier(tf.int32).take_many(2), "has 0 whole elements, 2 asked for"),
        "unstage": (staged.get(), "is empty"),
        "peek": (staged.peek(1), "has 0 elements, number 1 asked for"),
        "stage": (full_area.put([one]), "is full: it has 1 elements of 4 bytes"),
    }
    return before, fetches


KINDS = [
    "dequeue", "dequeue_many", "kept", "enqueue", "gradient", "rows", "barrier", "unstage", "peek",
    "stage",
]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_wait_ends_in_time_for_nobody_and_with_the_session(mode, kind, monkeypatch):
    with tf.Graph().as_default():
        before, fetches = waiting_fetches()
        fetch, why = fetches[kind]
        sess = tf.Session()
        sess.run(before)
        limit = tf.RunOptions(timeout_in_ms=5)
        with pytest.raises(tf.errors.DeadlineExceededError) as late:
            sess.run(fetch, options=limit)
        assert "Timed out waiting for notification" in late.value.message
        assert why in late.value.message
        assert "test_waiting.py" in str(late.value)
        with monkeypatch.context() as patch:
            patch.setattr(waiting, "is_alone", lambda: True)
            with pytest.raises(tf.errors.FailedPreconditionError, match="wait for ever") as alone:
                sess.run(fetch)
        assert why in alone.value.message
        assert "fix: before it, tf.train.start_queue_runners" in alone.value.message
        thread, found = in_thread(lambda: sess.run(fetch))
        sess.close()
        thread.join(WAIT)
        assert isinstance(found[0], tf.errors.CancelledError | RuntimeError)


def test_a_program_of_one_thread_is_alone():
    thread, found = in_thread(waiting.is_alone)
    thread.join(WAIT)
    assert found == [False]


LOOKS = """
import gc, os, threading, time
from graphmode.ops.data import waiting

class Garbage:
    def __init__(self):
        self.me = self

    def __del__(self):
        time.sleep(0)  # lets other threads go on

def looks():
    for _ in range(2000):
        Garbage(), waiting.is_alone(), time.sleep(0)

gc.set_threshold(5)
looking = threading.Thread(target=looks)
looking.start()
while looking.is_alive():
    other = threading.Thread(target=bool)
    other.start(), other.join()
threading.Thread(target=time.sleep, args=[60], daemon=True).start()
child = os.fork()
if not child:
    os._exit(3 + waiting.is_alone())
print(waiting.is_alone(), os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_who_looks_at_threads_may_collect_garbage_while_others_begin():
    """All of Python stood still, for Ctrl-C, too. A forked process has none of the threads."""
    done = subprocess.run([sys.executable, "-c", LOOKS], capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("False 4\n", "")


def test_a_wait_ends_when_all_others_wait_too(mode, monkeypatch):
    monkeypatch.setattr(waiting, "LOOK", 0.001)
    monkeypatch.setattr(waiting, "is_alone", lambda: False)
    monkeypatch.setattr(waiting._waiting, "is_everybody", lambda: True)
    with tf.Graph().as_default(), tf.Session() as sess:
        first = tf.FIFOQueue(9, tf.int32, shapes=[[]], name="first")
        with pytest.raises(tf.errors.FailedPreconditionError) as raised:
            sess.run(first.dequeue())
        assert "The run would wait for ever: FIFOQueue '_0_first'" in raised.value.message


def test_a_wait_goes_on_while_others_come_and_go(monkeypatch):
    monkeypatch.setattr(waiting, "LOOK", 0.001)
    monkeypatch.setattr(waiting._waiting, "is_everybody", lambda: True)
    monkeypatch.setattr(waiting, "is_alone", lambda: False)
    changed, asked = waiting.Changed(), []

    def ready():
        with waiting.idle():  # another thread that moves
            asked.append(None)
        return len(asked) == 40

    with changed:
        waiting.wait_for(changed, ready, lambda: "")
    assert len(asked) == 40


def test_what_a_run_has_taken_when_its_time_is_over_goes_back(mode):
    with tf.Graph().as_default(), tf.Session() as sess:
        queue = tf.FIFOQueue(9, tf.int32, shapes=[[]])
        w = tf.Variable(1)
        step = tf.assign_add(w, tf.reduce_sum(queue.dequeue_many(3)))
        sess.run(w.initializer)
        sess.run(queue.enqueue_many([[1, 2]]))
        with pytest.raises(tf.errors.DeadlineExceededError, match="has 2 elements, 3 asked for"):
            sess.run(step, options=tf.RunOptions(timeout_in_ms=5))
        assert sess.run([queue.size(), w]) == [2, 1]
        sess.run(queue.enqueue(4))
        assert sess.run(step, options=tf.RunOptions(timeout_in_ms=1)) == 8


def test_the_limit_of_a_session_is_that_of_each_run(mode):
    with tf.Graph().as_default():
        queue = tf.FIFOQueue(9, tf.int32, shapes=[[]])
        get, size = queue.dequeue(), queue.size()
        with tf.Session(config=tf.ConfigProto(operation_timeout_in_ms=5)) as sess:
            call = sess.make_callable(get)
            handle = sess.partial_run_setup([get])
            for wait in (lambda: sess.run(get), call, lambda: sess.partial_run(handle, get)):
                with pytest.raises(tf.errors.DeadlineExceededError):
                    wait()
            long = tf.RunOptions(timeout_in_ms=int(WAIT * 1000))
            thread, found = in_thread(lambda: sess.run(get, options=long))
            sess.run(queue.enqueue(3))
            thread.join(WAIT)
            assert found == [3]
            assert sess.run(size) == 0


def test_turns_end_in_time_too(mode):
    """A taker that has its turn keeps others from taking, not from ending."""
    with tf.Graph().as_default(), tf.Session() as sess:
        queue = tf.FIFOQueue(9, tf.int32, shapes=[[]])
        many, size = queue.dequeue_many(3), queue.size()
        sess.run(queue.enqueue(1))
        thread, found = in_thread(lambda: sess.run(many))
        while sess.run(size):
            pass
        with pytest.raises(tf.errors.DeadlineExceededError, match="others wait for the same"):
            sess.run(queue.dequeue(), options=tf.RunOptions(timeout_in_ms=5))
        sess.run(queue.enqueue_many([[2, 3]]))
        thread.join(WAIT)
        assert found[0].tolist() == [1, 2, 3]


def test_ctrl_c_while_a_training_step_waits_leaves_the_session_as_it_was(mode):
    with tf.Graph().as_default(), tf.Session() as sess:
        queue = tf.FIFOQueue(9, tf.float32, shapes=[[2]])
        w = tf.Variable([1.0, 2.0])
        rows = queue.dequeue_many(2)
        loss = tf.reduce_sum(tf.square(rows * w))
        step = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
        sess.run(w.initializer)
        sess.run(queue.enqueue([1.0, 0.0]))
        size = queue.size()

        pressed = threading.Event()

        def ctrl_c(number, frame):
            if not pressed.is_set():
                pressed.set()
                raise KeyboardInterrupt

        def interrupt():
            while sess.run(size):
                pass
            # One that comes just before a thread waits does not wake it, in Python as it is.
            while not pressed.wait(0.01):
                signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)

        before = signal.signal(signal.SIGINT, ctrl_c)
        try:
            thread, _ = in_thread(interrupt)
            with pytest.raises(KeyboardInterrupt):
                sess.run([loss, step])
            thread.join(WAIT)
        finally:
            signal.signal(signal.SIGINT, before)
        assert sess.run(w).tolist() == [1.0, 2.0]
        sess.run(queue.enqueue([0.0, 1.0]))
        assert sess.run([loss, step])[0] == 5.0
        np.testing.assert_allclose(sess.run(w), [0.8, 1.6], rtol=1e-6)


def dataset_of(go_on):
    def numbers():
        go_on.wait(WAIT)
        yield 1

    return tf.data.Dataset.from_generator(numbers, tf.int64, [])


def waits_for_elements(sess, go_on):
    element = dataset_of(go_on).prefetch(1).make_one_shot_iterator().get_next()
    return lambda: sess.run(element)


def waits_for_elements_of_one_of_several(sess, go_on):
    sloppy = tf.data.experimental.parallel_interleave(lambda _: dataset_of(go_on), 2, sloppy=True)
    element = tf.data.Dataset.range(2).apply(sloppy).make_one_shot_iterator().get_next()
    return lambda: sess.run(element)


def waits_for_its_turn(sess, go_on):
    queue = tf.FIFOQueue(9, tf.int32, shapes=[[]])
    sess.run(queue.enqueue(1))
    in_thread(lambda: sess.run(queue.dequeue_many(2)))
    while sess.run(queue.size()):
        pass
    return lambda: sess.run(queue.dequeue())


def waits_for_a_reader(sess, go_on):
    names = tf.FIFOQueue(9, tf.string, shapes=[[]])
    line = tf.TextLineReader().read(names)
    in_thread(lambda: sess.run(line))
    resources = sess._state.resources._kept
    while not any(
        isinstance(r, Reader) and not r._reading.is_free() for r in [*resources.values()]
    ):
        pass
    return lambda: sess.run(line)


def waits_for_a_stop(sess, go_on):
    return tf.train.Coordinator().wait_for_stop


def waits_for_a_thread_of_a_test(sess, go_on):
    thread = tf.test.TestCase().checkedThread(go_on.wait, [WAIT])
    thread.start()
    return thread.join


@pytest.mark.parametrize(
    "made",
    [
        waits_for_elements, waits_for_elements_of_one_of_several, waits_for_its_turn,
        waits_for_a_reader, waits_for_a_stop, waits_for_a_thread_of_a_test,
    ],
)  # fmt: skip
def test_a_ctrl_c_that_wakes_nobody_ends_each_kind_of_wait(made):
    """It comes to another thread here, as it may come just before the main one blocks."""
    pressed, go_on = threading.Event(), threading.Event()

    def ctrl_c(number, frame):
        if not pressed.is_set():
            pressed.set()
            raise KeyboardInterrupt

    def press():
        while not pressed.wait(0.05):
            signal.raise_signal(signal.SIGINT)

    before = signal.signal(signal.SIGINT, ctrl_c)
    try:
        with tf.Graph().as_default(), tf.Session() as sess:
            wait = made(sess, go_on)
            thread, _ = in_thread(press)
            with pytest.raises(KeyboardInterrupt):
                wait()
            thread.join(WAIT)
    finally:
        go_on.set()
        signal.signal(signal.SIGINT, before)


def test_two_that_take_from_a_queue_that_nobody_fills_both_end(monkeypatch):
    """The second waits for its turn, which is a wait, too."""
    monkeypatch.setattr(waiting, "LOOK", 0.01)
    with tf.Graph().as_default(), tf.Session() as sess:
        get = tf.FIFOQueue(9, tf.int32, shapes=[[]]).dequeue()
        both = [in_thread(lambda: sess.run(get)) for _ in range(2)]
        threads = [thread for thread, _ in both]
        monkeypatch.setattr(
            waiting, "_able", lambda: {thread.ident for thread in threads if thread.is_alive()}
        )
        for thread, found in both:
            thread.join(WAIT)
            assert isinstance(found[0], tf.errors.FailedPreconditionError)


def test_one_who_waits_until_a_time_is_not_taken_for_one_who_waits_for_ever(monkeypatch):
    monkeypatch.setattr(waiting, "LOOK", 0.001)
    with tf.Graph().as_default(), tf.Session() as sess:
        first, second = (tf.FIFOQueue(9, tf.int32, shapes=[[]]) for _ in range(2))
        get, put = first.dequeue(), first.enqueue(1)
        me = threading.get_ident()
        monkeypatch.setattr(waiting, "_able", lambda: {me, threading.get_ident()})
        thread, found = in_thread(lambda: sess.run(get))
        with pytest.raises(tf.errors.DeadlineExceededError):
            sess.run(second.dequeue(), options=tf.RunOptions(timeout_in_ms=200))
        sess.run(put)
        thread.join(WAIT)
        assert found == [1]


def test_a_step_waits_for_the_gradients_of_its_workers(mode):
    """Three workers send gradients again and again; none that is of an earlier step counts."""
    with tf.Graph().as_default(), tf.Session() as sess:
        w = tf.Variable([4.0, 8.0])
        step = tf.Variable(0, dtype=tf.int64)
        sums = tf.ConditionalAccumulator(tf.float32, shape=[2])
        x = tf.placeholder(tf.float32, [])
        send = sums.apply_grad(w * x, local_step=step)
        mean = sums.take_grad(3)
        with tf.control_dependencies([tf.assign_sub(w, 0.5 * mean)]):
            train = tf.assign_add(step, 1)
        old = sums.apply_grad(w * 100.0, local_step=step - 1)
        sess.run(tf.global_variables_initializer())
        training, steps = in_thread(lambda: [sess.run(train) for _ in range(4)])
        count = sums.num_accumulated()
        for n in range(4):
            workers = [in_thread(lambda v=v: sess.run(send, {x: v})) for v in (0.5, 1.0, 1.5)]
            for worker, sent in workers:
                worker.join(WAIT)
                assert sent == [None]
            while sess.run(step) == n:
                pass
            sess.run(old)
            assert sess.run(count) == 0
        training.join(WAIT)
        assert steps == [[1, 2, 3, 4]]
        np.testing.assert_allclose(sess.run(w), [0.25, 0.5], rtol=1e-6)


def test_rows_of_several_gradients_are_added_up_by_their_indices(mode):
    rng = np.random.default_rng(3)
    with tf.Graph().as_default(), tf.Session() as sess:
        sums = tf.SparseConditionalAccumulator(tf.float64, shape=[7, 2])
        at, rows = tf.placeholder(tf.int64), tf.placeholder(tf.float64)
        add = sums.apply_grad(at, rows, [7, 2])
        total, count = np.zeros((7, 2)), np.zeros(7)
        for n in (3, 5, 4):
            where, values = rng.integers(0, 7, n), rng.normal(size=(n, 2))
            sess.run(add, {at: where, rows: values})
            np.add.at(total, where, values)
            count[np.unique(where)] += 1
        taken = sess.run(sums.take_grad(3))
        found = np.flatnonzero(count)
        assert taken.indices.tolist() == found.tolist()
        np.testing.assert_allclose(taken.values, total[found] / count[found, None], rtol=1e-12)


def test_a_barrier_gives_an_element_when_its_last_part_comes(mode):
    with tf.Graph().as_default(), tf.Session() as sess:
        barrier = Barrier((tf.string, tf.float32), shapes=((), (2,)))
        keys, words = tf.placeholder(tf.string, [None]), tf.placeholder(tf.string)
        rows = tf.placeholder(tf.float32)
        put_words = barrier.insert_many(0, keys, words)
        put_rows = barrier.insert_many(1, keys, rows)
        take = barrier.take_many(2)
        thread, found = in_thread(lambda: sess.run(take))
        sess.run(put_words, {keys: ["a", "b"], words: ["x", "y"]})
        sess.run(put_rows, {keys: ["b"], rows: [[1.0, 2.0]]})
        refused = {
            "Expected [2], got [3]": ({keys: ["a"], rows: np.zeros((1, 3))}, put_rows),
            "Key a already has a value": ({keys: ["c", "a"], words: ["z", "z"]}, put_words),
            "[2] and [1]": ({keys: ["c", "d"], words: ["z"]}, put_words),
        }
        for text, (feed, put) in refused.items():
            with pytest.raises(tf.errors.InvalidArgumentError) as error:
                sess.run(put, feed)
            assert text in error.value.message
        assert sess.run(barrier.incomplete_size()) == 1
        sess.run(put_rows, {keys: ["a"], rows: [[3.0, 4.0]]})
        thread.join(WAIT)
        assert found[0].keys.tolist() == [b"b", b"a"]
        assert found[0].values[1].tolist() == [[1.0, 2.0], [3.0, 4.0]]


@pytest.mark.parametrize(
    ("ends", "taken"), [("dbac", "dabc"), ("cdbae", "cbeda"), ("edcba", "ecadb")]
)
def test_elements_of_one_insertion_come_out_of_a_barrier_as_tensorflows(ends, taken):
    with tf.Graph().as_default(), tf.Session() as sess:
        barrier = Barrier((tf.float32, tf.int32), shapes=((), ()))
        sess.run(barrier.insert_many(0, sorted(ends), [1.0] * len(ends)))
        sess.run(barrier.insert_many(1, list(ends), [1] * len(ends)))
        assert b"".join(sess.run(barrier.take_many(len(ends)).keys)).decode() == taken


def test_a_step_gets_what_the_step_before_has_staged(mode):
    with tf.Graph().as_default(), tf.Session() as sess:
        x = tf.placeholder(tf.float32, [2])
        area = tf.contrib.staging.StagingArea([tf.float32], shapes=[[2]])
        (row,) = area.get()
        put = area.put([x])
        total = tf.Variable([0.0, 0.0])
        step = tf.assign_add(total, row)
        sess.run(total.initializer)
        given = np.array([1.0, 10.0], np.float32)
        sess.run(put, {x: given})
        for n in (2.0, 3.0):
            given[:] = [n, 10 * n]  # what was staged is its own
            sess.run([step, put], {x: given})
        assert sess.run(total).tolist() == [3.0, 30.0]
        assert sess.run(area.size()) == 1


def test_resources_of_one_name_are_one_kind_of_thing(mode):
    with tf.Graph().as_default(), tf.Session() as sess:
        first = tf.ConditionalAccumulator(tf.float32, shape=[2], shared_name="a")
        again = tf.ConditionalAccumulator(tf.float32, shape=[2], shared_name="a")
        sess.run(first.apply_grad(tf.constant([1.0, 2.0])))
        assert sess.run(again.take_grad(1)).tolist() == [1.0, 2.0]
        others = {
            "of dtype float32 and shape [2], but": tf.ConditionalAccumulator(
                tf.float32, shape=[3], shared_name="a"
            ).num_accumulated(),
            "SparseConditionalAccumulator of": tf.SparseConditionalAccumulator(
                tf.float32, shape=[2], shared_name="a"
            ).num_accumulated(),
            "which is no queue": tf.FIFOQueue(3, tf.float32, shared_name="a").size(),
            "which is no barrier": Barrier(tf.float32, shared_name="a").ready_size(),
            "which is no staging area": tf.contrib.staging.StagingArea(
                [tf.float32], shared_name="a"
            ).size(),
        }
        for text, fetch in others.items():
            with pytest.raises(tf.errors.InvalidArgumentError) as error:
                sess.run(fetch)
            assert text in error.value.message


def test_steps_of_one_run_wait_in_the_order_in_which_they_were_made(mode, monkeypatch):
    monkeypatch.setattr(waiting, "is_alone", lambda: True)
    with tf.Graph().as_default(), tf.Session() as sess:
        queue = tf.FIFOQueue(3, tf.int32, shapes=[[]])
        put = queue.enqueue(5)
        get = queue.dequeue()
        again = queue.enqueue(6)
        assert sess.run([get, put]) == [5, None]
        with pytest.raises(tf.errors.FailedPreconditionError, match="has 0 elements, 1 asked for"):
            sess.run([get, again])
        assert sess.run(queue.size()) == 0
