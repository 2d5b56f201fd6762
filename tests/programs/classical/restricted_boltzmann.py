"""An RBM with contrastive divergence: probabilities compared with uniform draws that are fed."""

import numpy as np
import tensorflow as tf

VISIBLE, HIDDEN, BATCH = 16, 6, 10
rng = np.random.RandomState(21)
patterns = (rng.rand(3, VISIBLE) > 0.5).astype(np.float32)
data = patterns[rng.randint(0, 3, 60)]

v0 = tf.placeholder("float", [None, VISIBLE])
coin_h = tf.placeholder("float", [None, HIDDEN])
coin_v = tf.placeholder("float", [None, VISIBLE])
W = tf.Variable((0.1 * rng.randn(VISIBLE, HIDDEN)).astype(np.float32))
vb = tf.Variable(tf.zeros([VISIBLE]))
hb = tf.Variable(tf.zeros([HIDDEN]))

_h0 = tf.nn.sigmoid(tf.matmul(v0, W) + hb)
h0 = tf.nn.relu(tf.sign(_h0 - coin_h))
_v1 = tf.nn.sigmoid(tf.matmul(h0, tf.transpose(W)) + vb)
v1 = tf.nn.relu(tf.sign(_v1 - coin_v))
h1 = tf.nn.sigmoid(tf.matmul(v1, W) + hb)
w_pos_grad = tf.matmul(tf.transpose(v0), h0)
w_neg_grad = tf.matmul(tf.transpose(v1), h1)
CD = (w_pos_grad - w_neg_grad) / tf.to_float(tf.shape(v0)[0])
alpha = 0.5
update_w = W.assign_add(alpha * CD)
update_vb = vb.assign_add(alpha * tf.reduce_mean(v0 - v1, 0))
update_hb = hb.assign_add(alpha * tf.reduce_mean(h0 - h1, 0))
err = tf.reduce_mean(tf.square(v0 - _v1))

with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for epoch in range(10):
        for start in range(0, 60, BATCH):
            batch = data[start : start + BATCH]
            feed = {v0: batch, coin_h: rng.rand(BATCH, HIDDEN), coin_v: rng.rand(BATCH, VISIBLE)}
            sess.run([update_w, update_vb, update_hb], feed)
    coins = {coin_h: 0.5 * np.ones([60, HIDDEN])}
    print("reconstruction error %.4f" % sess.run(err, dict(list(coins.items()) + [(v0, data)])))
    back = sess.run(_v1, {v0: patterns, coin_h: 0.5 * np.ones([3, HIDDEN])})
    print("wrong pixels", int((back.round() != patterns).sum()))
    print("weights %.4f %.4f" % (W.eval().sum(), np.abs(W.eval()).max()))
