"""Three quantiles of a noisy curve at once, by the pinball loss and Momentum."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(9)
x = np.linspace(0, 1, 80).reshape(-1, 1).astype(np.float32)
y = (1 + x + (0.2 + x) * rng.randn(80, 1)).astype(np.float32)
quantiles = [0.1, 0.5, 0.9]

inputs, target = tf.constant(x), tf.constant(y)
heads, losses = [], []
for i, q in enumerate(quantiles):
    with tf.variable_scope("q%d" % i):
        w = tf.get_variable("w", [1, 1], initializer=tf.constant_initializer(1.0))
        b = tf.get_variable("b", [1], initializer=tf.constant_initializer(q))
        output = tf.matmul(inputs, w) + b
    error = tf.subtract(target, output)
    losses.append(tf.reduce_mean(tf.maximum(q * error, (q - 1) * error), axis=-1))
    heads.append(output)
combined = tf.reduce_mean(tf.add_n(losses))
train = tf.train.MomentumOptimizer(0.05, 0.9, use_nesterov=True).minimize(combined)

with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for _ in range(80):
        sess.run(train)
    found = sess.run(heads)
    print("loss %.4f" % sess.run(combined))
    for q, line in zip(quantiles, found):
        print("%.1f: from %.3f to %.3f" % (q, line[0, 0], line[-1, 0]))
    print("below", [int((y < line).sum()) for line in found])
