"""TextCNN: embeddings, convolutions of several widths, max over time, dropout, scopes, L2."""

# tolerance: 1e-3 (sixteen steps)
# interpreted only: XLA takes seconds for its programs

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(9)
LENGTH, CLASSES, VOCAB, DIM = 10, 2, 15, 6
x_data = rng.randint(1, VOCAB, [40, LENGTH])
x_data[:20, 3:5] = [7, 8]
x_data[20:][x_data[20:] == 8] = 9
y_data = np.eye(2)[[1] * 20 + [0] * 20]


class TextCNN(object):
    def __init__(self, filter_sizes, num_filters, l2_reg_lambda=0.0):
        self.input_x = tf.placeholder(tf.int32, [None, LENGTH], name="input_x")
        self.input_y = tf.placeholder(tf.float32, [None, CLASSES], name="input_y")
        self.keep_prob = tf.placeholder(tf.float32, name="dropout_keep_prob")
        l2_loss = tf.constant(0.0)
        with tf.device("/cpu:0"), tf.name_scope("embedding"):
            self.W = tf.Variable(rng.uniform(-1, 1, [VOCAB, DIM]).astype(np.float32), name="W")
            chars = tf.nn.embedding_lookup(self.W, self.input_x)
            expanded = tf.expand_dims(chars, -1)
        pooled_outputs = []
        for filter_size in filter_sizes:
            with tf.name_scope("conv-maxpool-%s" % filter_size):
                shape = [filter_size, DIM, 1, num_filters]
                W = tf.Variable((0.2 * rng.randn(*shape)).astype(np.float32), name="W")
                b = tf.Variable(tf.constant(0.1, shape=[num_filters]), name="b")
                conv = tf.nn.conv2d(expanded, W, strides=[1, 1, 1, 1], padding="VALID", name="conv")
                h = tf.nn.relu(tf.nn.bias_add(conv, b), name="relu")
                pooled = tf.nn.max_pool(
                    h,
                    ksize=[1, LENGTH - filter_size + 1, 1, 1],
                    strides=[1, 1, 1, 1],
                    padding="VALID",
                    name="pool",
                )
                pooled_outputs.append(pooled)
        total = num_filters * len(filter_sizes)
        self.h_pool_flat = tf.reshape(tf.concat(pooled_outputs, 3), [-1, total])
        with tf.name_scope("dropout"):
            self.h_drop = tf.nn.dropout(self.h_pool_flat, self.keep_prob)
        with tf.name_scope("output"):
            W = tf.get_variable(
                "W",
                shape=[total, CLASSES],
                initializer=tf.constant_initializer(0.2 * rng.randn(total, CLASSES)),
            )
            b = tf.Variable(tf.constant(0.1, shape=[CLASSES]), name="b")
            l2_loss += tf.nn.l2_loss(W)
            l2_loss += tf.nn.l2_loss(b)
            self.scores = tf.nn.xw_plus_b(self.h_drop, W, b, name="scores")
            self.predictions = tf.argmax(self.scores, 1, name="predictions")
        losses = tf.nn.softmax_cross_entropy_with_logits(logits=self.scores, labels=self.input_y)
        self.loss = tf.reduce_mean(losses) + l2_reg_lambda * l2_loss
        correct = tf.equal(self.predictions, tf.argmax(self.input_y, 1))
        self.accuracy = tf.reduce_mean(tf.cast(correct, "float"), name="accuracy")


cnn = TextCNN([2, 3, 4], 3, 0.1)
global_step = tf.Variable(0, name="global_step", trainable=False)
optimizer = tf.train.GradientDescentOptimizer(0.2)
grads_and_vars = optimizer.compute_gradients(cnn.loss)
train_op = optimizer.apply_gradients(grads_and_vars, global_step=global_step)
with tf.Session(config=tf.ConfigProto(allow_soft_placement=True)) as sess:
    sess.run(tf.global_variables_initializer())
    for epoch in range(4):
        for start in (0, 10, 20, 30):
            rows = [start // 2 + i for i in range(5)] + [20 + start // 2 + i for i in range(5)]
            feed = {cnn.input_x: x_data[rows], cnn.input_y: y_data[rows], cnn.keep_prob: 1.0}
            _, step, loss = sess.run([train_op, global_step, cnn.loss], feed)
        print("step %d loss %.4f" % (step, loss))
    feed = {cnn.input_x: x_data, cnn.input_y: y_data, cnn.keep_prob: 1.0}
    print("accuracy %.3f" % sess.run(cnn.accuracy, feed))
    found = tf.get_default_graph().get_operation_by_name("output/predictions").outputs[0]
    print(sess.run(found, feed)[::8].tolist(), [v.name for v in tf.trainable_variables()][-2:])
