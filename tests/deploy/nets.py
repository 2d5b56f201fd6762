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
    x = tf.placeholder(tf.float32, [None, None, 3])
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
    """Its input is damaged, and a unit dropped, while it learns alone."""
    x = tf.placeholder(tf.float32, [None, 12, 8, 1])
    training = tf.placeholder_with_default(False, [])
    share = tf.cast(training, tf.float32)
    damaged = x * tf.cast(tf.random_uniform(tf.shape(x)) >= 0.3, tf.float32)
    damaged += tf.random_normal(tf.shape(x), stddev=0.1) * share
    seen = share * damaged + (1 - share) * x
    seen = tf.layers.dropout(seen, 0.1, training=training)
    code = tf.layers.conv2d(seen, 3, 3, strides=2, padding="same", activation=tf.nn.relu)
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


def a_bit_of_everything():
    """What the others leave out: loops that decide, branches, products of many, rarer functions."""
    x = tf.placeholder(tf.float32, [None, 4, 6, 2])
    flat = tf.reduce_mean(x, [2, 3])
    halved = tf.while_loop(
        lambda v, n: tf.reduce_max(tf.abs(v)) > 0.1, lambda v, n: (v / 2.0, n + 1), (flat, 0)
    )
    matrices = tf.reshape(x, [-1, 4, 12])
    kernel = tf.constant(np.random.default_rng(7).normal(size=(3, 3, 2, 2)), tf.float32)
    outputs = {
        "halved": halved[0],
        "times": halved[1],
        "chosen": tf.cond(tf.reduce_sum(x) > 0.0, lambda: flat * 2.0, lambda: flat - 1.0),
        "products": tf.matmul(matrices, matrices, transpose_b=True),
        "depthwise": tf.nn.depthwise_conv2d(x, kernel, [1, 1, 1, 1], "SAME"),
        "pooled": tf.nn.avg_pool(x, [1, 3, 2, 1], [1, 2, 2, 1], "SAME"),
        "largest": tf.nn.max_pool(x, [1, 3, 3, 1], [1, 1, 2, 1], "VALID"),
        "reversed": tf.reverse(x, [1, 2])[:, ::2, 1:],
        "rare": tf.erf(flat) + tf.log1p(tf.abs(flat)) + tf.round(flat * 3.0) + tf.expm1(flat)
        + tf.rsqrt(tf.abs(flat) + 1.0) + tf.floormod(flat, 0.3) + tf.pow(tf.abs(flat), 1.5),
        "any": tf.reduce_any(x > 2.0, [1, 2, 3]),
        "all": tf.reduce_all(x < 2.0, 3),
        "least": tf.argmin(flat, 1, output_type=tf.int32),
        "last": tf.gather(x, [3, 0, -1 + 2], axis=1),
        "norm": tf.nn.local_response_normalization(x, 2),
        "selu": tf.nn.selu(flat) + tf.nn.elu(flat) + tf.nn.leaky_relu(flat) + tf.nn.relu6(flat),
        "sigmoid_loss": tf.nn.sigmoid_cross_entropy_with_logits(
            labels=tf.sigmoid(flat), logits=flat
        ),
        "log_softmax": tf.nn.log_softmax(x, 2),
        "upsampled": tf.image.resize_nearest_neighbor(x, [8, 12]),
        "moments": tf.nn.moments(x, [1, 2])[1],
        "count": tf.count_nonzero(x > 0.0, 1),
    }  # fmt: skip
    return Net({"x": x}, outputs, _rows(x=(4, 6, 2)))


def _rows(**shapes):
    rng = np.random.default_rng(6)
    return lambda n: {
        key: rng.normal(size=(n, *shape)).astype(np.float32) for key, shape in shapes.items()
    }


NETS = {
    net.__name__: net
    for net in (
        softmax_regression, cnn, lstm, gru_of_lengths, convolutional_autoencoder, rbm,
        lengths_of_the_batch, a_bit_of_everything,
    )
}  # fmt: skip
