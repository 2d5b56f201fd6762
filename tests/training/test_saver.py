"""`Saver`: what it writes TensorFlow reads, what TensorFlow writes it reads, nothing is lost."""

import random
import signal
import subprocess
import sys
import textwrap
import threading
import time
import tracemalloc

import numpy as np
import pytest

import graphmode
from graphmode.files.bundle import BundleWriter
from graphmode.ops.io.checkpoints import restore_v2
from graphmode.training.saveables import SaveableObject, SaveSpec

tf = graphmode


def build(tf):
    """A small model with an optimizer's slots and a step; gives the training op."""
    tf.set_random_seed(3)
    x = tf.constant([[1.0, 2.0], [3.0, -1.0], [0.5, 0.25]])
    w = tf.get_variable("layer/w", [2, 3], initializer=tf.constant_initializer(0.5))
    b = tf.Variable(tf.zeros([3]), name="b")
    step = tf.train.get_or_create_global_step()
    loss = tf.reduce_sum(tf.square(tf.tanh(tf.matmul(x, w) + b) - 0.3))
    return tf.train.AdamOptimizer(0.1).minimize(loss, global_step=step)


def names_in(folder):
    return sorted(path.name for path in folder.iterdir())


def trained(tf, folder, n_steps=3, **options):
    """Train, save; gives the prefix and the values of all variables."""
    with tf.Graph().as_default(), tf.Session() as session:
        train = build(tf)
        saver = tf.train.Saver(**options)
        session.run(tf.global_variables_initializer())
        for _ in range(n_steps):
            session.run(train)
        prefix = saver.save(session, f"{folder}/model", global_step=tf.train.get_global_step())
        return prefix, values(tf, session)


def values(tf, session):
    return {v.op.name: session.run(v) for v in tf.global_variables()}


def restored(tf, prefix, n_steps=0):
    with tf.Graph().as_default(), tf.Session() as session:
        train = build(tf)
        tf.train.Saver().restore(session, prefix)
        for _ in range(n_steps):
            session.run(train)
        return values(tf, session)


def assert_same(found, expected, exactly=True):
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        if exactly:
            np.testing.assert_array_equal(found[name], value, name)
        else:
            np.testing.assert_allclose(found[name], value, rtol=1e-5, atol=1e-6, err_msg=name)


def test_what_is_saved_is_restored_and_training_goes_on(tmp_path, mode):
    prefix, expected = trained(tf, tmp_path)
    assert prefix == f"{tmp_path}/model-3"
    assert tf.train.latest_checkpoint(str(tmp_path)) == prefix
    assert_same(restored(tf, prefix), expected)
    _, longer = trained(tf, tmp_path / "longer", n_steps=7)
    assert_same(restored(tf, prefix, n_steps=4), longer)


def test_tensorflow_restores_what_we_save_and_the_other_way_round(tmp_path, oracle):
    prefix, expected = trained(tf, tmp_path / "ours")
    assert_same(restored(oracle, prefix), expected)
    prefix, expected = trained(oracle, tmp_path / "theirs")
    assert_same(restored(tf, prefix), expected)
    assert_same(restored(tf, prefix, 4), restored(oracle, prefix, 4), exactly=False)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"restore_sequentially": True},
        {"reshape": True},
        {"name": "keep", "max_to_keep": None},
        {"pad_step_number": True, "save_relative_paths": True},
    ],
)
def test_the_ops_and_files_are_tensorflows(tmp_path, oracle, options):
    found = []
    for module, folder in ((tf, "ours"), (oracle, "theirs")):
        (tmp_path / folder).mkdir()
        with module.Graph().as_default() as graph, module.Session() as session:
            build(module)
            n_before = len(graph.get_operations())
            saver = module.train.Saver(**options)
            nodes = {
                op.name: (op.type, [t.name for t in op.inputs], {c.name for c in op.control_inputs})
                for op in graph.get_operations()[n_before:]
            }
            session.run(module.global_variables_initializer())
            saver.save(session, str(tmp_path / folder / "model"), global_step=10)
        state = (tmp_path / folder / "checkpoint").read_text()
        names = sorted(name.partition(".data")[0] for name in names_in(tmp_path / folder))
        found.append((nodes, str(saver.saver_def), state.replace(folder, ""), names))
    ours, theirs = found
    assert ours[0].keys() == theirs[0].keys()
    for name, node in theirs[0].items():
        assert ours[0][name] == node, name
    assert ours[1:] == theirs[1:]


