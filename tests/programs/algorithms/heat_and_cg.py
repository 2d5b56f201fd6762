"""Conjugate gradients in a while_loop with a named tuple of state, for a steady heat problem."""

import collections

import numpy as np
import tensorflow as tf

State = collections.namedtuple("State", "i x r p rr")
n = 12
laplacian = tf.constant(2 * np.eye(n) - np.eye(n, k=1) - np.eye(n, k=-1))
source = np.zeros([n, 1])
source[3] = 1.0
source[8] = -0.5
b = tf.constant(source)


def body(s):
    z = tf.matmul(laplacian, s.p)
    alpha = s.rr / tf.reduce_sum(s.p * z)
    r = s.r - alpha * z
    rr = tf.reduce_sum(r * r)
    return [State(s.i + 1, s.x + alpha * s.p, r, r + rr / s.rr * s.p, rr)]


first = State(tf.constant(0), tf.zeros_like(b), b, b, tf.reduce_sum(b * b))
(last,) = tf.while_loop(lambda s: tf.logical_and(s.i < 50, s.rr > 1e-18), body, [first])
direct = tf.matrix_solve(laplacian, b)
with tf.Session() as sess:
    found = sess.run(last)
    print(type(found).__name__, found.i, "iterations")
    print(["%.5f" % v for v in found.x.ravel()])
    print("off by %.6f" % np.abs(found.x - sess.run(direct)).max())
