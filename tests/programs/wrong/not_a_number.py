"""The logarithm of a probability that has become zero, found by check_numerics."""

import numpy as np
import tensorflow as tf

# says: InvalidArgumentError
# says: loss
# says: Tensor had NaN values
x = tf.placeholder(tf.float32, [None, 2])
y = tf.placeholder(tf.float32, [None, 2])
probabilities = tf.nn.softmax(x)
loss = -tf.reduce_sum(y * tf.log(probabilities))
checked = tf.check_numerics(loss, "loss went wrong")  # the line
with tf.Session() as sess:
    sess.run(checked, {x: np.array([[200.0, -200.0]]), y: np.array([[1.0, 0.0]])})  # the line
