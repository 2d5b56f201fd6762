"""What a monitored session says of mistakes, and how it ends."""

import threading
import traceback

import numpy as np
import pytest

import graphmode as tf


def counter():
    step = tf.train.get_or_create_global_step()
    return tf.assign_add(step, 1)


class Plain(tf.train.SessionRunHook):
    pass


class Own:
    """A hook by its methods only."""

    def __init__(self):
        self.calls = []

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda *_: self.calls.append(name)


@pytest.mark.parametrize(
    ("hooks", "text"),
    [
        (Plain(), "hooks must be a list of SessionRunHook, got Plain"),
        ([Plain], "hooks[0] is the class Plain, not a hook: call it, Plain()"),
        (
            [Plain(), "stop"],
            "hooks[1] is no SessionRunHook: str lacks begin, after_create_session, before_run, "
            "after_run, end",
        ),
        ([None], "hooks[0] is no SessionRunHook: NoneType lacks begin, after_create_session"),
    ],
)
@pytest.mark.parametrize("make", [tf.train.MonitoredSession, tf.train.MonitoredTrainingSession])
def test_what_is_no_hook_is_refused_by_name(make, hooks, text):
    counter()
    with pytest.raises(TypeError) as raised:
        make(hooks=hooks)
    assert str(raised.value).startswith(text)
    tf.constant(1.0)


def test_what_has_the_methods_of_a_hook_is_one():
    hook = Own()
    step = counter()
    with tf.train.MonitoredSession(hooks=[hook]) as session:
        session.run(step)
    assert hook.calls == ["begin", "after_create_session", "before_run", "after_run", "end"]


def test_a_hook_that_gives_something_else():
    class Wrong(Plain):
        def before_run(self, run_context):
            return tf.train.get_global_step()

    step = counter()
    with (
        tf.train.MonitoredSession(hooks=[Wrong()]) as session,
        pytest.raises(TypeError, match=r"Wrong\.before_run returned \w*Variable: a hook gives"),
    ):
        session.run(step)


def test_a_run_after_the_stop_and_after_the_end():
    step = counter()
    with tf.train.MonitoredSession(hooks=[tf.train.StopAtStepHook(last_step=1)]) as session:
        session.run(step)
        assert session.should_stop()
        with pytest.raises(RuntimeError, match=r"^Run called even after should_stop requested\.$"):
            session.run(step)
    for call in (lambda: session.run(step), lambda: session.run_step_fn(lambda step_context: 0)):
        with pytest.raises(RuntimeError, match=r"^Attempted to use a closed Session\.$"):
            call()
    with pytest.raises(RuntimeError, match=r"^Session is already closed\.$"):
        session.close()
    assert session.should_stop()
    assert session.graph is None


def test_the_graph_is_finalized_and_the_users_line_is_in_the_error():
    step = counter()
    with tf.train.MonitoredSession() as session:
        session.run(step)
        with pytest.raises(
            RuntimeError, match="Graph is finalized and cannot be modified"
        ) as raised:
            step + 1
    frames = traceback.extract_tb(raised.value.__traceback__)
    assert any(frame.filename == __file__ and frame.line == "step + 1" for frame in frames)
    step + 1  # after the end it can be changed again


def test_a_graph_that_was_finalized_before_stays_so():
    step = counter()
    scaffold = tf.train.Scaffold().finalize()
    with tf.train.MonitoredSession(tf.train.ChiefSessionCreator(scaffold)) as session:
        assert session.run(step) == 1
    assert tf.get_default_graph().finalized


def test_the_session_inside_is_found_as_programs_do():
    step = counter()
    with tf.train.MonitoredTrainingSession() as session:
        inner = session
        while type(inner).__name__ != "Session":
            inner = inner._sess
        assert inner is session._tf_sess()
        assert inner.run(step) == 1
        assert session.run(step) == 2
    with tf.train.SingularMonitoredSession() as session:
        assert session.raw_session().run(step) == 1


class Failing(Plain):
    """Starts a thread that fails, or fails itself."""

    def __init__(self, error):
        self.error, self.failed = error, threading.Event()

    def after_create_session(self, session, coord):
        def work():
            with coord.stop_on_exception():
                raise self.error
            self.failed.set()

        self.thread = threading.Thread(target=work)
        coord.register_thread(self.thread)
        self.thread.start()
        self.failed.wait(60)


