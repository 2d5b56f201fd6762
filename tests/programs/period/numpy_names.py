"""NumPy of 2017 in a training script: np.float, np.int, asscalar, ragged arrays, indexing by floats."""

import numpy as np
import tensorflow as tf

# The names are gone from NumPy 2; TensorFlow 1.15.5 runs it with NumPy 1.18, but `int(array([2]))`
# and the ragged array warn there. By hand: the mean of 0..9 is 4.5, its variance 8.25.
# prints: 4.500 8.250 2.872
# prints: float64 int64 bool [3, 1]
# prints: 4.5 3 True
# prints: epoch 0.500 0.750 0.875
data = np.arange(10).astype(np.float)
flags = np.zeros(4, dtype=np.bool)
index = np.array([1, 2], dtype=np.int)
ragged = np.array([[1, 2, 3], [4]])
x = tf.placeholder(tf.float32, [None])
mean, variance = tf.nn.moments(x, [0])
w = tf.Variable(np.float(0.0), dtype=tf.float32)
step = w.assign_add((1.0 - w) * 0.5)
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    m, v = sess.run([mean, variance], feed_dict={x: data})
    print("%.3f %.3f %.3f" % (m, v, np.sqrt(v)))
    print(data.dtype, index.dtype, flags.dtype, [len(r) for r in ragged])
    print(np.asscalar(np.array([4.5])), int(np.array([3.7])), np.alltrue(data >= 0))
    print("epoch", " ".join("%.3f" % np.asscalar(np.array(sess.run(step))) for _ in range(3)))
