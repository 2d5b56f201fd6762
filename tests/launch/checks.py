"""A program of one, two or more ranks: says what Horovod's functions give, as a line of JSON."""

import importlib
import json
import warnings

import horovod.tensorflow as hvd
import numpy as np
import tensorflow as tf
from horovod.tensorflow.compression import Compression

hvd.init()
hvd.init(comm=list(range(hvd.size())))
rank, size = hvd.rank(), hvd.size()
found = {"ranks": [rank, size, hvd.local_rank(), hvd.local_size()]}

# ---- operations ----------------------------------------------------------------------------------

mine = np.arange(6, dtype=np.float32).reshape(2, 3) * (rank + 1)
x = tf.constant(mine)
rows = tf.fill([rank + 1, 2], rank)
slices = tf.IndexedSlices(x, tf.constant([rank, 3]), tf.constant([5, 3]))
half = hvd.allreduce(x, compression=Compression.fp16)
before = hvd.allreduce(x, name="before")
later = tf.add(tf.multiply(x, 0.0, "of_rank_0"), before, "later") if rank == 0 else x
together = {
    "before": before,
    # between two programs on one rank, before any on the others; the order is that of the graph
    "between": hvd.allreduce(later, name="between"),
    "after": hvd.allreduce(x, name="after"),
    "mean": hvd.allreduce(x),
    "sum": hvd.allreduce(x, average=False),
    "max": hvd.allreduce(x, op=hvd.Max),
    "scaled": hvd.allreduce(x, op=hvd.Sum, prescale_factor=0.5, postscale_factor=4.0),
    "half": half,
    "scaled integers": hvd.allreduce(
        tf.constant([2, 5]), op=hvd.Sum, prescale_factor=0.5, postscale_factor=1.5
    ),
    "any": hvd.allreduce(tf.constant([rank == 0, False]), op=hvd.Max),
    "integers": hvd.allreduce(tf.constant([7, rank])),
    "rows": hvd.allgather(rows),
    "no rows": hvd.allgather(tf.fill([int(rank == 0), 3], 1.0)),
    "last": hvd.broadcast(x, size - 1),
    "flag": hvd.broadcast(tf.constant(rank == 0), 0),
    "slices": tf.convert_to_tensor(hvd.allreduce(slices)),
    "slope": tf.gradients(hvd.allreduce(tf.square(x), op=hvd.Sum), x)[0],
    "slope of rows": tf.gradients(hvd.allgather(x) * tf.range(2.0 * size)[:, None], x)[0],
    "slope of root": tf.gradients(hvd.broadcast(x, 0), x)[0],
}
for mode in ("interpreted", "compiled"):
    with tf.Session(mode=mode) as sess:
        values = sess.run(together)
    found[mode] = {name: value.tolist() for name, value in values.items()}
found["half is"] = half.dtype.name
found["objects"] = hvd.allgather_object({"rank": rank})
found["object"] = hvd.broadcast_object("of the first" if rank == 0 else None)

tf.reset_default_graph()
with tf.device("/cpu:1"):
    own = tf.exp(tf.placeholder_with_default(np.float32([0, 0]), [None]))
two_devices = tf.ConfigProto(device_count={"CPU": 2})
with warnings.catch_warnings(action="ignore"), tf.Session(config=two_devices) as sess:
    sess.mode = "compiled"
    found["on its own devices"] = sess.run(hvd.allreduce(own, average=False)).tolist()

# ---- training: the ranks' parts of a batch, beside the whole of it -------------------------------


