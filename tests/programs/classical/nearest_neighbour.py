"""Nearest neighbours by L1 and by top_k of negative distances; no variables at all."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(6)
Xtr = rng.rand(60, 10)
Ytr = np.eye(3)[rng.randint(0, 3, 60)]
Xte = Xtr[:12] + 0.05 * rng.randn(12, 10)
Yte = Ytr[:12]

xtr = tf.placeholder("float", [None, 10])
xte = tf.placeholder("float", [10])
distance = tf.reduce_sum(tf.abs(tf.add(xtr, tf.negative(xte))), reduction_indices=1)
pred = tf.arg_min(distance, 0)

xq = tf.placeholder("float", [None, 10])
targets = tf.placeholder("float", [None, 3])
pairwise = tf.reduce_sum(tf.square(tf.subtract(xtr, tf.expand_dims(xq, 1))), axis=2)
top_k_values, top_k_indices = tf.nn.top_k(tf.negative(pairwise), k=4)
votes = tf.reduce_sum(tf.gather(targets, top_k_indices), axis=1)

init = tf.global_variables_initializer()
accuracy = 0.0
with tf.Session() as sess:
    sess.run(init)
    for i in range(len(Xte)):
        nn_index = sess.run(pred, feed_dict={xtr: Xtr, xte: Xte[i, :]})
        if np.argmax(Ytr[nn_index]) == np.argmax(Yte[i]):
            accuracy += 1.0 / len(Xte)
    print("Accuracy: %.4f" % accuracy)
    indices, values, counted = sess.run(
        [top_k_indices, top_k_values, votes], {xtr: Xtr, xq: Xte, targets: Ytr}
    )
    print("neighbours of the third:", indices[2].tolist(), "%.5f" % values[2, 0])
    print("votes:", counted[:3].astype(int).tolist())
