"""The probability to keep is not fed at the evaluation."""

import numpy as np
import tensorflow as tf

# says: InvalidArgumentError
# says: You must feed a value for placeholder tensor 'keep_prob' with dtype float
# says: fix: sess.run(..., feed_dict={'keep_prob:0': ...})
x = tf.placeholder(tf.float32, [None, 4])
keep_prob = tf.placeholder(tf.float32, name="keep_prob")  # the line
hidden = tf.nn.dropout(tf.layers.dense(x, 8, tf.nn.relu), keep_prob)
accuracy = tf.reduce_mean(hidden)
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    print(sess.run(accuracy, feed_dict={x: np.ones([2, 4])}))  # the line
