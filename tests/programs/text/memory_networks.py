"""A memory network with hops, and the addressing of a neural Turing machine's head."""

# tolerance: 1e-3 (twenty steps)
import numpy as np
import tensorflow as tf

rng = np.random.RandomState(11)
V, D, MEM, SENT = 8, 5, 4, 3
stories = rng.randint(0, V, [6, MEM, SENT])
queries = rng.randint(0, V, [6, SENT])
answers = np.eye(V)[stories[:, -1, 0]]


def table():
    return np.concatenate([np.zeros([1, D]), 0.3 * rng.randn(V - 1, D)]).astype(np.float32)


with tf.variable_scope("MemN2N"):
    A, C = tf.Variable(table(), name="A"), [tf.Variable(table(), name="C") for _ in range(2)]
s = tf.placeholder(tf.int32, [None, MEM, SENT])
q = tf.placeholder(tf.int32, [None, SENT])
a = tf.placeholder(tf.float32, [None, V])
encoding = tf.constant((1 + np.outer(np.arange(SENT) - 1, np.arange(D) - 2) / 15.0).astype("f"))
u = tf.reduce_sum(tf.nn.embedding_lookup(A, q) * encoding, 1)
for hop in range(2):
    m_emb = tf.nn.embedding_lookup(A if hop == 0 else C[hop - 1], s)
    m = tf.reduce_sum(m_emb * encoding, 2)
    u_temp = tf.transpose(tf.expand_dims(u, -1), [0, 2, 1])
    probs = tf.nn.softmax(tf.reduce_sum(m * u_temp, 2))
    c = tf.transpose(tf.reduce_sum(tf.nn.embedding_lookup(C[hop], s) * encoding, 2), [0, 2, 1])
    u = u + tf.reduce_sum(c * tf.transpose(tf.expand_dims(probs, -1), [0, 2, 1]), 2)
logits = tf.matmul(u, tf.transpose(C[-1]))
loss = tf.reduce_sum(tf.nn.softmax_cross_entropy_with_logits(logits=logits, labels=a))


def zero_nil_slot(t):
    rest = tf.slice(t, [1, 0], [-1, -1])
    return tf.concat(axis=0, values=[tf.zeros([1, D]), rest])


optimizer = tf.train.GradientDescentOptimizer(0.05)
grads = [(tf.clip_by_norm(g, 5.0), v) for g, v in optimizer.compute_gradients(loss)]
grads = [(tf.convert_to_tensor(g), v) for g, v in grads]
train = optimizer.apply_gradients([(zero_nil_slot(g), v) for g, v in grads])

# content and location addressing
memory = tf.constant(rng.rand(2, 6, 4).astype(np.float32))
key = tf.constant(rng.rand(2, 4).astype(np.float32))
beta, gate, gamma = (
    tf.constant([[5.0], [1.0]]),
    tf.constant([[0.7], [0.2]]),
    tf.constant([[2.0], [1.0]]),
)
shift = tf.nn.softmax(tf.constant([[0.0, 3.0, 0.0], [2.0, 0.0, 0.0]]))
previous = tf.one_hot([1, 5], 6)
cosine = tf.reduce_sum(tf.nn.l2_normalize(memory, 2) * tf.nn.l2_normalize(key, 1)[:, None], 2)
content = tf.nn.softmax(beta * cosine)
gated = gate * content + (1 - gate) * previous
shifted = tf.add_n(
    [tf.roll(gated, i - 1, axis=1) * tf.expand_dims(shift[:, i], 1) for i in range(3)]
)
sharp = tf.pow(shifted, gamma)
head = sharp / tf.reduce_sum(sharp, 1, keepdims=True)
read = tf.squeeze(tf.matmul(head[:, None], memory), 1)
erased = memory * (1 - tf.einsum("bi,bj->bij", head, tf.sigmoid(key)))

with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    feed = {s: stories, q: queries, a: answers}
    print("loss %.4f" % sess.run(loss, feed))
    for _ in range(20):
        sess.run(train, feed)
    print("loss %.4f" % sess.run(loss, feed), "nil %.1f" % abs(sess.run(C[0])[0]).sum())
    print([["%.4f" % w for w in row] for row in sess.run(head)])
    print("read %.5f, erased %.5f" % tuple(sess.run([tf.reduce_sum(read), tf.reduce_sum(erased)])))
