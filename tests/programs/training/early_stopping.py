"""Early stopping: the best weights kept in NumPy and in variables, put back by load."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(10)
x_all = rng.randn(30, 8).astype(np.float32)
y_all = (x_all[:, :1] + 0.8 * rng.randn(30, 1)).astype(np.float32)
x, y = tf.placeholder(tf.float32, [None, 8]), tf.placeholder(tf.float32, [None, 1])
hidden = tf.contrib.layers.fully_connected(
    x, 16, tf.nn.tanh, weights_initializer=tf.constant_initializer(0.4 * rng.randn(8, 16))
)
out = tf.contrib.layers.linear(
    hidden, 1, weights_initializer=tf.constant_initializer(0.3 * rng.randn(16, 1))
)
loss = tf.reduce_mean(tf.squared_difference(out, y))
train = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
best_vars = [tf.Variable(v.initialized_value(), trainable=False) for v in tf.trainable_variables()]
remember = [b.assign(v) for b, v in zip(best_vars, tf.trainable_variables())]

feeds = {"train": {x: x_all[:15], y: y_all[:15]}, "valid": {x: x_all[15:], y: y_all[15:]}}
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    best_loss, best_step, patience, kept = np.inf, 0, 0, None
    for step in range(100):
        sess.run(train, feeds["train"])
        valid = sess.run(loss, feeds["valid"])
        if valid < best_loss - 1e-4:
            best_loss, best_step, patience = valid, step, 0
            kept = sess.run(tf.trainable_variables())
            sess.run(remember)
        else:
            patience += 1
            if patience == 10:
                break
    print("stopped at", step, "best was", best_step, "%.4f" % best_loss)
    print("now %.4f" % sess.run(loss, feeds["valid"]))
    for variable, value in zip(tf.trainable_variables(), kept):
        variable.load(value, sess)
    print("then %.4f" % sess.run(loss, feeds["valid"]))
    print("same:", all((a == b).all() for a, b in zip(sess.run(best_vars), kept)))