def test_old_checkpoints_go_and_the_kept_are_listed(tmp_path):
    with tf.Session() as session:
        build(tf)
        session.run(tf.global_variables_initializer())
        saver = tf.train.Saver(max_to_keep=2)
        for step in (1, 2, 3, 2):
            saver.save(session, str(tmp_path / "model"), global_step=step)
        assert saver.last_checkpoints == [f"{tmp_path}/model-{step}" for step in (3, 2)]
        state = tf.train.get_checkpoint_state(str(tmp_path))
        assert list(state.all_model_checkpoint_paths) == saver.last_checkpoints
        assert {name.partition(".")[0] for name in names_in(tmp_path)} == {
            "checkpoint",
            "model-2",
            "model-3",
        }
        again = tf.train.Saver(max_to_keep=2)
        again.recover_last_checkpoints([*saver.last_checkpoints, f"{tmp_path}/model-9"])
        assert again.last_checkpoints == saver.last_checkpoints
        again.save(session, str(tmp_path / "model"), global_step=4)
        assert not tf.train.checkpoint_exists(f"{tmp_path}/model-3")
        assert tf.train.checkpoint_exists(f"{tmp_path}/model-2")


def test_one_checkpoint_for_some_hours_stays(tmp_path, monkeypatch):
    now = [1_000_000.0]
    monkeypatch.setattr(time, "time", lambda: now[0])
    with tf.Session() as session:
        tf.Variable(1.0)
        session.run(tf.global_variables_initializer())
        saver = tf.train.Saver(max_to_keep=1, keep_checkpoint_every_n_hours=1)
        for step in range(6):
            now[0] += 1800 + 1
            saver.save(session, str(tmp_path / "m"), global_step=step, write_meta_graph=False)
    steps = {name[2:3] for name in names_in(tmp_path) if name.startswith("m-")}
    assert steps == {"1", "3", "5"}


def test_names_parts_and_chosen_variables(tmp_path, oracle):
    found = {}
    for module in (tf, oracle):
        with module.Graph().as_default(), module.Session() as session:
            whole = module.get_variable(
                "table", [5, 3], partitioner=module.fixed_size_partitioner(2)
            )
            one = module.Variable([1.0, 2.0], name="one")
            module.Variable(3.0, name="other")
            session.run(module.global_variables_initializer())
            upper, lower = whole
            session.run(upper.assign(np.arange(9.0).reshape(3, 3)))
            session.run(lower.assign(np.arange(9.0, 15.0).reshape(2, 3)))
            saver = module.train.Saver({"renamed": one, "table": whole})
            prefix = saver.save(session, f"{tmp_path}/{module is tf}", write_meta_graph=False)
            everything = module.train.Saver().save(session, f"{tmp_path}/all{module is tf}")
            found[module is tf] = prefix, everything
    for prefix in (found[True][0], found[False][0]):
        for module in (tf, oracle):
            reader = module.train.NewCheckpointReader(prefix)
            assert reader.get_variable_to_shape_map() == {"renamed": [2], "table": [5, 3]}
            assert reader.get_tensor("table").ravel().tolist() == list(range(15))
    with tf.Graph().as_default(), tf.Session() as session:
        table = tf.get_variable("table", [5, 3])
        parts = tf.get_variable("p", [5, 3], partitioner=tf.fixed_size_partitioner(3))
        tf.train.Saver([table]).restore(session, found[False][1])
        tf.train.Saver({"table": parts}).restore(session, found[True][1])
        assert session.run(table).ravel().tolist() == list(range(15))
        assert session.run(parts.as_tensor()).ravel().tolist() == list(range(15))


