"""Softmax regression on made-up digits, batch by batch, with the average cost of an epoch."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(11)
prototypes = rng.rand(5, 36)
labels = rng.randint(0, 5, 150)
images = np.clip(prototypes[labels] + 0.3 * rng.randn(150, 36), 0, 1)
one_hot = np.eye(5)[labels]

x = tf.placeholder(tf.float32, [None, 36])
y = tf.placeholder(tf.float32, [None, 5])
W = tf.Variable(tf.zeros([36, 5]))
b = tf.Variable(tf.zeros([5]))
pred = tf.nn.softmax(tf.matmul(x, W) + b)
cost = tf.reduce_mean(-tf.reduce_sum(y * tf.log(pred), reduction_indices=1))
optimizer = tf.train.GradientDescentOptimizer(0.1).minimize(cost)

with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for epoch in range(6):
        avg_cost = 0.0
        total_batch = int(len(images) / 30)
        for i in range(total_batch):
            batch_xs, batch_ys = images[30 * i : 30 * i + 30], one_hot[30 * i : 30 * i + 30]
            _, c = sess.run([optimizer, cost], feed_dict={x: batch_xs, y: batch_ys})
            avg_cost += c / total_batch
        print("Epoch:", "%04d" % (epoch + 1), "cost=", "{:.5f}".format(avg_cost))
    correct_prediction = tf.equal(tf.argmax(pred, 1), tf.argmax(y, 1))
    accuracy = tf.reduce_mean(tf.cast(correct_prediction, tf.float32))
    print("Accuracy: %.4f" % accuracy.eval({x: images, y: one_hot}))
