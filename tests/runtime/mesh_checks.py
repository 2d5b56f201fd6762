"""What `test_mesh.py` runs in a process of eight virtual devices, one check after the other."""

import contextlib
import io
import json
import sys
import traceback

import numpy as np

import graphmode as tf

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
    nats = tf.nn.sparse_softmax_cross_entropy_with_logits(
        labels=tf.reshape(y, [-1]), logits=logits
    )
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
    users = tf.get_variable("users", [32, 5], partitioner=split)
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
check_lab(words, {"data": 4, "model": 2})


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