def test_sharded_checkpoints_are_one(tmp_path, oracle):
    config = tf.ConfigProto(device_count={"CPU": 2})
    with tf.Graph().as_default(), tf.Session(config=config) as session:
        with tf.device("/cpu:0"):
            tf.Variable([1.0, 2.0], name="a")
        with tf.device("/cpu:1"):
            tf.Variable([3], name="b")
        session.run(tf.global_variables_initializer())
        saver = tf.train.Saver(sharded=True)
        for i in range(3):
            prefix = saver.save(session, str(tmp_path / "m"), write_meta_graph=False)
            if i == 1:  # the old files are needed until the index says otherwise
                assert "m.data-00002-of-00004" in names_in(tmp_path)
                assert len(names_in(tmp_path)) == 4
                continue
            assert sorted(names_in(tmp_path)) == [
                "checkpoint",
                "m.data-00000-of-00002",
                "m.data-00001-of-00002",
                "m.index",
            ]
        session.run([v.assign(v * 0) for v in tf.global_variables()])
        saver.restore(session, prefix)
        assert [session.run(v).tolist() for v in tf.global_variables()] == [[1.0, 2.0], [3]]
    reader = oracle.train.load_checkpoint(prefix)
    assert (reader.get_tensor("a").tolist(), reader.get_tensor("b").tolist()) == ([1.0, 2.0], [3])


def test_a_saver_that_reshapes(tmp_path, mode):
    with tf.Graph().as_default(), tf.Session() as session:
        v = tf.Variable(tf.range(6.0), name="v")
        session.run(v.initializer)
        prefix = tf.train.Saver().save(session, str(tmp_path / "m"))
    with tf.Graph().as_default(), tf.Session() as session:
        v = tf.Variable(tf.zeros([2, 3]), name="v")
        tf.train.Saver(reshape=True).restore(session, prefix)
        assert session.run(v).tolist() == [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]


@pytest.mark.parametrize(
    ("make", "kind", "words"),
    [
        (
            lambda: tf.Variable([1.0, 2.0], name="w"),
            tf.errors.InvalidArgumentError,
            "Assign requires shapes of both tensors to match. lhs shape= [2] rhs shape= [3]",
        ),
        (
            lambda: tf.Variable([1, 2, 3], name="w"),
            tf.errors.InvalidArgumentError,
            "tensor_name = w; expected dtype int32 does not equal original dtype float",
        ),
        (
            lambda: tf.Variable([1.0], name="ww"),
            tf.errors.NotFoundError,
            "Key ww not found in checkpoint",
        ),
    ],
)
def test_what_does_not_fit_is_refused_and_changes_nothing(tmp_path, mode, make, kind, words):
    with tf.Graph().as_default(), tf.Session() as session:
        tf.Variable([1.0, 2.0, 3.0], name="w")
        tf.Variable(9.0, name="a")
        session.run(tf.global_variables_initializer())
        prefix = tf.train.Saver().save(session, str(tmp_path / "m"))
    with tf.Graph().as_default(), tf.Session() as session:
        a = tf.Variable(5.0, name="a")
        w = make()
        session.run(tf.global_variables_initializer())
        before = session.run(w).tolist()
        with pytest.raises(kind) as caught:
            tf.train.Saver().restore(session, prefix)
        assert caught.value.message.startswith("Restoring from checkpoint failed. This is most")
        assert words in str(caught.value)
        assert (session.run(a), session.run(w).tolist()) == (5.0, before)


