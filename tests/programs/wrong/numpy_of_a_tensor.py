"""NumPy is called with a tensor, and an if asks for its truth."""

import tensorflow as tf

# says: TypeError: using a `tf.Tensor` as a Python `bool` is not allowed
# says: tf.cond
x = tf.placeholder(tf.float32, [None])
total = tf.reduce_sum(x)
if total > 0:  # the line
    total = tf.sqrt(total)