def chain(error):
    """An exception and those that it was raised from or after."""
    found = []
    while error is not None:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found


@pytest.mark.parametrize("make", [tf.train.MonitoredSession, tf.train.SingularMonitoredSession])
def test_what_a_thread_raises_reaches_the_caller_once(make):
    step, error = counter(), ValueError("row 3 is bad")
    session_runs = 0
    with (
        pytest.raises(ValueError, match="row 3 is bad") as raised,
        make(hooks=[Failing(error)]) as session,
    ):
        while not session.should_stop():
            session.run(step)
            session_runs += 1
    assert raised.value is error
    assert [str(e) for e in chain(raised.value)].count("row 3 is bad") == 1
    assert session_runs == 0


def test_what_the_block_raises_counts_before_what_a_hook_does_at_the_end():
    class Ending(Plain):
        ended = False

        def end(self, session):
            self.ended = True

    hook = Ending()
    counter()
    with pytest.raises(KeyError), tf.train.MonitoredSession(hooks=[hook]):
        raise KeyError("mine")
    assert not hook.ended


def test_a_hook_that_fails_at_the_end_leaves_nothing_open():
    class Bad(Plain):
        def end(self, session):
            raise ValueError("at the end")

    step = counter()
    session = tf.train.MonitoredSession(hooks=[Bad()])
    inner = session._tf_sess()
    with pytest.raises(ValueError, match="at the end"):
        session.close()
    with pytest.raises(RuntimeError, match="closed Session"):
        inner.run(step)
    assert not tf.get_default_graph().finalized


def test_queue_runners_are_started_and_stopped():
    class Runner:
        def create_threads(self, sess, coord=None, daemon=False, start=False):
            assert daemon
            assert start
            thread = threading.Thread(target=coord.wait_for_stop, daemon=True)
            coord.register_thread(thread)
            thread.start()
            self.thread = thread
            return [thread]

    step, runner = counter(), Runner()
    tf.add_to_collection(tf.GraphKeys.QUEUE_RUNNERS, runner)
    with tf.train.MonitoredSession() as session:
        assert session.run(step) == 1
        assert runner.thread.is_alive()
        assert tf.train.start_queue_runners(sess=session) == []
    assert not runner.thread.is_alive()
    with tf.Session() as session:
        coord = tf.train.Coordinator()
        threads = tf.train.start_queue_runners(session, coord)
        coord.request_stop()
        coord.join(threads)
    assert threads == [runner.thread]


def test_options_of_hooks_and_of_the_user_are_joined():
    seen = []

    class Tracing(Plain):
        def before_run(self, run_context):
            options = tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE)
            return tf.train.SessionRunArgs(None, options=options)

        def after_run(self, run_context, run_values):
            seen.append(run_values)

    step, metadata = counter(), tf.RunMetadata()
    with tf.train.MonitoredSession(hooks=[Tracing()]) as session:
        session.run(step, options=tf.RunOptions(timeout_in_ms=50_000), run_metadata=metadata)
    (values,) = seen
    assert values.options.trace_level == tf.RunOptions.FULL_TRACE
    assert values.options.timeout_in_ms == 50_000
    assert values.run_metadata is metadata
    assert metadata.step_stats.dev_stats
    assert values.results is None


def test_the_mode_of_a_session_is_that_of_the_environment(mode):
    step = counter()
    with tf.train.MonitoredTrainingSession() as session:
        session.run(step)
        assert session._tf_sess().mode == mode


def test_hooks_get_what_they_asked_for_whatever_the_user_fetches(mode):
    x = tf.placeholder(tf.float32, [2, 3])
    y = tf.reduce_sum(x, 1)
    got = []

    class Asking(Plain):
        def before_run(self, run_context):
            return tf.train.SessionRunArgs({"y": y, "both": (x, [y])})

        def after_run(self, run_context, run_values):
            got.append(run_values.results)

    with tf.train.MonitoredSession(hooks=[Asking(), Asking()]) as session:
        for fetches in (y, [y, {"x": x}], "Sum:0", [], y.op):
            session.run(fetches, {x: [[1, 2, 3], [4, 5, 6]]})
    assert len(got) == 10
    for results in got:
        assert results["both"][1][0].tolist() == results["y"].tolist() == [6.0, 15.0]
        assert np.array_equal(results["both"][0], [[1, 2, 3], [4, 5, 6]])