def test_mistakes_are_refused_as_in_tensorflow(tmp_path, monkeypatch, outcome, oracle):
    monkeypatch.chdir(tmp_path)
    calls = [
        "tf.train.Saver()",
        "tf.train.Saver([])",
        "tf.train.Saver([tf.constant(1.)])",
        "tf.train.Saver({1: tf.Variable(1.)})",
        "(lambda v: tf.train.Saver({'a': v, 'b': v}))(tf.Variable(1.))",
        "(lambda v: tf.train.Saver([v, v]))(tf.Variable(1., name='v'))",
        "tf.train.Saver([tf.Variable(1.)], defer_build=True)",
        "tf.train.Saver(defer_build=True).save(None, 'm')",
        "tf.train.Saver([tf.Variable(1.)]).save(None, 'm')",
        "tf.train.Saver([tf.Variable(1.)]).restore(tf.Session(), None)",
        "tf.train.Saver([tf.Variable(1.)]).restore(tf.Session(), '/nowhere/m')",
        "tf.train.Saver([tf.Variable(1.)]).save(tf.Session(), 'm', latest_filename='a/b')",
        "tf.train.Saver([tf.Variable(1.)]).save(tf.Session(), 'checkpoint')",
        "tf.train.latest_checkpoint('/nowhere')",
        "tf.train.get_checkpoint_state('/nowhere')",
        "tf.train.checkpoint_exists('/nowhere/m')",
        "tf.train.get_checkpoint_mtimes(['/nowhere/m'])",
        "tf.train.Saver([], allow_empty=True).save(tf.Session(), 'm')",
    ]
    for call in calls:
        results = []
        for module in (tf, oracle):
            with module.Graph().as_default():
                result = outcome(call, tf=module)
            results.append(tuple(part.partition(": <")[0] for part in result))
        ours, theirs = results
        assert ours[:2] == theirs[:2], call
        if ours[0] == "raises":
            # the first line, as far as it shows no object
            assert ours[2].splitlines()[0][:40] == theirs[2].splitlines()[0][:40], call


def test_a_folder_that_is_not_there(tmp_path):
    with tf.Session() as session:
        tf.Variable(1.0)
        session.run(tf.global_variables_initializer())
        saver = tf.train.Saver()
        assert saver.save(session, f"{tmp_path}/new/m") == f"{tmp_path}/new/m"
        with pytest.raises(ValueError) as caught:
            saver.save(session, f"{tmp_path}/a/b/m")
        assert str(caught.value) == (
            f"Parent directory of {tmp_path}/a/b/m doesn't exist, can't save."
        )


def test_an_uninitialized_variable_leaves_the_old_checkpoint(tmp_path):
    with tf.Graph().as_default(), tf.Session() as session:
        v = tf.Variable(1.0, name="v")
        saver = tf.train.Saver()
        session.run(v.initializer)
        prefix = saver.save(session, str(tmp_path / "m"))
    before = {name: (tmp_path / name).read_bytes() for name in names_in(tmp_path)}
    with tf.Graph().as_default(), tf.Session() as session:
        tf.Variable(1.0, name="v")
        with pytest.raises(tf.errors.FailedPreconditionError, match="uninitialized value v"):
            tf.train.Saver().save(session, prefix)
    assert {name: (tmp_path / name).read_bytes() for name in names_in(tmp_path)} == before


def test_the_meta_graph_is_tensorflows_to_read(tmp_path, oracle):
    prefix, expected = trained(tf, tmp_path)
    with oracle.Graph().as_default(), oracle.Session() as session:
        saver = oracle.train.import_meta_graph(prefix + ".meta")
        saver.restore(session, prefix)
        assert_same(values(oracle, session), expected)
        (train,) = oracle.get_collection("train_op")
        session.run(train)
        step = session.run(oracle.train.get_global_step())
        assert step == 4
        assert [v.op.name for v in oracle.trainable_variables()] == ["layer/w", "b"]


