"""Every way to clip gradients: by value, norm, global norm, with None and sparse ones among them."""

# tolerance: 1e-3 (twenty steps of Adam)
import numpy as np
import tensorflow as tf

rng = np.random.RandomState(1)
table = tf.Variable(rng.randn(6, 3).astype(np.float32), name="table")
w = tf.Variable(rng.randn(3, 2).astype(np.float32), name="w")
unused = tf.Variable([1.0, 2.0], name="unused")
ids = tf.placeholder(tf.int32, [None])
hidden = tf.nn.embedding_lookup(table, ids)
loss = tf.reduce_sum(tf.pow(tf.matmul(hidden, w), 4))
tvars = tf.trainable_variables()
grads = tf.gradients(loss, tvars)
clipped, global_norm = tf.clip_by_global_norm(grads, 2.0)
print([type(g).__name__ for g in grads], [type(g).__name__ for g in clipped])

optimizer = tf.train.AdamOptimizer(0.05)
train_global = optimizer.apply_gradients(
    [(g, v) for g, v in zip(clipped, tvars) if g is not None], name="train"
)
pairs = tf.train.GradientDescentOptimizer(0.01).compute_gradients(loss)
capped = [(tf.clip_by_value(g, -1.0, 1.0), v) for g, v in pairs[1:] if g is not None]
by_norm = tf.clip_by_norm(grads[1], 0.5)
by_average = tf.clip_by_average_norm(grads[1], 0.1)
contrib = tf.contrib.training.clip_gradient_norms([p for p in pairs if p[0] is not None], 0.3)
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    feed = {ids: [1, 4, 1]}
    print("norm %.4f" % sess.run(global_norm, feed))
    print("clipped %.5f" % sess.run(tf.global_norm([c for c in clipped if c is not None]), feed))
    found = sess.run([capped[0][0], by_norm, by_average, contrib[1][0]], feed)
    print(["%.5f" % np.abs(f).sum() for f in found])
    rows = sess.run(clipped[0], feed)
    print("rows", rows.indices.tolist(), "%.5f" % np.abs(rows.values).sum())
    for _ in range(20):
        sess.run(train_global, feed)
    print("loss %.5f" % sess.run(loss, feed), "unused", sess.run(unused).tolist())
    print("table %.5f" % table.eval().sum())
