"""A producer that fails: the loop meets a closed queue, and nobody joins the threads."""

import tensorflow as tf

# says: OutOfRangeError
# says: is closed and has insufficient elements (requested 4, current size
# says: it was closed after FailedPreconditionError
# says: Attempting to use uninitialized value input_producer/limit_epochs/epochs
# says: fix: sess.run(tf.local_variables_initializer())
with open("numbers.csv", "w") as f:
    f.write("1,2\n3,4\n")
names = tf.train.string_input_producer(["numbers.csv"], num_epochs=3)  # the line
_, line = tf.TextLineReader().read(names)
a, b = tf.decode_csv(line, [[0], [0]])
sums = tf.train.shuffle_batch([a + b], 4, 20, 5)  # the line
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    coord = tf.train.Coordinator()
    threads = tf.train.start_queue_runners(sess, coord)
    for _ in range(100):
        sess.run(sums)  # the line
    coord.request_stop()
    coord.join(threads)
