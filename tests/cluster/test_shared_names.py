"""What sessions of a cluster share by names, what is their own, and who declares it otherwise."""

import threading

import numpy as np
import pytest
from tests.cluster.places import on, remote_target

import graphmode as tf
from graphmode.cluster.kept import Kept, TaskSessionState


def test_variables_belong_to_the_task_and_their_name(worker, other):
    with on("ps", 1):
        v = tf.get_variable("v", [2], initializer=tf.ones_initializer())
    w = tf.get_variable("w", [], initializer=tf.ones_initializer())  # of whichever worker
    with tf.Session(worker) as sess:
        sess.run(tf.global_variables_initializer())
        sess.run([v.assign_add([1.0, 2.0]), w.assign(5.0)])
    with tf.Session(worker) as sess:  # the first one is closed
        assert sess.run([v, w])[0].tolist() == [2.0, 3.0] and sess.run(w) == 5
    with tf.Graph().as_default():  # another graph, another worker
        with on("ps", 1):
            v = tf.get_variable("v", [2])
        w = tf.get_variable("w", [])
        with tf.Session(other) as sess:
            assert sess.run(v).tolist() == [2.0, 3.0]
            with pytest.raises(tf.errors.FailedPreconditionError, match="uninitialized value w"):
                sess.run(w)
            assert sess.run(tf.report_uninitialized_variables()).tolist() == [b"w"]


def test_reset_forgets_containers_and_ends_the_sessions_of_its_target(worker, other):
    with on("ps"):
        plain = tf.Variable(1.0, name="plain")
        with tf.container("kept"):
            kept = tf.Variable(2.0, name="kept")
        numbers = tf.FIFOQueue(5, [tf.int32], name="numbers")
    known = [tf.is_variable_initialized(v) for v in (plain, kept)]
    waits, one = numbers.dequeue(), tf.constant(1)
    of_other, of_worker, from_outside = (
        tf.Session(target) for target in (other, worker, remote_target(worker))
    )
    of_other.run(tf.global_variables_initializer())
    ended = []

    def wait(sess):
        with pytest.raises(tf.errors.CancelledError):
            sess.run(waits)
        ended.append(sess)

    threads = [threading.Thread(target=wait, args=[each]) for each in (of_worker, from_outside)]
    [thread.start() for thread in threads]
    for sess in (of_worker, from_outside):
        assert sess.run(known) == [True, True]
    tf.Session.reset(worker, ["nothing"])
    [thread.join(20) for thread in threads]
    assert set(ended) == {of_worker, from_outside}
    for sess in (of_worker, from_outside):
        for op in (known, one):
            with pytest.raises(tf.errors.AbortedError, match="not known any more at /job:"):
                sess.run(op)
        sess.close()
    assert of_other.run(known) == [True, True]  # its target was not reset
    tf.Session.reset(worker)
    assert of_other.run(known) == [False, True]
    with pytest.raises(tf.errors.FailedPreconditionError) as caught:
        of_other.run(plain)
    assert "created at test_shared_names.py" in str(caught.value)
    assert "_server.py" not in str(caught.value)  # the line of the task that lacks it is nobody's
    of_other.close()
    tf.Session.reset(worker, ["kept"])
    with tf.Session(worker) as sess:
        assert sess.run(known) == [False, False]


def test_a_queue_is_shared_by_its_name_and_who_waits_keeps_nobody(worker, other):
    def queue():
        with on("ps"):
            return tf.FIFOQueue(10, [tf.int32], shapes=[[]], shared_name="numbers", name="q")

    def made(target):
        with tf.Graph().as_default() as graph:
            q = queue()
            n = tf.placeholder(tf.int32, [])
            ops = q.enqueue(n), q.dequeue(), q.size()
            return tf.Session(target, graph=graph), n, ops

    giver, n, (enqueue, _, _) = made(worker)
    taker, _, (_, dequeue, size) = made(other)
    taken = []
    thread = threading.Thread(target=lambda: taken.append(taker.run(dequeue)))
    thread.start()
    assert taker.run(size) == 0  # the same session goes on
    giver.run(enqueue, {n: 7})
    thread.join(20)
    assert taken == [7]
    failed = []

    def wait():
        with pytest.raises(tf.errors.CancelledError) as caught:
            taker.run(dequeue)
        failed.append(str(caught.value))

    thread = threading.Thread(target=wait)
    thread.start()
    with pytest.raises(tf.errors.DeadlineExceededError, match="Timed out waiting"):
        taker.run(dequeue, options=tf.RunOptions(timeout_in_ms=50))
    taker.close()
    thread.join(20)
    assert failed == ["Run call was cancelled"]
    giver.run(enqueue, {n: 8})  # the cancelled one has taken nothing
    last, _, (_, dequeue, size) = made(other)
    assert last.run(size) == 1 and last.run(dequeue) == 8
    giver.close(), last.close()


