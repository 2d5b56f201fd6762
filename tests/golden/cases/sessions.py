"""Sessions that train: what they log, in which order hooks are called, what is in their files."""

import contextlib
import importlib
import logging
import pathlib
import re
import shutil
import sys
import tempfile
import threading

import numpy as np

from golden.case import case, class_of


@contextlib.contextmanager
def logged(tf, folder=None):
    """The messages of a block, without what changes from run to run."""
    lines = []

    class Handler(logging.Handler):
        def emit(self, record):
            text = record.getMessage()
            if "eprecat" in text or text.startswith("From ") or not text.strip():
                return
            if text.startswith("It seems that global step"):  # the first five of a process only
                return
            if folder:
                text = text.replace(folder, "FOLDER")
            text = re.sub(r"\d+\.\d+ sec", "# sec", text)
            text = re.sub(r"/sec: \S+", "/sec: #", text)
            text = re.sub(r"Error: .*", "Error: #", text, flags=re.DOTALL)
            lines.append(record.levelname + " " + text)

    logger, handler = logging.getLogger("tensorflow"), Handler()
    others, verbosity, propagates = logger.handlers, tf.logging.get_verbosity(), logger.propagate
    logger.handlers, logger.propagate = [handler], False
    tf.logging.set_verbosity(tf.logging.INFO)
    try:
        yield lines
    finally:
        logger.handlers, logger.propagate = others, propagates
        tf.logging.set_verbosity(verbosity)


@contextlib.contextmanager
def folder_of_its_own():
    folder = tempfile.mkdtemp()
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def files(folder):
    names = (path.name for path in pathlib.Path(folder).iterdir() if "tfevents" not in path.name)
    return sorted(
        {re.sub(r"data-\d+-of-\d+", "data", name) for name in names if not _is_ours(name)}
    )


def _is_ours(name):
    return name.endswith(".random")


def events(tf, folder):
    """A line for each event: its step, its kind, what is in it. The files are removed.

    Of the graphs that a writer begins with only the last one counts, of the collections those that
    are not of branches.
    """
    lines = []
    for path in sorted(pathlib.Path(folder).glob("*tfevents*")):
        for event in tf.train.summary_iterator(str(path)):
            kind = event.WhichOneof("what")
            said = [value.tag for value in event.summary.value]
            if kind == "session_log":
                said.append(f"status {event.session_log.status}")
                said.append(pathlib.Path(event.session_log.checkpoint_path).name)
            if kind == "meta_graph_def":
                meta = tf.MetaGraphDef.FromString(event.meta_graph_def)
                said += sorted(set(meta.collection_def) - {"cond_context"})
            line = " ".join([str(event.step), kind, *said])
            if "graph_def" in kind:
                lines = [other for other in lines if kind not in other.split()]
            lines.append(line)
        path.unlink()
    return lines


def counted(tf):
    """A variable and what adds 0.5 to it and 1 to the global step, after hooks have read that."""
    step = tf.train.get_or_create_global_step()
    training_util = importlib.import_module(tf.__name__ + ".python.training.training_util")
    read = training_util._get_or_create_global_step_read()
    v = tf.get_variable("v", [3], initializer=tf.constant_initializer([1.0, 2.0, 4.0]))
    loss = tf.reduce_sum(v * tf.constant([1.0, 2.0, 3.0]), name="loss")
    with tf.control_dependencies([read, loss]):
        changed = v.assign_add([0.5, 0.25, 0.125])
        with tf.control_dependencies([changed]):
            train = tf.group(tf.assign_add(step, 1), name="train")
    return v, loss, train


def recording(tf, calls, name="hook", **asked):
    """A hook that notes what is called, with the global step that the session then has."""

    class Recording(tf.train.SessionRunHook):
        def begin(self):
            calls.append(name + " begin")
            self.step = tf.train.get_global_step()

        def after_create_session(self, session, coord):
            calls.append(f"{name} after_create_session {session.run(self.step)}")
            finalized = tf.get_default_graph().finalized
            calls.append(f"finalized {finalized}, stop {coord.should_stop()}")

        def before_run(self, run_context):
            calls.append(f"{name} before_run {run_context.session.run(self.step)}")
            return tf.train.SessionRunArgs(**asked) if asked else None

        def after_run(self, run_context, run_values):
            step = run_context.session.run(self.step)
            calls.append(f"{name} after_run {step} {run_values.results}")

        def end(self, session):
            calls.append(f"{name} end {session.run(self.step)}")

    return Recording()


