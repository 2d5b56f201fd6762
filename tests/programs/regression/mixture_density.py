"""A mixture density network: several answers to one question (the inverse sine curve)."""

# tolerance: 2e-3 (a hundred steps of Adam on a rough loss)
import math

import numpy as np
import tensorflow as tf

KMIX, NHIDDEN = 4, 10
rng = np.random.RandomState(2)
y_data = rng.uniform(-3, 3, [120, 1])
x_data = np.sin(0.75 * y_data) * 2.0 + y_data * 0.5 + 0.1 * rng.randn(120, 1)

x = tf.placeholder(dtype=tf.float32, shape=[None, 1], name="x")
y = tf.placeholder(dtype=tf.float32, shape=[None, 1], name="y")
Wh = tf.Variable(rng.normal(0, 0.5, [1, NHIDDEN]).astype(np.float32))
bh = tf.Variable(rng.normal(0, 0.5, [1, NHIDDEN]).astype(np.float32))
Wo = tf.Variable(rng.normal(0, 0.5, [NHIDDEN, 3 * KMIX]).astype(np.float32))
bo = tf.Variable(rng.normal(0, 0.5, [1, 3 * KMIX]).astype(np.float32))
output = tf.matmul(tf.nn.tanh(tf.matmul(x, Wh) + bh), Wo) + bo


def get_mixture_coef(output):
    out_pi, out_sigma, out_mu = tf.split(output, 3, 1)
    out_pi = tf.exp(tf.subtract(out_pi, tf.reduce_max(out_pi, 1, keep_dims=True)))
    out_pi = tf.multiply(tf.reciprocal(tf.reduce_sum(out_pi, 1, keep_dims=True)), out_pi)
    return out_pi, tf.exp(out_sigma), out_mu


def tf_normal(y, mu, sigma):
    result = tf.multiply(tf.subtract(y, mu), tf.reciprocal(sigma))
    result = -tf.square(result) / 2
    return tf.multiply(tf.exp(result), tf.reciprocal(sigma)) / math.sqrt(2 * math.pi)


pi, sigma, mu = get_mixture_coef(output)
likelihood = tf.reduce_sum(tf.multiply(tf_normal(y, mu, sigma), pi), 1, keep_dims=True)
lossfunc = tf.reduce_mean(-tf.log(likelihood))
train_op = tf.train.AdamOptimizer(0.02).minimize(lossfunc)

sess = tf.InteractiveSession()
sess.run(tf.global_variables_initializer())
for i in range(100):
    _, loss = sess.run([train_op, lossfunc], feed_dict={x: x_data, y: y_data})
print("negative log likelihood %.4f" % loss)
weights, means = sess.run([pi, mu], {x: [[0.0], [1.5]]})
print("weights", ["%.3f" % w for w in np.sort(weights[0])])
print("mean answer %.3f %.3f" % tuple((weights * means).sum(1)))
