"""What `test_mesh.py` runs in a process of eight virtual devices, one check after the other."""

import contextlib
import io
import json
import sys
import tempfile
import threading
import traceback
import tracemalloc
from pathlib import Path

import numpy as np

import graphmode as tf
from graphmode import models
from graphmode.runtime.places import parts, sharding
from graphmode.runtime.places.collectives import collectives
from graphmode.runtime.places.mesh_program import MeshProgram
from graphmode.runtime.programs.cache import cache

CONFIG = tf.ConfigProto(device_count={"CPU": 8})
CHECKS = {}


def check(function):
    CHECKS[function.__name__] = function
    return function


def train(build, feeds, mesh, n_steps=20, **kw):
    """The losses of `n_steps`, and the variables after them."""
    with tf.Graph().as_default():
        tf.set_random_seed(3)
        loss, step, inputs = build()
        with tf.Session(mesh=mesh, config=CONFIG, **kw) as session:
            session.run(tf.global_variables_initializer())
            feed = dict(zip(inputs, feeds, strict=True))
            losses = [session.run([loss, step], feed)[0] for _ in range(n_steps)]
            return np.array(losses), session.run(tf.global_variables())


def same_on(mesh, build, feeds, n_steps=20):
    losses, variables = train(build, feeds, None, n_steps)
    seen_losses, seen_variables = train(build, feeds, mesh, n_steps)
    np.testing.assert_allclose(seen_losses, losses, rtol=1e-5)
    for value, seen in zip(variables, seen_variables, strict=True):
        np.testing.assert_allclose(seen, value, rtol=1e-4, atol=1e-5)
    assert losses[-1] < losses[0]


def classes(n, k, generator):
    return np.eye(k, dtype=np.float32)[generator.integers(0, k, n)]


# ---- the laboratories ----------------------------------------------------------------------------


def linear():
    x, y = tf.placeholder(tf.float32, [None, 3]), tf.placeholder(tf.float32, [None, 1])
    w, b = tf.Variable(tf.ones([3, 1])), tf.Variable(0.5)
    loss = tf.reduce_mean(tf.square(tf.matmul(x, w) + b - y))
    return loss, tf.train.GradientDescentOptimizer(0.1).minimize(loss), [x, y]


def logistic():
    x, y = tf.placeholder(tf.float32, [None, 4]), tf.placeholder(tf.float32, [None, 3])
    w = tf.Variable(tf.random_normal([4, 3], stddev=0.1))
    b = tf.Variable(tf.zeros([3]))
    logits = tf.matmul(x, w) + b
    loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(labels=y, logits=logits))
    return loss, tf.train.GradientDescentOptimizer(0.5).minimize(loss), [x, y]


def mlp():
    x, y = tf.placeholder(tf.float32, [None, 20]), tf.placeholder(tf.float32, [None, 3])
    # A bias before the normalization has no gradient but rounding, which Adam would take for one.
    hidden = tf.layers.dense(x, 16, use_bias=False)
    hidden = tf.nn.relu(tf.layers.batch_normalization(hidden, training=True))
    logits = tf.layers.dense(tf.nn.dropout(hidden, 0.7, seed=5), 3)
    loss = tf.losses.softmax_cross_entropy(y, logits)
    with tf.control_dependencies(tf.get_collection(tf.GraphKeys.UPDATE_OPS)):
        return loss, tf.train.AdamOptimizer(0.01).minimize(loss), [x, y]


def cnn():
    x, y = tf.placeholder(tf.float32, [None, 64]), tf.placeholder(tf.float32, [None, 3])
    image = tf.reshape(x, [-1, 8, 8, 1])
    w = tf.Variable(tf.truncated_normal([3, 3, 1, 4], stddev=0.3))
    hidden = tf.nn.relu(tf.nn.conv2d(image, w, [1, 1, 1, 1], "SAME") + tf.Variable(tf.zeros([4])))
    pooled = tf.nn.max_pool(hidden, [1, 2, 2, 1], [1, 2, 2, 1], "SAME")
    logits = tf.layers.dense(tf.reshape(pooled, [-1, 64]), 3)
    loss = tf.losses.softmax_cross_entropy(y, logits)
    return loss, tf.train.MomentumOptimizer(0.05, 0.9).minimize(loss), [x, y]


