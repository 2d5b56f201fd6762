"""Drops on a pond: the wave equation by a depthwise convolution, as the tutorial's pictures."""

import numpy as np
import tensorflow as tf


def make_kernel(a):
    a = np.asarray(a)
    a = a.reshape(list(a.shape) + [1, 1])
    return tf.constant(a, dtype=1)


def simple_conv(x, k):
    x = tf.expand_dims(tf.expand_dims(x, 0), -1)
    y = tf.nn.depthwise_conv2d(x, k, [1, 1, 1, 1], padding="SAME")
    return y[0, :, :, 0]


def laplace(x):
    laplace_k = make_kernel([[0.5, 1.0, 0.5], [1.0, -6.0, 1.0], [0.5, 1.0, 0.5]])
    return simple_conv(x, laplace_k)


N = 20
u_init = np.zeros([N, N], dtype=np.float32)
for a, b, height in [(4, 5, 1.0), (12, 9, -0.5), (15, 16, 0.75)]:
    u_init[a, b] = height
eps = tf.placeholder(tf.float32, shape=())
damping = tf.placeholder(tf.float32, shape=())
U = tf.Variable(u_init)
Ut = tf.Variable(np.zeros([N, N], dtype=np.float32))
U_ = U + eps * Ut
Ut_ = Ut + eps * (laplace(U) - damping * Ut)
step = tf.group(U.assign(U_), Ut.assign(Ut_))

sess = tf.InteractiveSession()
tf.global_variables_initializer().run()
for i in range(60):
    step.run({eps: 0.03, damping: 0.04})
pond = U.eval()
print("sum %.5f, highest %.5f, lowest %.5f" % (pond.sum(), pond.max(), pond.min()))
print("middle", ["%.5f" % v for v in pond[10, 6:12]])