def test_a_program_of_ones_own_saveable(tmp_path):
    class Halved(SaveableObject):
        """Saves twice the value."""

        def __init__(self, v):
            spec = SaveSpec(v * 2.0, "", v.op.name)
            super().__init__(v, [spec], v.op.name)

        def restore(self, restored_tensors, restored_shapes):
            return self.op.assign(restored_tensors[0] / 2.0)

    with tf.Session() as session:
        v = tf.Variable([3.0], name="v")
        saver = tf.train.Saver([Halved(v)])
        session.run(v.initializer)
        prefix = saver.save(session, str(tmp_path / "m"), write_meta_graph=False)
        assert tf.train.NewCheckpointReader(prefix).get_tensor("v").tolist() == [6.0]
        session.run(v.assign([0.0]))
        saver.restore(session, prefix)
        assert session.run(v).tolist() == [3.0]


def test_a_model_of_layers_is_saved_without_a_warning(tmp_path, caplog):
    """What counts the names of layers is no collection, which a meta graph would have to hold."""
    tf.layers.dense(tf.zeros([2, 3]), 4)
    tf.layers.dense(tf.zeros([2, 3]), 5)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        tf.train.Saver().save(session, str(tmp_path / "m"))
    assert [record.getMessage() for record in caplog.records] == []
    keys = tf.get_default_graph().get_all_collection_keys()
    assert set(keys) <= {"trainable_variables", "update_ops", "variables"}


