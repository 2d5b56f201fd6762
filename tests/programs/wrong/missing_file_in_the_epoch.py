"""The third of four files is not there: its reader stops the epoch."""

import tensorflow as tf

# says: NotFoundError
# says: part-2.txt
for i in (0, 1, 3):
    with open("part-%d.txt" % i, "w") as f:
        f.write("%d\n%d\n" % (i, i))
files = ["part-%d.txt" % i for i in range(4)]
queue = tf.train.string_input_producer(files, num_epochs=1, shuffle=False)
_, line = tf.TextLineReader().read(queue)  # the line
numbers = tf.train.batch([tf.string_to_number(line)], 1)
with tf.Session() as sess:
    sess.run(tf.local_variables_initializer())
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
