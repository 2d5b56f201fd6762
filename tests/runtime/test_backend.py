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
        x = tf.placeholder(tf.float32, [8000, 8])
        w = tf.placeholder(tf.float32, [8, 1600])
        largest = tf.reduce_max(tf.sin(tf.matmul(x, w)))  # 51 MB between the two
        feed = {x: np.ones((8000, 8), np.float32), w: np.zeros((8, 1600), np.float32)}
        met = []
        for _ in range(15):
            before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
            assert sess.run(largest, feed) == 0.0
            met.append(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
    # A few runs find the kept block cut into by something smaller.
    pages_of_one = 8000 * 1600 * 4 // resource.getpagesize()
    assert np.median(met) < pages_of_one / 10
