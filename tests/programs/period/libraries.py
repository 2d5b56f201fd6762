"""scikit-learn and SciPy of 2016 around a graph: cross_validation, imresize, logsumexp, Imputer."""

import collections
import time

import numpy as np
import tensorflow as tf
from scipy.misc import imresize, logsumexp
from sklearn.cross_validation import train_test_split
from sklearn.datasets import load_iris
from sklearn.preprocessing import Imputer, OneHotEncoder

# The environment of TensorFlow 1.15.5 has neither library in these versions. By hand: a third of
# 150 rows; log(e^0 + e^0) = log 2; the mean of 1 and 3 fills the gap; iris separates well.
# prints: (100, 4) (50, 4)
# prints: (4, 6) uint8 0 255
# prints: 0.69315 2.0
# prints: accuracy above 0.9: True
# prints: True True
iris = load_iris()
train_x, test_x, train_y, test_y = train_test_split(
    iris.data, iris.target, test_size=0.3333, random_state=3
)
print(train_x.shape, test_x.shape)
small = imresize(np.array([[0, 255], [255, 0]], np.uint8), [4, 6], interp="nearest")
print(small.shape, small.dtype, small.min(), small.max())
filled = Imputer().fit_transform(np.array([[1.0], [np.nan], [3.0]]))
print("%.5f" % logsumexp([0.0, 0.0]), filled[1, 0])
started = time.clock()
x, y = tf.placeholder(tf.float32, [None, 4]), tf.placeholder(tf.float32, [None, 3])
w, b = tf.Variable(tf.zeros([4, 3])), tf.Variable(tf.zeros([3]))
logits = tf.nn.xw_plus_b(x, w, b)
loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(logits=logits, labels=y))
train = tf.train.AdamOptimizer(0.1).minimize(loss)
encoder = OneHotEncoder(sparse=False)
one_hot = encoder.fit_transform(train_y.reshape(-1, 1))
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for _ in range(100):
        sess.run(train, {x: train_x, y: one_hot})
    right = sess.run(logits, {x: test_x}).argmax(1) == test_y
print("accuracy above 0.9:", bool(right.mean() > 0.9))
print(time.clock() >= started, issubclass(dict, collections.Mapping))
