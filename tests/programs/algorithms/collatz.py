"""How long Collatz's sequences are: a tf.while_loop within tf.map_fn."""

import tensorflow as tf


def collatz_length(n):
    def body(value, steps):
        even = tf.equal(value % 2, 0)
        value = tf.cond(even, lambda: value // 2, lambda: 3 * value + 1)
        return value, steps + 1

    return tf.while_loop(lambda value, steps: value > 1, body, [n, tf.constant(0)])[1]


numbers = tf.range(1, 31)
lengths = tf.map_fn(collatz_length, numbers)
longest = tf.argmax(lengths, output_type=tf.int32)
with tf.Session() as sess:
    found, at = sess.run([lengths, longest])
    print(found.tolist())
    print("longest below 31:", at + 1, "with", found[at], "steps")
