"""A ps in a process of its own, a worker in this one."""

import numpy as np
import pytest

import graphmode as tf


@pytest.fixture(scope="module")
def cluster(free_addresses):
    ps, worker = free_addresses(2)
    return {"ps": [ps], "worker": [worker]}


@pytest.fixture(scope="module")
def target(cluster, processes):
    processes.start(cluster, "ps", 0)
    return tf.train.Server(cluster, "worker", 0).target


@pytest.fixture
def fresh(target):
    """A graph for what the ps has forgotten."""
    tf.Session.reset(target)
    with tf.Graph().as_default():
        yield target


def test_a_worker_trains_variables_of_the_ps(fresh, cluster):
    with tf.device("/job:ps/task:0"):
        w = tf.get_variable("w", [3, 1], initializer=tf.zeros_initializer())
        step = tf.train.get_or_create_global_step()
    x, y = tf.placeholder(tf.float32, [None, 3]), tf.placeholder(tf.float32, [None, 1])
    loss = tf.reduce_mean(tf.square(tf.matmul(x, w) - y))
    train = tf.train.GradientDescentOptimizer(0.1).minimize(loss, global_step=step)
    rows = np.random.default_rng(0).normal(size=(50, 3)).astype(np.float32)
    wanted = np.array([[1.0], [-2.0], [3.0]], np.float32)
    with tf.Session(fresh) as sess:
        sess.run(tf.global_variables_initializer())
        for _ in range(100):
            sess.run(train, {x: rows, y: rows @ wanted})
    with tf.Session("grpc://" + cluster["ps"][0]) as sess:  # as somebody who is no task
        np.testing.assert_allclose(sess.run(w), wanted, atol=1e-4)
        assert sess.run(step) == 100
