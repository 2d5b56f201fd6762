"""Stacked and bidirectional networks: GRU, LSTM with projection, dropout wrappers, static too."""

# interpreted only: XLA takes seconds for its programs

import numpy as np
import tensorflow as tf
from tensorflow.contrib import rnn

data = np.random.RandomState(4).randn(3, 5, 4).astype(np.float32)
lengths = [5, 3, 4]
keep = tf.placeholder_with_default(1.0, [])
x = tf.placeholder(tf.float32, [None, 5, 4])


def uniform(seed):
    return tf.random_uniform_initializer(-0.5, 0.5, seed=seed)


with tf.variable_scope("stacked", initializer=uniform(1)):
    cells = [rnn.DropoutWrapper(rnn.GRUCell(6), output_keep_prob=keep, seed=2) for _ in range(2)]
    stacked, final = tf.nn.dynamic_rnn(rnn.MultiRNNCell(cells), x, dtype=tf.float32)
with tf.variable_scope("both", initializer=uniform(3)):
    forward = rnn.LSTMCell(6, num_proj=4, use_peepholes=True)
    backward = rnn.LayerNormBasicLSTMCell(5)
    (out_fw, out_bw), (state_fw, state_bw) = tf.nn.bidirectional_dynamic_rnn(
        forward, backward, x, sequence_length=lengths, dtype=tf.float32
    )
    both = tf.concat([out_fw, out_bw], 2)
with tf.variable_scope("static", initializer=uniform(5)):
    steps = tf.unstack(x, 5, 1)
    static, _, _ = rnn.static_bidirectional_rnn(
        rnn.BasicLSTMCell(3), rnn.BasicLSTMCell(3), steps, dtype=tf.float32
    )
with tf.variable_scope("residual", initializer=uniform(6)):
    cell = rnn.ResidualWrapper(rnn.BasicRNNCell(4))
    residual, _ = tf.nn.dynamic_rnn(
        cell, tf.transpose(x, [1, 0, 2]), dtype=tf.float32, time_major=True
    )
attention = tf.nn.softmax(tf.reduce_sum(both, 2, keepdims=True), axis=1)
summary = tf.reduce_sum(both * attention, axis=1)
loss = tf.reduce_sum(summary**2) + tf.reduce_sum(static[-1] ** 2) + tf.reduce_sum(stacked**2)
grads = tf.gradients(loss, tf.trainable_variables("stacked") + tf.trainable_variables("both"))
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    feed = {x: data}
    for name, tensor in [
        ("stacked", stacked),
        ("both", both),
        ("static", tf.stack(static)),
        ("residual", residual),
        ("attention", summary),
    ]:
        value = sess.run(tensor, feed)
        print(name, value.shape, "%.5f %.5f" % (value.sum(), np.abs(value).max()))
    print("states", state_fw.c.shape.as_list(), state_fw.h.shape.as_list(), len(final))
    print("loss %.4f gradient %.4f" % tuple(sess.run([loss, tf.global_norm(grads)], feed)))
    dropped = sess.run(stacked, {x: data, keep: 0.5})
    print("dropped", int((dropped == 0).sum()) > 20)
    print([v.op.name for v in tf.trainable_variables("both")][:4])
