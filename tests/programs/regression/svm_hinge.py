"""A linear and a Gaussian-kernel support vector machine by gradient descent on the hinge loss."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(3)
x_vals = rng.uniform(-1, 1, [60, 2])
linear_y = np.where(x_vals[:, 0] + 0.5 * x_vals[:, 1] > 0.1, 1.0, -1.0).reshape(-1, 1)
circle_y = np.where((x_vals**2).sum(1) < 0.5, 1.0, -1.0).reshape(-1, 1)

x_data = tf.placeholder(tf.float32, [None, 2])
y_target = tf.placeholder(tf.float32, [None, 1])

A = tf.Variable(tf.zeros([2, 1]))
b = tf.Variable(tf.zeros([1, 1]))
output = tf.subtract(tf.matmul(x_data, A), b)
l2_norm = tf.reduce_sum(tf.square(A))
classification = tf.reduce_mean(tf.maximum(0.0, tf.subtract(1.0, tf.multiply(output, y_target))))
loss = tf.add(classification, tf.multiply(tf.constant([0.01]), l2_norm))
train = tf.train.GradientDescentOptimizer(0.2).minimize(loss)
right = tf.reduce_mean(tf.cast(tf.equal(tf.sign(output), y_target), tf.float32))

dual = tf.Variable(tf.ones([1, 60]) * 0.1)
gamma = tf.constant(-4.0)
dist = tf.reshape(tf.reduce_sum(tf.square(x_data), 1), [-1, 1])
sq_dists = tf.add(
    tf.subtract(dist, tf.multiply(2.0, tf.matmul(x_data, tf.transpose(x_data)))), tf.transpose(dist)
)
kernel = tf.exp(tf.multiply(gamma, tf.abs(sq_dists)))
y_cross = tf.matmul(y_target, tf.transpose(y_target))
second = tf.reduce_sum(kernel * tf.matmul(tf.transpose(dual), dual) * y_cross)
dual_loss = tf.negative(tf.subtract(tf.reduce_sum(dual), 0.5 * second))
dual_train = tf.train.GradientDescentOptimizer(0.01).minimize(dual_loss, var_list=[dual])
predicted = tf.sign(tf.matmul(tf.multiply(tf.transpose(y_target), dual), kernel))
dual_right = tf.reduce_mean(tf.cast(tf.equal(tf.squeeze(predicted), tf.squeeze(y_target)), "float"))

with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    feed = {x_data: x_vals, y_target: linear_y}
    for i in range(100):
        sess.run(train, feed)
    slope, intercept = sess.run(A).ravel(), sess.run(b)[0, 0]
    print("hinge %.5f, right %.4f" % (sess.run(loss, feed)[0], sess.run(right, feed)))
    print("slope %.4f %.4f intercept %.4f" % (slope[0], slope[1], intercept))
    feed[y_target] = circle_y
    for i in range(100):
        sess.run(dual_train, feed)
    print("dual %.4f, right %.4f" % tuple(sess.run([dual_loss, dual_right], feed)))
