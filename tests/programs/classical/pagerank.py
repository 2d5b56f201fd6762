"""PageRank: sparse_tensor_dense_matmul in a tf.while_loop until the change is small."""

import tensorflow as tf

links = [(0, 1), (0, 2), (1, 2), (2, 0), (3, 2), (3, 4), (4, 0), (4, 3)]
n = 5
out = [sum(1 for a, _ in links if a == i) for i in range(n)]
entries = sorted((b, a) for a, b in links)
matrix = tf.SparseTensor(
    indices=[[b, a] for b, a in entries],
    values=[1.0 / out[a] for _, a in entries],
    dense_shape=[n, n],
)
damping = tf.constant(0.85)


def cond(i, rank, change):
    return tf.logical_and(tf.less(i, 100), tf.greater(change, 1e-5))


def body(i, rank, change):
    spread = tf.sparse_tensor_dense_matmul(matrix, rank)
    new = (1.0 - damping) / n + damping * spread
    return i + 1, new, tf.reduce_sum(tf.abs(new - rank))


start = tf.fill([n, 1], 1.0 / n)
steps, rank, change = tf.while_loop(cond, body, [tf.constant(0), start, tf.constant(1.0)])
order = tf.nn.top_k(tf.squeeze(rank), n)
with tf.Session() as sess:
    steps, rank, order = sess.run([steps, rank, order])
    print(steps, "steps, sum %.5f" % rank.sum())
    print(order.indices.tolist(), ["%.5f" % v for v in order.values])
