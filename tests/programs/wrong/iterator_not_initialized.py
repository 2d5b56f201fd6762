"""An initializable iterator, whose initializer is not run."""

import tensorflow as tf

# says: FailedPreconditionError
# says: Ensure that you have run the initializer operation for this iterator
data = tf.data.Dataset.range(10).batch(4)
iterator = data.make_initializable_iterator()  # the line
batch = iterator.get_next()
total = tf.reduce_sum(batch)
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    sess.run(total)  # the line
