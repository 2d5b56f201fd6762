"""What hooks do beside the traces of TensorFlow 1.15.5: options of theirs, and wrong use."""

import json
import threading
from pathlib import Path

import numpy as np
import pytest

import graphmode as tf


def training():
    """A loss and its step, built before any hook reads the global step."""
    v = tf.get_variable("v", [2], initializer=tf.constant_initializer([1.0, 3.0]))
    loss = tf.reduce_sum(tf.square(v), name="loss")
    step = tf.train.get_or_create_global_step()
    return v, loss, tf.train.GradientDescentOptimizer(0.1).minimize(loss, global_step=step)


def events(folder):
    (path,) = Path(folder).glob("*tfevents*")
    return list(tf.train.summary_iterator(str(path)))


def run(train, n, **options):
    with tf.train.MonitoredSession(**options) as session:
        for _ in range(n):
            session.run(train)
    tf.summary.FileWriterCache.clear()


def messages(caplog):
    return [record.getMessage() for record in caplog.records]


@pytest.mark.parametrize("kind", ["made", "own", "resource"])
def test_steps_are_those_of_tensorflow_wherever_the_global_step_is_read(tmp_path, mode, kind):
    """A run's own step is not seen in it: summaries of run 1, 5, 9 bear these steps."""
    if kind == "own":
        tf.Variable(0, name="global_step", trainable=False)
    elif kind == "resource":
        tf.get_variable(
            "global_step", initializer=tf.constant(0), trainable=False, use_resource=True,
            collections=[tf.GraphKeys.GLOBAL_VARIABLES, tf.GraphKeys.GLOBAL_STEP],
        )  # fmt: skip
    _, loss, train = training()
    summary = tf.summary.scalar("loss", loss)
    hook = tf.train.SummarySaverHook(save_steps=4, output_dir=str(tmp_path), summary_op=summary)
    run(train, 10, hooks=[hook])
    found = [(e.step, e.summary.value[0].simple_value) for e in events(tmp_path) if e.summary.value]
    assert [step for step, _ in found] == [1, 5, 9]
    assert np.allclose([value for _, value in found], [10 * 0.64**n for n in (0, 4, 8)])


def test_summaries_of_a_list_and_with_a_writer_of_ones_own(tmp_path):
    _, loss, train = training()
    several = [tf.summary.scalar("a", loss), tf.summary.scalar("b", loss * 2.0)]
    with tf.summary.FileWriter(str(tmp_path)) as writer:
        hook = tf.train.SummarySaverHook(save_steps=2, summary_writer=writer, summary_op=several)
        with tf.train.MonitoredSession(hooks=[hook]) as session:
            for _ in range(3):
                session.run(train)
    tags = [(e.step, e.summary.value[0].tag) for e in events(tmp_path) if e.summary.value]
    assert tags == [(1, "a"), (1, "b"), (3, "a"), (3, "b")]


def test_seconds_in_place_of_steps(tmp_path, caplog):
    _, loss, train = training()
    hooks = [
        tf.train.StepCounterHook(every_n_steps=None, every_n_secs=0.0, output_dir=str(tmp_path)),
        tf.train.LoggingTensorHook({"loss": loss}, every_n_secs=0.0),
    ]
    run(train, 3, hooks=hooks)
    texts = messages(caplog)
    assert sum(text.startswith("loss = ") for text in texts) == 3
    assert sum(text.startswith("global_step/sec: ") for text in texts) == 2
    assert [e.step for e in events(tmp_path) if e.summary.value] == [2, 3]


def test_a_global_step_that_stands_still_is_told_of_five_times(caplog):
    v, _, _ = training()
    run(v.assign_add([1.0, 1.0]), 9, hooks=[tf.train.StepCounterHook(every_n_steps=2)])
    texts = [text for text in messages(caplog) if "has not been increased" in text]
    assert len(texts) <= 5
    assert texts[0].startswith("It seems that global step (tf.train.get_global_step) has not been")


def test_logging_by_names_that_are_no_tensors():
    tf.split(tf.zeros([4]), 2, name="parts")
    other = tf.Graph()
    with other.as_default():
        elsewhere = tf.constant(1.0)
    for tensors, kind, text in (
        (["absent"], KeyError, "absent"),
        (["parts"], ValueError, "Name parts is ambiguous"),
        ([elsewhere], ValueError, "should have graph attribute that is equal to current graph"),
        ([3.5], ValueError, "Passed 3.5 should have graph attribute"),
    ):
        with pytest.raises(kind, match=text):
            tf.train.MonitoredSession(hooks=[tf.train.LoggingTensorHook(tensors, every_n_iter=1)])


def test_numbers_are_logged_without_exponents(caplog):
    x = tf.constant([1e-7, 2.5], name="x")
    before = np.get_printoptions()
    run(x, 1, hooks=[tf.train.LoggingTensorHook(["x"], every_n_iter=1)])
    assert "x = [0.0000001 2.5      ]" in messages(caplog)
    assert np.get_printoptions() == before


