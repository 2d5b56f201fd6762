"""Labels are fed as numbers where one-hot rows are expected."""

import numpy as np
import tensorflow as tf

# says: Cannot feed value of shape (8,) for Tensor 'labels:0', which has shape '(?, 10)'
# says: fix: if these are the numbers of classes: np.eye(10)[value], or tf.one_hot
x = tf.placeholder(tf.float32, [None, 4], name="x")
y = tf.placeholder(tf.float32, [None, 10], name="labels")  # the line
logits = tf.layers.dense(x, 10)
loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits_v2(labels=y, logits=logits))
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    sess.run(loss, {x: np.ones([8, 4]), y: np.arange(8)})  # the line
