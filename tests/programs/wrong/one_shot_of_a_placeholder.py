"""A one-shot iterator cannot be fed: it would need an initializer."""

import numpy as np
import tensorflow as tf

# says: ValueError
# says: make_initializable_iterator
images = tf.placeholder(tf.float32, [None, 4])
data = tf.data.Dataset.from_tensor_slices(images).batch(2)
batch = data.make_one_shot_iterator().get_next()  # the line
with tf.Session() as sess:
    sess.run(batch, {images: np.zeros([5, 4])})
