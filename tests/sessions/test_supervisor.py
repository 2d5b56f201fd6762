"""A supervisor's threads, and what reaches its caller; its messages are in the goldens."""

import threading
from pathlib import Path

import pytest

import graphmode as tf


def training():
    v = tf.get_variable("v", [2], initializer=tf.zeros_initializer())
    step = tf.train.get_or_create_global_step()
    with tf.control_dependencies([v.assign_add([1.0, 2.0])]):
        train = tf.assign_add(step, 1)
    tf.summary.scalar("first", v[0])
    return v, train


def test_its_threads_save_checkpoints_and_summaries(tmp_path, mode):
    v, train = training()
    supervisor = tf.train.Supervisor(
        logdir=str(tmp_path), save_model_secs=0.01, save_summaries_secs=0.01
    )
    done = threading.Event()
    supervisor_saver_save = supervisor.saver.save

    def save(*args, **kwargs):
        result = supervisor_saver_save(*args, **kwargs)
        if not result.endswith("-0"):
            done.set()
        return result

    supervisor.saver.save = save
    with supervisor.managed_session() as session:
        while not done.is_set():
            session.run(train)
        supervisor.stop()
        value = session.run(v).tolist()
        step = int(session.run(supervisor.global_step))
    assert value == [step, 2 * step]
    newest = tf.train.latest_checkpoint(str(tmp_path))
    saved = int(newest.rpartition("-")[2])
    assert 0 < saved <= step
    assert tf.train.load_variable(newest, "v").tolist() == [saved, 2 * saved]
    (path,) = tmp_path.glob("*tfevents*")
    events = list(tf.train.summary_iterator(str(path)))
    tags = {value.tag for event in events for value in event.summary.value}
    assert tags == {"first", "global_step/sec"}
    for event in events:
        for value in event.summary.value:
            if value.tag == "first":
                assert value.simple_value == event.step


def test_one_thread_that_fails_ends_all_and_reaches_the_caller_once():
    _, train = training()
    supervisor = tf.train.Supervisor()
    error = ValueError("bad row")

    def fail():
        raise error

    with (
        pytest.raises(ValueError, match="bad row") as raised,
        supervisor.managed_session() as session,
    ):
        supervisor.loop(None, supervisor.wait_for_stop)
        supervisor.loop(0.001, fail)
        while not supervisor.should_stop():
            session.run(train)
    assert raised.value is error
    with pytest.raises(RuntimeError, match="closed Session"):
        session.run(train)


def test_a_second_session_of_the_same_supervisor(tmp_path):
    v, train = training()
    supervisor = tf.train.Supervisor(logdir=str(tmp_path), save_model_secs=0)
    for n in (1, 2):
        with supervisor.managed_session() as session:
            assert session.run(v).tolist() == [2.0 * (n - 1), 4.0 * (n - 1)]
            session.run(train)
            session.run(train)
            supervisor.saver.save(session, supervisor.save_path, global_step=supervisor.global_step)
    assert {path.name for path in tmp_path.glob("*.index")} == {
        "model.ckpt-2.index", "model.ckpt-4.index",
    }  # fmt: skip


def test_without_a_folder_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    _, train = training()
    supervisor = tf.train.Supervisor()
    with supervisor.managed_session() as session:
        session.run(train)
        assert supervisor.start_standard_services(session) is None
        with pytest.raises(RuntimeError, match="Writing a summary requires a summary writer"):
            supervisor.summary_computed(session, b"")
    assert list(Path(tmp_path).iterdir()) == []
    assert supervisor.save_path is None


def test_a_worker():
    training()
    with pytest.raises(ValueError, match="all Variables must have their device set"):
        tf.train.Supervisor(is_chief=False)
    with tf.Graph().as_default(), tf.device("/job:ps/task:0"):
        tf.get_variable("v", [2])
        supervisor = tf.train.Supervisor(is_chief=False, logdir="unused", recovery_wait_secs=1)
        assert (supervisor.summary_writer, supervisor.save_path) == (None, None)
        with pytest.raises(RuntimeError, match="Only chief supervisor can start standard services"):
            supervisor.start_standard_services(None)


def test_parts_that_are_left_out(tmp_path):
    v, train = training()
    supervisor = tf.train.Supervisor(
        logdir=str(tmp_path), init_op=v.initializer, ready_op=None, summary_op=None, saver=None,
        global_step=None, summary_writer=None, local_init_op=None,
    )  # fmt: skip
    with supervisor.managed_session() as session:
        assert session.run(v).tolist() == [0.0, 0.0]
    assert [path.name for path in tmp_path.iterdir()] == ["graph.pbtxt"]
    for part in ("ready_op", "summary_op", "saver", "global_step", "summary_writer"):
        assert getattr(supervisor, part) is None
    assert train is not None


def test_a_graph_that_it_finalized():
    training()
    tf.train.Supervisor()
    with pytest.raises(RuntimeError, match="Graph is finalized and cannot be modified"):
        tf.constant(1.0)


def test_a_global_step_that_is_no_integer(caplog):
    tf.get_variable("global_step", [], tf.float32)
    supervisor = tf.train.Supervisor()
    assert supervisor.global_step is None
    assert any("is not an int type" in record.getMessage() for record in caplog.records)


def test_the_old_names_of_its_methods():
    methods = {
        "PrepareSession": "prepare_or_wait_for_session", "StartQueueRunners": "start_queue_runners",
        "StartStandardServices": "start_standard_services", "Stop": "stop", "Loop": "loop",
        "RequestStop": "request_stop", "ShouldStop": "should_stop",
        "StopOnException": "stop_on_exception", "WaitForStop": "wait_for_stop",
        "SummaryComputed": "summary_computed",
    }  # fmt: skip
    for old, new in methods.items():
        assert getattr(tf.train.Supervisor, old) is getattr(tf.train.Supervisor, new)
