"""A word number that the embedding does not have, in the middle of training."""

import numpy as np
import tensorflow as tf

# says: InvalidArgumentError
# says: indices[1,2] = 50 is not in [0, 50)
ids = tf.placeholder(tf.int32, [None, None], name="ids")
table = tf.get_variable("table", [50, 8])
vectors = tf.nn.embedding_lookup(table, ids)  # the line
loss = tf.reduce_mean(tf.square(vectors))
train = tf.train.AdamOptimizer().minimize(loss)
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    batch = np.array([[1, 2, 3], [4, 5, 50]])
    sess.run(train, {ids: batch})  # the line
