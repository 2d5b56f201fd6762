"""CTC: a sparse target from tuples, the loss, greedy and beam decoding, label error rate."""

# tolerance: 2e-2 (sixty steps with momentum)
# interpreted only: XLA takes seconds for its programs

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(7)
num_classes, num_features, num_hidden, steps = 5, 4, 10, 12
targets_text = ["abca", "bd", "cab"]


def sparse_tuple_from(sequences, dtype=np.int32):
    indices, values = [], []
    for n, seq in enumerate(sequences):
        indices.extend(zip([n] * len(seq), range(len(seq))))
        values.extend(seq)
    indices = np.asarray(indices, dtype=np.int64)
    shape = np.asarray([len(sequences), indices.max(0)[1] + 1], dtype=np.int64)
    return indices, np.asarray(values, dtype=dtype), shape


labels = [[ord(c) - ord("a") for c in text] for text in targets_text]
signal = 0.1 * rng.randn(3, steps, num_features)
for i, seq in enumerate(labels):
    for j, c in enumerate(seq):
        signal[i, 3 * j : 3 * j + 2, c % num_features] += 1.0

inputs = tf.placeholder(tf.float32, [None, None, num_features])
targets = tf.sparse_placeholder(tf.int32)
seq_len = tf.placeholder(tf.int32, [None])
with tf.variable_scope("net", initializer=tf.random_uniform_initializer(-0.5, 0.5, seed=1)):
    cell = tf.contrib.rnn.LSTMCell(num_hidden, state_is_tuple=True)
    outputs, _ = tf.nn.dynamic_rnn(cell, inputs, seq_len, dtype=tf.float32)
    shape = tf.shape(inputs)
    W = tf.get_variable("W", [num_hidden, num_classes])
    b = tf.get_variable("b", [num_classes], initializer=tf.constant_initializer(0.0))
logits = tf.matmul(tf.reshape(outputs, [-1, num_hidden]), W) + b
logits = tf.transpose(tf.reshape(logits, [shape[0], -1, num_classes]), (1, 0, 2))
cost = tf.reduce_mean(tf.nn.ctc_loss(targets, logits, seq_len))
optimizer = tf.train.MomentumOptimizer(0.05, 0.9).minimize(cost)
decoded, log_prob = tf.nn.ctc_beam_search_decoder(logits, seq_len, beam_width=8)
greedy, neg_sum_logits = tf.nn.ctc_greedy_decoder(logits, seq_len)
ler = tf.reduce_mean(tf.edit_distance(tf.cast(decoded[0], tf.int32), targets))
dense = tf.sparse_tensor_to_dense(greedy[0], default_value=-1)

with tf.Session() as session:
    tf.global_variables_initializer().run()
    feed = {inputs: signal, targets: sparse_tuple_from(labels), seq_len: [12, 8, 10]}
    for epoch in range(60):
        batch_cost, _ = session.run([cost, optimizer], feed)
        if epoch in (0, 20, 59):
            print("epoch %d cost %.3f" % (epoch, batch_cost))
    print("label error rate %.4f" % session.run(ler, feed))
    for row in session.run(dense, feed):
        print("".join(chr(c + ord("a")) for c in row if c >= 0))
