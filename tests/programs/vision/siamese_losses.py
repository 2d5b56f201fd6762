"""A siamese network by reuse, with a contrastive and a triplet loss, hard negatives in the batch."""

# tolerance: 2e-3 (forty steps)
import numpy as np
import tensorflow as tf

rng = np.random.RandomState(11)
kinds = rng.randint(0, 3, 30)
points = (np.eye(3, 8)[kinds] + 0.3 * rng.randn(30, 8)).astype(np.float32)
start = {"fc1": 0.4 * rng.randn(8, 10), "fc2": 0.4 * rng.randn(10, 2)}


class siamese:
    def __init__(self):
        self.x1 = tf.placeholder(tf.float32, [None, 8])
        self.x2 = tf.placeholder(tf.float32, [None, 8])
        with tf.variable_scope("siamese") as scope:
            self.o1 = self.network(self.x1)
            scope.reuse_variables()
            self.o2 = self.network(self.x2)
        self.y_ = tf.placeholder(tf.float32, [None])
        self.loss = self.loss_with_spring()

    def network(self, x):
        fc1 = tf.nn.relu(self.fc_layer(x, 10, "fc1"))
        return self.fc_layer(fc1, 2, "fc2")

    def fc_layer(self, bottom, n_weight, name):
        n_prev_weight = bottom.get_shape()[1]
        W = tf.get_variable(
            name + "W",
            dtype=tf.float32,
            shape=[n_prev_weight, n_weight],
            initializer=tf.constant_initializer(start[name]),
        )
        b = tf.get_variable(name + "b", initializer=tf.constant(0.01, shape=[n_weight]))
        return tf.nn.bias_add(tf.matmul(bottom, W), b)

    def loss_with_spring(self):
        margin = 2.0
        labels_f = tf.subtract(1.0, self.y_, name="1-yi")
        eucd2 = tf.reduce_sum(tf.pow(tf.subtract(self.o1, self.o2), 2), 1)
        eucd = tf.sqrt(eucd2 + 1e-6, name="eucd")
        pos = tf.multiply(self.y_, eucd2)
        neg = tf.multiply(labels_f, tf.pow(tf.maximum(tf.subtract(margin, eucd), 0), 2))
        return tf.reduce_mean(tf.add(pos, neg), name="loss")


def batch_hard(embeddings, labels, margin):
    squares = tf.reduce_sum(tf.square(embeddings), 1)
    dots = tf.matmul(embeddings, embeddings, transpose_b=True)
    dist = tf.maximum(squares[:, None] - 2.0 * dots + squares[None, :], 0.0)
    same = tf.equal(tf.expand_dims(labels, 0), tf.expand_dims(labels, 1))
    positive = tf.logical_and(same, tf.logical_not(tf.cast(tf.eye(tf.shape(labels)[0]), tf.bool)))
    hardest_positive = tf.reduce_max(dist * tf.to_float(positive), axis=1)
    far = tf.reduce_max(dist, axis=1, keepdims=True)
    hardest_negative = tf.reduce_min(dist + far * tf.to_float(same), axis=1)
    return tf.reduce_mean(tf.maximum(hardest_positive - hardest_negative + margin, 0.0))


model = siamese()
train_step = tf.train.GradientDescentOptimizer(0.05).minimize(model.loss)
with tf.Session() as sess:
    tf.global_variables_initializer().run()
    for step in range(40):
        one, two = rng.randint(0, 30, 12), rng.randint(0, 30, 12)
        same = (kinds[one] == kinds[two]).astype("float")
        _, loss_v = sess.run(
            [train_step, model.loss], {model.x1: points[one], model.x2: points[two], model.y_: same}
        )
    print("loss %.4f" % loss_v)
    embed = model.o1.eval({model.x1: points})
    centres = np.array([embed[kinds == k].mean(0) for k in range(3)])
    for centre in centres:
        print("%.3f %.3f" % tuple(centre))
    print("triplet %.4f" % sess.run(batch_hard(model.o1, kinds, 0.5), {model.x1: points}))
    print([v.name for v in tf.trainable_variables()])
