"""The threads are stopped only after the with block has closed their session."""

import tensorflow as tf

# says: Error:
number = tf.train.range_input_producer(5).dequeue()
numbers = tf.train.batch([number], 2)
coord = tf.train.Coordinator()
with tf.Session() as sess:
    threads = tf.train.start_queue_runners(sess, coord)
    sess.run(numbers)
coord.wait_for_stop()
coord.request_stop()
coord.join(threads)  # the line
