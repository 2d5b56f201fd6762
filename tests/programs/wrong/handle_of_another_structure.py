"""The handle of an iterator of other elements than those that were said."""

import tensorflow as tf

# says: InvalidArgumentError
# says: expected float32 but got int64
train = tf.data.Dataset.from_tensor_slices([[1.0, 2.0], [3.0, 4.0]])
test = tf.data.Dataset.range(4)
handle = tf.placeholder(tf.string, [])
iterator = tf.data.Iterator.from_string_handle(handle, train.output_types)  # the line
row = iterator.get_next()
test_iterator = test.make_one_shot_iterator()
with tf.Session() as sess:
    sess.run(row, {handle: sess.run(test_iterator.string_handle())})  # the line
