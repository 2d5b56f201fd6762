"""A single picture is fed where a batch is expected; a graph takes a fixed batch."""

import numpy as np
import tensorflow as tf

# says: ValueError: Cannot feed value of shape (28, 28, 1) for Tensor 'images:0', which has shape '(?, 28, 28, 1)'
# says: fix: np.expand_dims(value, 0) is a batch of one
images = tf.placeholder(tf.float32, [None, 28, 28, 1], name="images")  # the line
mean = tf.reduce_mean(images, axis=[1, 2, 3])
with tf.Session() as sess:
    print(sess.run(mean, {images: np.zeros([28, 28, 1])}))  # the line
