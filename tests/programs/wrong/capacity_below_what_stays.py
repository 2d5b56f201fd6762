"""The capacity of shuffle_batch is taken for that of a batch."""

import numpy as np
import tensorflow as tf

# says: ValueError: capacity 32 must be bigger than min_after_dequeue 1000.
images = np.zeros([500, 4], np.float32)
one = tf.train.slice_input_producer([images])[0]
batch = tf.train.shuffle_batch([one], 32, capacity=32, min_after_dequeue=1000)  # the line
