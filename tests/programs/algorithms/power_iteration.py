"""Power iteration with a tolerance, and its gradient through the loop."""

import numpy as np
import tensorflow as tf

matrix = np.random.RandomState(0).rand(5, 5)
matrix = matrix + matrix.T
A = tf.placeholder(tf.float64, [5, 5])


def not_yet(i, v, change):
    return tf.logical_and(i < 60, change > 1e-9)


def step(i, v, change):
    w = tf.matmul(A, v)
    w = w / tf.norm(w)
    return i + 1, w, tf.norm(w - v)


start = tf.ones([5, 1], tf.float64) / np.sqrt(5.0)
n, vector, change = tf.while_loop(not_yet, step, (0, start, tf.constant(1.0, tf.float64)))
rayleigh = tf.squeeze(tf.matmul(tf.matmul(vector, A, transpose_a=True), vector))
slope = tf.gradients(rayleigh, A)[0]
with tf.Session() as sess:
    steps, value, v, g = sess.run([n, rayleigh, vector, slope], feed_dict={A: matrix})
    print(steps, "steps: %.6f" % value)
    print(["%.5f" % c for c in v.ravel()])
    print("the gradient is v v^T to %.6f" % np.abs(g - v.dot(v.T)).max())
