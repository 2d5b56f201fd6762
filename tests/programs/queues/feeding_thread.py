"""A thread that feeds pairs through placeholders into a RandomShuffleQueue, while the main one trains."""

import threading

import numpy as np
import tensorflow as tf


class CustomRunner(object):
    """Batches from a Python iterator, put into a queue in the background."""

    def __init__(self, data, batch_size):
        self.data = data
        self.dataX = tf.placeholder(dtype=tf.float32, shape=[None, 3])
        self.dataY = tf.placeholder(dtype=tf.int64, shape=[None])
        self.batch_size = batch_size
        self.queue = tf.RandomShuffleQueue(
            shapes=[[3], []],
            dtypes=[tf.float32, tf.int64],
            capacity=60,
            min_after_dequeue=20,
            seed=8,
        )
        self.enqueue_op = self.queue.enqueue_many([self.dataX, self.dataY])
        self.close_op = self.queue.close()

    def get_inputs(self):
        return self.queue.dequeue_many(self.batch_size)

    def thread_main(self, sess):
        for rows, labels in self.data:
            sess.run(self.enqueue_op, feed_dict={self.dataX: rows, self.dataY: labels})
        sess.run(self.close_op)

    def start_threads(self, sess, n_threads=1):
        threads = []
        for _ in range(n_threads):
            t = threading.Thread(target=self.thread_main, args=(sess,))
            t.daemon = True
            t.start()
            threads.append(t)
        return threads


def batch_iterator(n_batches):
    rng = np.random.RandomState(3)
    for _ in range(n_batches):
        labels = rng.randint(0, 2, 10)
        rows = rng.randn(10, 3) + np.where(labels[:, None] == 1, 1.5, -1.5)
        yield rows, labels


runner = CustomRunner(batch_iterator(30), batch_size=12)
images_batch, labels_batch = runner.get_inputs()
w = tf.Variable(tf.zeros([3, 2]))
logits = tf.matmul(images_batch, w)
loss = tf.reduce_mean(
    tf.nn.sparse_softmax_cross_entropy_with_logits(logits=logits, labels=labels_batch)
)
correct = tf.reduce_mean(tf.cast(tf.equal(tf.argmax(logits, 1), labels_batch), tf.float32))
train_op = tf.train.GradientDescentOptimizer(0.5).minimize(loss)

sess = tf.Session(config=tf.ConfigProto(intra_op_parallelism_threads=1))
sess.run(tf.global_variables_initializer())
threads = runner.start_threads(sess)
seen, ones, right = 0, 0, []
while True:
    try:
        _, value, labels, rate = sess.run([train_op, loss, labels_batch, correct])
    except tf.errors.OutOfRangeError:
        break
    if seen == 0:
        print("first loss %.4f" % value)
    seen += len(labels)
    ones += labels.sum()
    right.append(rate)
for t in threads:
    t.join()
print("examples", seen, "of class one", ones, "right in the end", np.mean(right[-10:]) > 0.9)
print("left", sess.run(runner.queue.size()), "closed", sess.run(runner.queue.is_closed()))
