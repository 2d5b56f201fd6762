"""The thread that feeds a queue ends without closing it: fewer rows than the batches need."""

import threading

import numpy as np
import tensorflow as tf

# says: FailedPreconditionError
# says: RandomShuffleQueue '_0_rows' has 8 elements of which 6 stay in it until it is closed, 4 asked for
x = tf.placeholder(tf.float32, [None, 2])
queue = tf.RandomShuffleQueue(50, 6, tf.float32, shapes=[[2]], name="rows")
put = queue.enqueue_many(x)
batch = queue.dequeue_many(4)  # the line
with tf.Session() as sess:

    def feed():
        for _ in range(4):
            sess.run(put, {x: np.ones([3, 2])})

    threading.Thread(target=feed).start()
    for _ in range(100):
        sess.run(batch)  # the line
