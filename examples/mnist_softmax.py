"""Softmax regression on handwritten digits, as a TensorFlow 1 program.

graphmode run examples/mnist_softmax.py [--data MNIST_data]
"""

import argparse
import os
import sys

import numpy as np
import tensorflow as tf
from tensorflow.examples.tutorials.mnist import input_data

parser = argparse.ArgumentParser()
parser.add_argument("--data", default="MNIST_data", help="folder of the four MNIST files")
parser.add_argument("--steps", type=int, default=1000, help="training steps")
parser.add_argument("--out", default="out", help="folder for the picture")
FLAGS = parser.parse_args()

BATCH_SIZE = 50
LEARNING_RATE = 0.5


def digits_as_mnist():
    """The 1,797 digits that come with scikit-learn, 8x8, enlarged to MNIST's 28x28."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    nearest = np.arange(28) * 8 // 28
    images = digits.images[:, nearest][:, :, nearest, np.newaxis]
    images = (images * (255.0 / 16.0)).astype(np.uint8)
    labels = input_data.dense_to_one_hot(digits.target, 10)
    parts = [slice(400, None), slice(0, 200), slice(200, 400)]
    return input_data.Datasets(
        *[input_data.DataSet(images[part], labels[part], seed=1) for part in parts]
    )


try:
    mnist = input_data.read_data_sets(FLAGS.data, one_hot=True, seed=1)
    print("data: MNIST")
except IOError as error:
    print(error)
    mnist = digits_as_mnist()
    print("data: not MNIST, but scikit-learn's small digits enlarged to 28x28")
print("      %d images to train, %d to test" % (mnist.train.num_examples, mnist.test.num_examples))

# The model
x = tf.placeholder(tf.float32, [None, 784], name="x")
labels = tf.placeholder(tf.float32, [None, 10], name="labels")
W = tf.Variable(tf.zeros([784, 10]), name="W")
b = tf.Variable(tf.zeros([10]), name="b")
logits = tf.matmul(x, W) + b

# Loss, training step, accuracy
cross_entropy = tf.reduce_mean(
    tf.nn.softmax_cross_entropy_with_logits(labels=labels, logits=logits)
)
train_step = tf.train.GradientDescentOptimizer(LEARNING_RATE).minimize(cross_entropy)
is_correct = tf.equal(tf.argmax(logits, 1), tf.argmax(labels, 1))
accuracy = tf.reduce_mean(tf.cast(is_correct, tf.float32))

on_terminal = sys.stdout.isatty()

with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for step in range(1, FLAGS.steps + 1):
        batch_images, batch_labels = mnist.train.next_batch(BATCH_SIZE)
        _, loss = sess.run(
            [train_step, cross_entropy], feed_dict={x: batch_images, labels: batch_labels}
        )
        if on_terminal and step % 10 == 0:
            done = "#" * (30 * step // FLAGS.steps)
            print("\rstep %5d  loss %.4f  [%-30s]" % (step, loss, done), end="")
            sys.stdout.flush()
        elif not on_terminal and step % 100 == 0:
            print("step %5d  loss %.4f" % (step, loss))
    if on_terminal:
        print()
    test_accuracy = sess.run(accuracy, feed_dict={x: mnist.test.images, labels: mnist.test.labels})
    weights = sess.run(W)

print("test accuracy: %.4f" % test_accuracy)

# A picture of what was learned: the weights of each digit, blue for, red against
import matplotlib  # noqa: E402

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

figure, axes = plt.subplots(2, 5, figsize=(7.5, 3.4))
limit = np.abs(weights).max()
for digit, axis in enumerate(axes.flat):
    axis.imshow(weights[:, digit].reshape(28, 28), cmap="RdBu", vmin=-limit, vmax=limit)
    axis.set_title(str(digit))
    axis.axis("off")
figure.tight_layout()
if not os.path.isdir(FLAGS.out):
    os.makedirs(FLAGS.out)
picture = os.path.join(FLAGS.out, "mnist_softmax.png")
figure.savefig(picture, dpi=120)
print("weights of the ten digits: " + picture)
