"""A picture of another size comes to a queue of pictures of one size."""

import numpy as np
import tensorflow as tf

# says: InvalidArgumentError
# says: Shape mismatch in tuple component 0. Expected [4,4], got [5,4]
picture = tf.placeholder(tf.float32)
queue = tf.FIFOQueue(10, tf.float32, shapes=[[4, 4]])
put = queue.enqueue(picture)  # the line
with tf.Session() as sess:
    for height in (4, 4, 5):
        sess.run(put, {picture: np.zeros([height, 4])})  # the line
