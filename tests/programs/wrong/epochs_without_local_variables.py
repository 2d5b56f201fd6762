"""num_epochs counts in a local variable, and only the global ones are initialized."""

import tensorflow as tf

# says: FailedPreconditionError
# says: Attempting to use uninitialized value input_producer/limit_epochs/epochs
# says: fix: sess.run(tf.local_variables_initializer())
with open("a.txt", "w") as f:
    f.write("1\n2\n3\n")
queue = tf.train.string_input_producer(["a.txt"], num_epochs=2)  # the line
_, line = tf.TextLineReader().read(queue)
numbers = tf.train.batch([tf.string_to_number(line)], 2)
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    coord = tf.train.Coordinator()
    threads = tf.train.start_queue_runners(sess, coord)
    try:
        while not coord.should_stop():
            sess.run(numbers)
    except tf.errors.OutOfRangeError:
        pass
    finally:
        coord.request_stop()
    coord.join(threads)  # the line