def train_to(tf, folder, last_step, calls, **options):
    """Train up to a step in a new graph; what was logged."""
    with tf.Graph().as_default():
        v, loss, train = counted(tf)
        tf.summary.scalar("loss", loss)
        hooks = [recording(tf, calls), tf.train.StopAtStepHook(last_step=last_step)]
        hooks.append(tf.train.LoggingTensorHook({"loss": loss}, every_n_iter=6))
        with logged(tf, folder) as lines, tf.train.MonitoredTrainingSession(
            checkpoint_dir=folder, hooks=hooks, **options
        ) as sess:
            while not sess.should_stop():
                value, _ = sess.run([v, train])
        # A new program has a new writer.
        tf.summary.FileWriterCache.clear()
    return lines, value


def _trained(tf, **options):
    found = {}
    with folder_of_its_own() as folder:
        for part, last_step in (("first", 13), ("second", 20)):
            calls = []
            lines, value = train_to(tf, folder, last_step, calls, **options)
            found[part + " log"] = [line for line in lines if "all_hooks" not in line]
            found[part + " calls"] = calls
            found[part + " value"] = value
            found[part + " events"] = events(tf, folder)
        found["files"] = files(folder)
        found["latest"] = pathlib.Path(tf.train.latest_checkpoint(folder) or "none").name
    return found


@case
def interrupted_and_resumed(tf):
    return _trained(tf, save_checkpoint_steps=5, save_summaries_steps=4, log_step_count_steps=6)


@case
def by_default(tf):
    return _trained(tf)


@case
def without_summaries(tf):
    return _trained(tf, save_summaries_steps=None, save_checkpoint_steps=7)


@case
def without_checkpoints(tf):
    return _trained(
        tf, save_checkpoint_secs=None, save_summaries_steps=None, log_step_count_steps=None
    )


@case
def order_of_calls(tf):
    """Chief-only hooks first, then the session's own, then the user's; listeners around saves."""
    calls = []

    class Listener(tf.train.CheckpointSaverListener):
        def begin(self):
            calls.append("listener begin")

        def before_save(self, session, global_step_value):
            calls.append(f"listener before_save {global_step_value}")

        def after_save(self, session, global_step_value):
            calls.append(f"listener after_save {global_step_value}")
            return global_step_value >= 4

        def end(self, session, global_step_value):
            calls.append(f"listener end {global_step_value}")

    with folder_of_its_own() as folder, logged(tf, folder) as lines:
        v, _, train = counted(tf)
        a = recording(tf, calls, "a", fetches=tf.train.get_global_step())
        b = recording(tf, calls, "b", fetches={"v": v, "two": [v]}, feed_dict=None)
        scaffold = tf.train.Scaffold(
            init_fn=lambda scaffold, sess: calls.append(
                f"init_fn {sess.run(tf.train.get_global_step())}"
            )
        )
        saver_hook = tf.train.CheckpointSaverHook(
            folder, save_steps=2, scaffold=scaffold, listeners=[Listener()]
        )
        with tf.train.MonitoredTrainingSession(
            scaffold=scaffold, hooks=[b, saver_hook], chief_only_hooks=[a]
        ) as sess:
            while not sess.should_stop():
                sess.run(train)
        tf.summary.FileWriterCache.clear()
        return {
            "calls": calls,
            "log": [re.sub(r"listener: .*", "listener: #", line) for line in lines],
            "files": files(folder),
        }


@case
def ended_by(tf):
    """What hooks and the caller see of the ways in which a training ends."""
    found = {}
    for name, raised in (
        ("nothing", None),
        ("out of range", tf.errors.OutOfRangeError(None, None, "no more")),
        ("StopIteration", StopIteration("no more")),
        ("ValueError", ValueError("bad")),
        ("cancelled", tf.errors.CancelledError(None, None, "cancelled")),
    ):
        calls = []
        with tf.Graph().as_default():
            _, _, train = counted(tf)
            try:
                with tf.train.MonitoredSession(hooks=[recording(tf, calls)]) as sess:
                    sess.run(train)
                    if raised is not None:
                        raise raised
            except Exception as error:
                calls.append("raised " + class_of(tf, error) + " " + str(error))
            calls.append(f"stopped {sess.should_stop()}")
            calls.append("graph %s" % (sess.graph is not None))
            calls.append(f"finalized {tf.get_default_graph().finalized}")
            try:
                sess.close()
            except Exception as error:
                calls.append("raised " + class_of(tf, error) + " " + str(error))
        found[name] = calls
    return found


