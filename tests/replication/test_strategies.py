"""`tf.distribute`: replicas in one graph make the step of the whole batch."""

import json

import numpy as np
import pytest

import graphmode as tf
from graphmode.platform.testing.machine import free_addresses

TWO = {"config": tf.ConfigProto(device_count={"CPU": 2}, allow_soft_placement=True)}
ROWS = np.random.default_rng(0).normal(size=(6, 3)).astype(np.float32)
IDS = np.array([0, 2, 2, 1, 4, 2], np.int32)


def model(rows, ids):
    hidden = tf.layers.dense(rows, 4, tf.nn.tanh)
    table = tf.get_variable("table", [5, 4], initializer=tf.ones_initializer())
    scale = tf.Variable(0.5, name="scale")
    return tf.reduce_sum(tf.square(hidden * tf.nn.embedding_lookup(table, ids) * scale - 1.0))


def optimizer():
    return tf.train.MomentumOptimizer(0.01, 0.9)


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as graph:
        tf.set_random_seed(3)
        yield graph


def trained(train, session_options, n=3):
    with tf.Session(**session_options) as sess:
        sess.run(tf.global_variables_initializer())
        for v in tf.trainable_variables():
            v.load(np.linspace(-0.5, 0.7, v.shape.num_elements()).reshape(v.shape), sess)
        for _ in range(n):
            sess.run(train)
        return {v.name: sess.run(v) for v in tf.global_variables()}


def test_a_step_of_two_replicas_is_that_of_the_whole_batch():
    step = tf.train.get_or_create_global_step()
    train = optimizer().minimize(model(ROWS, IDS), global_step=step)
    whole = trained(train, {})
    with tf.Graph().as_default():
        strategy = tf.distribute.MirroredStrategy(["/cpu:0", "/cpu:1"])
        with strategy.scope():
            step = tf.train.get_or_create_global_step()

            def replica(rows, ids):
                loss = model(rows, ids)
                return optimizer().minimize(loss, global_step=step), loss

            data = tf.data.Dataset.from_tensors((ROWS, IDS)).repeat()
            iterator = strategy.make_dataset_iterator(data)
            rows, ids = iterator.get_next()
            train, losses = strategy.experimental_run_v2(replica, (rows, ids))
            total = strategy.reduce(tf.distribute.ReduceOp.SUM, losses, axis=None)
        assert [t.device for t in strategy.unwrap(losses)] == ["/device:CPU:0", "/device:CPU:1"]
        assert total.device == "/device:CPU:0"
        with tf.Session(**TWO) as sess:
            sess.run([tf.global_variables_initializer(), iterator.initialize()])
            for v in tf.trainable_variables():
                v.load(np.linspace(-0.5, 0.7, v.shape.num_elements()).reshape(v.shape), sess)
            for _ in range(3):
                sess.run(strategy.group(train))
            found = {v.name: sess.run(v) for v in tf.global_variables()}
    assert found.keys() == whole.keys()
    assert found["global_step:0"] == 3
    for name, value in whole.items():
        np.testing.assert_allclose(found[name], value, rtol=2e-5, atol=1e-6, err_msg=name)


def test_values_of_replicas_are_reduced():
    strategy = tf.contrib.distribute.MirroredStrategy(devices=["/cpu:0", "/cpu:1"])
    elements = tf.data.Dataset.from_tensor_slices(np.arange(10.0)).batch(3)
    with strategy.scope():
        own = strategy.make_input_fn_iterator(lambda context: elements)
        shared = strategy.make_dataset_iterator(elements)
        values = own.get_next()
        part = shared.get_next()
        results = {
            "own": strategy.experimental_local_results(values),
            "sum": strategy.reduce("sum", values),
            "mean": strategy.reduce(tf.distribute.ReduceOp.MEAN, part, axis=0),
            "parts": strategy.unwrap(part),
            "ids": strategy.unwrap(strategy.experimental_run(lambda x: tf.reduce_max(x) + 1, own)),
        }
    with tf.Session(**TWO) as sess:
        sess.run([own.initialize(), shared.initialize()])
        found = sess.run(results)
    assert found["own"][0].tolist() == [0, 1, 2] or found["ids"] != [3, 6]
    assert found["sum"].tolist() == (found["own"][0] + found["own"][1]).tolist()
    assert found["mean"] == 1.0
    assert [part.tolist() for part in found["parts"]] == [[0], [1, 2]]


