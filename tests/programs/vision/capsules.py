"""Capsules: squash, tiled predictions, routing by agreement with stop_gradient, margin loss."""

# tolerance: 2e-3 (25 steps of Adam)
import numpy as np
import tensorflow as tf

rng = np.random.RandomState(8)
BATCH, IN_CAPS, IN_DIM, OUT_CAPS, OUT_DIM = 4, 6, 3, 3, 4


def squash(vector, epsilon=1e-9):
    squared = tf.reduce_sum(tf.square(vector), -2, keep_dims=True)
    return squared / (1 + squared) / tf.sqrt(squared + epsilon) * vector


def routing(inputs, b_IJ):
    W = tf.get_variable(
        "Weight",
        [1, IN_CAPS, OUT_CAPS, IN_DIM, OUT_DIM],
        tf.float32,
        initializer=tf.constant_initializer(0.5 * rng.randn(1, IN_CAPS, OUT_CAPS, IN_DIM, OUT_DIM)),
    )
    inputs = tf.tile(inputs, [1, 1, OUT_CAPS, 1, 1])
    W = tf.tile(W, [BATCH, 1, 1, 1, 1])
    u_hat = tf.matmul(W, inputs, transpose_a=True)
    u_hat_stopped = tf.stop_gradient(u_hat, name="stop_gradient")
    for r_iter in range(3):
        with tf.variable_scope("iter_" + str(r_iter)):
            c_IJ = tf.nn.softmax(b_IJ, axis=2)
            if r_iter == 2:
                v_J = squash(tf.reduce_sum(c_IJ * u_hat, axis=1, keep_dims=True))
            else:
                v_J = squash(tf.reduce_sum(c_IJ * u_hat_stopped, axis=1, keep_dims=True))
                v_tiled = tf.tile(v_J, [1, IN_CAPS, 1, 1, 1])
                b_IJ += tf.matmul(u_hat_stopped, v_tiled, transpose_a=True)
    return tf.squeeze(v_J, [1])


x = tf.placeholder(tf.float32, [BATCH, IN_CAPS, 1, IN_DIM, 1])
labels = tf.placeholder(tf.int32, [BATCH])
with tf.variable_scope("routing"):
    b_IJ = tf.constant(np.zeros([BATCH, IN_CAPS, OUT_CAPS, 1, 1], dtype=np.float32))
    caps = routing(x, b_IJ)
v_length = tf.sqrt(tf.reduce_sum(tf.square(caps), axis=2, keep_dims=True) + 1e-9)
T_c = tf.one_hot(labels, OUT_CAPS)
max_l = tf.reshape(tf.square(tf.maximum(0.0, 0.9 - v_length)), [BATCH, -1])
max_r = tf.reshape(tf.square(tf.maximum(0.0, v_length - 0.1)), [BATCH, -1])
loss = tf.reduce_mean(tf.reduce_sum(T_c * max_l + 0.5 * (1 - T_c) * max_r, axis=1))
train = tf.train.AdamOptimizer(0.05).minimize(loss)
feed = {x: rng.randn(BATCH, IN_CAPS, 1, IN_DIM, 1), labels: [0, 1, 2, 1]}
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    print("loss %.5f" % sess.run(loss, feed))
    for _ in range(25):
        sess.run(train, feed)
    print("loss %.5f" % sess.run(loss, feed))
    print("class", sess.run(tf.argmax(tf.squeeze(v_length), 1), feed).tolist())