@case
def lost_sessions(tf):
    """After AbortedError and UnavailableError all is restored and the run repeated."""
    found = {}
    for name, raised, where in (
        ("aborted after", tf.errors.AbortedError(None, None, "lost"), "after_run"),
        ("unavailable before", tf.errors.UnavailableError(None, None, "gone"), "before_run"),
        ("aborted create", tf.errors.AbortedError(None, None, "lost"), "after_create_session"),
    ):
        calls = []

        class Losing(tf.train.SessionRunHook):
            n = 0

            def lose(self, place, raised=raised, where=where):
                if place == where:
                    self.n += 1
                    if self.n == (1 if where == "after_create_session" else 4):
                        raise raised

            def after_create_session(self, session, coord):
                self.lose("after_create_session")

            def before_run(self, run_context):
                self.lose("before_run")

            def after_run(self, run_context, run_values):
                self.lose("after_run")

        with folder_of_its_own() as folder, tf.Graph().as_default(), logged(tf, folder) as lines:
            _, _, train = counted(tf)
            hooks = [recording(tf, calls), tf.train.StopAtStepHook(last_step=6), Losing()]
            with tf.train.MonitoredTrainingSession(
                checkpoint_dir=folder, hooks=hooks, save_checkpoint_steps=2
            ) as sess:
                while not sess.should_stop():
                    sess.run(train)
            tf.summary.FileWriterCache.clear()
            found[name + " calls"] = calls
            found[name + " log"] = [
                line.split(". ")[0] for line in lines if "all_hooks" not in line
            ]
    return found


@case
def logged_tensors(tf):
    found = {}
    for name, make in (
        ("dict", lambda v, loss: {"tensors": {"b": loss, "a": v}, "every_n_iter": 2}),
        ("list of names", lambda v, loss: {"tensors": ["loss", "v:0"], "every_n_iter": 3}),
        ("at end", lambda v, loss: {"tensors": ["loss"], "at_end": True}),
        ("both", lambda v, loss: {"tensors": ["loss"], "every_n_iter": 4, "at_end": True}),
        ("every run", lambda v, loss: {"tensors": {"loss": loss}, "every_n_iter": 1}),
        ("seconds", lambda v, loss: {"tensors": {"loss": loss}, "every_n_secs": 1000}),
        (
            "formatter",
            lambda v, loss: {
                "tensors": {"loss": loss, "v": v}, "every_n_iter": 2,
                "formatter": lambda values: "{:.1f} of {}".format(values["loss"], sorted(values)),
            },
        ),
    ):  # fmt: skip
        with tf.Graph().as_default(), logged(tf) as lines:
            v, loss, train = counted(tf)
            hook = tf.train.LoggingTensorHook(**make(v, loss))
            with tf.train.MonitoredSession(hooks=[hook]) as sess:
                for _ in range(5):
                    sess.run(train)
        found[name] = lines
    return found


@case
def fired(tf):
    """At which steps a timer is due, and what it says of the time before."""
    found = {}
    for every in (1, 3, 10):
        timer = tf.train.SecondOrStepTimer(every_steps=every)
        due = []
        for step in (0, 1, 2, 2, 3, 5, 9, 10, 11, 20, 21, 40):
            if timer.should_trigger_for_step(step):
                due.append(f"{step} {timer.update_last_triggered_step(step)[1]}")
        timer.reset()
        due.append(str(timer.last_triggered_step()))
        found[f"every {every}"] = due
    timer = tf.train.SecondOrStepTimer(every_secs=1000)
    found["seconds"] = [str(timer.should_trigger_for_step(1))]
    timer.update_last_triggered_step(1)
    found["seconds"].append(str(timer.should_trigger_for_step(2)))
    return found


@case
def stops(tf):
    """After how many runs a training stops."""
    found = {}
    for name, options in (
        ("last_step", {"last_step": 4}),
        ("num_steps", {"num_steps": 3}),
        ("already there", {"last_step": 0}),
    ):
        with tf.Graph().as_default():
            _, _, train = counted(tf)
            n = 0
            with tf.train.MonitoredSession(hooks=[tf.train.StopAtStepHook(**options)]) as sess:
                while not sess.should_stop():
                    sess.run(train)
                    n += 1
                try:
                    sess.run(train)
                    found[name] = [f"{n} runs"]
                except RuntimeError as error:
                    found[name] = [f"{n} runs", str(error)]
    return found


