"""Programs of clusters: two parameter servers and two workers, all of one process."""

import pathlib
import shutil
import socket
import tempfile

import numpy as np

from golden.case import case, numbers

SERVERS = {}
"""The servers of a library: it has one cluster for all cases."""


def servers(tf):
    """The target of worker 0, whose cluster has forgotten what cases before have left."""
    if tf.__name__ not in SERVERS:
        sockets = [socket.socket() for _ in range(4)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        at = [f"localhost:{each.getsockname()[1]}" for each in sockets]
        for each in sockets:
            each.close()
        cluster = tf.train.ClusterSpec({"ps": at[:2], "worker": at[2:]})
        tasks = [("ps", 0), ("ps", 1), ("worker", 1), ("worker", 0)]
        made = [tf.train.Server(cluster, job, index) for job, index in tasks]
        SERVERS[tf.__name__] = cluster, made, made[-1].target
    cluster, _, target = SERVERS[tf.__name__]
    tf.Session.reset(target)
    return cluster, target


def setter(tf, cluster):
    """Variables on the parameter servers, all else on worker 0."""
    return tf.device(
        tf.train.replica_device_setter(cluster=cluster, worker_device="/job:worker/task:0")
    )


def told(call):
    """The type of what a call raises, or what it gives."""
    try:
        found = call()
    except Exception as error:
        return type(error).__name__
    return "None" if found is None else str(np.asarray(found).tolist())


class Folder:
    """A folder that is gone afterwards."""

    def __enter__(self):
        self.path = tempfile.mkdtemp()
        return self.path

    def __exit__(self, *exception):
        shutil.rmtree(self.path, ignore_errors=True)


def names_of(folder):
    """The files of a folder, sorted."""
    return sorted(path.name for path in pathlib.Path(folder).iterdir())


@case
def rows_of_an_embedding_by_adam(tf):
    """An embedding in two parts on two servers, sparse gradients, clipped; slots beside them."""
    cluster, target = servers(tf)
    with setter(tf, cluster):
        ids = tf.placeholder(tf.int32, [None, 3])
        labels = tf.placeholder(tf.float32, [None])
        with tf.variable_scope("embedding", partitioner=tf.fixed_size_partitioner(2)):
            table = tf.get_variable("table", initializer=tf.constant(numbers(50, 4, seed=3)))
        w = tf.get_variable("w", initializer=numbers(4, 1, seed=7))
        rows = tf.reduce_mean(tf.nn.embedding_lookup(table, ids), 1)
        logits = tf.squeeze(tf.matmul(rows, w), 1)
        loss = tf.reduce_mean(
            tf.nn.sigmoid_cross_entropy_with_logits(labels=labels, logits=logits)
        ) + 1e-3 * tf.nn.l2_loss(w)
        step = tf.train.get_or_create_global_step()
        rate = tf.train.exponential_decay(0.05, step, 10, 0.9, staircase=True)
        opt = tf.train.AdamOptimizer(rate)
        pairs = opt.compute_gradients(loss)
        clipped, norm = tf.clip_by_global_norm([g for g, _ in pairs], 0.5)
        train = opt.apply_gradients(zip(clipped, [v for _, v in pairs]), global_step=step)
    draw = np.random.RandomState(0)
    rows, seen = draw.randint(0, 50, (64, 3)), []
    with tf.Session(target) as sess:
        sess.run(tf.global_variables_initializer())
        for _ in range(15):
            at = draw.randint(0, 64, 16)
            feed = {ids: rows[at], labels: (rows[at].sum(1) % 2).astype(np.float32)}
            seen.append(sess.run([loss, norm, train], feed)[:2])
        parts = sess.run(list(table))
    return {
        "places": [f"{v.op.name} {v.device}" for v in tf.global_variables()],
        "losses and norms": np.array(seen),
        "table": np.concatenate(parts),
    }


@case
def queue_runners_and_two_sessions(tf):
    """Lines of a file by the worker's queues; the second session goes on from the checkpoint."""
    cluster, target = servers(tf)

    def train(folder, last_step):
        with tf.Graph().as_default(), setter(tf, cluster):
            files = tf.train.string_input_producer([folder + "/lines"], shuffle=False)
            a, b, y = tf.decode_csv(tf.TextLineReader().read(files)[1], [[0.0]] * 3)
            x, y = tf.train.batch([tf.stack([a, b]), y], 20, capacity=60)
            w = tf.get_variable("w", [2, 1], initializer=tf.zeros_initializer())
            c = tf.get_variable("c", [], initializer=tf.zeros_initializer())
            loss = tf.losses.mean_squared_error(y, tf.squeeze(tf.matmul(x, w), 1) + c)
            step = tf.train.get_or_create_global_step()
            op = tf.train.MomentumOptimizer(0.05, 0.9).minimize(loss, global_step=step)
            hooks = [tf.train.StopAtStepHook(last_step=last_step)]
            saving = [tf.train.CheckpointSaverHook(folder, save_steps=10)]
            losses = []
            with tf.train.MonitoredTrainingSession(
                target, True, folder, None, hooks, saving, save_checkpoint_secs=None,
                save_summaries_steps=None, log_step_count_steps=None,
                config=tf.ConfigProto(device_filters=["/job:ps", "/job:worker/task:0"]),
            ) as sess:  # fmt: skip
                while not sess.should_stop():
                    losses.append(sess.run([loss, op])[0])
            return losses

    with Folder() as folder:
        values = numbers(200, 2, seed=1)
        lines = [f"{a:.4f},{b:.4f},{2 * a - b + 0.5:.4f}" for a, b in values.tolist()]
        pathlib.Path(folder, "lines").write_text("\n".join(lines) + "\n")
        seen = [train(folder, 25), train(folder, 50)]
        reader = tf.train.NewCheckpointReader(tf.train.latest_checkpoint(folder))
        names = sorted(reader.get_variable_to_shape_map())
        found = {name: reader.get_tensor(name) for name in names}
        saved = [name for name in names_of(folder) if name.endswith(".index")]
    return dict(found, names=names, losses=np.array(seen), saved=saved)


@case
def a_supervisor_saves_in_shards(tf):
    """One file for each parameter server; a session without a cluster restores them."""
    cluster, target = servers(tf)
    with setter(tf, cluster):
        x, y = tf.placeholder(tf.float32, [None, 6]), tf.placeholder(tf.int64, [None])
        h = tf.contrib.layers.fully_connected(
            x, 8, tf.nn.tanh, tf.contrib.layers.batch_norm, {"is_training": True, "decay": 0.9},
            tf.constant_initializer(numbers(6, 8, seed=1, scale=0.4)),
        )  # fmt: skip
        logits = tf.contrib.layers.fully_connected(
            h, 3, None, weights_initializer=tf.constant_initializer(numbers(8, 3, seed=2))
        )
        loss = tf.losses.sparse_softmax_cross_entropy(y, logits)
        step = tf.Variable(0, name="global_step", trainable=False)
        train = tf.contrib.layers.optimize_loss(
            loss, step, 0.1, "RMSProp", clip_gradients=1.0, summaries=[]
        )
        accuracy, update = tf.metrics.accuracy(y, tf.argmax(logits, 1))
        saver = tf.train.Saver(sharded=True, max_to_keep=2)
        init = tf.global_variables_initializer()
    rows = numbers(60, 6, seed=3)
    feed = {x: rows, y: np.argmax(rows[:, :3], 1)}
    with Folder() as folder:
        supervisor = tf.train.Supervisor(
            is_chief=True, logdir=folder, init_op=init, summary_op=None, saver=saver,
            global_step=step, save_model_secs=0,
        )  # fmt: skip
        losses = []
        with supervisor.managed_session(target) as sess:
            for i in range(12):
                losses.append(sess.run([loss, train], feed)[0])
                if i % 4 == 3:
                    path = saver.save(sess, folder + "/model", global_step=step)
            sess.run(update, feed)
            losses.append(sess.run(accuracy))
        files = [n for n in names_of(folder) if "model-" in n and "meta" not in n]
        with tf.Graph().as_default():
            again = tf.train.import_meta_graph(path + ".meta", clear_devices=True)
            with tf.Session() as sess:
                again.restore(sess, path)
                found = {v.op.name: sess.run(v) for v in tf.global_variables()}
    return dict(found, files=files, losses=np.array(losses))


@case
def a_network_over_tasks(tf):
    """Cells on two workers, variables on the servers; a loop that reads a variable of another."""
    cluster, target = servers(tf)
    with setter(tf, cluster):
        x, n = tf.placeholder(tf.float32, [4, 6, 3]), tf.placeholder(tf.int32, [4])
        cells = [
            tf.nn.rnn_cell.DeviceWrapper(tf.nn.rnn_cell.GRUCell(5), f"/job:worker/task:{i}")
            for i in range(2)
        ]
        with tf.variable_scope("rnn", initializer=tf.constant_initializer(0.1)):
            _, states = tf.nn.dynamic_rnn(
                tf.nn.rnn_cell.MultiRNNCell(cells), x, n, dtype=tf.float32
            )
        w = tf.get_variable("w", initializer=numbers(5, 2, seed=4))
        loss = tf.reduce_sum(tf.square(tf.matmul(states[-1], w) - 1.0))
        train = tf.train.AdagradOptimizer(0.2).minimize(loss)
        with tf.device("/job:ps/task:0"):
            limit = tf.get_variable("limit", initializer=10.0)

        def body(i, total):
            with tf.device("/job:worker/task:1"):
                return i + 1, total * 1.5 + tf.reduce_sum(tf.square(w))

        total = tf.while_loop(lambda i, t: (t < limit) & (i < 20), body, [0, 1.0])[1]
        slope = tf.gradients(total, w)[0]
        with tf.device("/job:ps/task:1"):
            count = tf.get_variable("count", initializer=0)
            flag = tf.placeholder(tf.bool, [])
            added = tf.cond(flag, lambda: tf.assign_add(count, 2), lambda: tf.identity(count))
    losses, feed = [], {x: numbers(4, 6, 3, seed=5), n: [6, 3, 1, 4]}
    with tf.Session(target) as sess:
        sess.run(tf.global_variables_initializer())
        for _ in range(6):
            losses.append(sess.run([loss, train], feed)[0])
        found = sess.run([total, slope])
        counts = [sess.run(added, {flag: value}) for value in (True, False)]
    return {
        "places": [f"{v.op.name} {v.device}" for v in tf.trainable_variables()],
        "losses": np.array(losses), "total": found[0], "slope": found[1],
        "counts": np.array(counts),
    }  # fmt: skip


@case
def what_sessions_have_in_common(tf):
    """What a session finds that another one has left, by the names of ops alone."""
    _, target = servers(tf)
    seen = {}
    for _ in range(2):
        with tf.Graph().as_default(), tf.device("/job:ps/task:0"):
            v = tf.get_variable("v", initializer=1.0)
            queue = tf.FIFOQueue(5, [tf.int32], [[]], name="queue")
            shared = tf.FIFOQueue(5, [tf.int32], [[]], shared_name="shared")
            area = tf.contrib.staging.StagingArea([tf.int32])
            mean = tf.ConditionalAccumulator(tf.float32, [], name="mean")
            table = tf.contrib.lookup.MutableHashTable(tf.string, tf.int64, -1, name="table")
            own = tf.contrib.lookup.MutableHashTable(
                tf.string, tf.int64, -1, name="own", checkpoint=False
            )
            reader = tf.TextLineReader(name="reader")
            sizes = {
                "variable": tf.is_variable_initialized(v), "queue": queue.size(),
                "shared queue": shared.size(), "staging area": area.size(),
                "accumulator": mean.num_accumulated(), "table": table.size(), "own": own.size(),
                "reader": reader.num_records_produced(),
            }  # fmt: skip
            one = tf.constant([1], tf.int64)
            put = [
                v.initializer, queue.enqueue(1), shared.enqueue(1), area.put([tf.constant(1)]),
                mean.apply_grad(1.0), table.insert(["a"], one), own.insert(["a"], one),
            ]  # fmt: skip
            for _ in range(2):
                with tf.Session(target) as sess:
                    for name, value in sess.run(sizes).items():
                        seen.setdefault(name, []).append(str(int(value)))
                    sess.run(put)
    return seen


@case
def sessions_that_are_reset(tf):
    """Whose sessions `reset` ends, and what others find."""
    cluster, target = servers(tf)
    other = target.replace(cluster.task_address("worker", 0), cluster.task_address("worker", 1))
    with tf.device("/job:ps/task:1"):
        v = tf.get_variable("v", initializer=2.0)
    one, seen = tf.constant(1), []
    ended, going_on = tf.Session(target), tf.Session(other)
    ended.run(v.initializer)
    seen.append(told(lambda: going_on.run(v)))
    tf.Session.reset(target, ["none"])
    seen += [told(lambda: ended.run(one)), told(lambda: ended.run(v))]
    seen += [told(lambda: going_on.run(one)), told(lambda: going_on.run(v))]
    tf.Session.reset(target)
    seen += [told(lambda: going_on.run(one)), told(lambda: going_on.run(v))]
    going_on.close()
    return {"seen": seen}


@case
def sessions_that_share_nothing(tf):
    """Of two isolated sessions and another one, each has its own variable and queue."""
    _, target = servers(tf)
    outside = target.replace("localhost", "127.0.0.1")
    isolated = tf.ConfigProto(isolate_session_state=True)
    with tf.device("/job:ps/task:0"):
        v = tf.get_variable("v", initializer=1.0)
        queue = tf.FIFOQueue(5, [tf.int32], [[]], shared_name="queue")
        put, size = queue.enqueue(1), queue.size()
    ask = [(target, isolated), (outside, isolated), (target, None)]
    sessions = [tf.Session(address, config=config) for address, config in ask]
    seen = []
    for i, sess in enumerate(sessions):
        seen += [told(lambda sess=sess: sess.run(v)), told(lambda sess=sess: sess.run(size))]
        sess.run([v.initializer, put])
        sess.run(v.assign_add(float(i)).op)
    seen += [told(lambda sess=sess: sess.run([v, size])) for sess in sessions]
    for sess in sessions:
        sess.close()
    return {"seen": seen}


@case
def what_two_graphs_declare_differently(tf):
    """The error of who declares a shared variable or queue otherwise."""
    _, target = servers(tf)

    def run(make):
        with tf.Graph().as_default(), tf.device("/job:ps/task:0"):
            op = make()
            with tf.Session(target) as sess:
                return told(lambda: sess.run(op))

    def variable(dtype=tf.float32, shape=(2,), by_handle=False, sets=False):
        v = tf.get_variable(
            "v", shape, dtype, initializer=tf.ones_initializer(), use_resource=by_handle
        )
        return v.initializer if sets else v.read_value()

    def queue(dtype=tf.int32, shape=(), capacity=5):
        return tf.FIFOQueue(capacity, [dtype], [shape], shared_name="queue").size()

    def table(key_dtype):
        return tf.contrib.lookup.MutableHashTable(key_dtype, tf.int64, -1, name="t").size()

    return {
        "by reference": [
            run(lambda: variable(sets=True)), run(variable), run(lambda: variable(tf.float64)),
            run(lambda: variable(tf.float64, sets=True)),
            run(lambda: variable(shape=(3,), sets=True)), run(variable),
        ],
        "by handle": [
            run(lambda: variable(by_handle=True)), run(lambda: variable(by_handle=True, sets=True)),
            run(lambda: variable(tf.float64, by_handle=True)),
            run(lambda: variable(shape=(3,), by_handle=True, sets=True)),
            run(lambda: variable(shape=(3,), by_handle=True)),
        ],
        "queue": [
            run(queue), run(lambda: queue(tf.float32)), run(lambda: queue(shape=(2,))),
            run(lambda: queue(capacity=6)), run(queue),
        ],
        "table": [run(lambda: table(tf.int64)), run(lambda: table(tf.string))],
    }  # fmt: skip


@case
def partial_runs(tf):
    """Values that are fed and fetched bit by bit, of three tasks."""
    _, target = servers(tf)
    a, b = tf.placeholder(tf.float32, [2], name="a"), tf.placeholder(tf.float32, [2], name="b")
    with tf.device("/job:ps/task:0"):
        first = a + 1.0
    with tf.device("/job:worker/task:1"):
        second = first * b
        drawn = tf.random_uniform([])
    third, early, late = second + 1.0, drawn + 0 * a[0], drawn + 0 * b[0]
    seen = []
    with tf.Session(target) as sess:
        handle = sess.partial_run_setup([first, second, third, early, late], [a, b])
        found, number = sess.partial_run(handle, [first, early], {a: [1, 2]})
        seen.append(str(found.tolist()))
        found, last, again = sess.partial_run(handle, [second, third, late], {b: [3, 4]})
        seen += [str(found.tolist()), str(last.tolist()), str(number == again)]
        seen.append(told(lambda: sess.partial_run(handle, third)))
        handle = sess.partial_run_setup([second], [a, b])
        seen.append(told(lambda: sess.partial_run(handle, second, {b: [1, 2]})))
        times = sess.make_callable(third, [a, b])
        seen.append(str(times([1, 2], [3, 4]).tolist()))
    return {"seen": seen}
