"""A generator whose third element has another shape than was said."""

import numpy as np
import tensorflow as tf

# says: (element 2)
# says: in Generator, made at
# says: (4,)
# says: (3,)


def rows():
    for length in (3, 3, 4):
        yield np.zeros(length)


data = tf.data.Dataset.from_generator(rows, tf.float32, tf.TensorShape([3]))  # the line
row = data.make_one_shot_iterator().get_next()
with tf.Session() as sess:
    while True:
        sess.run(row)  # the line
