"""CBOW with sampled softmax and Adagrad, compared by the whole softmax at the end."""

# tolerance: 1e-3 (forty steps)
import numpy as np
import tensorflow as tf

rng = np.random.RandomState(2)
V, D, WINDOW = 20, 6, 2
text = (np.arange(400) * 7 // 3) % V
contexts = np.array([[text[i + j] for j in (-2, -1, 1, 2)] for i in range(2, 398)])
targets = text[2:398].reshape(-1, 1)

context = tf.placeholder(tf.int32, [None, 2 * WINDOW])
target = tf.placeholder(tf.int64, [None, 1])
embeddings = tf.Variable(rng.uniform(-1, 1, [V, D]).astype(np.float32), name="embeddings")
softmax_w = tf.Variable((0.2 * rng.randn(V, D)).astype(np.float32))
softmax_b = tf.Variable(tf.zeros([V]))
hidden = tf.reduce_mean(tf.nn.embedding_lookup(embeddings, context), 1)
sampled = tf.nn.uniform_candidate_sampler(target, 1, 6, True, V, seed=4)
loss = tf.reduce_mean(
    tf.nn.sampled_softmax_loss(softmax_w, softmax_b, target, hidden, 6, V, sampled_values=sampled)
)
full = tf.reduce_mean(
    tf.nn.sparse_softmax_cross_entropy_with_logits(
        labels=tf.squeeze(target, 1),
        logits=tf.matmul(hidden, softmax_w, transpose_b=True) + softmax_b,
    )
)
train = tf.train.AdagradOptimizer(1.0).minimize(loss)
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    everything = {context: contexts, target: targets}
    print("before %.4f" % sess.run(full, everything))
    for step in range(40):
        rows = rng.randint(0, len(contexts), 24)
        sess.run(train, {context: contexts[rows], target: targets[rows]})
    print("after %.4f" % sess.run(full, everything))
    print("embeddings %.4f" % np.abs(embeddings.eval()).sum())
