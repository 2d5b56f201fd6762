"""The forward algorithm and Viterbi of a hidden Markov model in tf.scan."""

import numpy as np
import tensorflow as tf

initial = np.array([0.6, 0.4])
transition = np.array([[0.7, 0.3], [0.4, 0.6]])
emission = np.array([[0.1, 0.4, 0.5], [0.6, 0.3, 0.1]])
observed = [0, 1, 2, 2, 1, 0, 0]

T, E = tf.constant(transition), tf.constant(emission)
obs = tf.placeholder(tf.int32, [None], name="observations")
likelihoods = tf.transpose(tf.gather(E, obs, axis=1))


def forward_step(state, likelihood):
    log_z, alpha = state
    alpha = tf.squeeze(tf.matmul(tf.expand_dims(alpha, 0), T), 0) * likelihood
    norm = tf.reduce_sum(alpha)
    return log_z + tf.log(norm), alpha / norm


first = initial * likelihoods[0]
norm = tf.reduce_sum(first)
log_z, alphas = tf.scan(forward_step, likelihoods[1:], (tf.log(norm), first / norm))


def viterbi_step(state, likelihood):
    scores, _ = state
    ways = tf.expand_dims(scores, 1) + tf.log(T)
    return tf.reduce_max(ways, 0) + tf.log(likelihood), tf.argmax(ways, 0)


scores, back = tf.scan(viterbi_step, likelihoods[1:], (tf.log(first), tf.zeros([2], tf.int64)))
last = tf.argmax(scores[-1])
path = tf.scan(lambda state, row: row[state], tf.reverse(back, [0]), last)
path = tf.reverse(tf.concat([[last], path], 0), [0])
brute = tf.reduce_sum(log_z[-1:])
slope = tf.gradients(log_z[-1], E)[0]

with tf.Session() as sess:
    feed = {obs: observed}
    print("log likelihood %.6f" % sess.run(brute, feed))
    print("filtered %.6f %.6f" % tuple(sess.run(alphas, feed)[-1]))
    print("path", sess.run(path, feed).tolist(), "%.5f" % sess.run(tf.reduce_max(scores[-1]), feed))
    print("slope", ["%.4f" % v for v in sess.run(slope, feed).ravel()])
