"""Recurrent networks in their old places: rnn_cell and rnn modules, tf.nn.rnn, seq2seq's losses."""

import numpy as np
import tensorflow as tf
from tensorflow.models.rnn import rnn, rnn_cell, seq2seq
from tensorflow.python.ops import rnn as rnn_ops
from tensorflow.python.ops import rnn_cell as cells

# TensorFlow 1.15.5 has neither the places nor concat by axis first; the numbers are those of
# tf.contrib.rnn and tf.contrib.legacy_seq2seq there, with the same weights.
# prints: 3 (2, 4) True
# prints: lstm 0.57591
# prints: dynamic (2, 3, 4) -0.00000
# prints: loss 1.60944
# prints: ['RNN/BasicLSTMCell/kernel', 'RNN/BasicLSTMCell/bias']
x = np.linspace(-1, 1, 2 * 3 * 5).reshape(2, 3, 5).astype(np.float32)
inputs = [tf.squeeze(i, [1]) for i in tf.split(1, 3, tf.constant(x))]
with tf.variable_scope("RNN", initializer=tf.constant_initializer(0.1)):
    cell = rnn_cell.BasicLSTMCell(4, forget_bias=1.0, state_is_tuple=True)
    outputs, state = rnn.rnn(cell, inputs, dtype=tf.float32)
with tf.variable_scope("dynamic", initializer=tf.constant_initializer(0.1)):
    stacked = cells.MultiRNNCell([cells.GRUCell(4), cells.GRUCell(4)], state_is_tuple=True)
    dynamic, _ = rnn_ops.dynamic_rnn(stacked, tf.zeros([2, 3, 5]), dtype=tf.float32)
logits = tf.zeros([2, 5])
loss = seq2seq.sequence_loss_by_example([logits], [tf.constant([1, 2])], [tf.ones([2])], 5)
with tf.Session() as sess:
    sess.run(tf.initialize_all_variables())
    last = sess.run(outputs[-1])
    print(len(outputs), last.shape, bool((sess.run(state[1]) == last).all()))
    print("lstm %.5f" % last.sum())
    value = sess.run(dynamic)
    print("dynamic", value.shape, "%.5f" % value.sum())
    print("loss %.5f" % sess.run(loss)[0])
    print(
        [
            v.op.name.replace("rnn/basic_lstm_cell", "BasicLSTMCell")
            for v in tf.trainable_variables()
        ][:2]
    )
