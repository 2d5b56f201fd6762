"""Gaussian process regression: Cholesky, triangular solves, and hyperparameters by gradient."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(17)
X = np.sort(rng.uniform(0, 5, 14)).reshape(-1, 1)
y = np.sin(X) + 0.1 * rng.randn(14, 1)
Xs = np.linspace(0, 5, 6).reshape(-1, 1)

log_length = tf.Variable(0.0, dtype=tf.float64, name="log_length")
log_noise = tf.Variable(-1.0, dtype=tf.float64, name="log_noise")


def kernel(a, b):
    squared = tf.reduce_sum(tf.squared_difference(a[:, None, :], b[None, :, :]), 2)
    return tf.exp(-0.5 * squared / tf.square(tf.exp(log_length)))


K = kernel(tf.constant(X), tf.constant(X)) + tf.exp(2 * log_noise) * tf.eye(14, dtype=tf.float64)
L = tf.cholesky(K)
alpha = tf.cholesky_solve(L, y)
nll = (
    0.5 * tf.reduce_sum(y * alpha)
    + tf.reduce_sum(tf.log(tf.matrix_diag_part(L)))
    + 7 * np.log(2 * np.pi)
)
train = tf.train.GradientDescentOptimizer(0.02).minimize(nll)
Ks = kernel(tf.constant(Xs), tf.constant(X))
mean = tf.matmul(Ks, alpha)
v = tf.matrix_triangular_solve(L, tf.transpose(Ks))
deviation = tf.sqrt(1.0 - tf.reduce_sum(tf.square(v), 0))
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    print("before %.5f" % sess.run(nll))
    for _ in range(50):
        sess.run(train)
    print("after %.5f" % sess.run(nll))
    print("length %.4f noise %.4f" % tuple(np.exp(sess.run([log_length, log_noise]))))
    for row in zip(Xs.ravel(), sess.run(mean).ravel(), sess.run(deviation)):
        print("%.1f: %.4f +- %.4f" % row)
