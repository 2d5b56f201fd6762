"""Lab 5.1: an autoencoder on MNIST, originals above their reconstructions.

graphmode run examples/labs/lab_5_1_autoencoder.py [--data MNIST_data] [--epochs 20]
"""

import argparse
import os

import tensorflow as tf
from tensorflow.examples.tutorials.mnist import input_data

from graphmode import viz

parser = argparse.ArgumentParser()
parser.add_argument("--data", default="MNIST_data", help="folder of the four MNIST files")
parser.add_argument("--epochs", type=int, default=20)
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--out", default="out", help="folder for the picture")
FLAGS = parser.parse_args()

BATCH_SIZE = 256
SHOWN = 10

tf.set_random_seed(FLAGS.seed)
mnist = input_data.read_data_sets(FLAGS.data, one_hot=True, seed=FLAGS.seed)


def layer(values, size):
    """Fully connected, of weights and biases drawn from the standard normal, and squashed."""
    weights = tf.Variable(tf.random_normal([int(values.shape[1]), size]))
    biases = tf.Variable(tf.random_normal([size]))
    return tf.nn.sigmoid(tf.add(tf.matmul(values, weights), biases))


X = tf.placeholder("float", [None, 784])
code = layer(layer(X, 256), 128)
reconstruction = layer(layer(code, 256), 784)

cost = tf.reduce_mean(tf.pow(X - reconstruction, 2))
training = tf.train.AdamOptimizer(0.01).minimize(cost)

with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for epoch in range(FLAGS.epochs):
        for _ in range(mnist.train.num_examples // BATCH_SIZE):
            images, _ = mnist.train.next_batch(BATCH_SIZE)
            _, batch_cost = sess.run([training, cost], feed_dict={X: images})
        print("epoch %04d, cost %.9f" % (epoch + 1, batch_cost))
    test_cost = sess.run(cost, feed_dict={X: mnist.test.images})
    print("cost of the %d test images: %.6f" % (mnist.test.num_examples, test_cost))
    originals = mnist.test.images[:SHOWN]
    reconstructed = sess.run(reconstruction, feed_dict={X: originals})

if not os.path.isdir(FLAGS.out):
    os.makedirs(FLAGS.out)
path = os.path.join(FLAGS.out, "lab_5_1_reconstructions.png")
viz.plot_reconstructions(originals, reconstructed, path=path)
print("picture: " + path)
