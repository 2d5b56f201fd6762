"""Training that is interrupted and goes on ends with the same bytes as training through."""

import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import graphmode as tf
from graphmode.training.random_positions import file_name
from sessions import resuming


@pytest.mark.parametrize("train", [resuming.monitored, resuming.by_saver, resuming.supervised])
def test_interrupted_and_resumed_gives_the_same_bytes(tmp_path, mode, train):
    through = train(tmp_path / "through", 11)
    assert through[0] == 11
    for last_step in (3, 4, 9):
        other = train(tmp_path / "parts", last_step)
        assert other[0] == last_step
        assert other[1] != through[1]
    assert train(tmp_path / "parts", 11) == through


def in_loops_and_branches(folder, last_step):
    """Random operations within a loop and within branches, of which one is taken in each step."""
    with tf.Graph().as_default():
        tf.set_random_seed(3)
        step = tf.train.get_or_create_global_step()
        v = tf.get_variable("v", [3], initializer=tf.zeros_initializer())
        _, summed = tf.while_loop(
            lambda i, _: i < 2 + tf.cast(step % 3, tf.int32),
            lambda i, total: (i + 1, total + tf.random_normal([3])),
            [0, tf.zeros([3])],
        )
        either = tf.cond(
            tf.equal(step % 2, 0),
            lambda: tf.random_uniform([3]),
            lambda: -tf.random_uniform([3], seed=9),
        )
        with tf.control_dependencies([v.assign_add(summed + either)]):
            train = tf.assign_add(step, 1)
        with tf.train.MonitoredTrainingSession(
            checkpoint_dir=str(folder), save_checkpoint_steps=3,
            hooks=[tf.train.StopAtStepHook(last_step=last_step)],
        ) as session:  # fmt: skip
            while not session.should_stop():
                value, _ = session.run([v, train])
    tf.summary.FileWriterCache.clear()
    return value


def test_draws_of_loops_and_branches_go_on(tmp_path, mode):
    through = in_loops_and_branches(tmp_path / "through", 9)
    in_loops_and_branches(tmp_path / "parts", 4)
    assert np.array_equal(in_loops_and_branches(tmp_path / "parts", 9), through)


def killed_and_resumed(folder, stops, last_step):
    """A program that is killed some time after it has told of each of these steps."""
    draw = random.Random(8)
    through = resuming.monitored(folder / "through", last_step)
    begun_at = []
    for stop_at in stops:
        program = [sys.executable, resuming.__file__, folder / "killed", str(last_step)]
        with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as process:
            begun_at.append(int(process.stdout.readline().split()[1]))
            for line in process.stdout:
                if int(line.split()[1]) >= stop_at:
                    break
            for _ in range(draw.randrange(3)):
                process.stdout.readline()
            time.sleep(draw.uniform(0, 0.02))
            process.send_signal(signal.SIGKILL)
    assert resuming.monitored(folder / "killed", last_step) == through
    return begun_at


def test_a_killed_program_goes_on_when_it_is_started_again(tmp_path, monkeypatch):
    monkeypatch.setenv("GRAPHMODE_MODE", "interpreted")
    first, second = killed_and_resumed(tmp_path, (6, 13), 24)
    assert first == 1
    assert second >= 5


@pytest.mark.slow
def test_a_program_that_is_killed_again_and_again_ends_with_the_same_bytes(tmp_path, monkeypatch):
    monkeypatch.setenv("GRAPHMODE_MODE", "interpreted")
    stops = range(6, 186, 6)
    begun_at = killed_and_resumed(tmp_path, stops, 200)
    assert len(begun_at) == 30
    assert all(begun > stop - 12 for begun, stop in zip(begun_at, stops, strict=True))


def test_lost_sessions_change_no_byte(tmp_path, mode):
    """AbortedError every few runs: each new session goes on from the newest checkpoint."""
    through = resuming.monitored(tmp_path / "through", 14)

    class Losing(tf.train.SessionRunHook):
        n = 0

        def before_run(self, run_context):
            self.n += 1
            if self.n in (3, 8, 9, 15):
                raise tf.errors.AbortedError(None, None, "lost")

    with tf.Graph().as_default():
        train, _ = resuming.model()
        last = resuming.Last()
        hooks = [Losing(), tf.train.StopAtStepHook(last_step=14), last]
        with tf.train.MonitoredTrainingSession(
            checkpoint_dir=str(tmp_path / "lost"), save_checkpoint_steps=4, hooks=hooks
        ) as session:
            while not session.should_stop():
                session.run(train)
    assert last.seen == through


# ---- random numbers beside a checkpoint ----------------------------------------------------------


def drawing(folder, n, step=0):
    """A session that draws n times and saves: what it drew after that."""
    with tf.Graph().as_default(), tf.Session() as session:
        x = tf.random_uniform([2], seed=4, name="x")
        free = tf.random_uniform([2], name="free")
        v = tf.Variable(tf.random_normal([2], seed=5), name="v")
        saver = tf.train.Saver(max_to_keep=2)
        session.run(v.initializer)
        for _ in range(n):
            session.run([x, free])
        prefix = saver.save(session, f"{folder}/m", global_step=step, write_meta_graph=False)
        return prefix, session.run(x)