@case
def other_hooks(tf):
    found = {}
    v, _, train = counted(tf)
    x = tf.placeholder(tf.float32, [], "x")
    fed = x * 2.0
    feeds = iter([1.0, 2.0, 3.0])
    final = tf.train.FinalOpsHook({"v": v, "x": x}, {x: 5.0})
    with tf.train.SingularMonitoredSession(
        hooks=[tf.train.FeedFnHook(lambda: {x: next(feeds)}), final]
    ) as sess:
        found["fed"] = np.array([sess.run([fed, train])[0] for _ in range(3)])
        found["raw"] = [type(sess.raw_session()).__name__, str(final.final_ops_values)]
    found["final v"] = final.final_ops_values["v"]
    found["final x"] = final.final_ops_values["x"]
    with tf.Graph().as_default(), logged(tf) as lines:
        _, _, train = counted(tf)
        with tf.train.MonitoredSession(hooks=[tf.train.GlobalStepWaiterHook(0)]) as sess:
            sess.run(train)
        found["waiter"] = lines
    for name, fails in (("fails", True), ("stops", False)):
        with tf.Graph().as_default(), logged(tf) as lines:
            nan = tf.placeholder_with_default(1.0, [])
            hook = tf.train.NanTensorHook(nan, fail_on_nan_loss=fails)
            try:
                with tf.train.MonitoredSession(hooks=[hook]) as sess:
                    sess.run(nan)
                    sess.run(nan, {nan: float("nan")})
                    lines.append(f"stop {sess.should_stop()}")
            except Exception as error:
                lines.append(type(error).__name__ + " " + str(error))
        found["nan " + name] = lines
    return found


@case
def step_functions(tf):
    v, _, train = counted(tf)
    calls = []

    def two(step_context):
        step_context.session.run(train)
        return step_context.run_with_hooks(tf.train.get_global_step(), feed_dict={v: [1, 2, 3]})

    def last(step_context):
        step_context.request_stop()

    def wrong(context):
        pass

    with tf.train.MonitoredSession(hooks=[recording(tf, calls)]) as sess:
        calls.append(f"gave {sess.run_step_fn(two)}")
        try:
            sess.run_step_fn(wrong)
        except ValueError as error:
            calls.append(str(error))
        sess.run_step_fn(last)
        calls.append("never here")
    return {"calls": calls}


@case
def scaffolds(tf):
    """What a scaffold makes, and what it takes from collections."""
    v, loss, _ = counted(tf)
    tf.get_variable("local", [2], collections=[tf.GraphKeys.LOCAL_VARIABLES])
    tf.summary.scalar("loss", loss)
    before = sorted(tf.get_default_graph().get_all_collection_keys())
    scaffold = tf.train.Scaffold()
    parts = ("init_op", "ready_op", "ready_for_local_init_op", "local_init_op", "summary_op")
    found = {"before": [str(getattr(scaffold, part)) for part in (*parts, "saver", "init_fn")]}
    with logged(tf) as lines:
        found["returns itself"] = [str(scaffold.finalize() is scaffold)]
    found["log"] = lines
    keys = tf.get_default_graph().get_all_collection_keys()
    found["collections"] = sorted(set(keys) - set(before))
    found["kinds"] = [type(getattr(scaffold, part)).__name__ for part in parts]
    with tf.Session() as sess:
        found["ready"] = sess.run(scaffold.ready_op)
        found["ready local"] = sess.run(scaffold.ready_for_local_init_op)
        sess.run(scaffold.init_op)
        found["ready after init"] = sess.run(scaffold.ready_op)
        sess.run(scaffold.local_init_op)
        found["ready after local"] = sess.run(scaffold.ready_op)
    copied = tf.train.Scaffold(copy_from_scaffold=scaffold, init_op=v.initializer)
    found["copied"] = [
        str(getattr(copied, part) is getattr(scaffold, part)) for part in (*parts, "saver")
    ]
    with tf.Graph().as_default():
        found["default"] = [
            str(tf.train.Scaffold.get_or_default("arg", "key", lambda: None)),
            str(tf.train.Scaffold.get_or_default("arg", "key", lambda: 7)),
            str(tf.train.Scaffold.get_or_default("arg", "key", lambda: 8)),
        ]
    return found


@case
def coordinators(tf):
    """What reaches the caller of `join`, and what is logged, by what was reported."""
    found = {}

    def raised():
        raise ValueError("bad")

    def by_exception(coord):
        try:
            raised()
        except ValueError as error:
            coord.request_stop(error)

    def by_tuple(coord):
        try:
            raised()
        except ValueError:
            coord.request_stop(sys.exc_info())

    def by_block(coord):
        with coord.stop_on_exception():
            raised()

    def end_of_input(coord):
        with coord.stop_on_exception():
            raise tf.errors.OutOfRangeError(None, None, "no more")

    def second_counts_not(coord):
        by_block(coord)
        with coord.stop_on_exception():
            raise KeyError("later")

    def plain(coord):
        coord.request_stop()

    def plain_then_error(coord):
        coord.request_stop()
        by_block(coord)

    for report in (
        by_exception, by_tuple, by_block, end_of_input,
        second_counts_not, plain, plain_then_error,
    ):  # fmt: skip
        for in_thread in (False, True):
            coord = tf.train.Coordinator()
            with logged(tf) as lines:
                if in_thread:
                    thread = threading.Thread(target=report, args=(coord,))
                    coord.register_thread(thread)
                    thread.start()
                else:
                    report(coord)
                for _ in range(2):
                    try:
                        coord.join()
                        lines.append("joined")
                    except Exception as error:
                        lines.append(f"raised {class_of(tf, error)}: {error}")
                lines.append(f"stop {coord.should_stop()} joined {coord.joined}")
                try:
                    coord.raise_requested_exception()
                    lines.append("nothing requested")
                except Exception as error:
                    lines.append(f"requested {class_of(tf, error)}")
                try:
                    by_block(coord)
                    lines.append("late: nothing")
                except Exception as error:
                    lines.append(f"late {class_of(tf, error)}")
                coord.clear_stop()
                lines.append(f"stop {coord.should_stop()} joined {coord.joined}")
                lines.append(f"waited {coord.wait_for_stop(0.001)}")
            found[report.__name__ + (" in a thread" if in_thread else "")] = [
                line.split("\n")[0] for line in lines
            ]
    coord = tf.train.Coordinator(clean_stop_exception_types=(KeyError,))
    with coord.stop_on_exception():
        raise KeyError("fine")
    coord.join()
    found["own clean types"] = [str(coord.joined)]
    return found


