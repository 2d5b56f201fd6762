"""A line through points: gradient descent on placeholders."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(0)
train_X = rng.uniform(-2, 2, 50)
train_Y = 3.0 * train_X + 2.0 + 0.1 * rng.randn(50)

X = tf.placeholder("float")
Y = tf.placeholder("float")
W = tf.Variable(rng.randn(), name="weight")
b = tf.Variable(rng.randn(), name="bias")
pred = tf.add(tf.multiply(X, W), b)
cost = tf.reduce_sum(tf.pow(pred - Y, 2)) / (2 * 50)
optimizer = tf.train.GradientDescentOptimizer(0.01).minimize(cost)

init = tf.global_variables_initializer()
with tf.Session() as sess:
    sess.run(init)
    for epoch in range(5):
        for x, y in zip(train_X, train_Y):
            sess.run(optimizer, feed_dict={X: x, Y: y})
        c = sess.run(cost, feed_dict={X: train_X, Y: train_Y})
        print("Epoch:", "%04d" % (epoch + 1), "cost=", "{:.6f}".format(c))
    print("W=%.4f b=%.4f" % (sess.run(W), sess.run(b)))
