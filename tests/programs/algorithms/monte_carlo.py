"""Seeded draws are numbers one can write down: pi by darts, a random walk, bootstrap."""

import tensorflow as tf

tf.set_random_seed(1234)
points = tf.random_uniform([5000, 2], -1.0, 1.0)
inside = tf.reduce_sum(tf.cast(tf.reduce_sum(points**2, 1) < 1.0, tf.int32))
steps = tf.sign(tf.random_normal([200], seed=7))
walk = tf.cumsum(steps)
data = tf.constant([2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0])
rows = tf.random_uniform([300, 8], maxval=8, dtype=tf.int32, seed=3)
means = tf.reduce_mean(tf.gather(data, rows), axis=1)
_, variance = tf.nn.moments(means, axes=[0])
order = tf.random_shuffle(tf.range(10), seed=5)
picks = tf.multinomial(tf.log([[0.1, 0.2, 0.7]]), 12, seed=11)

with tf.Session() as sess:
    for _ in range(3):
        print("pi is about %.4f" % (4.0 * sess.run(inside) / 5000))
    print("walk ends at", int(sess.run(walk)[-1]), "then at", int(sess.run(walk)[-1]))
    print("bootstrap variance %.5f" % sess.run(variance))
    print(sess.run(order).tolist(), sess.run(picks)[0].tolist())
with tf.Session() as sess:
    print("again: %.4f" % (4.0 * sess.run(inside) / 5000))
