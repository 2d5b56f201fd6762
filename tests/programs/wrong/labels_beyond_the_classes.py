"""Classes are counted from 1, so that the last label is one too many."""

import numpy as np
import tensorflow as tf

# says: InvalidArgumentError
# says: label value of 3 which is outside the valid range of [0, 3)
x = tf.placeholder(tf.float32, [None, 4])
y = tf.placeholder(tf.int32, [None])
logits = tf.layers.dense(x, 3)
loss = tf.losses.sparse_softmax_cross_entropy(y, logits)  # the line
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    print(sess.run(loss, {x: np.ones([3, 4]), y: [1, 2, 3]}))  # the line
