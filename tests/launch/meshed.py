"""Training on a mesh over the devices of all processes: says what it found as a line of JSON."""

import json
import random
import sys
from pathlib import Path

import numpy as np
import tensorflow as tf

from graphmode.launch import ranks
from graphmode.runtime.places import parts

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT))
from benchmarks import as_one  # noqa: E402

folder = Path(sys.argv[1])
rank, size = ranks.current().index, ranks.current().size
found = {"rank": [rank, size]}
N_STEPS, ROWS = 8, 12
LSTM = "lstm"
"""The third word: a cell for the words, too, which takes long to compile."""
tf.logging.set_verbosity(tf.logging.ERROR)


def network(kind):
    tf.reset_default_graph()
    tf.set_random_seed(3)
    generator = np.random.default_rng(5)
    if kind == "words":
        data = generator.integers(0, 9, (N_STEPS, ROWS, 4))
        table = tf.get_variable("table", [9, 3])
        x = tf.placeholder(tf.int32, [None, 4])
        cell = tf.nn.rnn_cell.BasicLSTMCell(4) if LSTM in sys.argv else None
        output = tf.nn.embedding_lookup(table, x)
        if cell is not None:
            output, _ = tf.nn.dynamic_rnn(cell, output, dtype=tf.float32)
        loss = tf.reduce_mean(tf.square(tf.layers.dense(output, 2) - 1))
    else:
        data = generator.normal(size=(N_STEPS, ROWS, 7)).astype("f")
        x = tf.placeholder(tf.float32, [None, 7])
        w = tf.get_variable("w", [7, 4])
        loss = tf.losses.sparse_softmax_cross_entropy(tf.argmax(x[:, :3], 1), tf.matmul(x, w))
    step = tf.train.get_or_create_global_step()
    return data, x, loss, step, tf.train.MomentumOptimizer(0.1, 0.9).minimize(loss, step)


