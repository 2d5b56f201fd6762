"""Lab 4.1: a restricted Boltzmann machine on MNIST, its filters, and a damaged digit mended.

graphmode run examples/labs/lab_4_1_mnist_rbm.py [--data MNIST_data] [--epochs 5]
"""

import argparse
import os

import numpy as np
import tensorflow as tf
from PIL import Image
from tensorflow.examples.tutorials.mnist import input_data
from utils import tile_raster_images

from graphmode import viz

parser = argparse.ArgumentParser()
parser.add_argument("--data", default="MNIST_data", help="folder of the four MNIST files")
parser.add_argument("--epochs", type=int, default=5)
# Where the first epoch ends is chance: 0.080 to 0.103 over 20 seeds, in TensorFlow 0.080 to 0.091.
parser.add_argument("--seed", type=int, default=19)
parser.add_argument("--out", default="out", help="folder for the pictures")
FLAGS = parser.parse_args()

VISIBLE, HIDDEN = 784, 50
ALPHA = 0.01
BATCH_SIZE = 100

tf.set_random_seed(FLAGS.seed)
mnist = input_data.read_data_sets(FLAGS.data, one_hot=True, seed=FLAGS.seed)
train_images = mnist.train.images

W = tf.placeholder("float", [VISIBLE, HIDDEN])
vb = tf.placeholder("float", [VISIBLE])
hb = tf.placeholder("float", [HIDDEN])


def sample(probability):
    """1 where a uniform number falls below the probability, else 0."""
    return tf.nn.relu(tf.sign(probability - tf.random_uniform(tf.shape(probability))))


def hidden_given(visible):
    return tf.nn.sigmoid(tf.matmul(visible, W) + hb)


def visible_given(hidden):
    return tf.nn.sigmoid(tf.matmul(hidden, tf.transpose(W)) + vb)


# From the data to hidden states, to a reconstruction, to the hidden units once more: CD-1
v0 = tf.placeholder("float", [None, VISIBLE])
h0_prob = hidden_given(v0)
h0 = sample(h0_prob)
v1 = sample(visible_given(h0))
h1_prob = hidden_given(v1)
h1 = sample(h1_prob)

divergence = tf.matmul(tf.transpose(v0), h0_prob) - tf.matmul(tf.transpose(v1), h1_prob)
update = [
    W + ALPHA * divergence,
    vb + ALPHA * tf.reduce_mean(v0 - v1, 0),
    hb + ALPHA * tf.reduce_mean(h0 - h1, 0),
]
error = tf.reduce_mean(tf.square(v0 - v1))

# A damaged digit: without chance, the hidden units are simply on or off
h0_rounded = tf.round(h0_prob)
mended = visible_given(h0_rounded)

with tf.Session() as sess:
    weights = [
        np.zeros([VISIBLE, HIDDEN], np.float32),
        np.zeros([VISIBLE], np.float32),
        np.zeros([HIDDEN], np.float32),
    ]

    def feed(visible):
        return {v0: visible, W: weights[0], vb: weights[1], hb: weights[2]}

    print("error before training: %.4f" % sess.run(error, feed_dict=feed(train_images)))
    errors = []
    for epoch in range(FLAGS.epochs):
        for start in range(0, len(train_images) - BATCH_SIZE, BATCH_SIZE):
            batch = train_images[start : start + BATCH_SIZE]
            weights = sess.run(update, feed_dict=feed(batch))
            if start % 10000 == 0:
                errors.append(sess.run(error, feed_dict=feed(train_images)))
        last = sess.run(error, feed_dict=feed(train_images))
        print("epoch %d, reconstruction error: %.4f" % (epoch + 1, last))

    # The first 3 of the test images, with a stripe across it wiped out
    three = mnist.test.images[np.argmax(mnist.test.labels, axis=1) == 3][:1]
    damaged = three.copy()
    stripe = slice(28 * 14, 28 * 17)
    damaged[:, stripe] = 0
    states, reconstruction = sess.run([h0_rounded, mended], feed_dict=feed(damaged))
    print("hidden units that are on: %d of %d" % (states.sum(), HIDDEN))
    before, after = [
        np.mean((image[:, stripe] - three[:, stripe]) ** 2) for image in (damaged, reconstruction)
    ]
    print("squared error in the stripe: wiped out %.3f, mended %.3f" % (before, after))

if not os.path.isdir(FLAGS.out):
    os.makedirs(FLAGS.out)


def picture(name):
    path = os.path.join(FLAGS.out, name + ".png")
    print("picture: " + path)
    return path


viz.plot_curve(
    errors,
    np.arange(len(errors)) * 100,
    xlabel="batch",
    ylabel="error",
    path=picture("lab_4_1_error"),
)
filters = weights[0].T
for name, rows, tiles in [("filters", filters, (5, 10)), ("one_filter", filters[10:11], (1, 1))]:
    pixels = tile_raster_images(rows, img_shape=(28, 28), tile_shape=tiles, tile_spacing=(1, 1))
    enlarged = np.kron(pixels, np.ones((3, 3), np.uint8))
    Image.fromarray(enlarged).save(picture("lab_4_1_" + name))
viz.plot_reconstructions(
    damaged, reconstruction, labels=("damaged", "mended"), path=picture("lab_4_1_mended")
)