def lstm():
    x, y = tf.placeholder(tf.float32, [None, 5, 6]), tf.placeholder(tf.float32, [None, 3])
    outputs, _ = tf.nn.dynamic_rnn(tf.nn.rnn_cell.BasicLSTMCell(8), x, dtype=tf.float32)
    loss = tf.losses.softmax_cross_entropy(y, tf.layers.dense(outputs[:, -1], 3))
    return loss, tf.train.AdamOptimizer(0.01).minimize(loss), [x, y]


def words():
    """Zaremba's language model; its batch has a known size."""
    x, y = tf.placeholder(tf.int32, [16, 5]), tf.placeholder(tf.int32, [16, 5])
    split = tf.fixed_size_partitioner(1)
    table = tf.get_variable("embedding", [48, 8], partitioner=split)
    inputs = tf.nn.dropout(tf.nn.embedding_lookup(table, x), 0.8, seed=2)
    cell = tf.nn.rnn_cell.MultiRNNCell([tf.nn.rnn_cell.BasicLSTMCell(8) for _ in range(2)])
    start = cell.zero_state(16, tf.float32)
    outputs, _ = tf.nn.dynamic_rnn(cell, inputs, initial_state=start)
    weights = tf.get_variable("softmax", [8, 48], partitioner=tf.fixed_size_partitioner(1, axis=1))
    logits = tf.matmul(tf.reshape(outputs, [-1, 8]), weights) + tf.get_variable("bias", [48])
    nats = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=tf.reshape(y, [-1]), logits=logits)
    loss = tf.reduce_sum(nats) / 16
    variables = tf.trainable_variables()
    gradients, _ = tf.clip_by_global_norm(tf.gradients(loss, variables), 5.0)
    optimizer = tf.train.GradientDescentOptimizer(0.2)
    return loss, optimizer.apply_gradients(zip(gradients, variables, strict=True)), [x, y]


def rbm():
    """CD-1; the draws of the hidden units are those of one device."""
    v0 = tf.placeholder(tf.float32, [None, 24])
    w = tf.Variable(tf.random_normal([24, 10], stddev=0.01))
    vb, hb = tf.Variable(tf.zeros([24])), tf.Variable(tf.zeros([10]))

    def sampled(p):
        return tf.nn.relu(tf.sign(p - tf.random_uniform(tf.shape(p))))

    h0 = tf.nn.sigmoid(tf.matmul(v0, w) + hb)
    v1 = tf.nn.sigmoid(tf.matmul(sampled(h0), w, transpose_b=True) + vb)
    h1 = tf.nn.sigmoid(tf.matmul(v1, w) + hb)
    n = tf.to_float(tf.shape(v0)[0])
    change = tf.matmul(v0, h0, transpose_a=True) - tf.matmul(v1, h1, transpose_a=True)
    step = tf.group(
        w.assign_add(0.5 * change / n),
        vb.assign_add(0.5 * tf.reduce_mean(v0 - v1, 0)),
        hb.assign_add(0.5 * tf.reduce_mean(h0 - h1, 0)),
    )
    return tf.reduce_mean(tf.square(v0 - v1)), step, [v0]


def autoencoder():
    x = tf.placeholder(tf.float32, [None, 24])
    hidden = tf.layers.dense(tf.layers.dense(x, 12, tf.nn.sigmoid), 4, tf.nn.sigmoid)
    back = tf.layers.dense(tf.layers.dense(hidden, 12, tf.nn.sigmoid), 24, tf.nn.sigmoid)
    loss = tf.reduce_mean(tf.square(x - back))
    return loss, tf.train.RMSPropOptimizer(0.01).minimize(loss), [x]


def recommender():
    """Factors of users and items, looked up; the tables are split, the slots with them."""
    user, item = tf.placeholder(tf.int32, [None]), tf.placeholder(tf.int32, [None])
    rating = tf.placeholder(tf.float32, [None])
    split = tf.min_max_variable_partitioner(max_partitions=2, min_slice_size=1)
    users = tf.get_variable("users", [32, 5], partitioner=tf.fixed_size_partitioner(1))
    items = tf.get_variable("items", [64, 5], partitioner=split)
    product = tf.nn.embedding_lookup(users, user) * tf.nn.embedding_lookup(items, item)
    loss = tf.reduce_mean(tf.square(tf.reduce_sum(product, 1) - rating))
    return loss, tf.train.AdagradOptimizer(0.5).minimize(loss), [user, item, rating]


