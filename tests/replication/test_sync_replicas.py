"""`SyncReplicasOptimizer` of several workers: what comes late, and who is missing."""

import logging
import time

import numpy as np
import pytest

import graphmode as tf
from graphmode.platform.testing.machine import free_addresses


def worker(n_required, n_workers, rows, learning_rate=0.5):
    """A worker's graph, its step, its hook's operations: what it shares is by name."""
    with tf.Graph().as_default() as graph:
        w = tf.get_variable("w", initializer=[1.0, -2.0, 3.0])
        table = tf.get_variable("table", initializer=np.ones((4, 3), np.float32))
        ids = tf.placeholder(tf.int32, [None], name="ids")
        loss = tf.reduce_mean(tf.nn.embedding_lookup(table, ids) * rows * w)
        step = tf.train.get_or_create_global_step()
        opt = tf.train.SyncReplicasOptimizer(
            tf.train.GradientDescentOptimizer(learning_rate), n_required, n_workers
        )
        train = opt.minimize(loss, global_step=step)
        init = tf.global_variables_initializer()
    return graph, opt, train, init


def test_gradients_of_an_earlier_step_are_dropped():
    """One worker is a backup: who comes late has computed for nothing, and goes on."""
    server = tf.train.Server.create_local_server()
    rows = np.arange(3, dtype=np.float32) + 1
    quick, opt, train, init = worker(1, 2, rows)
    late, _, late_train, _ = worker(1, 2, rows * 100)
    late_init = late.get_operation_by_name("Assign")
    with (
        tf.Session(server.target, graph=quick) as one,
        tf.Session(server.target, graph=late) as two,
    ):
        one.run(init)
        one.run(opt.chief_init_op)
        two.run(late_init)
        runner = opt.get_chief_queue_runner()
        coord = tf.train.Coordinator()
        runner.create_threads(one, coord=coord, daemon=True, start=True)
        found = [int(one.run(train, {"ids:0": [0, 1]}))]
        after_one = one.run(["w:0", "table:0"])
        found.append(int(two.run(late_train, {"ids:0": [2]})))  # computed at step 0
        unchanged = one.run(["w:0", "table:0", "global_step:0"])
        found.append(int(two.run(late_train, {"ids:0": [2]})))
        w, table, step = two.run(["w:0", "table:0", "global_step:0"])
        coord.request_stop()
    assert found == [1, 1, 2]
    np.testing.assert_array_equal(unchanged[0], after_one[0])
    np.testing.assert_array_equal(unchanged[1], after_one[1])
    assert (unchanged[2], step) == (1, 2)
    first = np.array([1.0, -2.0, 3.0], np.float32) - 0.5 * rows / 3
    np.testing.assert_allclose(after_one[0], first, rtol=1e-6)
    np.testing.assert_allclose(w, first - 0.5 * rows * 100 / 3, rtol=1e-6)
    np.testing.assert_allclose(table[2], 1 - 0.5 * rows * 100 * first / 3, rtol=1e-6)
    np.testing.assert_allclose(table[3], 1)


def test_who_is_missing_is_told(monkeypatch, caplog):
    monkeypatch.setattr(tf.train.SyncReplicasOptimizer, "patience_secs", 0.2)
    addresses = free_addresses(2)
    server = tf.train.Server({"worker": addresses}, "worker", 0)
    graph, opt, train, _ = worker(2, 2, np.ones(3, np.float32))
    options = tf.ConfigProto(device_filters=["/job:worker/task:0"])
    errors = (tf.errors.DeadlineExceededError, tf.errors.FailedPreconditionError)
    with graph.as_default(), caplog.at_level(logging.WARNING, "tensorflow"):
        hooks = [opt.make_session_run_hook(True, num_tokens=0)]
        limit = tf.RunOptions(timeout_in_ms=1500)
        with (
            tf.train.MonitoredTrainingSession(server.target, hooks=hooks, config=options) as sess,
            pytest.raises(errors),
        ):
            sess.run(train, {"ids:0": [1]}, options=limit)
    (told,) = [r.getMessage() for r in caplog.records if "waits for gradients" in r.getMessage()]
    assert "of 2 gradients of step 0 w:0 has 1, table:0 has 1" in told
    assert f"no answer from /job:worker/replica:0/task:1 at {addresses[1]}" in told


def test_a_supervisor_makes_the_steps(tmp_path):
    """The form of programs before monitored sessions; its end waits for nothing."""
    graph, opt, train, init = worker(1, 1, np.ones(3, np.float32))
    with graph.as_default():
        tokens = opt.get_init_tokens_op(0)
        supervisor = tf.train.Supervisor(
            is_chief=True, logdir=str(tmp_path), init_op=init, local_init_op=opt.chief_init_op,
            ready_for_local_init_op=opt.ready_for_local_init_op, recovery_wait_secs=1,
            global_step=opt.global_step, summary_op=None,
        )  # fmt: skip
        sess = supervisor.prepare_or_wait_for_session("", config=tf.ConfigProto())
        sess.run(tokens)
        supervisor.start_queue_runners(sess, [opt.get_chief_queue_runner()])
        steps = [int(sess.run(train, {"ids:0": [0, 3]})) for _ in range(3)]
        began = time.monotonic()
        supervisor.stop()
        assert time.monotonic() - began < 30  # TensorFlow's two minutes
        sess.close()
    assert steps == [1, 2, 3]


def test_slim_trains_by_synchronous_steps(tmp_path):
    slim = tf.contrib.slim
    w = tf.get_variable("w", initializer=0.0)
    opt = tf.train.SyncReplicasOptimizer(tf.train.GradientDescentOptimizer(0.1), 1)
    train_op = slim.learning.create_train_op(tf.square(w - 3.0), opt)
    options = {"number_of_steps": 5, "log_every_n_steps": 0, "save_summaries_secs": 0}
    with pytest.raises(ValueError, match="startup_delay_steps must be zero"):
        slim.learning.train(train_op, None, sync_optimizer=opt, startup_delay_steps=1)
    with pytest.raises(ValueError, match=r"must be a tf\.train\.SyncReplicasOptimizer"):
        slim.learning.train(train_op, None, sync_optimizer=tf.train.AdamOptimizer())
    slim.learning.train(train_op, str(tmp_path), sync_optimizer=opt, **options)
    reader = tf.train.NewCheckpointReader(tf.train.latest_checkpoint(str(tmp_path)))
    step = reader.get_tensor("global_step")
    assert step in (5, 6)  # the thread that makes the steps may have made one more
    np.testing.assert_allclose(reader.get_tensor("w"), 3 * (1 - 0.8**step), rtol=1e-5)
