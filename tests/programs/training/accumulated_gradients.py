"""Gradients of several batches added up in variables, then applied at once."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(2)
data = rng.randn(24, 4).astype(np.float32)
target = (data.sum(1, keepdims=True) > 0).astype(np.float32)
start = (0.1 * rng.randn(4, 1)).astype(np.float32)


def build():
    x = tf.placeholder(tf.float32, [None, 4])
    y = tf.placeholder(tf.float32, [None, 1])
    w = tf.Variable(start)
    b = tf.Variable(tf.zeros([1]))
    logits = tf.matmul(x, w) + b
    loss = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels=y, logits=logits))
    return x, y, loss, [w, b]


with tf.Graph().as_default():
    x, y, loss, tvs = build()
    opt = tf.train.AdamOptimizer(0.1)
    accum_vars = [tf.Variable(tf.zeros_like(tv.initialized_value()), trainable=False) for tv in tvs]
    count = tf.Variable(0.0, trainable=False)
    zero_ops = [v.assign(tf.zeros_like(v)) for v in accum_vars] + [count.assign(0.0)]
    gvs = opt.compute_gradients(loss, tvs)
    accum_ops = [accum_vars[i].assign_add(gv[0]) for i, gv in enumerate(gvs)]
    accum_ops.append(count.assign_add(1.0))
    train_step = opt.apply_gradients([(accum_vars[i] / count, gv[1]) for i, gv in enumerate(gvs)])
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        for epoch in range(10):
            sess.run(zero_ops)
            for k in range(4):
                rows = slice(6 * k, 6 * k + 6)
                sess.run(accum_ops, feed_dict={x: data[rows], y: target[rows]})
            sess.run(train_step)
        accumulated = sess.run(tvs)
        print("loss %.5f" % sess.run(loss, {x: data, y: target}))

with tf.Graph().as_default():
    x, y, loss, tvs = build()
    train = tf.train.AdamOptimizer(0.1).minimize(loss)
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        for epoch in range(10):
            sess.run(train, {x: data, y: target})
        whole = sess.run(tvs)
print("as one batch to %.3f" % max(np.abs(a - b).max() for a, b in zip(accumulated, whole)))
print(["%.4f" % v for v in accumulated[0].ravel()])
