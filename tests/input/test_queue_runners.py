"""Queue runners and what is made with them, beyond the goldens of TensorFlow 1.15."""

import subprocess
import sys
import threading

import numpy as np
import pytest

import graphmode as tf
from graphmode.files.records import open_records
from graphmode.ops.io import reader_value


def initialized(sess):
    sess.run([tf.global_variables_initializer(), tf.local_variables_initializer()])
    return sess


def test_a_training_of_two_epochs_ends_by_itself(mode):
    with tf.Graph().as_default(), tf.Session() as sess:
        rows = [np.arange(12, dtype=np.float32).reshape(6, 2), np.arange(6, dtype=np.float32)]
        one = tf.train.slice_input_producer(rows, num_epochs=2, shuffle=False)
        x, y = tf.train.batch(one, 4)
        w = tf.Variable([[0.0], [0.0]])
        loss = tf.reduce_mean(tf.square(tf.matmul(x, w)[:, 0] - y))
        step = tf.train.GradientDescentOptimizer(0.001).minimize(loss)
        initialized(sess)
        coord = tf.train.Coordinator()
        threads = tf.train.start_queue_runners(sess, coord)
        steps = 0
        try:
            while not coord.should_stop():
                sess.run(step)
                steps += 1
        except tf.errors.OutOfRangeError as error:
            assert "is closed and has insufficient elements" in error.message
        finally:
            coord.request_stop()
        coord.join(threads)
        assert steps == 3
        assert not any(thread.is_alive() for thread in threads)


def test_what_a_producer_raises_reaches_the_caller_once_with_its_line(mode):
    def fails(n):
        if n == 3:
            raise ValueError("row 3 is bad")
        return n

    with tf.Graph().as_default(), tf.Session() as sess:
        number = tf.train.range_input_producer(9, shuffle=False).dequeue()
        row = tf.py_func(fails, [number], tf.int32)
        row.set_shape([])
        rows = tf.train.batch([row], 2)
        initialized(sess)
        coord = tf.train.Coordinator()
        threads = tf.train.start_queue_runners(sess, coord)
        assert sess.run(rows).tolist() == [0, 1]
        with pytest.raises((tf.errors.OutOfRangeError, tf.errors.CancelledError)):
            sess.run(rows)
        with pytest.raises(tf.errors.OpError) as raised:
            coord.join(threads)
        assert "row 3 is bad" in str(raised.value)
        assert "row = tf.py_func(fails" in str(raised.value)
        coord.clear_stop()
        coord.join(threads)


def test_without_a_coordinator_the_error_goes_from_queue_to_queue(mode, capsys):
    with tf.Graph().as_default(), tf.Session() as sess:
        text = tf.train.input_producer(["1", "2", "x", "3"], shuffle=False, num_epochs=1).dequeue()
        number = tf.string_to_number(text, tf.int32)
        one = tf.train.batch([number], 1)
        rows = tf.train.batch([one], 1, enqueue_many=True)
        initialized(sess)
        threads = tf.train.start_queue_runners(sess)
        assert [sess.run(rows).item() for _ in range(2)] == [1, 2]
        for _ in range(2):
            with pytest.raises(tf.errors.InvalidArgumentError) as raised:
                sess.run(rows)
            assert "number = tf.string_to_number" in str(raised.value)
        for thread in threads:
            thread.join(60)
        raisers = tf.get_collection(tf.GraphKeys.QUEUE_RUNNERS)[1:]
        assert [len(runner.exceptions_raised) for runner in raisers] == [1, 1]
    assert capsys.readouterr().err == ""


def test_what_one_of_several_threads_raises_is_logged(mode, caplog):
    with tf.Graph().as_default(), tf.Session() as sess:
        queue = tf.FIFOQueue(5, tf.float32, shapes=[[]])
        fails = queue.enqueue(tf.py_func(lambda: np.zeros(3, np.float32), [], tf.float32))
        runner = tf.train.QueueRunner(queue, [fails, queue.enqueue(1.5)])
        threads = runner.create_threads(sess, start=True)
        threads[0].join(60)
        assert sess.run(queue.dequeue_many(9)).tolist() == [1.5] * 9
        (error,) = runner.exceptions_raised
        assert "Expected [], got [3]" in error.message
        sess.run(queue.close(cancel_pending_enqueues=True))
        threads[1].join(60)
    assert caplog.text.count("Exception in QueueRunner") == 1


def test_threads_that_run_are_not_started_again():
    with tf.Graph().as_default(), tf.Session() as sess:
        queue = tf.FIFOQueue(1, tf.int32, shapes=[[]])
        runner = tf.train.QueueRunner(queue, [queue.enqueue(1)])
        coord = tf.train.Coordinator()
        threads = runner.create_threads(sess, coord, start=True)
        assert len(threads) == 2
        assert runner.create_threads(sess, coord, start=True) == []
        coord.request_stop()
        coord.join(threads)


