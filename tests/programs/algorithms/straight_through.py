"""tf.custom_gradient: a stable log1pexp, a rounding that lets gradients through, a clipped one."""

import numpy as np
import tensorflow as tf


@tf.custom_gradient
def log1pexp(x):
    e = tf.exp(x)

    def grad(dy):
        return dy * (1 - 1 / (1 + e))

    return tf.log(1 + e), grad


@tf.custom_gradient
def round_through(x):
    return tf.round(x), lambda dy: dy


@tf.custom_gradient
def clipped_product(x, y):
    def grad(dy):
        return tf.clip_by_value(dy * y, -1.0, 1.0), tf.clip_by_value(dy * x, -1.0, 1.0)

    return x * y, grad


def flip_gradient(x):
    """Another way: stop_gradient twice, as domain-adversarial networks do."""
    return tf.stop_gradient(x * 2.0) - x


x = tf.constant([-2.0, 0.3, 100.0])
w = tf.Variable([0.4, 1.6, -2.2])
loss = tf.reduce_sum(tf.square(round_through(w) - [1.0, 1.0, 1.0]))
train = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
p, q = tf.constant([3.0, 0.2]), tf.constant([0.1, -5.0])
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    stable = tf.gradients(log1pexp(x), x)[0]
    naive = tf.gradients(tf.log(1 + tf.exp(x)), x)[0]
    print(["%.5f" % v for v in sess.run(stable)], np.isnan(sess.run(naive)).tolist())
    for _ in range(4):
        sess.run(train)
    print(["%.4f" % v for v in sess.run(w)], "%.1f" % sess.run(loss))
    print([v.tolist() for v in sess.run(tf.gradients(clipped_product(p, q), [p, q]))])
    print(sess.run(tf.gradients(flip_gradient(p) ** 2, p)[0]).tolist())
