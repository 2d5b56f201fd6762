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