@pytest.mark.parametrize("times", [20, pytest.param(1000, marks=pytest.mark.slow)])
def test_starts_and_stops_leave_no_thread(times, tmp_path):
    for i in range(2):
        (tmp_path / f"{i}.csv").write_text("1,2\n3,4\n")
    with tf.Graph().as_default():
        names = tf.train.string_input_producer([str(tmp_path / f"{i}.csv") for i in range(2)])
        _, line = tf.TextLineReader().read_up_to(names, 2)
        rows = tf.stack(tf.decode_csv(line, [[0.0], [0.0]]), 1)
        batch = tf.train.shuffle_batch(
            [rows], 4, 20, min_after_dequeue=6, num_threads=2, enqueue_many=True
        )
        w = tf.Variable([0.0, 0.0])
        step = tf.assign_add(w, tf.reduce_sum(batch, 0))
        before = set(threading.enumerate())
        for i in range(times):
            with tf.Session() as sess:
                sess.run(w.initializer)
                coord = tf.train.Coordinator()
                threads = tf.train.start_queue_runners(sess, coord)
                if i % 3:
                    sess.run(step)
                if i % 2:
                    coord.request_stop()
                    coord.join(threads)
        for thread in set(threading.enumerate()) - before:
            thread.join(10)
        assert set(threading.enumerate()) <= before


def test_the_file_of_a_reader_is_closed_with_the_session(tmp_path, monkeypatch):
    opened = []

    def recorded(*arguments):
        opened.append(open_records(*arguments))
        return opened[-1]

    monkeypatch.setattr(reader_value, "open_records", recorded)
    (tmp_path / "a.txt").write_text("1\n2\n3\n")
    with tf.Graph().as_default():
        queue = tf.FIFOQueue(9, tf.string, shapes=[[]])
        _, line = tf.TextLineReader().read(queue)
        with tf.Session() as sess:
            sess.run(queue.enqueue(str(tmp_path / "a.txt")))
            assert sess.run(line) == b"1"
            assert not opened[0].closed
        assert opened[0].closed
        with tf.Session() as sess:  # while one waits for the next name
            sess.run(queue.enqueue(str(tmp_path / "a.txt")))
            reading = threading.Thread(target=lambda: read_all(sess, line))
            reading.start()
            while len(opened) < 2 or not opened[1].closed:
                pass
            sess.run(queue.enqueue(str(tmp_path / "a.txt")))
        reading.join(60)
        assert opened[-1].closed


def read_all(sess, line):
    with pytest.raises((tf.errors.CancelledError, RuntimeError)):
        while True:
            sess.run(line)


WAITS = """
import os, signal, threading
import tensorflow as tf

number = tf.train.range_input_producer(5).dequeue()
numbers = tf.train.batch([number], 2, num_threads=2)
empty = tf.FIFOQueue(5, tf.int32, shapes=[[]])
step = tf.reduce_sum(numbers) + empty.dequeue()
with tf.Session() as sess:
    coord = tf.train.Coordinator()
    threads = tf.train.start_queue_runners(sess, coord, daemon=False)
    sess.run(numbers)
    threading.Timer(0.1, os.kill, [os.getpid(), signal.SIGINT]).start()
    try:
        sess.run(step)
    finally:
        coord.request_stop()
        coord.join(threads)
        print("joined")
"""


def test_an_interrupt_ends_a_program_that_waits_for_a_queue(tmp_path):
    path = tmp_path / "waits.py"
    path.write_text(WAITS)
    done = subprocess.run(
        [sys.executable, "-m", "graphmode", "run", path], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stdout) == (130, "joined\n")
    assert done.stderr == "graphmode run: interrupted at waits.py:15   sess.run(step)\n"


def test_a_meta_graph_brings_its_queue_runners():
    with tf.Graph().as_default():
        number = tf.train.range_input_producer(3, 1, shuffle=False).dequeue()
        rows = tf.train.batch([number], 3, name="rows")
        meta = tf.train.export_meta_graph()
    with tf.Graph().as_default() as graph, tf.Session() as sess:
        tf.train.import_meta_graph(meta, import_scope="again")
        initialized(sess)
        coord = tf.train.Coordinator()
        threads = tf.train.start_queue_runners(sess, coord)
        fetch = graph.get_tensor_by_name("again/" + rows.name)
        assert sess.run(fetch).tolist() == [0, 1, 2]
        coord.request_stop()
        coord.join(threads)


@pytest.mark.parametrize("pads", [False, True])
def test_batches_are_made_ahead_as_slim_does(mode, pads):
    slim = tf.contrib.slim
    with tf.Graph().as_default(), tf.Session() as sess:
        number = tf.train.range_input_producer(6, 1, shuffle=False).dequeue()
        rows = tf.train.batch({"x": number, "y": number * 2}, 3)
        queue = slim.prefetch_queue.prefetch_queue(rows, capacity=4, dynamic_pad=pads)
        ahead = queue.dequeue()
        assert queue.name == "prefetch_queue/" + ("padding_fifo_queue" if pads else "fifo_queue")
        assert tf.get_collection(tf.GraphKeys.SUMMARIES)[-1].op.name == (
            "prefetch_queue/fraction_of_4_full"
        )
        initialized(sess)
        before = set(threading.enumerate())
        with slim.queues.QueueRunners(sess):
            found = [sess.run(ahead) for _ in range(2)]
            nested = pytest.raises(slim.queues.NestedQueueRunnerError, match="cannot be nested")
            with nested, slim.queues.QueueRunners(sess):
                pass
        assert set(threading.enumerate()) <= before
        assert [row["x"].tolist() for row in found] == [[0, 1, 2], [3, 4, 5]]
        assert found[1]["y"].tolist() == [6, 8, 10]