def trained(kind, optimizer, steps, is_whole=False, **options):
    """The variables after some steps on this rank's part of the batch, or on all of it."""
    tf.reset_default_graph()
    tf.set_random_seed(3 if is_whole else 3 + 5 * rank)
    random = np.random.default_rng(5)
    if kind == "words":
        data = random.integers(0, 9, (steps, 12, 4))
        table = tf.get_variable("table", [9, 3])
        x = tf.placeholder(tf.int32, [None, 4])
        cell = tf.nn.rnn_cell.BasicLSTMCell(4)
        output, _ = tf.nn.dynamic_rnn(cell, tf.nn.embedding_lookup(table, x), dtype=tf.float32)
        loss = tf.reduce_mean(tf.square(tf.layers.dense(output, 2) - 1))
    elif kind == "pictures":
        data = random.normal(size=(steps, 12, 8, 8, 1)).astype("f")
        x = tf.placeholder(tf.float32, [None, 8, 8, 1])
        deep = tf.layers.conv2d(x, 4, 3, activation=tf.nn.relu, padding="same")
        deep = tf.layers.flatten(tf.layers.max_pooling2d(deep, 2, 2))
        loss = tf.reduce_mean(tf.square(tf.layers.dense(deep, 3) - 1))
    else:
        data = random.normal(size=(steps, 12, 7)).astype("f")
        x = tf.placeholder(tf.float32, [None, 7])
        logits = tf.layers.dense(x, 3)
        labels = tf.argmax(x[:, :3], 1)
        loss = tf.losses.sparse_softmax_cross_entropy(labels, logits)
    if not is_whole:
        optimizer = hvd.DistributedOptimizer(optimizer, **options)
    step = optimizer.minimize(loss, tf.train.get_or_create_global_step())
    hooks = [] if is_whole else [hvd.BroadcastGlobalVariablesHook(0)]
    part = slice(None) if is_whole else slice(rank * 12 // size, (rank + 1) * 12 // size)
    with tf.train.MonitoredTrainingSession(hooks=hooks) as sess:
        for batch in data:
            sess.run(step, {x: batch[part]})
        return [value.tolist() for value in sess.run(tf.trainable_variables())]


CASES = {
    "softmax": ("softmax", lambda: tf.train.MomentumOptimizer(0.1, 0.9), {}),
    "pictures": ("pictures", lambda: tf.train.AdamOptimizer(0.01), {}),
    "words": ("words", lambda: tf.train.GradientDescentOptimizer(0.5), {}),
    "words, dense": ("words", lambda: tf.train.GradientDescentOptimizer(0.5),
                     {"sparse_as_dense": True}),
}  # fmt: skip
for name, (kind, optimizer, options) in CASES.items():
    found[name] = trained(kind, optimizer(), 20, **options)
    if rank == 0 and not options:
        found[f"{name}, whole"] = trained(kind, optimizer(), 20, is_whole=True)

# ---- refused -------------------------------------------------------------------------------------

refused = {
    "adasum": lambda: hvd.DistributedOptimizer(tf.train.AdamOptimizer(), op=hvd.Adasum),
    "text": lambda: hvd.allreduce(tf.constant(["a"])),
    "scalar": lambda: hvd.allgather(tf.constant(1.0)),
    "mean of bool": lambda: hvd.allreduce(tf.constant([True])),
    "group": lambda: hvd.init(comm=[size - 1, *range(size - 1), 7]),
    "absent": lambda: hvd.alltoall,
    "passes": lambda: hvd.DistributedOptimizer(
        tf.train.AdamOptimizer(), backward_passes_per_step=4
    ),
    "both": lambda: hvd.allreduce(tf.constant(1.0), average=True, op=hvd.Sum),
    "no optimizer": lambda: hvd.DistributedOptimizer(3),
}
for name, call in refused.items():
    try:
        call()
    except Exception as error:
        found[f"refused {name}"] = f"{type(error).__name__}: {error}"
try:
    importlib.import_module("horovod.torch")
except ImportError as error:
    found["refused torch"] = str(error)

# ---- ranks that differ: the last thing that they do together -------------------------------------

tf.reset_default_graph()
sizes = tf.zeros([4 if rank == size - 1 else 3])
try:
    with tf.Session() as sess:
        sess.run(hvd.allreduce(sizes, name="sizes"))
except tf.errors.OpError as error:
    found["differ"] = f"{type(error).__name__}: {error}"
print(json.dumps(found), flush=True)
