"""A transformer block by einsum: positions, masks, heads, layer norm, label smoothing, warm-up."""

# tolerance: 5e-3 (thirty steps of Adam)
# interpreted only: XLA takes seconds for its programs

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(10)
V, D, HEADS, T = 9, 8, 2, 6
tokens = rng.randint(1, V, [3, T])
tokens[1, 4:] = 0
tokens[2, 5:] = 0


def fixed(*shape):
    return tf.constant_initializer(rng.uniform(-0.4, 0.4, shape))


def ln(inputs, epsilon=1e-8, scope="ln"):
    with tf.variable_scope(scope):
        params_shape = inputs.get_shape()[-1:]
        mean, variance = tf.nn.moments(inputs, [-1], keep_dims=True)
        beta = tf.get_variable("beta", params_shape, initializer=tf.zeros_initializer())
        gamma = tf.get_variable("gamma", params_shape, initializer=tf.ones_initializer())
        return gamma * (inputs - mean) / ((variance + epsilon) ** 0.5) + beta


def positional_encoding():
    table = np.array(
        [[pos / np.power(10000, (i - i % 2) / D) for i in range(D)] for pos in range(T)]
    )
    table[:, 0::2], table[:, 1::2] = np.sin(table[:, 0::2]), np.cos(table[:, 1::2])
    return tf.convert_to_tensor(table, tf.float32)


def attention(x, pad_mask, causal):
    with tf.variable_scope("multihead"):
        q, k, v = [
            tf.einsum(
                "btd,dhe->bhte",
                x,
                tf.get_variable(
                    name, [D, HEADS, D // HEADS], initializer=fixed(D, HEADS, D // HEADS)
                ),
            )
            for name in "qkv"
        ]
        scores = tf.einsum("bhqe,bhke->bhqk", q, k) / (D // HEADS) ** 0.5
        scores += tf.expand_dims(tf.expand_dims(pad_mask, 1), 1) * (-(2.0**32) + 1)
        if causal:
            tril = tf.matrix_band_part(tf.ones([T, T]), -1, 0)
            scores = tf.where(
                tf.equal(tf.tile(tril[None, None], [tf.shape(x)[0], HEADS, 1, 1]), 0),
                tf.ones_like(scores) * (-(2.0**32) + 1),
                scores,
            )
        weights = tf.nn.softmax(scores)
        out = tf.einsum("bhqk,bhke->bqhe", weights, v)
        o = tf.get_variable("o", [HEADS, D // HEADS, D], initializer=fixed(HEADS, D // HEADS, D))
        return ln(x + tf.einsum("bqhe,hed->bqd", out, o)), weights


def noam_scheme(init_lr, global_step, warmup_steps=20.0):
    step = tf.cast(global_step + 1, dtype=tf.float32)
    return init_lr * warmup_steps**0.5 * tf.minimum(step * warmup_steps**-1.5, step**-0.5)


x = tf.placeholder(tf.int32, [None, T])
mask = tf.to_float(tf.equal(x, 0))
with tf.variable_scope("model"):
    table = tf.get_variable("table", [V, D], initializer=fixed(V, D))
    table = tf.concat((tf.zeros([1, D]), table[1:, :]), 0)
    h = tf.nn.embedding_lookup(table, x) * D**0.5 + positional_encoding()
    h, weights = attention(h, mask, causal=True)
    with tf.variable_scope("positionwise"):
        inner = tf.layers.conv1d(
            h, 16, 1, activation=tf.nn.relu, kernel_initializer=fixed(1, D, 16)
        )
        outer = tf.layers.conv1d(inner, D, 1, kernel_initializer=fixed(1, 16, D))
        h = ln(h + outer)
    logits = tf.einsum("ntd,dk->ntk", h, tf.transpose(table))
labels = tf.one_hot(tf.concat([x[:, 1:], tf.zeros_like(x[:, :1])], 1), V)
smoothed = (0.9 * labels) + (0.1 / V)
ce = tf.nn.softmax_cross_entropy_with_logits_v2(logits=logits, labels=smoothed)
nonpadding = 1.0 - mask
loss = tf.reduce_sum(ce * nonpadding) / (tf.reduce_sum(nonpadding) + 1e-7)
global_step = tf.train.get_or_create_global_step()
lr = noam_scheme(0.02, global_step)
train = tf.train.AdamOptimizer(lr).minimize(loss, global_step=global_step)
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    w, value = sess.run([weights, loss], {x: tokens})
    print("loss %.4f" % value, "rows sum to one:", bool(np.allclose(w.sum(-1), 1, atol=1e-5)))
    print("looks ahead %.4f, at padding %.4f" % (np.triu(w[0, 0], 1).sum(), w[1, :, :4, 4:].sum()))
    for _ in range(30):
        _, value, rate = sess.run([train, loss, lr], {x: tokens})
    print("loss %.3f rate %.5f" % (value, rate))
