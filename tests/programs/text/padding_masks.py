"""Padding: masked means, weighted sequence losses, buckets of lengths, and own static loops."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(12)
V, D = 10, 4
sentences = [[3, 4, 5], [6, 7], [8, 9, 1, 2, 3], [5]]
batch = np.zeros([4, 5], np.int32)
for i, sentence in enumerate(sentences):
    batch[i, : len(sentence)] = sentence

ids = tf.placeholder(tf.int32, [None, None])
table = tf.get_variable(
    "table", [V, D], initializer=tf.constant_initializer(rng.uniform(-0.5, 0.5, [V, D]))
)
mask = tf.cast(tf.not_equal(ids, 0), tf.float32)
lengths = tf.reduce_sum(tf.sign(ids), axis=1)
embedded = tf.nn.embedding_lookup(table, ids) * tf.expand_dims(mask, -1)
mean = tf.div(tf.reduce_sum(embedded, 1), tf.expand_dims(tf.cast(lengths, tf.float32), 1))
longest = tf.reduce_max(lengths)
same = tf.reduce_all(tf.equal(tf.sequence_mask(lengths, longest), mask > 0))
maxed = tf.reduce_max(
    tf.where(
        tf.tile(tf.expand_dims(mask > 0, 2), [1, 1, D]), embedded, tf.fill(tf.shape(embedded), -1e9)
    ),
    axis=1,
)
with tf.variable_scope("rnn", initializer=tf.random_uniform_initializer(-0.5, 0.5, seed=3)):
    cell = tf.nn.rnn_cell.BasicRNNCell(6)
    state = cell.zero_state(tf.shape(ids)[0], tf.float32)
    outputs = []
    for t in range(5):
        if t > 0:
            tf.get_variable_scope().reuse_variables()
        output, new = cell(embedded[:, t], state)
        alive = tf.expand_dims(mask[:, t], 1)
        state = alive * new + (1 - alive) * state
        outputs.append(output)
logits = tf.layers.dense(
    tf.stack(outputs, 1),
    V,
    kernel_initializer=tf.constant_initializer(rng.uniform(-0.3, 0.3, [6, V])),
)
targets = tf.concat([ids[:, 1:], tf.zeros_like(ids[:, :1])], axis=1)
by_hand = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=targets, logits=logits)
by_hand = tf.reduce_sum(by_hand * mask) / tf.reduce_sum(mask)
contrib = tf.contrib.seq2seq.sequence_loss(logits, targets, mask)
weighted = tf.losses.sparse_softmax_cross_entropy(targets, logits, weights=mask)
slopes = tf.gradients(by_hand, table)[0]
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    feed = {ids: batch}
    print(sess.run(lengths, feed).tolist(), bool(sess.run(same, feed)))
    print("means", ["%.4f" % v for v in sess.run(mean, feed).sum(1)])
    print("maxima", ["%.4f" % v for v in sess.run(maxed, feed).sum(1)])
    print("losses %.5f %.5f %.5f" % tuple(sess.run([by_hand, contrib, weighted], feed)))
    print("state %.5f" % sess.run(state, feed).sum())
    found = sess.run(slopes, feed)
    print(type(found).__name__, np.unique(found.indices).tolist(), "%.5f" % abs(found.values).sum())
