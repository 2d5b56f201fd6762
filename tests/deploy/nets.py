"""The courses' networks, small: what goes in, what comes out, and rows to feed."""

from typing import Any, NamedTuple

import numpy as np

import graphmode as tf


class Net(NamedTuple):
    inputs: dict
    outputs: dict
    rows: Any
    """``rows(n)``: n rows of each input, by name."""
    constants: dict = {}  # noqa: RUF012


def softmax_regression():
    x = tf.placeholder(tf.float32, [None, 12], name="x")
    W = tf.Variable(tf.truncated_normal([12, 5], seed=1))
    b = tf.Variable(tf.constant(0.1, shape=[5]))
    y = tf.nn.softmax(tf.matmul(x, W) + b, name="y")
    return Net({"x": x}, {"y": y, "class": tf.argmax(y, 1)}, _rows(x=(12,)))


def cnn():
    """As the tutorials had it: conv, pool, dropout with a placeholder."""
    x = tf.placeholder(tf.float32, [None, 14 * 10], name="x")
    keep_prob = tf.placeholder(tf.float32, name="keep_prob")
    image = tf.reshape(x, [-1, 14, 10, 1])
    kernel = tf.Variable(tf.truncated_normal([5, 3, 1, 6], stddev=0.3, seed=2))
    hidden = tf.nn.relu(tf.nn.conv2d(image, kernel, [1, 1, 1, 1], "SAME") + tf.Variable([0.1] * 6))
    pooled = tf.nn.max_pool(hidden, [1, 2, 2, 1], [1, 2, 2, 1], "SAME")
    pooled = tf.layers.conv2d(pooled, 8, 3, use_bias=False)
    pooled = tf.nn.relu(tf.layers.batch_normalization(pooled, training=False))
    pooled = tf.layers.average_pooling2d(pooled, 2, 1)
    flat = tf.nn.dropout(tf.layers.flatten(pooled), keep_prob)
    y = tf.nn.softmax(tf.layers.dense(flat, 4))
    return Net({"x": x}, {"y": y}, _rows(x=(140,)), {keep_prob: 1.0})


def lstm():
    words = tf.placeholder(tf.int32, [None, 9])
    embedding = tf.get_variable("embedding", [30, 7])
    inside = tf.nn.embedding_lookup(embedding, words)
    cell = tf.nn.rnn_cell.MultiRNNCell(
        [tf.nn.rnn_cell.LSTMCell(8), tf.nn.rnn_cell.BasicLSTMCell(6)]
    )
    outputs, _ = tf.nn.dynamic_rnn(cell, inside, dtype=tf.float32)
    logits = tf.layers.dense(outputs[:, -1], 11)
    rng = np.random.default_rng(3)
    return Net(
        {"words": words},
        {"next": tf.nn.softmax(logits)},
        lambda n: {"words": rng.integers(0, 30, (n, 9)).astype(np.int32)},
    )


def gru_of_lengths():
    x = tf.placeholder(tf.float32, [None, 6, 3])
    lengths = tf.placeholder(tf.int32, [None])
    both, _ = tf.nn.bidirectional_dynamic_rnn(
        tf.nn.rnn_cell.GRUCell(4), tf.nn.rnn_cell.GRUCell(5), x, lengths, dtype=tf.float32
    )
    rng = np.random.default_rng(4)

    def rows(n):
        values = rng.normal(size=(n, 6, 3)).astype(np.float32)
        return {"x": values, "lengths": rng.integers(1, 7, n).astype(np.int32)}

    return Net({"x": x, "lengths": lengths}, {"both": tf.concat(both, 2)}, rows)


def convolutional_autoencoder():
    x = tf.placeholder(tf.float32, [None, 12, 8, 1])
    code = tf.layers.conv2d(x, 3, 3, strides=2, padding="same", activation=tf.nn.relu)
    y = tf.layers.conv2d_transpose(code, 1, 3, strides=2, padding="same", activation=tf.nn.sigmoid)
    loss = tf.reduce_mean(tf.squared_difference(x, y), [1, 2, 3])
    return Net({"x": x}, {"code": code, "reconstruction": y, "loss": loss}, _rows(x=(12, 8, 1)))


def rbm():
    """What `transform` and a step of reconstruction compute."""
    v = tf.placeholder(tf.float32, [None, 20], name="v")
    W = tf.Variable(tf.random_normal([20, 9], stddev=0.1, seed=5))
    hidden = tf.nn.sigmoid(tf.matmul(v, W) + tf.Variable(tf.zeros([9])))
    again = tf.nn.sigmoid(tf.matmul(hidden, W, transpose_b=True) + tf.Variable(tf.zeros([20])))
    energy = -tf.reduce_sum(tf.nn.softplus(tf.matmul(v, W)), 1)
    return Net({"v": v}, {"hidden": hidden, "again": again, "energy": energy}, _rows(v=(20,)))


def lengths_of_the_batch():
    """What programs compute from `tf.shape`."""
    x = tf.placeholder(tf.float32, [None, 4])
    n = tf.shape(x)[0]
    outputs = {
        "joined": tf.concat([x, tf.zeros(tf.stack([n, 2]))], 1),
        "tiled": tf.tile(tf.reshape(x, tf.stack([n, 2, 2])), [1, 1, 3]),
        "one_hot": tf.one_hot(tf.argmax(x, 1), 4),
        "mean": tf.reduce_sum(x) / tf.cast(n, tf.float32),
        "numbers": tf.range(n),
        "filled": tf.fill([n], 3.0),
        "top": tf.nn.top_k(x, 2)[0],
        "padded": tf.pad(x, [[0, 0], [1, 2]]),
        "picked": tf.gather_nd(x, tf.stack([tf.range(n), tf.zeros([n], tf.int32) + 1], 1)),
        "sum": tf.cumsum(x, axis=1),
        "chosen": tf.where(x > 0.0, x, -x),
    }
    return Net({"x": x}, outputs, _rows(x=(4,)))


def _rows(**shapes):
    rng = np.random.default_rng(6)
    return lambda n: {
        key: rng.normal(size=(n, *shape)).astype(np.float32) for key, shape in shapes.items()
    }


NETS = {
    net.__name__: net
    for net in (
        softmax_regression, cnn, lstm, gru_of_lengths, convolutional_autoencoder, rbm,
        lengths_of_the_batch,
    )
}  # fmt: skip
