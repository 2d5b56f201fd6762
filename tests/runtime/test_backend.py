"""What the process is told before its first program."""

import sys

import numpy as np
import pytest

import graphmode as tf
from graphmode.runtime.programs import PlanState


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's allocator is the one that is told")
def test_large_intermediate_values_take_no_new_memory_in_later_runs(monkeypatch):
    import resource

    monkeypatch.setattr(PlanState, "is_worth_compiling", lambda self, signature: True)
    with tf.Graph().as_default(), tf.Session() as sess:
        x = tf.placeholder(tf.float32, [64, 8])
        w = tf.placeholder(tf.float32, [8, 200_000])
        largest = tf.reduce_max(tf.sin(tf.matmul(x, w)))  # 51 MB between the two
        feed = {x: np.ones((64, 8), np.float32), w: np.zeros((8, 200_000), np.float32)}
        met = []
        for _ in range(15):
            before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
            assert sess.run(largest, feed) == 0.0
            met.append(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
    # A few runs find the kept block cut into by something smaller.
    pages_of_one = 64 * 200_000 * 4 // resource.getpagesize()
    assert np.median(met) < pages_of_one / 10


@pytest.mark.parametrize("compiled", [True, False])
def test_large_results_are_the_callers_and_can_be_fed_in_place(monkeypatch, compiled):
    monkeypatch.setattr(PlanState, "is_worth_compiling", lambda self, signature: compiled)
    with tf.Graph().as_default(), tf.Session() as sess:
        v = tf.Variable(np.arange(40_000, dtype=np.float32).reshape(200, 200))
        sess.run(v.initializer)
        for value in sess.run([v, v + 0.0, tf.transpose(v)]):
            assert value.ctypes.data % 64 == 0  # XLA copies what begins elsewhere
            value[:] = 0
        assert sess.run(v)[-1, -1] == 39_999