G = np.random.default_rng(0)
BITS = (G.random((32, 24)) < np.linspace(0.1, 0.9, 24)).astype(np.float32)
LABS = {
    linear: [G.standard_normal((16, 3), np.float32), G.standard_normal((16, 1), np.float32)],
    logistic: [G.standard_normal((24, 4), np.float32), classes(24, 3, G)],
    mlp: [G.standard_normal((64, 20), np.float32), classes(64, 3, G)],
    cnn: [G.standard_normal((16, 64), np.float32), classes(16, 3, G)],
    lstm: [G.standard_normal((16, 5, 6), np.float32), classes(16, 3, G)],
    words: [G.integers(0, 48, (16, 5)), G.integers(0, 48, (16, 5))],
    rbm: [BITS],
    autoencoder: [BITS],
    recommender: [G.integers(0, 32, 40), G.integers(0, 64, 40), G.random(40, np.float32)],
}


def check_lab(build, mesh):
    def function():
        same_on(mesh, build, LABS[build])

    CHECKS[f"{build.__name__} on {mesh}"] = function


for lab in LABS:
    check_lab(lab, 8)
check_lab(recommender, {"data": 4, "model": 2})


# ---- large tables --------------------------------------------------------------------------------


def split_table():
    """Lookups and a full or sampled softmax over a split vocabulary."""
    x, y = tf.placeholder(tf.int32, [None]), tf.placeholder(tf.int32, [None])
    one = tf.fixed_size_partitioner(1)
    table = tf.get_variable("table", [4000, 32], partitioner=one)
    weights = tf.get_variable("weights", [4000, 32], partitioner=one)
    bias = tf.get_variable("bias", [4000], partitioner=one)
    hidden = tf.tanh(tf.nn.embedding_lookup(table, x))
    logits = tf.matmul(hidden, weights, transpose_b=True) + bias
    full = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=logits)
    drawn = tf.placeholder(tf.int64, [64])  # fed: a sampler takes long to compile
    sampled = tf.nn.sampled_softmax_loss(
        weights, bias, tf.reshape(y, [-1, 1]), hidden, 64, 4000,
        sampled_values=(drawn, tf.ones([32, 1]), tf.ones([64])),
    )  # fmt: skip
    return tf.reduce_mean(full), tf.reduce_mean(sampled), [x, y, drawn]


def exchanged(session, fetches, feed):
    """What the devices exchange in the program of a run."""
    cache.clear()
    session.run(fetches, feed)
    (program,) = [p for p in cache.programs if isinstance(p, MeshProgram)]
    return collectives(program.text)


@check
def a_large_table_is_never_sent():
    g = np.random.default_rng(1)
    data = [g.integers(0, 4000, n) for n in (32, 32, 64)]
    table_bytes = 4000 * 32 * 4
    for mesh, n in ((8, 8), ({"data": 4, "model": 2}, 2)):
        with tf.Graph().as_default():
            full, sampled, inputs = split_table()
            adagrad = tf.train.AdagradOptimizer(0.1)
            steps = [adagrad.minimize(sampled)]
            if n == 8:  # along two axes the gradient of all weights has to be added up
                steps.append(adagrad.minimize(full))
            with tf.Session(mesh=mesh, config=CONFIG) as session:
                session.run(tf.global_variables_initializer())
                feed = dict(zip(inputs, data, strict=True))
                for step in steps:
                    found = exchanged(session, step, feed)
                    assert {one.kind for one in found} <= {
                        "all-gather", "all-reduce", "collective-permute"
                    }  # fmt: skip
                    assert max(one.n_bytes for one in found) <= table_bytes / 8, found
                placed = {v.name: v for v in session.stats().variables}
        for name in ("table/part_0", "table/part_0/Adagrad", "weights/part_0/Adagrad"):
            assert placed[name].bytes_per_device <= 1.05 * table_bytes / n
            assert f"={n} in parts of [{4000 // n},32]" in placed[name].where


