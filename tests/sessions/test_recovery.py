"""Which checkpoint a session goes on from, and what it says of those that it cannot use."""

import os
import threading
from pathlib import Path

import numpy as np
import pytest

import graphmode as tf


def trained(folder, n=4, shape=(2,), save_at=1, value=1.0):
    """A folder with checkpoints of 0, 1, ... n; at each `v` is as large as the step."""
    with tf.Graph().as_default():
        step = tf.train.get_or_create_global_step()
        v = tf.get_variable("v", shape, initializer=tf.zeros_initializer())
        with tf.control_dependencies([v.assign_add(tf.fill(shape, value))]):
            train = tf.assign_add(step, 1)
        with tf.train.MonitoredTrainingSession(
            checkpoint_dir=str(folder), save_checkpoint_steps=save_at,
            hooks=[tf.train.StopAtStepHook(last_step=n)],
        ) as session:  # fmt: skip
            while not session.should_stop():
                session.run(train)
    tf.summary.FileWriterCache.clear()


def reached(folder, **options):
    """The step and the values that a session of that folder begins with."""
    with tf.Graph().as_default():
        step = tf.train.get_or_create_global_step()
        v = tf.get_variable("v", [2], initializer=tf.zeros_initializer())
        with tf.train.MonitoredTrainingSession(
            checkpoint_dir=str(folder), save_checkpoint_secs=None, **options
        ) as session:
            result = session.run([step, v])
    tf.summary.FileWriterCache.clear()
    return int(result[0]), result[1].tolist()


def warnings(caplog):
    return [r.getMessage() for r in caplog.records if r.levelname == "WARNING"]


def flip(path, at=-1):
    content = bytearray(Path(path).read_bytes())
    content[at] ^= 0x40
    Path(path).write_bytes(content)


def only(folder, pattern):
    (path,) = folder.glob(pattern)
    return path


