"""The session of a with block ends before the threads that use it are stopped."""

import tensorflow as tf

# says: RuntimeError: Attempted to use a closed Session.
number = tf.train.range_input_producer(5).dequeue()
numbers = tf.train.batch([number], 2)
coord = tf.train.Coordinator()
with tf.Session() as sess:
    threads = tf.train.start_queue_runners(sess, coord)
    sess.run(numbers)
for _ in range(10):
    sess.run(numbers)  # the line
