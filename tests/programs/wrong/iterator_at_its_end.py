"""More steps than the data has batches, without repeat."""

import tensorflow as tf

# says: OutOfRangeError
# says: End of sequence
data = tf.data.Dataset.range(10).batch(4)
x = data.make_one_shot_iterator().get_next()  # the line
step = tf.reduce_sum(x)
with tf.Session() as sess:
    for _ in range(100):
        sess.run(step)  # the line