@case
def stragglers(tf):
    found = {}
    for ignored in (False, True):
        coord, end = tf.train.Coordinator(), threading.Event()
        thread = threading.Thread(target=end.wait, name="slow")
        thread.start()
        with logged(tf) as lines:
            coord.request_stop()
            try:
                coord.join([thread], stop_grace_period_secs=0.05, ignore_live_threads=ignored)
            except RuntimeError as error:
                lines.append(str(error))
            end.set()
        found[f"ignored {ignored}"] = lines
    return found


@case
def loopers(tf):
    found = {}
    for interval in (None, 0.001):
        coord, calls = tf.train.Coordinator(), []

        class Looper(tf.train.LooperThread):
            def start_loop(self, calls=calls):
                calls.append("start")

            def run_loop(self, calls=calls, coord=coord):
                calls.append("run")
                if len(calls) == 4:
                    coord.request_stop()

            def stop_loop(self, calls=calls):
                calls.append("stop")

        Looper(coord, interval).start()
        coord.join()
        found[f"interval {interval}"] = calls
    coord, calls = tf.train.Coordinator(), []

    def work(n, coord=None):
        calls.append(f"{n}")
        coord.request_stop()

    looper = tf.train.LooperThread.loop(coord, 0.001, work, args=(7,), kwargs={"coord": coord})
    coord.join()
    found["loop"] = [*calls, f"daemon {looper.daemon}"]
    return found


@case
def supervised(tf):
    """A supervisor's log, files and events; those of its threads are sorted."""
    found = {}
    with folder_of_its_own() as folder:
        for part in ("first", "second"):
            with tf.Graph().as_default(), logged(tf, folder) as lines:
                v, loss, train = counted(tf)
                tf.summary.scalar("loss", loss)
                supervisor = tf.train.Supervisor(
                    logdir=folder,
                    save_summaries_secs=1000,
                    save_model_secs=0,
                    init_fn=lambda sess: found.setdefault("init_fn", ["called"]),
                )
                saver, path = supervisor.saver, supervisor.save_path
                with supervisor.managed_session() as sess:
                    for _ in range(4):
                        sess.run(train)
                    supervisor.summary_computed(sess, sess.run(supervisor.summary_op))
                    saver.save(sess, path, global_step=supervisor.global_step)
                    found[part + " value"] = sess.run(v)
                found[part + " finalized"] = [str(tf.get_default_graph().finalized)]
            found[part + " log"] = sorted(
                line for line in lines if "/sec" not in line and "Recording" not in line
            )
            found[part + " events"] = [
                line for line in events(tf, folder) if "loss" not in line and "/sec" not in line
            ]
        found["files"] = files(folder)
    return found


@case
def supervised_failures(tf):
    found = {}

    def fails(error):
        raise error

    for name, error in (
        ("ValueError", ValueError("bad")),
        ("end of input", tf.errors.OutOfRangeError(None, None, "no more")),
    ):
        for in_thread in (False, True):
            with tf.Graph().as_default(), logged(tf) as lines:
                _, _, train = counted(tf)
                supervisor = tf.train.Supervisor()
                try:
                    with supervisor.managed_session() as sess:
                        sess.run(train)
                        if in_thread:
                            supervisor.loop(None, fails, args=(error,))
                            supervisor.wait_for_stop()
                        else:
                            fails(error)
                    lines.append("ended")
                except Exception as raised:
                    lines.append(f"raised {class_of(tf, raised)}: {raised}")
                lines.append(f"stop {supervisor.should_stop()}")
            found[name + (" in a thread" if in_thread else "")] = [
                line.split("\n")[0] for line in lines
            ]
    with tf.Graph().as_default():
        _, _, train = counted(tf)
        tries = []

        def step(sess, word, end):
            tries.append(f"{word} {sess.run(tf.train.get_global_step())}")
            if len(tries) == 3:
                raise tf.errors.AbortedError(None, None, "lost")
            sess.run(train)
            if len(tries) == end:
                supervisor.request_stop()

        supervisor = tf.train.Supervisor()
        tf.train.basic_train_loop(supervisor, step, args=("step",), kwargs={"end": 6})
        found["basic_train_loop"] = tries
    return found