def test_batches_of_a_data_set_and_of_arrays_are_shared():
    strategy = tf.distribute.MirroredStrategy(
        ["/cpu:0", "/cpu:1"], cross_device_ops=tf.distribute.HierarchicalCopyAllReduce(num_packs=2)
    )
    with strategy.scope():
        rows = strategy.experimental_make_numpy_dataset((ROWS, IDS)).batch(6)
        shared = strategy.experimental_distribute_dataset(rows)
        iterator = shared.make_initializable_iterator()
        x, ids = iterator.get_next()
        once = shared.make_one_shot_iterator().get_next()[1]
        ops = tf.distribute.ReductionToOneDevice("/cpu:1")
        (total, mean) = ops.batch_reduce("mean", [(ids, "/cpu:0"), (once, "/cpu:0")])
        copies = ops.broadcast(total, ["/cpu:0", "/cpu:1"])
    assert total.device == "/device:CPU:1"
    assert [copy.device for copy in copies.values] == ["/device:CPU:0", "/device:CPU:1"]
    with tf.Session(**TWO) as sess:
        sess.run(iterator.initializer)
        found, total, mean, copy = sess.run([strategy.unwrap(x), total, mean, copies.values[1]])
    assert np.array_equal(np.concatenate(found), ROWS)
    assert total.tolist() == mean.tolist() == copy.tolist() == ((IDS[:3] + IDS[3:]) / 2).tolist()


def test_which_replica_is_required():
    distribute = tf.contrib.distribute
    assert distribute.get_cross_replica_context() is None
    strategy = tf.distribute.MirroredStrategy(["/cpu:0", "/cpu:1"])
    contexts = []

    def replica():
        contexts.append(distribute.get_replica_context())
        distribute.require_replica_context(contexts[-1])
        with pytest.raises(RuntimeError, match=r"Mismatching tf\.distribute\.Strategy objects: "):
            distribute.require_replica_context(default)
        return distribute.get_cross_replica_context()

    default = distribute.get_replica_context()
    with strategy.scope():
        assert distribute.get_cross_replica_context() is strategy
        assert strategy.experimental_run_v2(replica) is None
        with pytest.raises(RuntimeError, match=r"inside `call_for_each_replica\(\)`"):
            distribute.require_replica_context(contexts[0])


def test_the_server_of_the_environment(monkeypatch):
    start = tf.contrib.distribute.run_standard_tensorflow_server
    (address,) = free_addresses(1)
    refused = {
        '"cluster" is not found in TF_CONFIG': {},
        '"task" is not found in TF_CONFIG': {"cluster": {"worker": [address]}},
        '"task_type" is not found': {"cluster": {"worker": [address]}, "task": {"index": 0}},
        "You must have `chief` or": {"cluster": {"ps": [address]}, "task": {"type": "ps"}},
    }
    for text, config in refused.items():
        monkeypatch.setenv("TF_CONFIG", json.dumps(config))
        with pytest.raises(ValueError, match=text):
            start()
    config = {"cluster": {"worker": [address]}, "task": {"type": "worker", "index": 0}}
    monkeypatch.setenv("TF_CONFIG", json.dumps(config))
    server = start()
    assert isinstance(server, tf.distribute.Server)
    with tf.Session(server.target) as sess:
        assert sess.run(tf.constant(1) + 1) == 2


