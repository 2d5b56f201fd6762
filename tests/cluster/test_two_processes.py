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


def test_a_constant_goes_to_whichever_task_reads_it(fresh):
    with tf.device("/job:ps/task:0"):
        v, two = tf.Variable(1.0), tf.constant(2.0)
    with tf.device("/job:worker/task:0"):
        y, three = tf.square(v) + two, tf.constant(3.0)
    with tf.device("/job:ps/task:0"):
        add = tf.assign_add(v, three)
    with tf.Session(fresh) as sess:
        sess.run(tf.global_variables_initializer())
        assert sess.run(add) == 4.0
        assert sess.run(y) == 18.0
        sess.close()  # as programs do inside of the block, which closes it again


def test_rows_of_a_table_on_the_ps_are_trained(fresh):
    """An op that is written as several has its own inputs, too, which come from the worker."""
    setter = tf.train.replica_device_setter(ps_tasks=1, worker_device="/job:worker/task:0")
    start = np.arange(20, dtype=np.float32).reshape(10, 2)
    with tf.device(setter):
        ids = tf.placeholder(tf.int32, [None])
        table = tf.get_variable("table", initializer=start, partitioner=None)
        loss = tf.reduce_sum(tf.nn.embedding_lookup(table, ids)) * 0.5
        train = tf.train.AdagradOptimizer(0.1, initial_accumulator_value=1.0).minimize(loss)
    with tf.Session(fresh) as sess:
        sess.run(tf.global_variables_initializer())
        sess.run(train, {ids: [3, 7, 3]})
        change = start - sess.run(table)
    expected = np.zeros((10, 2), np.float32)
    expected[3], expected[7] = 0.1 / np.sqrt(2.0), 0.05 / np.sqrt(1.25)
    np.testing.assert_allclose(change, expected, atol=1e-6)
