# -*- coding: utf-8 -*-
"""Python 2 as it was written: print statements, xrange, integer division, iteritems, unicode."""
import cPickle as pickle
import Queue
import StringIO
import numpy as np
import tensorflow as tf

# TensorFlow 1.15.5 is for Python 3 here; the numbers are those of the same arithmetic in NumPy:
# w = 2 (1 - 0.8^20) after 20 steps of rate 0.1 on (w - 2)^2, and the rest can be counted.
# prints: w 1.9769
# prints: epochs 3 rest 1
# prints: a 1 b 2
# prints: naïve True 2
# prints: [0, 2, 4] [5, 7] 12
# prints: pickled [1, 2] queue 3
# prints: True False long text
# prints: caught bad value
config = {'a': 1, 'b': 2}
x = tf.placeholder(tf.float32, [None])
w = tf.Variable(0.0)
loss = tf.reduce_mean(tf.square(w - x))
train = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
sess = tf.Session()
sess.run(tf.initialize_all_variables())
for i in xrange(20):
    sess.run(train, feed_dict={x: np.zeros(4) + 2})
print 'w %.4f' % sess.run(w)
n, batch_size = 10, 3
print 'epochs', n / batch_size, 'rest', n % batch_size
print ' '.join('%s %d' % (k, v) for k, v in sorted(config.iteritems()))
word = u'na\xefve'
print word.encode('utf-8').decode('utf-8'), isinstance(word, unicode), len(config.keys())
evens = filter(lambda k: k % 2 == 0, range(5))
print evens, map(lambda p: p[0] + p[1], zip([1, 2], [4, 5])), reduce(lambda p, q: p + q, [5, 7])
text = pickle.loads(pickle.dumps([1, 2]))
queue = Queue.Queue()
queue.put(3)
print 'pickled', text, 'queue', queue.get()
out = StringIO.StringIO()
print >>out, 'long text'
print config.has_key('a'), config.has_key('z'), out.getvalue().strip()
try:
    raise ValueError, 'bad value'
except ValueError, e:
    print 'caught', e
