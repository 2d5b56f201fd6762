"""Queues: TensorFlow's names, values, texts; threads that wait for each other."""

import threading

import numpy as np
import pytest

import graphmode as gm

WAIT = 60.0


def outcome(call):
    try:
        return call()
    except Exception as error:
        return type(error).__name__, getattr(error, "message", str(error)).strip().splitlines()


def words(error, text):
    """Whether `error`, an outcome, says `text`: TensorFlow 2 puts lines of its own around it."""
    return error[0] if any(text in line for line in error[1]) else error


def as_lists(value):
    if isinstance(value, dict):
        return {key: as_lists(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [as_lists(item) for item in value]
    return value if value is None else np.asarray(value).tolist()


def visit(tf):
    """What a queue of pairs shows: names, shapes, values in order."""
    seen = []
    with tf.Graph().as_default() as graph:
        queue = tf.FIFOQueue(3, [tf.float32, tf.int32], shapes=[[2], []])
        one = queue.enqueue([[1.0, 2.0], 3])
        many = queue.enqueue_many([[[3.0, 4.0], [5.0, 6.0]], [5, 6]])
        next_, two, up_to = queue.dequeue(), queue.dequeue_many(2), queue.dequeue_up_to(5)
        close, size, is_closed = queue.close(), queue.size(), queue.is_closed()
        seen.append([t.shape.as_list() for t in (*next_, *two, *up_to)])
        seen.append([(op.name, op.type) for op in graph.get_operations() if "ueue" in op.type])
        seen.append((queue.name, [d.name for d in queue.dtypes], queue.names))
        with tf.Session() as sess:
            for step in (one, size, many, size, next_, two, many, close, is_closed, up_to):
                seen.append(as_lists(sess.run(step)))
            ended = [outcome(lambda f=f: sess.run(f)) for f in (next_, two, up_to)]
            refused = outcome(lambda: sess.run(one))
    for n, error in zip((1, 2, 5), ended, strict=True):
        name = "_0_fifo_queue" if tf is gm else ""
        asked = f"(requested {n}, current size 0)"
        assert words(error, f"FIFOQueue '{name}") == "OutOfRangeError"
        assert words(error, f"is closed and has insufficient elements {asked}") == "OutOfRangeError"
    assert words(refused, "is closed.") == "CancelledError"
    return seen


def test_a_queue_is_tensorflows(oracle, mode):
    assert visit(gm) == visit(oracle)


BUILDS = {
    "shapes": lambda tf: tf.FIFOQueue(3, [tf.float32, tf.int32], shapes=[[1]]),
    "padded without shapes": lambda tf: tf.PaddingFIFOQueue(3, tf.int32, shapes=None),
    "names": lambda tf: tf.FIFOQueue(3, tf.float32, names=["a", "b"]),
    "dtype": lambda tf: tf.FIFOQueue(3, tf.float32).enqueue("a"),
    "shape": lambda tf: tf.FIFOQueue(3, tf.float32, shapes=[[2]]).enqueue([[1.0, 2.0, 3.0]]),
    "a list for names": lambda tf: tf.FIFOQueue(3, tf.float32, names=["a"]).enqueue([1.0]),
    "a dict without": lambda tf: tf.FIFOQueue(3, tf.float32).enqueue({"a": 1.0}),
    "other names": lambda tf: tf.FIFOQueue(3, tf.float32, names=["a"]).enqueue({"b": 1.0}),
}


@pytest.mark.parametrize("case", BUILDS)
def test_what_does_not_fit_is_refused_while_it_is_built(oracle, case):
    ours, theirs = (outcome(lambda tf=tf: BUILDS[case](tf)) for tf in (gm, oracle))
    assert ours[0] == theirs[0]
    if case in ("shapes", "names", "a list for names", "a dict without"):
        assert theirs[1][0].startswith(ours[1][0])  # TensorFlow 2 says more


def test_named_parts_are_a_dictionary(mode):
    with gm.Graph().as_default(), gm.Session() as sess:
        queue = gm.FIFOQueue(2, [gm.float32, gm.string], names=["x", "word"])
        sess.run(queue.enqueue({"word": "hello", "x": 2.5}))
        assert sess.run(queue.dequeue()) == {"x": 2.5, "word": b"hello"}


def test_a_wrong_shape_is_refused_in_the_run(mode):
    with gm.Graph().as_default(), gm.Session() as sess:
        x = gm.placeholder(gm.float32)
        queue = gm.FIFOQueue(2, gm.float32, shapes=[[2]])
        with pytest.raises(gm.errors.InvalidArgumentError, match=r"0. Expected \[2\], got \[3\]"):
            sess.run(queue.enqueue(x), {x: np.zeros(3)})
        assert sess.run(queue.size()) == 0
        loose = gm.FIFOQueue(2, gm.float32)
        with pytest.raises(gm.errors.InvalidArgumentError, match="to have specified shapes"):
            sess.run(loose.dequeue_many(2))


def test_queues_of_one_shared_name_are_one_and_sessions_have_their_own(mode):
    with gm.Graph().as_default() as graph, gm.Session() as sess:
        first = gm.FIFOQueue(3, gm.float32, shared_name="shared")
        second = gm.FIFOQueue(3, gm.float32, shared_name="shared")
        other = gm.FIFOQueue(3, gm.int32, shared_name="shared")
        sess.run(first.enqueue(7.0))
        with gm.Session(graph=graph) as elsewhere:
            assert elsewhere.run(second.size()) == 0
        assert sess.run(second.dequeue()) == 7.0
        with pytest.raises(gm.errors.InvalidArgumentError, match="Shared queue 'shared' has"):
            sess.run(other.size())


def started(work):
    """The results of `work`, which runs in a thread."""
    results = []
    thread = threading.Thread(target=lambda: results.append(outcome(work)), daemon=True)
    thread.start()
    return thread, results


def test_takers_and_givers_wait_for_each_other(mode):
    """A queue with room for two passes 60 elements on, while others train."""
    with gm.Graph().as_default() as graph, gm.Session() as sess:
        queue = gm.FIFOQueue(2, gm.float32, shapes=[[]])
        x = gm.placeholder(gm.float32, [])
        put, get = queue.enqueue(x), queue.dequeue_many(3)
        total = gm.Variable(0.0)
        step = gm.assign_add(total, gm.reduce_sum(get))
        count = gm.Variable(0)
        other = gm.assign_add(count, 1)
        sess.run(gm.global_variables_initializer())
        works = [
            lambda: [sess.run(step) for _ in range(20)],
            lambda: [sess.run(put, {x: i}) for i in range(60)],
            lambda: [sess.run(other) for _ in range(100)],
        ]
        running = [started(work) for work in works]
        for thread, _ in running:
            thread.join(WAIT)
            assert not thread.is_alive()
        assert sess.run(total) == sum(range(60))
        assert sess.run(count) == 100
        assert graph is sess.graph


@pytest.mark.parametrize("closes", ["session", "queue"])
def test_closing_wakes_who_waits(mode, closes):
    with gm.Graph().as_default():
        sess = gm.Session()
        queue = gm.FIFOQueue(1, gm.float32)
        full = gm.FIFOQueue(1, gm.float32)
        get, put = queue.dequeue(), full.enqueue(2.0)
        sess.run(put)
        close = [queue.close(), full.close(cancel_pending_enqueues=True)]
        waiting = [started(lambda f=f: sess.run(f)) for f in (get, put)]
        if closes == "session":
            sess.close()
        else:
            sess.run(close)
        for thread, _ in waiting:
            thread.join(WAIT)
            assert not thread.is_alive()
        (got,), (gave,) = (results for _, results in waiting)
    if closes == "session":
        assert {got[0], gave[0]} <= {"CancelledError", "RuntimeError"}
    else:
        assert words(got, "is closed and has insufficient elements") == "OutOfRangeError"
        assert gave[0] == "CancelledError"


def test_what_a_cancelled_taker_has_taken_goes_back():
    with gm.Graph().as_default(), gm.Session() as sess:
        queue = gm.FIFOQueue(9, gm.int32, shapes=[[]])
        sess.run(queue.enqueue_many([[1, 2]]))
        thread, results = started(lambda: sess.run(queue.dequeue_many(3)))
        sess.run(queue.close())
        thread.join(WAIT)
        assert words(results[0], "(requested 3, current size 2)") == "OutOfRangeError"
        assert sess.run(queue.dequeue_up_to(5)).tolist() == [1, 2]


def test_a_step_that_dequeues_is_one_program(compiled):
    with gm.Graph().as_default(), gm.Session() as sess:
        queue = gm.FIFOQueue(9, gm.float32, shapes=[[4]])
        w = gm.Variable(np.ones(4, np.float32))
        loss = gm.reduce_sum(gm.square(queue.dequeue_many(2) * w))
        step = gm.train.GradientDescentOptimizer(0.1).minimize(loss)
        sess.run(w.initializer)
        put = queue.enqueue_many([np.ones((4, 4), np.float32)])
        sess.run(put)
        before = sess.stats().compiles
        assert sess.run([loss, step])[0] == 8.0
        assert sess.stats().compiles == before + 1
        sess.run(step)
        np.testing.assert_allclose(sess.run(w), 0.36, rtol=1e-6)


def test_what_was_given_does_not_change_with_the_array_that_was_fed(mode):
    with gm.Graph().as_default(), gm.Session() as sess:
        queue = gm.FIFOQueue(9, gm.float32, shapes=[[2]])
        x = gm.placeholder(gm.float32)
        rows = np.zeros((2, 2), np.float32)
        sess.run(queue.enqueue_many(x), {x: rows})
        sess.run(queue.enqueue(x), {x: rows[0]})
        rows[:] = 7.0
        assert not sess.run(queue.dequeue_many(3)).any()


def test_a_close_waits_for_those_who_wait_for_room(mode):
    """Nothing that was being given is lost: the queue is closed behind it, as TensorFlow's is."""
    with gm.Graph().as_default(), gm.Session() as sess:
        queue = gm.FIFOQueue(1, gm.int32, shapes=[[]])
        put, get, close = queue.enqueue_many([[1, 2, 3]]), queue.dequeue_up_to(9), queue.close()
        size = queue.size()
        giving, gave = started(lambda: sess.run(put))
        while not sess.run(size):
            pass
        closing, has_closed = started(lambda: sess.run(close))
        assert sess.run(get).tolist() == [1, 2, 3]
        for thread in (giving, closing):
            thread.join(WAIT)
        assert gave == has_closed == [None]


@pytest.mark.parametrize("n", [0, 1])
def test_a_queue_of_a_list_is_chosen_by_each_run(mode, n):
    with gm.Graph().as_default(), gm.Session() as sess:
        queues = [gm.FIFOQueue(3, gm.int32, shapes=[[]]) for _ in range(2)]
        which = gm.placeholder(gm.int32, [])
        chosen = gm.QueueBase.from_list(which, queues)
        sess.run([queue.enqueue(i + 10) for i, queue in enumerate(queues)])
        assert sess.run(chosen.dequeue(), {which: n}) == n + 10
