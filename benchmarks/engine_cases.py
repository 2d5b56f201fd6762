"""What the engine costs: one function a case, the same text for graphmode and for TensorFlow.

A case takes the `tf` module and gives seconds. It warms up by itself: what it measures is the
steady state, except where its name says `first`.
"""

from __future__ import annotations

import statistics
import time

import numpy as np


def seconds_each(call, n: int, repeat: int = 5) -> float:
    """Median over `repeat` blocks of the mean seconds of `n` calls."""
    blocks = []
    for _ in range(repeat):
        start = time.perf_counter()
        for _ in range(n):
            call()
        blocks.append((time.perf_counter() - start) / n)
    return statistics.median(blocks)


def ratio_of(call, other, n: int = 40, blocks: int = 100) -> float:
    """Median of how much longer `call` takes than `other`, the two in turns in one process."""
    ratios = []
    for _ in range(blocks):
        seconds = seconds_each(call, n, repeat=1)
        ratios.append(seconds / seconds_each(other, n, repeat=1))
    return statistics.median(ratios)


def run_a_times_two(tf) -> float:
    a = tf.placeholder(tf.float32)
    b = a * 2
    with tf.Session() as sess:
        for _ in range(50):
            sess.run(b, feed_dict={a: 3.5})
        return seconds_each(lambda: sess.run(b, feed_dict={a: 3.5}), 1000)


def constants_400(tf) -> float:
    grid = np.random.RandomState(0).uniform(-5, 5, (400, 1)).astype(np.float32)
    with tf.Session():
        tf.sigmoid(tf.constant(0.5)).eval()
        start = time.perf_counter()
        for value in grid:
            tf.sigmoid(tf.constant(value * 0.2 + 1)).eval()
        return time.perf_counter() - start


def build_2000_tanh(tf) -> float:
    x = tf.placeholder(tf.float32, [3])
    tf.tanh(x)
    start = time.perf_counter()
    y = x
    for _ in range(2000):
        y = tf.tanh(y)
    return time.perf_counter() - start


def gradient_of_2000_tanh(tf) -> float:
    x = tf.placeholder(tf.float32, [3])
    tf.gradients(tf.tanh(x), x)
    y = x
    for _ in range(2000):
        y = tf.tanh(y)
    start = time.perf_counter()
    tf.gradients(y, x)
    return time.perf_counter() - start


def softmax_graph(tf):
    x = tf.placeholder(tf.float32, [None, 784])
    labels = tf.placeholder(tf.float32, [None, 10])
    w = tf.Variable(tf.zeros([784, 10]))
    b = tf.Variable(tf.zeros([10]))
    y = tf.nn.softmax(tf.matmul(x, w) + b)
    loss = tf.reduce_mean(-tf.reduce_sum(labels * tf.log(y), reduction_indices=[1]))
    return x, labels, tf.train.GradientDescentOptimizer(0.5).minimize(loss)


def digits(n: int = 50) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.RandomState(0)
    images = random.uniform(0, 1, (n, 784)).astype(np.float32)
    return images, np.eye(10, dtype=np.float32)[random.randint(0, 10, n)]


def softmax_call(tf):
    x, labels, train = softmax_graph(tf)
    feed = dict(zip((x, labels), digits(), strict=True))
    sess = tf.Session()
    sess.run(tf.global_variables_initializer())
    for _ in range(1500):
        sess.run(train, feed_dict=feed)
    return lambda: sess.run(train, feed_dict=feed)


def changing_batch_500_runs(tf) -> float:
    x = tf.placeholder(tf.float32, [None, 20])
    labels = tf.placeholder(tf.float32, [None, 3])
    w1 = tf.Variable(tf.truncated_normal([20, 32], stddev=0.1, seed=1))
    b1 = tf.Variable(tf.zeros([32]))
    w2 = tf.Variable(tf.truncated_normal([32, 3], stddev=0.1, seed=2))
    b2 = tf.Variable(tf.zeros([3]))
    logits = tf.matmul(tf.nn.relu(tf.matmul(x, w1) + b1), w2) + b2
    loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits_v2(labels=labels, logits=logits))
    train = tf.train.AdamOptimizer(0.001).minimize(loss)
    random = np.random.RandomState(0)
    images = random.normal(size=(500, 20)).astype(np.float32)
    truth = np.eye(3, dtype=np.float32)[random.randint(0, 3, 500)]
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        start = time.perf_counter()
        for n in random.permutation(500) + 1:
            sess.run([train, loss], feed_dict={x: images[:n], labels: truth[:n]})
        return time.perf_counter() - start


def import_20000_nodes(tf) -> float:
    with tf.Graph().as_default() as graph:
        y = tf.placeholder(tf.float32, [None, 8])
        while len(graph.get_operations()) < 20_000:
            w, b = tf.constant(np.ones((8, 8), np.float32)), tf.constant(np.ones(8, np.float32))
            y = tf.reshape(tf.nn.relu(tf.matmul(y, w) + b) + tf.tanh(y) * 0.5, [-1, 8])
        graph_def = graph.as_graph_def()

    def imported():
        with tf.Graph().as_default():
            tf.import_graph_def(graph_def, name="")

    imported()
    return seconds_each(imported, 1, repeat=3)


CASES = {
    "sess.run(a*2)": run_a_times_two,
    "400 constants": constants_400,
    "build 2000 tanh": build_2000_tanh,
    "gradient of 2000 tanh": gradient_of_2000_tanh,
    "import 20000 nodes": import_20000_nodes,
    "500 batch sizes": changing_batch_500_runs,
}


# ---- the same work written by hand in JAX -------------------------------------------------------


def jax_softmax_call(jax):
    import jax.numpy as jnp

    def loss(parameters, x, labels):
        w, b = parameters
        y = jax.nn.softmax(x @ w + b)
        return jnp.mean(-jnp.sum(labels * jnp.log(y), axis=1))

    @jax.jit
    def step(parameters, x, labels):
        gradients = jax.grad(loss)(parameters, x, labels)
        return jax.tree.map(lambda p, g: p - 0.5 * g, parameters, gradients)

    x, labels = digits()
    state = [(jnp.zeros((784, 10)), jnp.zeros(10))]

    def run():
        state[0] = step(state[0], x, labels)
        jax.block_until_ready(state[0])

    for _ in range(100):
        run()
    return run


def softmax_over_bare_jax(tf) -> float:
    import jax

    return ratio_of(softmax_call(tf), jax_softmax_call(jax))


def jax_a_times_two(jax) -> float:
    double = jax.jit(lambda a: a * 2)
    value = np.float32(3.5)
    for _ in range(50):
        np.asarray(double(value))
    return seconds_each(lambda: np.asarray(double(value)), 1000)


JAX_CASES = {"sess.run(a*2)": jax_a_times_two}
