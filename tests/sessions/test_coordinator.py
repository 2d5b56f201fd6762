"""What is better here than in TensorFlow 1.15: its own behaviour is in the goldens."""

import threading
import time

import pytest

import graphmode as tf


def test_an_exception_that_was_not_raised_is_raised_as_it_is():
    coord, error = tf.train.Coordinator(), ValueError("bad")
    coord.request_stop(error)
    with pytest.raises(ValueError, match=r"^bad$") as raised:
        coord.join()
    assert raised.value is error


@pytest.mark.parametrize("ex", [(ValueError, None, None), (None, ValueError("bad")), (), "text", 3])
def test_what_is_no_exception_says_so(ex):
    coord = tf.train.Coordinator()
    coord.request_stop(ex)
    with pytest.raises(ValueError, match=r"ex must be a tuple or sys\.exc_info must return"):
        coord.join()


def test_a_text_in_an_except_block_means_its_exception():
    coord = tf.train.Coordinator()
    try:
        raise KeyError("lost")
    except KeyError:
        coord.request_stop("see above")
    with pytest.raises(KeyError, match="lost"):
        coord.join()


def test_join_returns_soon_after_the_last_thread_has_ended():
    """TensorFlow looks once a second."""
    coord, end = tf.train.Coordinator(), threading.Event()
    thread = threading.Thread(target=end.wait)
    thread.start()
    timer = threading.Timer(0.05, end.set)
    timer.start()
    coord.join([thread])
    assert not thread.is_alive()
    assert not coord.should_stop()


def test_threads_have_their_time_to_end():
    coord = tf.train.Coordinator()

    def work():
        coord.wait_for_stop()
        time.sleep(0.05)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    coord.request_stop()
    coord.join(threads, stop_grace_period_secs=60)
    assert not any(thread.is_alive() for thread in threads)


def test_what_threads_raise_reaches_the_caller_once():
    """The first of many that fail at the same time."""
    coord = tf.train.Coordinator()
    start = threading.Barrier(8)

    def work(n):
        with coord.stop_on_exception():
            start.wait()
            raise ValueError(n)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    with pytest.raises(ValueError) as raised:
        coord.join(threads)
    assert raised.value.args[0] in range(8)
    assert raised.value.__context__ is None
    coord.clear_stop()
    coord.join(threads)


def test_a_stop_ends_a_queue_that_waits():
    """A thread that waits in a run is woken when its session is closed."""
    coord = tf.train.Coordinator()
    queue = tf.FIFOQueue(2, [tf.float32], [[3]])
    row = queue.dequeue()
    session = tf.Session()

    def work():
        with coord.stop_on_exception():
            session.run(row)

    thread = threading.Thread(target=work)
    thread.start()
    coord.request_stop()
    session.close()
    coord.join([thread], stop_grace_period_secs=60)
    assert not thread.is_alive()
