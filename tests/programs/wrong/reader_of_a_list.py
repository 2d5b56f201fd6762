"""A reader is given the names of the files, not a queue of them."""

import tensorflow as tf

# says: TypeError
# says: fix: reader.read(tf.train.string_input_producer(names))
reader = tf.TextLineReader()
key, value = reader.read(["a.csv", "b.csv"])  # the line
