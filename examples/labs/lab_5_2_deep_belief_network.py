"""Lab 5.2: a deep belief network on MNIST: three RBMs in a stack, then one classifier of them.

graphmode run examples/labs/lab_5_2_deep_belief_network.py [--data MNIST_data] [--epochs 10]
"""

import argparse
import math

import numpy as np
import tensorflow as tf
from tensorflow.examples.tutorials.mnist import input_data

parser = argparse.ArgumentParser()
parser.add_argument("--data", default="MNIST_data", help="folder of the four MNIST files")
parser.add_argument("--sizes", type=int, nargs="+", default=[500, 200, 50], help="hidden units")
parser.add_argument("--rbm-epochs", type=int, default=5, help="epochs of each RBM")
parser.add_argument("--epochs", type=int, default=10, help="epochs of the classifier")
parser.add_argument("--seed", type=int, default=1)
FLAGS = parser.parse_args()

BATCH_SIZE = 100

tf.set_random_seed(FLAGS.seed)
generator = np.random.RandomState(FLAGS.seed)
mnist = input_data.read_data_sets(FLAGS.data, one_hot=True, seed=FLAGS.seed)
images, labels = mnist.train.images, mnist.train.labels


def batches(count):
    for start in range(0, count - BATCH_SIZE, BATCH_SIZE):
        yield slice(start, start + BATCH_SIZE)


def sample(probability):
    """1 where a uniform number falls below the probability, else 0."""
    return tf.nn.relu(tf.sign(probability - tf.random_uniform(tf.shape(probability))))


class RBM:
    """A layer of hidden units that learns to make its input again, without labels."""

    def __init__(self, input_size, output_size, learning_rate=1.0):
        self.w = np.zeros([input_size, output_size], np.float32)
        self.hb = np.zeros([output_size], np.float32)
        self.vb = np.zeros([input_size], np.float32)

        self.v0 = v0 = tf.placeholder("float", [None, input_size])
        self.parameters = [tf.placeholder("float", p.shape) for p in (self.w, self.hb, self.vb)]
        w, hb, vb = self.parameters

        self.hidden = tf.nn.sigmoid(tf.matmul(v0, w) + hb)
        h0 = sample(self.hidden)
        v1 = sample(tf.nn.sigmoid(tf.matmul(h0, tf.transpose(w)) + vb))
        h1 = tf.nn.sigmoid(tf.matmul(v1, w) + hb)
        positive = tf.matmul(tf.transpose(v0), h0)
        negative = tf.matmul(tf.transpose(v1), h1)
        self.update = [
            w + learning_rate * (positive - negative) / tf.to_float(tf.shape(v0)[0]),
            hb + learning_rate * tf.reduce_mean(h0 - h1, 0),
            vb + learning_rate * tf.reduce_mean(v0 - v1, 0),
        ]
        self.error = tf.reduce_mean(tf.square(v0 - v1))

    def run(self, sess, fetch, visible):
        feed = dict(zip(self.parameters, [self.w, self.hb, self.vb], strict=True))
        feed[self.v0] = visible
        return sess.run(fetch, feed_dict=feed)

    def train(self, sess, visible, epochs):
        for epoch in range(epochs):
            for batch in batches(len(visible)):
                self.w, self.hb, self.vb = self.run(sess, self.update, visible[batch])
            error = self.run(sess, self.error, visible)
            print("  epoch %d, reconstruction error: %.6f" % (epoch + 1, error))


class Network:
    """Layers of sigmoids, trained with labels; those of the RBMs first, one of its own last."""

    def __init__(self, rbms, classes, learning_rate=1.0, momentum=0.0):
        self.x = tf.placeholder("float", [None, rbms[0].w.shape[0]])
        self.y = tf.placeholder("float", [None, classes])
        last_size = rbms[-1].w.shape[1]
        reach = 4 * math.sqrt(6.0 / (last_size + classes))
        last = generator.uniform(-reach, reach, [last_size, classes]).astype(np.float32)
        layers = [(rbm.w, rbm.hb) for rbm in rbms] + [(last, np.zeros([classes], np.float32))]

        values = self.x
        for w, b in layers:
            values = tf.nn.sigmoid(tf.matmul(values, tf.Variable(w)) + tf.Variable(b))
        cost = tf.reduce_mean(tf.square(values - self.y))
        self.step = tf.train.MomentumOptimizer(learning_rate, momentum).minimize(cost)
        is_correct = tf.equal(tf.argmax(values, 1), tf.argmax(self.y, 1))
        self.accuracy = tf.reduce_mean(tf.cast(is_correct, tf.float32))

    def train(self, sess, x, y, epochs):
        sess.run(tf.global_variables_initializer())
        for epoch in range(epochs):
            for batch in batches(len(x)):
                sess.run(self.step, feed_dict={self.x: x[batch], self.y: y[batch]})
            accuracy = sess.run(self.accuracy, feed_dict={self.x: x, self.y: y})
            print("  epoch %d, training accuracy: %.4f" % (epoch + 1, accuracy))


with tf.Session() as sess:
    rbms, visible = [], images
    for size in FLAGS.sizes:
        rbm = RBM(visible.shape[1], size)
        print("RBM %d: %d -> %d" % (len(rbms) + 1, visible.shape[1], size))
        rbm.train(sess, visible, FLAGS.rbm_epochs)
        visible = rbm.run(sess, rbm.hidden, visible)
        rbms.append(rbm)

    print("classifier:")
    network = Network(rbms, labels.shape[1])
    network.train(sess, images, labels, FLAGS.epochs)
    feed = {network.x: mnist.test.images, network.y: mnist.test.labels}
    percent = 100 * sess.run(network.accuracy, feed_dict=feed)
    print("accuracy on the %d test images: %.2f %%" % (mnist.test.num_examples, percent))
