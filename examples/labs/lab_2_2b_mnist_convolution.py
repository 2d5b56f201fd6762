"""Lab 2.2b: a convolutional network on MNIST, and pictures of what its layers see.

graphmode run examples/labs/lab_2_2b_mnist_convolution.py [--data MNIST_data] [--steps 1100]
"""

import argparse
import os

import numpy as np
import tensorflow as tf
from tensorflow.examples.tutorials.mnist import input_data

from graphmode import viz

parser = argparse.ArgumentParser()
parser.add_argument("--data", default="MNIST_data", help="folder of the four MNIST files")
parser.add_argument("--steps", type=int, default=1100, help="training steps of 50 images")
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--out", default="out", help="folder for the pictures")
FLAGS = parser.parse_args()

tf.set_random_seed(FLAGS.seed)
mnist = input_data.read_data_sets(FLAGS.data, one_hot=True, seed=FLAGS.seed)


def weights(*shape):
    """A little noise, so that no two units start alike."""
    return tf.Variable(tf.truncated_normal(shape, stddev=0.1))


def biases(count):
    """A little above 0, so that no rectified unit starts dead."""
    return tf.Variable(tf.constant(0.1, shape=[count]))


def halved(maps):
    return tf.nn.max_pool(maps, ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding="SAME")


x = tf.placeholder(tf.float32, shape=[None, 784])
y_ = tf.placeholder(tf.float32, shape=[None, 10])
image = tf.reshape(x, [-1, 28, 28, 1])

# 28x28 -> 14x14, 32 maps
W_conv1, b_conv1 = weights(5, 5, 1, 32), biases(32)
conv1 = tf.nn.conv2d(image, W_conv1, strides=[1, 1, 1, 1], padding="SAME") + b_conv1
h_conv1 = tf.nn.relu(conv1)
h_pool1 = halved(h_conv1)

# 14x14 -> 7x7, 64 maps
W_conv2, b_conv2 = weights(5, 5, 32, 64), biases(64)
conv2 = tf.nn.conv2d(h_pool1, W_conv2, strides=[1, 1, 1, 1], padding="SAME") + b_conv2
h_conv2 = tf.nn.relu(conv2)
h_pool2 = halved(h_conv2)

# 3,136 -> 1,024, half of them dropped while training
W_fc1, b_fc1 = weights(7 * 7 * 64, 1024), biases(1024)
h_fc1 = tf.nn.relu(tf.matmul(tf.reshape(h_pool2, [-1, 7 * 7 * 64]), W_fc1) + b_fc1)
keep_prob = tf.placeholder(tf.float32)
h_drop = tf.nn.dropout(h_fc1, keep_prob)

# 1,024 -> 10
W_fc2, b_fc2 = weights(1024, 10), biases(10)
logits = tf.matmul(h_drop, W_fc2) + b_fc2

cross_entropy = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(labels=y_, logits=logits))
train_step = tf.train.AdamOptimizer(1e-4).minimize(cross_entropy)
is_correct = tf.equal(tf.argmax(logits, 1), tf.argmax(y_, 1))
accuracy = tf.reduce_mean(tf.cast(is_correct, tf.float32))

with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for step in range(FLAGS.steps):
        images, labels = mnist.train.next_batch(50)
        if step % 100 == 0:
            now = sess.run(accuracy, feed_dict={x: images, y_: labels, keep_prob: 1.0})
            print("step %d, training accuracy %g" % (step, now))
        sess.run(train_step, feed_dict={x: images, y_: labels, keep_prob: 0.5})

    # The test images 200 at a time: a batch of all 10,000 would hold 1 GB of maps.
    parts = []
    for start in range(0, mnist.test.num_examples, 200):
        part = slice(start, start + 200)
        feed = {x: mnist.test.images[part], y_: mnist.test.labels[part], keep_prob: 1.0}
        parts.append(sess.run(accuracy, feed_dict=feed))
    percent = 100 * np.mean(parts)
    print("accuracy on the %d test images: %.2f %%" % (mnist.test.num_examples, percent))

    kernels = sess.run(tf.reshape(tf.transpose(W_conv1, perm=[2, 3, 0, 1]), [32, -1]))
    sample = mnist.test.images[1]
    layers = [("first", conv1), ("second", conv2)]
    maps = sess.run([layer for _, layer in layers], feed_dict={x: [sample], keep_prob: 1.0})

if not os.path.isdir(FLAGS.out):
    os.makedirs(FLAGS.out)


def picture(name):
    path = os.path.join(FLAGS.out, name + ".png")
    print("picture: " + path)
    return path


viz.tile_images(
    kernels, columns=8, title="kernels of the first layer", path=picture("lab_2_2b_kernels")
)
viz.tile_images([sample], title="a test digit", path=picture("lab_2_2b_digit"))
for (name, _), activations in zip(layers, maps, strict=True):
    viz.plot_activations(
        activations,
        title="the %s layer's answer to the digit" % name,
        path=picture("lab_2_2b_%s_layer" % name),
    )