def test_threads_save_one_after_the_other(tmp_path):
    """A supervisor's thread and its program, to the same name: their files would mix."""
    inside, most = [], []

    def value():
        inside.append(1)
        most.append(len(inside))
        time.sleep(0.002)
        inside.pop()
        return np.float32(3.0)

    class Slow(SaveableObject):
        def restore(self, restored_tensors, restored_shapes):
            return self.op.assign(restored_tensors[0])

    with tf.Session() as session:
        v = tf.Variable(0.0, name="v")
        session.run(v.initializer)
        saved = SaveSpec(tf.py_func(value, [], tf.float32), "", "v")
        saver = tf.train.Saver([Slow(v, [saved], "v")], max_to_keep=2)

        def save():
            for _ in range(5):
                saver.save(session, str(tmp_path / "m"), write_meta_graph=False)

        threads = [threading.Thread(target=save) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(most) == 15
    assert max(most) == 1
    assert tf.train.load_variable(str(tmp_path / "m"), "v") == 3.0


STOPPED = """
    import itertools, os, signal, sys
    import graphmode as tf
    folder, numbered = sys.argv[1], sys.argv[2] == "numbered"
    left = None

    def watch(event, arguments):
        global left
        if left is None or event not in EVENTS or folder not in str(arguments[0]):
            return
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def save(n_times):
        for _ in range(n_times):
            step = int(session.run(count)[0])
            saver.save(session, folder + "/m", global_step=step if numbered else None)

    EVENTS = {"open", "os.remove", "os.rename", "os.truncate", "os.mkdir", "os.link"}
    sys.addaudithook(watch)
    v = tf.Variable(tf.fill([50_000], 0), name="v")
    count = v.assign_add(tf.ones_like(v))
    saver = tf.train.Saver(max_to_keep=2)
    session = tf.Session(mode="interpreted")
    session.run(v.initializer)
    for point in itertools.count():
        child = os.fork()
        if not child:
            newest = tf.train.latest_checkpoint(folder)
            if newest:
                saver.restore(session, newest)
            save(2)
            left = point
            save(1)
            os._exit(0)
        ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        found = tf.train.NewCheckpointReader(tf.train.latest_checkpoint(folder)).get_tensor("v")
        assert found.min() == found.max()
        print(-ended, found[0], flush=True)
        if not ended:
            break
"""


@pytest.mark.parametrize("numbered", [True, False])
def test_a_kill_while_saving_loses_nothing(tmp_path, numbered):
    """Before each thing that the third save does to a file, with a fork for each of them."""
    script = tmp_path / "script.py"
    script.write_text(textwrap.dedent(STOPPED))
    done = subprocess.run(
        [sys.executable, "-Wignore", script, tmp_path, "numbered" if numbered else "one name"],
        capture_output=True, text=True,
    )  # fmt: skip
    killed = [tuple(map(int, line.split())) for line in done.stdout.splitlines()]
    assert [by for by, _ in killed] == [signal.SIGKILL] * (len(killed) - 1) + [0], done.stderr
    values = [value for _, value in killed]
    begun_at = [0, *values]
    steps = [after - before for before, after in zip(begun_at, values, strict=False)]
    assert steps == sorted(steps), "what is saved once is lost by a kill at a later moment"
    assert set(steps) == {2, 3}
    assert len(steps) > 8


KILLED = """
    import sys
    import graphmode as tf
    folder, numbered = sys.argv[1], sys.argv[2] == "numbered"
    v = tf.Variable(tf.fill([50_000], 0), name="v")
    count = v.assign_add(tf.ones_like(v))
    saver = tf.train.Saver(max_to_keep=2)
    with tf.Session() as session:
        newest = tf.train.latest_checkpoint(folder)
        if newest:
            saver.restore(session, newest)
        else:
            session.run(v.initializer)
        while True:
            step = int(session.run(count)[0])
            saver.save(session, folder + "/m", global_step=step if numbered else None)
            print(step, flush=True)
"""


@pytest.mark.slow
@pytest.mark.parametrize("numbered", [True, False])
def test_a_hundred_kills_while_saving_lose_nothing(tmp_path, numbered):
    """At any moment: the newest checkpoint is whole, and not older than what was last said."""
    draw = random.Random(5)
    script = tmp_path / "script.py"
    script.write_text(textwrap.dedent(KILLED))
    said = 0
    for _ in range(100):
        with subprocess.Popen(
            [sys.executable, script, tmp_path, "numbered" if numbered else "one name"],
            stdout=subprocess.PIPE, text=True,
        ) as process:  # fmt: skip
            lines = [process.stdout.readline()]
            time.sleep(draw.uniform(0, 0.15))
            process.send_signal(signal.SIGKILL)
            lines += process.stdout.read().splitlines(keepends=True)
        newest = max(int(line) for line in lines if line.endswith("\n"))
        assert newest > said
        prefix = tf.train.latest_checkpoint(str(tmp_path))
        found = tf.train.NewCheckpointReader(prefix).get_tensor("v")
        assert found.min() == found.max() >= newest
        said = int(found[0])


def test_a_checkpoint_that_holds_something_else(tmp_path):
    with BundleWriter(str(tmp_path / "m")) as writer:
        writer.add("v", np.array([b"text"], object), tf.string)
        writer.finish()
    with tf.Session() as session:
        tf.Variable([1.0], name="v")
        with pytest.raises(tf.errors.InvalidArgumentError, match="original dtype string"):
            tf.train.Saver().restore(session, str(tmp_path / "m"))


def test_restored_values_are_the_variables_memory(tmp_path, mode):
    """What is read becomes the variable as it is, and belongs to one variable alone."""
    with tf.Graph().as_default(), tf.Session() as session:
        tf.get_variable("v", initializer=np.ones(1 << 20, np.float32))
        session.run(tf.global_variables_initializer())
        prefix = tf.train.Saver().save(session, str(tmp_path / "m"))
    with tf.Graph().as_default(), tf.Session() as session:
        tf.get_variable("v", [1 << 20])
        saver = tf.train.Saver()
        saver.restore(session, prefix)  # imports what it needs
        tracemalloc.start()
        saver.restore(session, prefix)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 1.2 * 4 * (1 << 20)

    with tf.Graph().as_default(), tf.Session() as session:
        (read,) = restore_v2(prefix, ["v"], [""], dtypes=[tf.float32])
        a, b = (tf.get_variable(name, [1 << 20]) for name in "ab")
        value, _, _ = session.run([read, a.assign(read), b.assign(tf.reshape(read, [1 << 20]))])
        value[:] = 5.0
        session.run(a.assign_add(tf.ones([1 << 20])))
        assert session.run([a[0], b[0]]) == [2.0, 1.0]