def test_which_strategy_and_which_replica():
    distribute = tf.distribute
    default = distribute.get_strategy()
    assert (distribute.has_strategy(), default.num_replicas_in_sync) == (False, 1)
    assert distribute.get_replica_context().merge_call(lambda strategy, x: (strategy, x), (3,)) == (
        default, 3,
    )  # fmt: skip
    strategy = distribute.MirroredStrategy(["/cpu:0", "/cpu:1"])
    with strategy.scope():
        assert distribute.get_strategy() is strategy and distribute.has_strategy()
        assert distribute.in_cross_replica_context() and distribute.get_replica_context() is None

        def replica():
            context = distribute.get_replica_context()
            with pytest.raises(NotImplementedError, match=r"strategy\.reduce"):
                context.all_reduce("SUM", 1)
            return context.replica_id_in_sync_group, context.devices, context.num_replicas_in_sync

        ids, devices, n = map(strategy.unwrap, strategy.experimental_run_v2(replica))
        assert (ids, n) == ([0, 1], [2, 2])
        assert strategy.unwrap(devices[0][0]) == ["/cpu:0", "/cpu:1"]
    one = distribute.OneDeviceStrategy("/cpu:1")
    distribute.experimental_set_strategy(one)
    assert distribute.get_strategy() is one and tf.Variable(1.0).device == "/device:CPU:1"
    distribute.experimental_set_strategy(None)
    assert distribute.get_strategy() is default and tf.Variable(1.0).device == ""


def test_variables_on_the_servers_of_the_environment(monkeypatch):
    cluster = {"ps": ["a:1", "b:2"], "worker": ["c:3", "d:4"]}
    config = {"cluster": cluster, "task": {"type": "worker", "index": 1}}
    monkeypatch.setenv("TF_CONFIG", json.dumps(config))
    strategy = tf.contrib.distribute.ParameterServerStrategy()
    options = tf.ConfigProto()
    strategy.configure(options)
    assert list(options.device_filters) == ["/job:worker/task:1", "/job:ps"]
    with strategy.scope():
        v, w = tf.get_variable("v", []), tf.get_variable("w", [])
        y = strategy.experimental_run_v2(lambda: v * w)
    assert [v.device, w.device] == ["/job:ps/task:0", "/job:ps/task:1"]
    assert y.device == "/job:worker/task:1"
    storage = tf.distribute.experimental.CentralStorageStrategy(["/gpu:0", "/gpu:1"])
    with storage.scope():
        assert tf.Variable(0.0).device == "/device:CPU:0"


def test_a_replica_that_does_something_else_is_refused():
    strategy = tf.distribute.MirroredStrategy(["/cpu:0", "/cpu:1"])

    def replica():
        i = tf.distribute.get_replica_context().replica_id_in_sync_group
        return [tf.Variable(float(k), name=f"v{k}") for k in range(i + 1)]

    with strategy.scope(), pytest.raises(ValueError, match="replica 1 makes a variable, 'v1'"):
        strategy.experimental_run_v2(replica)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("distribute.experimental.TPUStrategy", "MirroredStrategy"),
        ("contrib.distribute.CollectiveAllReduceStrategy", "graphmode launch"),
        ("distribute.cluster_resolver.GCEClusterResolver", "TF_CONFIG"),
    ],
)
def test_what_is_absent_says_what_to_use(name, hint):
    value = tf
    with pytest.raises(AttributeError, match=hint):
        for part in name.split("."):
            value = getattr(value, part)


def test_a_damaged_description_of_the_cluster_is_named(monkeypatch):
    resolver = tf.distribute.cluster_resolver.TFConfigClusterResolver()
    for text, wrong in (("{", "no JSON"), ("[1]", "of the form"), ('{"task": 3}', "of the form")):
        monkeypatch.setenv("TF_CONFIG", text)
        with pytest.raises(ValueError, match=f"TF_CONFIG.*{wrong}"):
            resolver.cluster_spec()
