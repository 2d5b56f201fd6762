"""Expectation maximization of a diagonal Gaussian mixture, one sess.run an iteration."""

import numpy as np
import tensorflow as tf

K, DIM = 3, 2
rng = np.random.RandomState(12)
truth = np.array([[-2.0, 0.0], [2.0, 1.0], [0.0, -3.0]])
data = truth[rng.randint(0, K, 150)] + rng.randn(150, DIM) * [0.7, 0.4]

x = tf.placeholder(tf.float64, [None, DIM])
mu = tf.Variable(data[:K])
var = tf.Variable(np.ones([K, DIM]))
pi = tf.Variable(np.ones(K) / K)

exponent = tf.square(tf.expand_dims(x, 0) - tf.expand_dims(mu, 1)) / tf.expand_dims(var, 1)
log_coefficient = tf.expand_dims(DIM * np.log(2 * np.pi) + tf.reduce_sum(tf.log(var), 1), 1)
log_component = -0.5 * (log_coefficient + tf.reduce_sum(exponent, 2))
log_weighted = log_component + tf.expand_dims(tf.log(pi), 1)
log_shift = tf.expand_dims(tf.reduce_max(log_weighted, 0), 0)
exp_log_weighted = tf.exp(log_weighted - log_shift)
normalizer = tf.reduce_sum(exp_log_weighted, 0)
gamma = exp_log_weighted / normalizer
total = tf.reduce_sum(gamma, 1)
new_mu = tf.matmul(gamma, x) / tf.expand_dims(total, 1)
squares = tf.square(tf.expand_dims(x, 0) - tf.expand_dims(new_mu, 1))
new_var = tf.reduce_sum(squares * tf.expand_dims(gamma, 2), 1) / tf.expand_dims(total, 1)
new_pi = total / tf.cast(tf.shape(x)[0], tf.float64)
log_likelihood = tf.reduce_mean(tf.log(normalizer) + tf.squeeze(log_shift, 0))
train_step = tf.group(mu.assign(new_mu), var.assign(new_var), pi.assign(new_pi))

with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    previous = -np.inf
    for step in range(60):
        current, _ = sess.run([log_likelihood, train_step], {x: data})
        if step > 0 and current - previous < 1e-7:
            break
        previous = current
    print("log likelihood %.6f" % current)
    means, weights = sess.run([mu, pi])
    for k in np.argsort(means[:, 0]):
        print("%.4f: %.4f %.4f" % (weights[k], means[k, 0], means[k, 1]))
