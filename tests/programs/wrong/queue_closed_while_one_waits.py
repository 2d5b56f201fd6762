"""A thread closes the queue, as it has no more, while the program waits for a whole batch."""

import threading

import tensorflow as tf

# says: OutOfRangeError
# says: is closed and has insufficient elements (requested 4, current size 3)
queue = tf.FIFOQueue(10, tf.float32, shapes=[[]], name="numbers")
x = tf.placeholder(tf.float32, [])
put, close = queue.enqueue(x), queue.close()
batch = queue.dequeue_many(4)  # the line
with tf.Session() as sess:

    def work():
        for i in range(7):
            sess.run(put, {x: i})
        sess.run(close)

    threading.Thread(target=work).start()
    for _ in range(2):
        sess.run(batch)  # the line
