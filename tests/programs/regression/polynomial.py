"""A cubic fitted by a sum of powers, with Adam on one variable a power."""

import numpy as np
import tensorflow as tf

xs = np.linspace(-1, 1, 60)
ys = 0.5 - xs + 2 * xs**3

X = tf.placeholder(tf.float32)
Y = tf.placeholder(tf.float32)
Y_pred = tf.Variable(0.1, name="bias")
for degree in range(1, 5):
    W = tf.Variable(0.1 * degree, name="weight_%d" % degree)
    Y_pred = tf.add(tf.multiply(tf.pow(X, degree), W), Y_pred)
cost = tf.reduce_sum(tf.pow(Y_pred - Y, 2)) / (len(xs) - 1)
cost = tf.add(cost, tf.multiply(1e-6, tf.global_norm([W])))
optimizer = tf.train.AdamOptimizer(0.05).minimize(cost)

with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    previous = 0.0
    for step in range(300):
        sess.run(optimizer, {X: xs, Y: ys})
        training_cost = sess.run(cost, {X: xs, Y: ys})
        if abs(previous - training_cost) < 1e-9:
            break
        previous = training_cost
    print("cost %.5f" % training_cost)
    for v in tf.trainable_variables():
        print(v.name, "%.3f" % v.eval())