def mine(batch):
    return batch[rank * ROWS // size : (rank + 1) * ROWS // size]


def trained(kind, feeds, n_rows=ROWS):
    data, x, loss, _, train = network(kind)
    with tf.Session(mesh="all", feeds=feeds) as sess:
        sess.run(tf.global_variables_initializer())
        for batch in data[:, :n_rows]:
            value, _ = sess.run([loss, train], {x: mine(batch) if feeds == "part" else batch})
        return [float(value), *(v.tolist() for v in sess.run(tf.trainable_variables()))]


for kind in ("softmax", "words"):
    found[kind] = trained(kind, "whole")
found["softmax, 11 rows"] = trained("softmax", "whole", 11)
found["softmax, parts"] = trained("softmax", "part")

numbers, variables = as_one.recorded(ROOT / "examples" / "mnist_softmax.py", 20)
found["digits"] = np.concatenate([numbers, *map(np.ravel, variables.values())]).tolist()

# ---- chance, and what only one rank writes -------------------------------------------------------

tf.reset_default_graph()
v = tf.get_variable("v", initializer=tf.constant(np.random.normal(size=3)))  # not seeded
w = tf.Variable(tf.random_normal([3]))
noise = tf.random_uniform([5])
with tf.Session(mesh="all") as sess:
    sess.run(tf.global_variables_initializer())
    found["chance"] = [value.tolist() for value in sess.run([v, w, noise])]
shuffled = tf.data.Dataset.range(30).shuffle(30).batch(30).make_one_shot_iterator().get_next()
queue = tf.train.range_input_producer(30, shuffle=True).dequeue_many(30)
with tf.train.MonitoredSession() as sess:
    found["order"] = [value.tolist() for value in sess.run([shuffled, queue])]
found["order"] += [random.random(), np.random.random(), list({"a", "set", "of", "words"})]

data, x, loss, step, train = network("softmax")
tf.summary.scalar("loss", loss)
with tf.train.MonitoredTrainingSession(
    checkpoint_dir=str(folder / "run"), save_checkpoint_secs=0.01, save_summaries_steps=2
) as sess:
    for batch in data:
        sess.run(train, {x: batch})
found["files"] = sorted(path.name.split(".")[0] for path in (folder / "run").iterdir())
network("softmax")
with tf.Session(mesh="all") as sess:
    tf.train.Saver().restore(sess, tf.train.latest_checkpoint(str(folder / "run")))
    found["restored"] = [int(sess.run("global_step:0")), *sess.run(["w:0"])[0].ravel().tolist()]

data, x, loss, step, train = network("softmax")
scale = tf.placeholder(tf.float32, [3])  # not a batch: each feeds all of it
scaled = loss * tf.reduce_sum(scale)
with tf.train.MonitoredTrainingSession(is_chief=rank == 0) as sess:
    found["scaled"] = sess.run(scaled, {x: data[0], scale: [1, 2, 3]}).item()
with tf.Session(mesh="all", feeds="part") as sess:
    sess.run(tf.global_variables_initializer())
    feed = {x: mine(data[0]), scale: [1, 2, 3]}
    found["scaled, parts"] = sess.run(scaled, feed).item()

data, x, loss, step, train = network("softmax")
tf.summary.scalar("sum", tf.reduce_sum(tf.trainable_variables()[0]))
supervisor = tf.train.Supervisor(
    logdir=str(folder / "supervised"), save_model_secs=0.001, save_summaries_secs=0.001
)
with supervisor.managed_session() as sess:
    for batch in data:
        value, _ = sess.run([loss, train], {x: batch})
found["supervised"] = float(value)
newest = tf.train.latest_checkpoint(str(folder / "supervised"))
found["supervised step"] = tf.train.load_variable(newest, "global_step").item()

wholes = [np.random.default_rng(n).random((n, 6), np.float32) for n in (50, 51)]
tf.reset_default_graph()
for n in (50, 51):  # of 51 rows the columns are divided
    tf.get_variable(f"t{n}", shape=[n, 6], partitioner=tf.fixed_size_partitioner(1))
tables, saver = tf.global_variables(), tf.train.Saver()
parts.BLOCK = 200  # eight rows


def filled(factor):
    for table, whole in zip(tables, wholes, strict=True):
        sess.run(table.initializer, {table.initializer.inputs[1]: factor * whole})


def are_as_filled():
    return [np.array_equal(*pair) for pair in zip(sess.run(tables), wholes, strict=True)]


with tf.Session(mesh="all") as sess:
    filled(1)
    path = saver.save(sess, str(folder / "tables"))
    found["tables"] = are_as_filled()
    filled(0)
    saver.restore(sess, path)
    found["tables"] += are_as_filled()
    found["parts"] = [place.where for place in sess.stats().variables]
saved = tf.train.load_checkpoint(path)
found["tables"] += [np.array_equal(saved.get_tensor(f"t{len(w)}"), w) for w in wholes]

# ---- what has to be refused ----------------------------------------------------------------------

try:
    tf.Session(mesh="all", feeds="halves")
except ValueError as error:
    found["refused"] = str(error)

tf.reset_default_graph()
x = tf.placeholder(tf.float32, [None, 4], name="x")
y = tf.Variable(tf.ones([4, 2]), name="y")
product = tf.matmul(x, y)
with tf.Session(mesh="all") as sess:
    sess.run(y.initializer)
    try:
        sess.run(product, {x: np.full((6, 4), rank)})
    except tf.errors.OpError as error:
        found["fed"] = f"{type(error).__name__}: {error}"
    found["fed alike"] = sess.run(product, {x: np.ones((6, 4))}).tolist()

# ---- ranks whose programs differ: the last thing that they do together ---------------------------

tf.reset_default_graph()
x = tf.placeholder(tf.float32, [None, 4])
y = tf.exp(x, name="of_each") if rank == 0 else tf.sin(x, name="of_other")
try:
    with tf.Session(mesh="all", mode="compiled") as sess:
        sess.run(y, {x: np.ones((4, 4))})
except tf.errors.OpError as error:
    found["differ"] = f"{type(error).__name__}: {error}"
print(json.dumps(found), flush=True)
