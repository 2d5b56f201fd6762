"""A graph convolutional network: sparse placeholders, dropout of sparse inputs, masked accuracy."""

# tolerance: 2e-3 (25 steps of Adam)
# interpreted only: XLA takes seconds for its programs

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(5)
N, CLASSES = 14, 2
kinds = np.array([0] * 7 + [1] * 7)
adjacency = np.eye(N)
for i in range(N):
    for j in range(i):
        if rng.rand() < (0.6 if kinds[i] == kinds[j] else 0.08):
            adjacency[i, j] = adjacency[j, i] = 1
degree = adjacency.sum(1) ** -0.5
normalized = degree[:, None] * adjacency * degree


def sparse_to_tuple(matrix):
    rows, cols = np.nonzero(matrix)
    return np.stack([rows, cols], 1), matrix[rows, cols], matrix.shape


def sparse_dropout(x, keep_prob, noise):
    dropout_mask = tf.cast(tf.floor(keep_prob + noise), dtype=tf.bool)
    return tf.sparse_retain(x, dropout_mask) * (1.0 / keep_prob)


def masked_accuracy(preds, labels, mask):
    correct = tf.cast(tf.equal(tf.argmax(preds, 1), tf.argmax(labels, 1)), tf.float32)
    mask = tf.cast(mask, dtype=tf.float32)
    mask /= tf.reduce_mean(mask)
    return tf.reduce_mean(correct * mask)


support = tf.sparse_placeholder(tf.float32, name="support")
features = tf.sparse_placeholder(tf.float32, shape=tf.constant([N, N], dtype=tf.int64))
labels = tf.placeholder(tf.float32, [None, CLASSES])
labels_mask = tf.placeholder(tf.int32)
noise = tf.placeholder(tf.float32, [None])
keep = tf.placeholder_with_default(1.0, shape=())
w1 = tf.Variable(rng.uniform(-0.5, 0.5, [N, 6]).astype(np.float32))
w2 = tf.Variable(rng.uniform(-0.5, 0.5, [6, CLASSES]).astype(np.float32))
dropped = sparse_dropout(features, keep, noise)
hidden = tf.nn.relu(
    tf.sparse_tensor_dense_matmul(support, tf.sparse_tensor_dense_matmul(dropped, w1))
)
outputs = tf.sparse_tensor_dense_matmul(support, tf.matmul(hidden, w2))
loss = tf.nn.softmax_cross_entropy_with_logits(logits=outputs, labels=labels)
mask = tf.cast(labels_mask, tf.float32)
loss = tf.reduce_mean(loss * mask / tf.reduce_mean(mask)) + 5e-4 * tf.nn.l2_loss(w1)
train = tf.train.AdamOptimizer(0.05).minimize(loss)
train_mask = np.zeros(N, int)
train_mask[[0, 3, 8, 12]] = 1
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    feed = {
        support: tf.SparseTensorValue(*sparse_to_tuple(normalized)),
        features: sparse_to_tuple(np.eye(N)),
        labels: np.eye(CLASSES)[kinds],
        labels_mask: train_mask,
        noise: np.ones(N) * 0.5,
    }
    for epoch in range(25):
        drop = dict(feed)
        drop[noise], drop[keep] = rng.rand(N), 0.8
        sess.run(train, feed_dict=drop)
    print("loss %.4f" % sess.run(loss, feed))
    feed[labels_mask] = 1 - train_mask
    print("accuracy %.4f" % sess.run(masked_accuracy(outputs, labels, labels_mask), feed))
    total = tf.sparse_reduce_sum(support, 1)
    print("row sums %.5f" % sess.run(total, feed).sum(), sess.run(features, feed).values.sum())
