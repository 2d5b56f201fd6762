"""Python 2: lists from range and map, a class without object, batches by integer division."""
import urllib2
import numpy as np
import tensorflow as tf

# TensorFlow 1.15.5 is for Python 3 here. 7/2 = 3 batches of 2 rows; their means
# are 2, 6 and 10, and each step takes w half of the way there (by hand).
# prints: 3 batches of 2 floor -4
# prints: 0 w 1.000
# prints: 1 w 3.500
# prints: 2 w 6.750
# prints: range [5, 0, 1, 2, 3, 4] True
# prints: 0x1F 0755 493
# prints: Batcher has next: False
class Batcher:
    def __init__(self, data, size):
        self.data, self.size = data, size
        self.count = len(data) / size
        self.at = 0

    def next(self):
        if self.at >= self.count:
            raise StopIteration
        rows = self.data[self.at * self.size:(self.at + 1) * self.size]
        self.at += 1
        return rows

    def __iter__(self):
        return self


data = np.arange(1., 15., 2.)
batcher = Batcher(data, 2)
print batcher.count, 'batches of', batcher.size, 'floor', -7 / 2
x = tf.placeholder('float', [2])
w = tf.Variable(0.)
step = tf.assign(w, w + (tf.reduce_mean(x) - w) / 2)
with tf.Session() as sess:
    sess.run(tf.initialize_all_variables())
    for i, rows in enumerate(batcher):
        print i, 'w %.3f' % sess.run(step, {x: rows})
order = range(5)
order.insert(0, 5)
print 'range', order, type(order[0]) is int
print '0x1F', '0755', 0755
print 'Batcher has next:', batcher.at < batcher.count
