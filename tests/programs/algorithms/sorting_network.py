"""Bubble sort with nested loops and tf.TensorArray, and quicksort's partition by dynamic_partition."""

import tensorflow as tf

values = tf.placeholder(tf.int32, [None])
size = tf.shape(values)[0]


def bubble(array):
    def outer(i, a):
        def inner(j, a):
            left, right = a[j], a[j + 1]
            low, high = tf.minimum(left, right), tf.maximum(left, right)
            a = tf.concat([a[:j], [low, high], a[j + 2 :]], axis=0)
            a.set_shape([None])
            return j + 1, a

        _, a = tf.while_loop(lambda j, a: j < size - 1 - i, inner, [0, a])
        return i + 1, a

    return tf.while_loop(lambda i, a: i < size - 1, outer, [0, array])[1]


def insertion(array):
    """Counts how many are smaller, and writes each where it belongs."""
    out = tf.TensorArray(tf.int32, size)
    index = tf.range(size)

    def body(i, out):
        smaller = tf.logical_or(
            array < array[i], tf.logical_and(tf.equal(array, array[i]), index < i)
        )
        place = tf.reduce_sum(tf.cast(smaller, tf.int32))
        return i + 1, out.write(place, array[i])

    return tf.while_loop(lambda i, out: i < size, body, [0, out])[1].stack()


small, large = tf.dynamic_partition(values, tf.cast(values > tf.reduce_mean(values), tf.int32), 2)
with tf.Session() as sess:
    for numbers in ([5, 2, 9, 1, 5, 6], [3, 1], [7, 6, 5, 4, 3, 2, 1]):
        feed = {values: numbers}
        print(sess.run([bubble(values), insertion(values)], feed)[0].tolist())
        print([part.tolist() for part in sess.run([insertion(values), small, large], feed)])
