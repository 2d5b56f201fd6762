"""Sentences of several lengths are batched without padding."""

import tensorflow as tf

# says: InvalidArgumentError
# says: fix: padded_batch
# says: in Batch, made at
data = tf.data.Dataset.from_tensor_slices(["a b c", "d e"]).map(
    lambda line: tf.string_split([line]).values
)
data = data.batch(2)  # the line
batch = data.make_one_shot_iterator().get_next()
with tf.Session() as sess:
    sess.run(batch)  # the line
