"""A producer that fails in the middle: the batches before it, then its error, once."""

import tensorflow as tf

with open("numbers.csv", "w") as f:
    f.write("1,2\n3,4\n5,6\n7,8\n9,ten\n11,12\n")

queue = tf.train.string_input_producer(["numbers.csv"], num_epochs=1, shuffle=False)
_, line = tf.TextLineReader().read(queue)
a, b = tf.decode_csv(line, [[0], [0]])
sums = tf.train.batch([a + b], batch_size=2)

with tf.Session() as sess:
    sess.run(tf.local_variables_initializer())
    coord = tf.train.Coordinator()
    threads = tf.train.start_queue_runners(sess=sess, coord=coord)
    found = []
    try:
        while not coord.should_stop():
            found.append(sess.run(sums).tolist())
    except (tf.errors.OutOfRangeError, tf.errors.CancelledError):
        pass  # whatever comes first: the queue is closed, or a stop was requested
    finally:
        coord.request_stop()
    print(found == [[3, 7], [11, 15]][: len(found)])
    try:
        coord.join(threads)
    except tf.errors.InvalidArgumentError as e:
        print("Field 1 in record 0 is not a valid int32: ten" in e.message)
    coord.clear_stop()
    coord.join(threads)
    print("said once; threads", [t.is_alive() for t in threads])

    # What a thread of one's own reports reaches the caller, too.
    coord = tf.train.Coordinator()
    try:
        with coord.stop_on_exception():
            raise KeyError("no such picture")
    except KeyError:
        print("not here")
    try:
        coord.join()
    except KeyError as e:
        print("from join:", e)