@check
def variables_over_the_limit_are_split_as_they_are_made():
    sharding.LARGE, before = 1 << 14, sharding.LARGE
    try:
        with tf.Graph().as_default(), tf.Session(mesh=8, config=CONFIG) as session:
            even = tf.Variable(tf.random_normal([90, 64], seed=1), name="even")
            odd = tf.Variable(tf.random_normal([91, 63], seed=1), name="odd")
            small = tf.Variable(tf.zeros([64]), name="small")
            session.run(tf.global_variables_initializer())
            where = {v.name: v.where for v in session.stats().variables}
            assert where == {
                "even": "[90,64] split over data=8 in parts of [90,8]",
                "odd": "[91,63] copied on each of 8 devices",
                "small": "[64] copied on each of 8 devices",
            }
            assert session.stats().compiled == 1
            seen = session.run([even, odd, small])
        with tf.Session(graph=even.graph, mode="compiled") as session:
            session.run(tf.variables_initializer([even, odd, small]))
            for one, other in zip(session.run([even, odd, small]), seen, strict=True):
                np.testing.assert_array_equal(one, other)
    finally:
        sharding.LARGE = before
    said = sys.stderr.getvalue()
    assert said.count("'odd' [91,63] is copied on every device") == 1, said
    assert "divides by the 8 devices along 'data' (pad one to a multiple of 8" in said


# ---- what a session does besides training --------------------------------------------------------


@check
def a_batch_that_does_not_divide_is_split_with_shorter_parts():
    """Means, normalization, dropout, draws and states of cells are those of the rows that are."""
    for lab, n_rows in ((logistic, 20), (mlp, 13), (cnn, 9), (lstm, 13), (rbm, 20)):
        same_on(8, lab, [a[:n_rows] for a in LABS[lab]])
    assert "a batch of" not in sys.stderr.getvalue()
    with tf.Graph().as_default(), tf.Session(mesh=8, config=CONFIG) as session:
        _, step, inputs = logistic()
        rows = tf.placeholder(tf.float32, [None, 3])
        session.run(tf.global_variables_initializer())
        feed = {t: a[:20] for t, a in zip(inputs, LABS[logistic], strict=True)}
        found = exchanged(session, step, feed)
        # as of a batch that divides: the gradients, in one exchange
        assert [(one.kind, one.n_bytes) for one in found] == [("all-reduce", 4 * (12 + 3))], found
        values = np.arange(33, dtype=np.float32).reshape(11, 3)
        largest = [tf.reduce_max(rows - 40), tf.reduce_prod(rows + 1, 0), tf.nn.top_k(-rows[:, 0])]
        largest, product, (best, _) = session.run(largest, {rows: values})
        assert (largest, best) == (-8, 0)
        np.testing.assert_allclose(product, np.prod(values + 1, 0), rtol=1e-5)
        np.testing.assert_array_equal(session.run(tf.identity(rows), {rows: values}), values)


@check
def a_batch_with_fewer_rows_than_devices_is_copied_which_is_said_once():
    rate = tf.placeholder(tf.float32, [2])  # not a batch: its length is known
    loss, step, inputs = logistic()
    with tf.Session(mesh=8, config=CONFIG) as session:
        session.run(tf.global_variables_initializer())
        for _ in range(2):
            feed = {t: a[:3] for t, a in zip(inputs, LABS[logistic], strict=True)}
            session.run([step, tf.reduce_sum(rate) * loss], {**feed, rate: [0.1, 0.2]})
    said = sys.stderr.getvalue()
    assert said.count("graphmode: a batch of ") == 1, said
    assert "a batch of 3 is smaller than the 8 devices along 'data'" in said


