"""Runs from several threads at once, and Ctrl-C in the middle of one."""

import signal
import threading

import numpy as np
import pytest

import graphmode as tf
from graphmode.runtime.programs import compiler


@pytest.fixture
def sess():
    with tf.Graph().as_default(), tf.Session() as session:
        yield session


def test_threads_share_a_session(mode, sess):
    n_threads, n_runs = 4, 100
    v = tf.Variable(np.zeros(3, np.int32))
    step = tf.assign_add(v, [1, 2, 3])
    x = tf.placeholder(tf.float32, [None, 5])
    total = tf.reduce_sum(x, 1)
    sess.run(v.initializer)
    wrong = []

    def work(k):
        try:
            for i in range(n_runs):
                sess.run(step)
                sums = sess.run(total, {x: np.full((1 + i % 3, 5), k)})
                if sums.tolist() != [5.0 * k] * (1 + i % 3):
                    wrong.append(sums)
        except Exception as error:
            wrong.append(error)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(n_threads)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert sess.run(v).tolist() == [400, 800, 1200]


def test_an_interrupted_program_leaves_its_variables_usable(sess, monkeypatch):
    sess.mode = "compiled"
    v = tf.Variable(np.arange(4.0))
    step = tf.assign_add(v, [10.0, 20.0, 30.0, 40.0])
    sess.run(v.initializer)
    sess.run(step)
    run_program = compiler.Program.__call__

    def interrupted(self, inputs, keys):
        results = run_program(self, inputs, keys)
        signal.raise_signal(signal.SIGINT)
        return results

    monkeypatch.setattr(compiler.Program, "__call__", interrupted)
    with pytest.raises(KeyboardInterrupt):
        sess.run(step.op)
    monkeypatch.undo()
    assert sess.run(v).tolist() == [20.0, 41.0, 62.0, 83.0]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