def test_a_formatter_that_is_called_with_percent_signs(caplog):
    x = tf.constant(50, name="x")
    hook = tf.train.LoggingTensorHook(["x"], every_n_iter=1, formatter=lambda v: f"{v['x']} % done")
    run(x, 1, hooks=[hook])
    assert "50 % done" in messages(caplog)


def test_a_loss_of_several_numbers_one_of_which_is_none(mode):
    x = tf.placeholder(tf.float32, [3])
    with tf.train.MonitoredSession(hooks=[tf.train.NanTensorHook(x * 2.0)]) as session:
        session.run(x, {x: [1.0, np.inf, 3.0]})
        with pytest.raises(tf.train.NanLossDuringTrainingError, match=r"^NaN loss during training"):
            session.run(x, {x: [1.0, np.nan, 3.0]})


def test_a_profile_of_a_run(tmp_path, caplog):
    _, _, train = training()
    hook = tf.train.ProfilerHook(save_steps=2, output_dir=str(tmp_path))
    run(train, 6, hooks=[hook])
    files = sorted(path.name for path in tmp_path.glob("timeline-*.json"))
    assert files == [f"timeline-{step}.json" for step in (2, 4, 6)]
    trace = json.loads((tmp_path / files[0]).read_text())
    assert trace["traceEvents"]
    tags = [
        e.tagged_run_metadata.tag for e in events(tmp_path) if e.HasField("tagged_run_metadata")
    ]
    assert tags == ["step_2", "step_4", "step_6"]
    assert f"Saving timeline for 2 into '{tmp_path}/timeline-2.json'." in messages(caplog)


def test_waiting_for_the_step_of_another_worker():
    step = tf.train.get_or_create_global_step()
    train = tf.assign_add(step, 1)
    waiter = tf.train.GlobalStepWaiterHook(wait_until_step=5)
    with tf.train.MonitoredSession(hooks=[waiter]) as session:
        inner = session._tf_sess()

        def other_worker():
            for _ in range(5):
                inner.run(train)

        thread = threading.Timer(0.05, other_worker)
        thread.start()
        assert session.run(train) == 6
        thread.join()


def test_a_saver_hook_takes_the_saver_of_the_graph(tmp_path):
    v, _, train = training()
    hook = tf.train.CheckpointSaverHook(str(tmp_path / "new"), save_secs=1000)
    tf.add_to_collection(tf.GraphKeys.SAVERS, tf.train.Saver({"other_name": v}))
    run(train, 2, hooks=[hook])
    newest = tf.train.latest_checkpoint(str(tmp_path / "new"))
    assert Path(newest).name == "model.ckpt-2"
    assert tf.train.list_variables(newest) == [("other_name", [2])]


def test_a_saver_hook_with_no_saver_or_with_several(tmp_path):
    v, _, _ = training()
    for n, text in ((0, "No items in collection savers"), (2, "More than one item in collection")):
        for _ in range(n):
            tf.add_to_collection(tf.GraphKeys.SAVERS, tf.train.Saver([v]))
        hook = tf.train.CheckpointSaverHook(str(tmp_path), save_steps=1)
        creator = tf.train.ChiefSessionCreator(tf.train.Scaffold(saver=tf.train.Saver([v])))
        with pytest.raises(RuntimeError, match=text):
            tf.train.MonitoredSession(creator, hooks=[hook])


def test_a_checkpoint_that_could_not_be_saved_is_tried_again_at_the_end(tmp_path):
    _, _, train = training()

    class Full(tf.train.Saver):
        n_saved = 0

        def save(self, *args, **kwargs):
            self.n_saved += 1
            if self.n_saved == 2:
                raise tf.errors.ResourceExhaustedError(None, None, "No space left on device")
            return super().save(*args, **kwargs)

    scaffold = tf.train.Scaffold(saver=Full())
    with tf.train.MonitoredTrainingSession(
        checkpoint_dir=str(tmp_path), save_checkpoint_steps=2, scaffold=scaffold
    ) as session:
        session.run(train)
        with pytest.raises(tf.errors.ResourceExhaustedError, match="No space left"):
            session.run(train)
    tf.summary.FileWriterCache.clear()
    assert tf.train.latest_checkpoint(str(tmp_path)) == f"{tmp_path}/model.ckpt-2"


def test_a_final_op_that_reads_more_input(caplog):
    def read():
        raise StopIteration

    counter = tf.py_func(read, [], tf.float32)
    hook = tf.train.FinalOpsHook(counter)
    with pytest.raises(tf.errors.OutOfRangeError):
        tf.train.MonitoredSession(hooks=[hook]).close()
    assert any(
        text.startswith("FinalOpsHook: what it runs at the end") for text in messages(caplog)
    )


def test_what_evaluations_are_given_stays_as_it_was(tmp_path):
    v, _, _ = training()
    saver = tf.train.Saver()
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        path = saver.save(session, str(tmp_path / "m"))
    hooks, ops = [tf.contrib.training.StopAfterNEvalsHook(2)], {"v": v}
    result = tf.contrib.training.evaluate_once(path, eval_ops=ops, final_ops=v, hooks=hooks)
    assert result.tolist() == [1.0, 3.0]
    assert len(hooks) == 1
    assert list(ops) == ["v"]