@check
def checkpoints_go_both_ways():
    """Byte by byte, with a split variable and its slot."""
    with tempfile.TemporaryDirectory() as folder, tf.Graph().as_default():
        loss, step, inputs = recommender()
        feed = dict(zip(inputs, LABS[recommender], strict=True))
        saver, variables = tf.train.Saver(), tf.global_variables()
        with tf.Session(mesh=8, config=CONFIG) as session:
            session.run(tf.global_variables_initializer())
            session.run(step, feed)
            first, values = saver.save(session, f"{folder}/a"), session.run(variables)
        with tf.Session(config=CONFIG) as session:
            saver.restore(session, first)
            second, seen = saver.save(session, f"{folder}/b"), session.run(variables)
            after = session.run([step, loss], feed)[1]
        with tf.Session(mesh={"data": 2, "model": 4}, config=CONFIG) as session:
            saver.restore(session, second)
            third, again = saver.save(session, f"{folder}/c"), session.run(variables)
            np.testing.assert_allclose(session.run([step, loss], feed)[1], after, rtol=1e-5)
            parts = [v for v in session.stats().variables if "/part_0" in v.name]
            assert len(parts) == 4, parts
            assert all("split over model=4" in v.where for v in parts), parts
        for a, b, c in zip(values, seen, again, strict=True):
            np.testing.assert_array_equal(a, b)
            np.testing.assert_array_equal(a, c)
        data = [Path(f"{p}.data-00000-of-00001").read_bytes() for p in (first, second, third)]
        assert data[0] == data[1] == data[2]


@check
def a_split_table_is_saved_a_block_at_a_time():
    """The files of one device, from blocks that end inside of parts and where they end."""
    parts.BLOCK, before = 3 * 4 * 80, parts.BLOCK  # three rows
    try:
        with tempfile.TemporaryDirectory() as folder, tf.Graph().as_default():
            generator = np.random.default_rng(3)
            wholes = [generator.random((n, 80), np.float32) for n in (8000, 8001)]
            for n in (8000, 8001):  # of 8001 rows the columns are divided
                one = tf.fixed_size_partitioner(1)
                tf.get_variable(f"t{n}", shape=[n, 80], partitioner=one)
            tables = tf.global_variables()
            saver, files = tf.train.Saver(), []
            for mesh in (None, 8, {"data": 2, "model": 4}):
                with tf.Session(mesh=mesh, config=CONFIG) as session:
                    for table, whole in zip(tables, wholes, strict=True):
                        session.run(table.initializer, {table.initializer.inputs[1]: whole})
                    tracemalloc.start()
                    path = saver.save(session, f"{folder}/of_{mesh and 'mesh'}")
                    peak = tracemalloc.get_traced_memory()[1]
                    tracemalloc.stop()
                    if mesh is not None:
                        assert peak < wholes[0].nbytes / 4, peak
                        n = 8 if mesh == 8 else 4
                        where = [place.where for place in session.stats().variables]
                        assert where[0].endswith(f"parts of [{8000 // n},80]"), where
                        assert where[1].endswith(f"parts of [8001,{80 // n}]"), where
                        saver.restore(session, path)
                        for value, whole in zip(session.run(tables), wholes, strict=True):
                            np.testing.assert_array_equal(value, whole)
                    (data,) = Path(folder).glob(f"{Path(path).name}.data-*")
                    files.append(data.read_bytes())
            assert files[0] == files[1] == files[2]
    finally:
        parts.BLOCK = before


def repeated(x):
    w = tf.get_variable("w", [6, 6], initializer=tf.orthogonal_initializer(seed=1))
    _, y = tf.while_loop(lambda i, y: i < 4, lambda i, y: (i + 1, tf.tanh(tf.matmul(y, w))), [0, x])
    return tf.cond(tf.reduce_sum(x) > 0, lambda: y, lambda: 2 * y), w


@check
def loops_branches_and_summaries():
    results = []
    for mesh in (None, {"data": 4, "model": 2}):
        with tf.Graph().as_default(), tf.Session(mesh=mesh, config=CONFIG) as session:
            x = tf.placeholder(tf.float32, [None, 6])
            y, w = repeated(x)
            loss = tf.reduce_sum(tf.square(y))
            slope = tf.gradients(loss, w)[0]
            summary = tf.summary.merge([tf.summary.scalar("l", loss), tf.summary.histogram("y", y)])
            session.run(tf.global_variables_initializer())
            feed = {x: np.random.default_rng(2).standard_normal((24, 6), np.float32)}
            *values, text = session.run([loss, y, slope, summary], feed)
            results.append([*values, tf.Summary.FromString(text).value[1].histo.sum_squares])
    for one, two in zip(*results, strict=True):
        np.testing.assert_allclose(two, one, rtol=1e-5, atol=1e-4)


