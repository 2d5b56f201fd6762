"""A producer that fails, whose threads were started without a coordinator."""

import tensorflow as tf

# says: InvalidArgumentError
# says: Field 1 in record 0 is not a valid int32: ten
with open("numbers.csv", "w") as f:
    f.write("1,2\n3,4\n5,6\n7,ten\n9,10\n")
_, line = tf.TextLineReader().read(tf.train.string_input_producer(["numbers.csv"]))
a, b = tf.decode_csv(line, [[0], [0]])  # the line
sums = tf.train.batch([a + b], 2)
shuffled = tf.train.shuffle_batch([sums], 3, 20, 5, enqueue_many=True)
with tf.Session() as sess:
    tf.train.start_queue_runners(sess)
    for _ in range(100):
        sess.run(shuffled)  # the line
