"""Input by queues: slices, batches, a FIFO queue filled by a thread, a Coordinator at the end."""

import threading

import numpy as np
import tensorflow as tf

data = np.arange(24, dtype=np.float32).reshape(12, 2)
labels = np.arange(12) % 3
queue = tf.FIFOQueue(capacity=6, dtypes=[tf.float32, tf.int32], shapes=[[2], []])
x_in, y_in = tf.placeholder(tf.float32, [None, 2]), tf.placeholder(tf.int32, [None])
enqueue = queue.enqueue_many([x_in, y_in])
close = queue.close()
x, y = queue.dequeue_many(4)
w = tf.Variable(tf.zeros([2, 3]))
loss = tf.reduce_mean(
    tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=tf.matmul(x, w))
)
train = tf.train.GradientDescentOptimizer(0.01).minimize(loss)

sess = tf.Session()
coord = tf.train.Coordinator()
sess.run(tf.global_variables_initializer())


def fill():
    for epoch in range(2):
        for start in range(0, 12, 3):
            rows = slice(start, start + 3)
            sess.run(enqueue, {x_in: data[rows], y_in: labels[rows]})
    sess.run(close)


thread = threading.Thread(target=fill)
thread.start()
steps = 0
try:
    while not coord.should_stop():
        sess.run(train)
        steps += 1
except tf.errors.OutOfRangeError:
    print("done after", steps, "steps")
finally:
    coord.request_stop()
coord.join([thread])
print("w", ["%.5f" % v for v in sess.run(w).ravel()], "left", sess.run(queue.size()))
sess.close()