@check
def threads_share_a_session():
    with tf.Graph().as_default(), tf.Session(mesh=8, config=CONFIG) as session:
        x = tf.placeholder(tf.float32, [None])
        total = tf.Variable(0.0)
        session.run(tf.global_variables_initializer())
        add = total.assign_add(tf.reduce_sum(x))
        mean = tf.reduce_mean(x) + total
        ones = {x: np.ones(16)}

        def work():
            for _ in range(5):
                session.run(add, ones)
                session.run(mean, ones)

        threads = [threading.Thread(target=work) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert session.run(total) == 15 * 16


@check
def devices_and_places_are_told():
    config = tf.ConfigProto(device_count={"CPU": 8}, log_device_placement=True)
    with tf.Graph().as_default(), tf.Session(mesh=8, config=config) as session:
        assert len(session.list_devices()) == 8
        with tf.device("/cpu:0"):
            v = tf.get_variable("v", [16, 2], partitioner=tf.fixed_size_partitioner(1))
        y = tf.exp(v, name="y")
        session.run(tf.global_variables_initializer())
        session.run(y)
    said = sys.stderr.getvalue()
    assert "v/part_0: (VariableV2): [16,2] split over data=8 in parts of [2,2]\n" in said, said
    assert "y: (Exp): /job:localhost/replica:0/task:0/device:MESH:0 (data=8)\n" in said, said


@check
def models_train_on_a_mesh():
    x = np.random.default_rng(3).standard_normal((64, 8)).astype(np.float32)
    kinds = {"hidden": (6,), "batch_size": 32, "max_iter": 2, "random_state": 0}
    one, eight = (
        models.MLPClassifier(**kinds, mesh=mesh).fit(x, x[:, 0] > 0)
        for mesh in (None, "data=4,model=2")
    )
    np.testing.assert_allclose(eight.history_["loss"], one.history_["loss"], rtol=1e-5)
    np.testing.assert_allclose(eight.predict_proba(x), one.predict_proba(x), rtol=1e-4)
    assert eight.session_.stats().compiled


# ---- refusals ------------------------------------------------------------------------------------


@check
def towers_are_refused_with_their_line():
    with tf.Graph().as_default():
        with tf.device("/gpu:1"):
            y = tf.constant(1.0) + 1.0
        with tf.Session(mesh=8, config=CONFIG) as session:
            said = refusal(tf.errors.InvalidArgumentError, session.run, y)
        soft = tf.ConfigProto(device_count={"CPU": 8}, allow_soft_placement=True)
        with tf.Session(mesh=8, config=soft) as session:
            assert session.run(y) == 2
    assert "is placed on /device:GPU:1, and the session has a mesh (data=8)" in said, said
    assert "mesh_checks.py" in said
    assert "keep the towers and make the session without mesh=" in said


@check
def more_devices_than_there_are():
    said = refusal(ValueError, tf.Session, mesh=16)
    assert said.startswith("mesh=16 needs 16 devices, and there are 8 (cpu).\n  fix: a mesh of 8;")
    assert "ConfigProto(device_count={'CPU': 16})" in said
    assert "JAX_NUM_CPU_DEVICES=16" in said
    late = tf.ConfigProto(device_count={"CPU": 16})
    said = refusal(ValueError, tf.Session, mesh={"data": 8, "model": 2}, config=late)
    assert "JAX has started in this process with 8: device_count={'CPU': 16} comes too late" in said


def refusal(kind, call, *arguments, **kw):
    try:
        call(*arguments, **kw)
    except kind as error:
        return str(error)
    raise AssertionError(f"no {kind.__name__}")


def main():
    outcomes = {}
    for name, function in CHECKS.items():
        said = io.StringIO()
        try:
            with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
                function()
            outcomes[name] = ""
        except Exception:
            outcomes[name] = traceback.format_exc() + said.getvalue()
    json.dump(outcomes, sys.stdout)


if __name__ == "__main__":
    main()
