"""A picture is flattened for another size of pool than it has."""

import tensorflow as tf

# says: ValueError: Dimensions must be equal, but are 3136 and 1024
images = tf.placeholder(tf.float32, [None, 784], name="images")
picture = tf.reshape(images, [-1, 28, 28, 1])
pool = tf.layers.max_pooling2d(tf.layers.conv2d(picture, 64, 5, padding="same"), 2, 2)
pool = tf.layers.max_pooling2d(pool, 2, 2)
flat = tf.reshape(pool, [-1, 7 * 7 * 64])  # the line
w_fc = tf.Variable(tf.truncated_normal([1024, 10], stddev=0.1))
logits = tf.matmul(flat, w_fc)  # the line