DAMAGES = {
    "data flipped": lambda folder: flip(only(folder, "model.ckpt-4.data-*")),
    "data cut": lambda folder: os.truncate(only(folder, "model.ckpt-4.data-*"), 3),
    "data gone": lambda folder: only(folder, "model.ckpt-4.data-*").unlink(),
    "index flipped": lambda folder: flip(only(folder, "model.ckpt-4.index"), 10),
    "index empty": lambda folder: os.truncate(only(folder, "model.ckpt-4.index"), 0),
    "index gone": lambda folder: only(folder, "model.ckpt-4.index").unlink(),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_newest_checkpoint_is_skipped_by_name(tmp_path, damage, caplog, mode):
    trained(tmp_path)
    DAMAGES[damage](tmp_path)
    assert reached(tmp_path) == (3, [3.0, 3.0])
    (told,) = warnings(caplog)
    assert told.startswith(f"Checkpoint {tmp_path}/model.ckpt-4 is damaged and is skipped: ")


def test_several_damaged_checkpoints_are_skipped_and_training_goes_on(tmp_path, caplog):
    trained(tmp_path)
    for step in (4, 3):
        flip(only(tmp_path, f"model.ckpt-{step}.data-*"))
    assert reached(tmp_path)[0] == 2
    assert len(warnings(caplog)) == 2
    trained(tmp_path, 5)
    assert reached(tmp_path) == (5, [5.0, 5.0])
    state = tf.train.get_checkpoint_state(str(tmp_path))
    kept = [Path(path).name for path in state.all_model_checkpoint_paths]
    assert kept == [f"model.ckpt-{step}" for step in (1, 2, 3, 4, 5)]


def test_training_never_begins_again_where_all_checkpoints_are_damaged(tmp_path):
    trained(tmp_path, 2)
    before = {path.name for path in tmp_path.iterdir()}
    for path in tmp_path.glob("*.data-*"):
        flip(path)
    with pytest.raises(tf.errors.DataLossError, match=r"model\.ckpt-2"):
        reached(tmp_path)
    assert before <= {path.name for path in tmp_path.iterdir()}


@pytest.mark.parametrize("content", [b"", b"\x00\xff", b"model_checkpoint_path", b"x: 3"])
def test_a_damaged_state_file_loses_nothing(tmp_path, content, caplog):
    trained(tmp_path, 3)
    (tmp_path / "checkpoint").write_bytes(content)
    assert reached(tmp_path) == (3, [3.0, 3.0])
    assert any(f"{tmp_path}/checkpoint is damaged" in text for text in warnings(caplog))


def test_a_checkpoint_of_another_model_is_no_damage(tmp_path, caplog):
    """Both shapes and the variable's line; nothing older is taken in its place."""
    trained(tmp_path, 2, shape=(3, 1))
    with pytest.raises(tf.errors.InvalidArgumentError) as raised:
        reached(tmp_path)
    text = str(raised.value)
    assert "[3,1]" in text.replace(" ", "")
    assert "[2]" in text
    assert "test_recovery.py" in text
    assert 'v = tf.get_variable("v", [2]' in text
    assert warnings(caplog) == []


def test_a_checkpoint_without_a_variable_is_no_damage(tmp_path, caplog):
    trained(tmp_path, 2)
    tf.train.get_or_create_global_step()
    tf.get_variable("v", [2])
    tf.get_variable("w", [3])
    with pytest.raises(tf.errors.NotFoundError, match="Key w not found"):
        tf.train.MonitoredTrainingSession(checkpoint_dir=str(tmp_path))
    assert warnings(caplog) == []
    tf.constant(1.0)  # the graph can be changed again


def test_a_supervisor_skips_it_too(tmp_path, caplog):
    trained(tmp_path)
    flip(only(tmp_path, "model.ckpt-4.data-*"))
    tf.train.get_or_create_global_step()
    v = tf.get_variable("v", [2])
    supervisor = tf.train.Supervisor(logdir=str(tmp_path), save_model_secs=0)
    with supervisor.managed_session() as session:
        assert session.run(v).tolist() == [3.0, 3.0]
    assert len(warnings(caplog)) == 1


def test_a_session_manager_tells_whether_it_restored(tmp_path):
    trained(tmp_path, 2)
    tf.train.get_or_create_global_step()
    v = tf.get_variable("v", [2])
    saver = tf.train.Saver()
    manager = tf.train.SessionManager(ready_op=tf.report_uninitialized_variables())
    session, is_ready = manager.recover_session("", saver, checkpoint_dir=str(tmp_path))
    assert is_ready
    assert session.run(v).tolist() == [2.0, 2.0]
    w = tf.get_variable("w", [3])
    manager = tf.train.SessionManager(ready_op=tf.report_uninitialized_variables())
    session, is_ready = manager.recover_session("", saver, checkpoint_dir=str(tmp_path))
    assert not is_ready
    assert session.run(tf.is_variable_initialized(w)) == np.False_


def test_waiting_for_a_checkpoint(tmp_path):
    v = tf.get_variable("v", [2])
    saver = tf.train.Saver()
    manager = tf.train.SessionManager(recovery_wait_secs=0.01)
    with tf.Session() as session:
        session.run(v.assign([5.0, 6.0]))

        def save_later():
            saver.save(session, str(tmp_path / "m"), write_meta_graph=False)

        timer = threading.Timer(0.05, save_later)
        timer.start()
        other, is_ready = manager.recover_session(
            "", saver, checkpoint_dir=str(tmp_path), wait_for_checkpoint=True, max_wait_secs=60
        )
        timer.join()
    assert is_ready
    assert other.run(v).tolist() == [5.0, 6.0]


def test_waiting_ends(tmp_path):
    tf.get_variable("v", [2])
    saver = tf.train.Saver()
    manager = tf.train.SessionManager(recovery_wait_secs=0.01)
    _, is_ready = manager.recover_session(
        "", saver, checkpoint_dir=str(tmp_path), wait_for_checkpoint=True, max_wait_secs=0.03
    )
    assert not is_ready


def test_a_worker_says_what_it_waits_for():
    tf.get_variable("weights", [2])
    with pytest.raises(tf.errors.DeadlineExceededError) as raised:
        tf.train.MonitoredTrainingSession(is_chief=False, max_wait_secs=0)
    assert str(raised.value).splitlines() == [
        "Session was not ready after waiting 0 secs.",
        "  Variables not initialized: weights",
        "  fix: this waits for a chief that initialises the variables; with one process pass "
        "is_chief=True",
    ]


def test_a_model_that_is_never_ready():
    v = tf.get_variable("v", [2])
    scaffold = tf.train.Scaffold(
        init_op=tf.no_op(), ready_op=tf.report_uninitialized_variables([v])
    )
    with pytest.raises(RuntimeError) as raised:
        tf.train.MonitoredTrainingSession(scaffold=scaffold)
    assert "Variables not initialized: v" in str(raised.value)


def test_a_session_that_is_closed_while_it_saves(tmp_path):
    """The checkpoint before stays; whoever saves learns of the end."""
    tf.set_random_seed(1)
    v = tf.get_variable("v", [400_000], initializer=tf.zeros_initializer())
    more = v.assign_add(tf.ones_like(v))
    saver = tf.train.Saver(max_to_keep=0)
    session = tf.Session()
    session.run(v.initializer)
    first = saver.save(session, str(tmp_path / "m"), global_step=0, write_meta_graph=False)
    saved, errors, begun = [first], [], threading.Event()

    def save_on():
        try:
            for step in range(1, 10_000):
                session.run(more)
                saved.append(saver.save(session, str(tmp_path / "m"), step, write_meta_graph=False))
                begun.set()
        except Exception as error:
            errors.append(error)
            begun.set()

    thread = threading.Thread(target=save_on)
    thread.start()
    assert begun.wait(60)
    session.close()
    thread.join(60)
    assert not thread.is_alive()
    (error,) = errors
    assert isinstance(error, tf.errors.CancelledError) or str(error).startswith(
        "Attempted to use a closed Session."
    )
    newest = tf.train.latest_checkpoint(str(tmp_path))
    assert newest in saved
    found = tf.train.load_variable(newest, "v")
    assert found.min() == found.max() == saved.index(newest)
