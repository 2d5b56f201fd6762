"""The initializer is made before the optimizer's slots are, as in a script that grew."""

import numpy as np
import tensorflow as tf

# says: FailedPreconditionError
# says: Attempting to use uninitialized value
# says: fix: sess.run(tf.global_variables_initializer())
x = tf.placeholder(tf.float32, [None, 2])
w = tf.Variable(tf.zeros([2, 1]), name="w")
init = tf.global_variables_initializer()
loss = tf.reduce_mean(tf.square(tf.matmul(x, w) - 1.0))
train = tf.train.AdamOptimizer(0.1).minimize(loss)  # the line
with tf.Session() as sess:
    sess.run(init)
    for _ in range(3):
        sess.run(train, {x: np.ones([4, 2])})  # the line
