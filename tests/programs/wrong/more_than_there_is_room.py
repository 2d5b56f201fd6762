"""The program itself puts more into a queue than it holds, before anybody takes."""

import tensorflow as tf

# says: FailedPreconditionError
# says: FIFOQueue '_0_letters' is full, its capacity is 3
queue = tf.FIFOQueue(3, tf.string, shapes=[[]], name="letters")
fill = queue.enqueue_many([["a", "b", "c", "d"]])  # the line
letter = queue.dequeue()
with tf.Session() as sess:
    sess.run(fill)  # the line
    sess.run(letter)