@case
def session_managers(tf):
    found = {}
    with folder_of_its_own() as folder, logged(tf, folder) as lines:
        v, _, _ = counted(tf)
        w = tf.get_variable("w", [], initializer=tf.ones_initializer())
        init, saver = tf.global_variables_initializer(), tf.train.Saver()
        ready = tf.report_uninitialized_variables()
        some = v.initializer
        manager = tf.train.SessionManager(ready_op=ready)
        for name, call in (
            ("nothing", lambda: manager.prepare_session("")),
            ("too little", lambda: manager.prepare_session("", init_op=some)),
            ("enough", lambda: manager.prepare_session("", init_op=init)),
            ("init_fn", lambda: manager.prepare_session("", init_fn=lambda s: s.run(init))),
            ("both", lambda: manager.prepare_session(
                "", init, saver, checkpoint_dir="a", checkpoint_filename_with_path="b")),
            ("recover", lambda: manager.recover_session("", saver, checkpoint_dir=folder)[1]),
            ("late", lambda: tf.train.SessionManager(ready_op=ready, recovery_wait_secs=1)
                .wait_for_session("", max_wait_secs=0)),
            ("local", lambda: tf.train.SessionManager(ready_for_local_init_op=ready)),
        ):  # fmt: skip
            try:
                found[name] = [type(call()).__name__]
            except Exception as error:
                text = str(error).split("\n")[0].split(" Variables not")[0]
                text = re.sub(r"<function.*?>|\[<.*|Tensor\(.*|global_step, ", "#", text)
                found[name] = [class_of(tf, error), text]
        with tf.Session() as sess:
            sess.run(init)
            sess.run(w.assign(7.0))
            saver.save(sess, folder + "/model.ckpt", global_step=3)
        restored, ok = manager.recover_session("", saver, checkpoint_dir=folder)
        found["restored"] = [str(ok), str(restored.run(w))]
        prepared = manager.prepare_session("", init_op=init, saver=saver, checkpoint_dir=folder)
        found["prepared"] = [str(prepared.run(w))]
    found["log"] = [line.split("  Init op")[0] for line in lines]
    return found


@case
def refused(tf):
    """What wrong arguments are told."""
    train = tf.train
    calls = [
        lambda: train.SecondOrStepTimer(),
        lambda: train.SecondOrStepTimer(1, 1),
        lambda: train.LoggingTensorHook(["a"]),
        lambda: train.LoggingTensorHook(["a"], every_n_iter=1, every_n_secs=1),
        lambda: train.LoggingTensorHook(["a"], every_n_iter=0),
        lambda: train.StopAtStepHook(),
        lambda: train.StopAtStepHook(1, 1),
        lambda: train.CheckpointSaverHook("d"),
        lambda: train.CheckpointSaverHook("d", save_steps=1, saver=1, scaffold=1),
        lambda: train.StepCounterHook(1, 1),
        lambda: train.SummarySaverHook(1),
        lambda: train.SummarySaverHook(1, scaffold=1, summary_op=1),
        lambda: train.StepCounterHook().begin(),
        lambda: train.StopAtStepHook(1).begin(),
        lambda: train.SummarySaverHook(1, summary_op=1).begin(),
        lambda: train.GlobalStepWaiterHook(1).begin(),
        lambda: train.LooperThread(1, 1),
        lambda: train.LooperThread(train.Coordinator(), 1, args=(1,)),
        lambda: train.Scaffold(copy_from_scaffold=1),
        lambda: train.start_queue_runners(),
        lambda: train.start_queue_runners(sess=3),
        lambda: train.LoggingTensorHook(["absent"], every_n_iter=1).begin(),
        lambda: train.SessionCreator(),
    ]
    found = []
    for call in calls:
        try:
            call()
            found.append("nothing")
        except Exception as error:
            text = str(error).replace("<type", "<class").split("with abstract")[0]
            found.append(f"{class_of(tf, error)} {text}")
    return {"told": found}