def _declared(dtype, shape, by_handle):
    """A graph of its own in which `v` of the ps is declared so, and what reads and sets it."""
    graph = tf.Graph()
    with graph.as_default(), on("ps"):
        v = tf.get_variable(
            "v", shape, dtype, initializer=tf.ones_initializer(), use_resource=by_handle
        )
    return graph, v, v.initializer


@pytest.mark.parametrize("is_far", [False, True])
@pytest.mark.parametrize("by_handle", [False, True])
def test_who_declares_a_variable_otherwise_is_told(servers, worker, is_far, by_handle):
    target = remote_target(worker) if is_far else servers["ps", 0].target
    graph, v, initializer = _declared("float32", [2], by_handle)
    mine = tf.Session(target, graph=graph)
    mine.run(initializer)
    graph, wider, set_wider = _declared("float32", [5], by_handle)
    others = tf.Session(target, graph=graph)
    with pytest.raises(tf.errors.InvalidArgumentError) as caught:
        others.run(wider)
    text = str(caught.value)
    assert "it has shape [2], but this graph declares it with shape [5]" in text
    assert "'v' of /job:ps/replica:0/task:0 is one variable" in text
    assert "v = tf.get_variable(" in text and "fix: declare it alike" in text
    assert caught.value.op is wider.op
    graph, double, set_double = _declared("float64", [2], by_handle)
    third = tf.Session(target, graph=graph)
    if by_handle:  # as in TensorFlow, which also lets who comes later give it another shape
        kind, text = tf.errors.InvalidArgumentError, "Expected double got float"
    else:
        kind, text = tf.errors.InternalError, "type float_ref does not match .* type double_ref"
    for op in (double, set_double):
        with pytest.raises(kind, match=text):
            third.run(op)
    assert mine.run(v).tolist() == [1, 1]
    if by_handle:
        others.run(set_wider)
        with pytest.raises(
            tf.errors.InvalidArgumentError, match=r"shape \[5\], but .* shape \[2\]"
        ):
            mine.run(v)
        mine.run(initializer)
    else:
        with pytest.raises(tf.errors.InvalidArgumentError, match="declares it with shape"):
            others.run(set_wider)
    assert mine.run(v).tolist() == [1, 1]
    [each.close() for each in (mine, others, third)]


def test_what_a_refused_run_would_have_used_up_is_kept(worker):
    """The other variables of a run that may not write: a program would have donated them."""

    def declared(shape):
        graph = tf.Graph()
        with graph.as_default():
            v = tf.get_variable("v", shape, initializer=tf.ones_initializer())
            w = tf.get_variable("w", [3], initializer=tf.ones_initializer())
            return tf.Session(worker, graph=graph, mode="compiled"), v, w

    first, v, w = declared([2])
    first.run([v.initializer, w.initializer])
    second, v, w = declared([5])
    both = [v.initializer, w.assign_add([1.0, 1.0, 1.0])]
    for _ in range(3):
        with pytest.raises(tf.errors.InvalidArgumentError, match="declares it"):
            second.run(both)
    assert second.run(w).tolist() == [1, 1, 1]
    first.close(), second.close()


def test_a_variable_of_another_shape_than_its_graph_declares(worker):
    """What `validate_shape=False` allows concerns nobody else; a handle is another variable."""
    v = tf.get_variable("v", [2], initializer=tf.ones_initializer())
    wider = tf.assign(v, [1.0, 2.0, 3.0], validate_shape=False)
    with tf.Session(worker) as sess:
        sess.run(v.initializer)
        sess.run(wider.op)
        assert sess.run(v).tolist() == [1, 2, 3]
        with tf.Graph().as_default(), tf.Session(worker, mode="compiled") as reader:
            doubled = tf.get_variable("v", [3]) * 2.0
            assert reader.run(doubled).tolist() == [2, 4, 6]  # reads it in place from now on
        assert sess.run(v).tolist() == [1, 2, 3]
    with tf.Graph().as_default(), tf.Session(worker) as sess:
        by_handle = tf.get_variable("v", [2], use_resource=True)
        assert not sess.run(by_handle.is_initialized())


