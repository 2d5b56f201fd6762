"""A decoded picture has no static shape: batch needs one."""

import tensorflow as tf

# says: ValueError: All shapes must be fully defined
# says: fix: tensor.set_shape(...)
queue = tf.train.string_input_producer(["a.jpg", "b.jpg"])
_, content = tf.WholeFileReader().read(queue)
image = tf.image.decode_jpeg(content, channels=3)
images = tf.train.batch([image], batch_size=8)  # the line