def test_only_seeded_draws_of_steps_are_written(tmp_path):
    prefix, _ = drawing(tmp_path, 3)
    assert list(json.loads(Path(file_name(prefix)).read_text())["drawn"]) == ["x/RandomUniform"]


def test_nothing_is_written_where_nothing_was_drawn(tmp_path):
    prefix, _ = drawing(tmp_path, 0)
    assert not Path(file_name(prefix)).exists()
    assert len(list(tmp_path.iterdir())) == 3


def test_the_file_goes_with_its_checkpoint(tmp_path):
    with tf.Session() as session:
        x = tf.random_uniform([2], seed=4)
        v = tf.Variable(x)
        y = x + v
        saver = tf.train.Saver(max_to_keep=2)
        session.run(v.initializer)
        for step in range(4):
            session.run(y)
            saver.save(session, f"{tmp_path}/m", global_step=step)
    assert sorted(path.name for path in tmp_path.glob("*.random")) == ["m-2.random", "m-3.random"]


def test_a_session_that_has_drawn_goes_on_as_it_was(tmp_path):
    """As TensorFlow: restoring the best weights does not draw the same numbers again."""
    prefix, _ = drawing(tmp_path, 1)
    with tf.Session() as session:
        x = tf.random_uniform([2], seed=4, name="x")
        v = tf.get_variable("v", [2])
        plain = [session.run(x) for _ in range(5)]
    with tf.Session() as session:
        drawn = [session.run(x) for _ in range(3)]
        tf.train.Saver().restore(session, prefix)
        drawn += [session.run(x) for _ in range(2)]
    assert np.array_equal(plain, drawn)
    with tf.Session() as session:
        tf.train.Saver().restore(session, prefix)
        assert np.array_equal(session.run(x), plain[1])
    assert v.shape == [2]


def test_another_seed_begins_anew(tmp_path):
    prefix, _ = drawing(tmp_path, 2)
    tf.get_variable("v", [2])
    x = tf.random_uniform([2], seed=6, name="x")
    with tf.Session() as session:
        expected = session.run(x)
    with tf.Session() as session:
        tf.train.Saver().restore(session, prefix)
        assert np.array_equal(session.run(x), expected)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"index": 0, "drawn": [1]}', b"\xff"])
def test_a_damaged_file_is_named_and_loses_nothing_else(tmp_path, content, caplog):
    prefix, _ = drawing(tmp_path, 2)
    Path(file_name(prefix)).write_bytes(content)
    v = tf.get_variable("v", [2])
    with tf.Session() as session:
        tf.train.Saver().restore(session, prefix)
        assert np.isfinite(session.run(v)).all()
    told = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert [file_name(prefix) in text for text in told] == [True]


def test_a_checkpoint_that_another_program_has_saved_again(tmp_path):
    """Its index is another one: the file beside it says nothing of it."""
    prefix, _ = drawing(tmp_path, 2)
    kept = Path(file_name(prefix)).read_bytes()
    drawing(tmp_path, 0)
    Path(file_name(prefix)).write_bytes(kept.replace(b'"index": ', b'"index": 1'))
    tf.get_variable("v", [2])
    x = tf.random_uniform([2], seed=4, name="x")
    with tf.Session() as session:
        expected = session.run(x)
    with tf.Session() as session:
        tf.train.Saver().restore(session, prefix)
        assert np.array_equal(session.run(x), expected)


# ---- with TensorFlow in turns --------------------------------------------------------------------


def trained_by(library, folder, last_step):
    """A library's MonitoredTrainingSession trains in a folder up to a step: the weights."""
    with library.Graph().as_default():
        x = library.constant(np.random.RandomState(0).randn(8, 3).astype(np.float32))
        w = library.get_variable("w", [3, 2], initializer=library.constant_initializer(0.5))
        loss = library.reduce_mean(library.square(library.matmul(x, w) - 1.0))
        step = library.train.get_or_create_global_step()
        train = library.train.AdamOptimizer(0.05).minimize(loss, global_step=step)
        with library.train.MonitoredTrainingSession(
            checkpoint_dir=str(folder), save_checkpoint_steps=5,
            hooks=[library.train.StopAtStepHook(last_step=last_step)],
        ) as session:  # fmt: skip
            while not session.should_stop():
                session.run(train)
            result = session._tf_sess().run([step, w])
    library.summary.FileWriterCache.clear()
    assert result[0] == last_step
    return result[1]


def test_tensorflow_goes_on_with_ours_and_we_with_its(tmp_path, oracle):
    through = trained_by(oracle, tmp_path / "through", 24)
    for library, last_step in ((tf, 6), (oracle, 12), (tf, 18), (oracle, 24)):
        found = trained_by(library, tmp_path / "turns", last_step)
    assert np.allclose(found, through, rtol=1e-5, atol=0)