def test_a_session_that_was_closed_forgets_no_variable_of_others():
    ops = []
    for size in (2, 3):
        with tf.Graph().as_default():
            ops.append(tf.get_variable("v", [size], use_resource=True).op)
    shared = Kept()
    first, second = (TaskSessionState(shared, "/job:ps", named=True) for _ in ops)
    first.store({ops[0]: np.ones(2, np.float32)})
    second.close()  # while a run is about to give the variable another shape
    with pytest.raises(tf.errors.CancelledError):
        second.store({ops[1]: np.ones(3, np.float32)})
    assert first.variables.get(ops[0]).tolist() == [1, 1]


def test_who_makes_a_shared_queue_or_table_otherwise_is_told(worker):
    def run(make):
        with tf.Graph().as_default(), on("ps"):
            asked = make()
            with tf.Session(worker) as sess:
                return sess.run(asked)

    def queue(dtype=tf.int32, shape=()):
        return tf.FIFOQueue(5, [dtype], [shape], shared_name="q").size()

    def table(key_dtype):
        keys = tf.zeros([1], key_dtype) if key_dtype != tf.string else tf.constant(["a"])
        known = tf.contrib.lookup.MutableHashTable(key_dtype, tf.int64, -1, name="known")
        with tf.control_dependencies([known.insert(keys, [7])]):
            return known.size()

    def size_of_table():
        return tf.contrib.lookup.MutableHashTable(tf.int64, tf.int64, -1, name="known").size()

    assert run(queue) == 0 and run(lambda: table(tf.int64)) == 1
    assert run(size_of_table) == 1  # TensorFlow shares such tables by the names of their nodes
    refused = pytest.raises(
        tf.errors.InvalidArgumentError, match=r"types int32 but .* were float\n"
    )
    with refused as caught:
        run(lambda: queue(tf.float32))
    assert "fix: " in str(caught.value) and 'shared_name="q"' in str(caught.value)
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"shapes \[\[\]\] but .* \[\[2\]\]"):
        run(lambda: queue(shape=[2]))
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"Conflicting .* string->int64 with"):
        run(lambda: table(tf.string))


@pytest.mark.parametrize("is_far", [False, True])
def test_what_sessions_share_by_the_names_of_ops(worker, is_far):
    """As TensorFlow 1.15.5 does: a session that follows finds none of its queues closed."""
    values = tf.contrib.staging.StagingArea([tf.int32])
    put = [values.put([1])]
    sizes = [values.size()]
    for kind in (tf.FIFOQueue, tf.PaddingFIFOQueue):
        queue = kind(5, [tf.int32], [[]])
        put.append(queue.enqueue(1))
        sizes.append(queue.size())
    numbers = tf.ConditionalAccumulator(tf.float32, [])
    put.append(numbers.apply_grad(1.0))
    sizes.append(numbers.num_accumulated())
    for shares in (True, False):
        table = tf.contrib.lookup.MutableHashTable(tf.int32, tf.int32, -1, checkpoint=shares)
        put.append(table.insert([1], [1]))
        sizes.append(table.size())
    for first in (True, False):
        with tf.Session(remote_target(worker) if is_far else worker) as sess:
            assert sess.run(sizes) == ([0, 0, 0, 0, 0, 0] if first else [1, 0, 0, 0, 1, 0])
            sess.run(put)
            assert sess.run(sizes) == ([1, 1, 1, 1, 1, 1] if first else [2, 1, 1, 1, 1, 1])
            sess.run(queue.close(cancel_pending_enqueues=True))


def test_a_data_set_begins_again_in_each_session(worker):
    element = tf.data.Dataset.range(2).make_one_shot_iterator().get_next()
    for _ in range(2):
        with tf.Session(worker) as sess:
            assert [sess.run(element), sess.run(element)] == [0, 1]