@case
def feeds_of_hooks(tf):
    """Feeds of several hooks and the user's."""
    x, y = tf.placeholder(tf.float32, [], "x"), tf.placeholder(tf.float32, [], "y")
    total = x + 10.0 * y
    found = {}

    class Feeding(tf.train.SessionRunHook):
        def __init__(self, feeds):
            self.feeds = feeds

        def before_run(self, run_context):
            found.setdefault("args", [str(sorted(run_context.original_args._fields))])
            return tf.train.SessionRunArgs(None, self.feeds)

    for name, hooks, feeds in (
        ("two hooks", [Feeding({x: 1.0}), Feeding({y: 2.0})], None),
        ("hook and user", [Feeding({x: 1.0})], {y: 3.0}),
        ("same of hooks", [Feeding({x: 1.0}), Feeding({x: 2.0})], {y: 3.0}),
        ("same of user", [Feeding({x: 1.0})], {x: 4.0, y: 3.0}),
    ):
        with tf.train.MonitoredSession(hooks=hooks) as sess:
            try:
                found[name] = [str(sess.run(total, feeds))]
            except RuntimeError as error:
                found[name] = [str(error).split(" Conflict")[0]]
    return found


def _saved_twice(tf, folder):
    """Checkpoints of two steps, with values of `v` that differ."""
    with tf.Graph().as_default():
        _, _, train = counted(tf)
        saver = tf.train.Saver()
        with tf.Session() as sess:
            sess.run(tf.global_variables_initializer())
            for step in (3, 5):
                sess.run(train)
                yield saver.save(sess, folder + "/model.ckpt", global_step=step)


@case
def evaluated(tf):
    """What `tf.contrib.training` evaluates, logs and writes."""
    training = tf.contrib.training
    found = {}
    with folder_of_its_own() as folder:
        paths = list(_saved_twice(tf, folder))
        for name, evals in (("once", 3), ("many", 25), ("until the end", None)):
            with tf.Graph().as_default(), logged(tf, folder) as lines:
                v, _, _ = counted(tf)
                mean, update = tf.metrics.mean(tf.reduce_sum(v))
                tf.summary.scalar("mean", mean)
                hooks = [
                    training.StopAfterNEvalsHook(evals),
                    training.SummaryAtEndHook(folder + "/events"),
                    tf.train.StopAtStepHook(last_step=10**6),
                ]
                if evals is None:
                    left = iter(range(2))
                    hooks.append(tf.train.FeedFnHook(lambda left=left: next(left) and None))
                found[name] = training.evaluate_once(
                    paths[0], eval_ops=[update], final_ops=mean, hooks=hooks
                )
            found[name + " log"] = [
                re.sub(r"evaluation at .*", "evaluation at #", line) for line in lines
            ]
            tf.summary.FileWriterCache.clear()
            found[name + " events"] = [
                line for line in events(tf, folder + "/events") if "meta_graph" not in line
            ]
        with tf.Graph().as_default(), logged(tf, folder) as lines:
            v, _, _ = counted(tf)
            mean, update = tf.metrics.mean(v)
            found["repeatedly"] = training.evaluate_repeatedly(
                folder,
                eval_ops={"update": update},
                final_ops=v,
                hooks=[training.StopAfterNEvalsHook(2)],
                max_number_of_evaluations=1,
                eval_interval_secs=0,
            )
        found["repeatedly log"] = [
            re.sub(r"evaluation at .*", "evaluation at #", line) for line in lines
        ]
        with logged(tf, folder) as lines:
            found["iterated"] = [
                pathlib.Path(path).name for path in training.checkpoints_iterator(folder, timeout=0)
            ]
            answers = iter([False, True])
            list(training.checkpoints_iterator(folder + "/none", 0, 0, lambda: next(answers)))
            found["left"] = [str(len(list(answers)))]
            waited = training.wait_for_new_checkpoint(folder, paths[-1], 0.001, timeout=0.0)
            found["waited"] = [str(waited)]
        found["iterated log"] = lines
    with tf.Graph().as_default():
        step = training.get_or_create_eval_step()
        found["eval step"] = [
            step.op.name,
            step.dtype.name,
            str(step in tf.local_variables()),
            str(training.get_or_create_eval_step() is step),
        ]
    return found


@case
def trained_by_contrib(tf):
    found = {}
    with folder_of_its_own() as folder, logged(tf, folder) as lines:
        _, loss, train = counted(tf)
        with tf.control_dependencies([train]):
            train = tf.identity(loss)
        found["loss"] = tf.contrib.training.train(
            train, folder, hooks=[tf.train.StopAtStepHook(num_steps=3)], save_checkpoint_secs=100
        )
        tf.summary.FileWriterCache.clear()
        found["files"] = files(folder)
        for options in ({}, {"save_summaries_steps": None}):
            try:
                tf.contrib.training.train(train, None, **options)
            except ValueError as error:
                lines.append(str(error))
    found["log"] = lines
    return found


