"""A classifier of sequences of several lengths: dynamic_rnn, sequence_length, the last output."""

# tolerance: 1e-3 (25 steps)
# interpreted only: XLA takes seconds for its programs

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(3)
lengths = rng.randint(2, 9, 40)
kinds = rng.randint(0, 2, 40)
data = np.zeros([40, 8, 1], np.float32)
for i, (n, k) in enumerate(zip(lengths, kinds)):
    data[i, :n, 0] = np.linspace(0, 1, n) if k else rng.rand(n)

n_hidden = 6
x = tf.placeholder("float", [None, 8, 1])
y = tf.placeholder("float", [None, 2])
seqlen = tf.placeholder(tf.int32, [None])
out_w = tf.Variable((0.5 * rng.randn(n_hidden, 2)).astype(np.float32))
out_b = tf.Variable(tf.zeros([2]))


def dynamicRNN(x, seqlen):
    with tf.variable_scope("rnn", initializer=tf.random_uniform_initializer(-0.4, 0.4, seed=7)):
        cell = tf.contrib.rnn.BasicLSTMCell(n_hidden)
        outputs, state = tf.nn.dynamic_rnn(cell, x, dtype=tf.float32, sequence_length=seqlen)
    batch_size = tf.shape(outputs)[0]
    index = tf.range(0, batch_size) * 8 + (seqlen - 1)
    last = tf.gather(tf.reshape(outputs, [-1, n_hidden]), index)
    return tf.matmul(last, out_w) + out_b, last, state


pred, last, state = dynamicRNN(x, seqlen)
cost = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(logits=pred, labels=y))
optimizer = tf.train.GradientDescentOptimizer(learning_rate=0.5).minimize(cost)
accuracy = tf.reduce_mean(tf.cast(tf.equal(tf.argmax(pred, 1), tf.argmax(y, 1)), tf.float32))
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for step in range(25):
        rows = slice(10 * (step % 4), 10 * (step % 4) + 10)
        feed = {x: data[rows], y: np.eye(2)[kinds[rows]], seqlen: lengths[rows]}
        sess.run(optimizer, feed_dict=feed)
    feed = {x: data, y: np.eye(2)[kinds], seqlen: lengths}
    loss, acc = sess.run([cost, accuracy], feed)
    print("loss %.5f accuracy %.3f" % (loss, acc))
    a, b = sess.run([last, state.h], feed)
    print("last outputs are the states:", bool((a == b).all()))