@case
def profiled(tf):
    """At which steps a run is traced, and the files that are written."""
    found = {}
    with folder_of_its_own() as folder, logged(tf, folder) as lines:
        _, _, train = counted(tf)
        hook = tf.train.ProfilerHook(save_steps=2, output_dir=folder)
        with tf.train.MonitoredSession(hooks=[hook]) as sess:
            for _ in range(7):
                sess.run(train)
        tf.summary.FileWriterCache.clear()
        found["log"] = lines
        found["files"] = files(folder)
        found["events"] = [line for line in events(tf, folder) if "graph_def" not in line]
    return found


def _slim_step(tf):
    """The loss, which trains when it is run."""
    v, loss, train = counted(tf)
    tf.summary.scalar("loss", loss)
    with tf.control_dependencies([train]):
        return v, tf.identity(loss)


@case
def slim_trained(tf):
    """What `tf.contrib.slim.learning.train` logs, writes and gives; then it goes on."""
    slim = tf.contrib.slim
    found = {}
    with folder_of_its_own() as folder:
        for part, options in (
            ("first", {"number_of_steps": 5, "log_every_n_steps": 2}),
            ("second", {"number_of_steps": 7, "trace_every_n_steps": 2}),
            ("none left", {"number_of_steps": 7, "log_every_n_steps": 0}),
        ):
            with tf.Graph().as_default(), logged(tf, folder) as lines:
                _, train = _slim_step(tf)
                loss = slim.learning.train(
                    train,
                    folder,
                    save_summaries_secs=0,
                    save_interval_secs=0,
                    init_fn=lambda sess, part=part: found.setdefault("init", [part]),
                    **options,
                )
            found[part + " loss"] = np.float32(loss)
            found[part + " log"] = lines
            found[part + " events"] = events(tf, folder)
        found["files"] = files(folder)
    for part in ("wrapped", "out of range", "own step"):
        calls = []

        def step(sess, train_op, global_step, options, calls=calls, part=part):
            loss, stops = slim.learning.train_step(sess, train_op, global_step, options)
            calls.append(" ".join([type(sess).__name__, *sorted(options), str(stops)]))
            if part == "out of range" and len(calls) == 2:
                raise tf.errors.OutOfRangeError(None, None, "no more")
            return loss, stops or len(calls) == 4

        with tf.Graph().as_default(), logged(tf) as lines:
            _, train = _slim_step(tf)
            slim.learning.train(
                train,
                None,
                train_step_fn=step,
                session_wrapper=(lambda sess: sess) if part == "wrapped" else None,
            )
        found[part] = calls
        found[part + " log"] = [re.sub(r"<function.*", "#", line) for line in lines]
    return found


@case
def slim_evaluated(tf):
    slim = tf.contrib.slim
    found = {}
    with folder_of_its_own() as folder:
        paths = list(_saved_twice(tf, folder))
        for name in ("once", "with summaries", "loop"):
            with tf.Graph().as_default(), logged(tf, folder) as lines:
                v, _, _ = counted(tf)
                mean, update = tf.metrics.mean(tf.reduce_sum(v))
                tf.summary.scalar("mean", mean)
                options = {"num_evals": 2, "eval_op": update, "final_op": [v, mean]}
                options["variables_to_restore"] = [v, tf.train.get_global_step()]
                if name == "loop":
                    result = slim.evaluation.evaluation_loop(
                        "",
                        folder,
                        folder + "/events",
                        max_number_of_evaluations=1,
                        eval_interval_secs=0,
                        **options,
                    )
                else:
                    if name == "once":
                        options["summary_op"] = None
                    result = slim.evaluation.evaluate_once(
                        "", paths[0], folder + "/events", **options
                    )
            found[name + " v"], found[name + " mean"] = result
            found[name + " log"] = [
                re.sub(r"evaluation at .*", "evaluation at #", line) for line in lines
            ]
            tf.summary.FileWriterCache.clear()
            found[name + " events"] = [
                line for line in events(tf, folder + "/events") if "meta_graph" not in line
            ]
    return found


@case
def slim_refused(tf):
    train = tf.contrib.slim.learning.train
    calls = [
        lambda: train(None, "d"),
        lambda: train(1, None, summary_op=2),
        lambda: train(1, None, saver=2),
        lambda: train(1, None, trace_every_n_steps=2),
        lambda: train(1, "d", number_of_steps=0),
        lambda: tf.contrib.slim.learning.train_step(None, 1, 2, {"should_trace": 1}),
    ]
    found = []
    for call in calls:
        try:
            call()
            found.append("nothing")
        except Exception as error:
            found.append(f"{class_of(tf, error)} {error}")
    return {"told": found}
