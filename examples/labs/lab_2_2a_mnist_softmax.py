"""Lab 2.2a: softmax regression on MNIST, with the cross-entropy written out.

graphmode run examples/labs/lab_2_2a_mnist_softmax.py [--data MNIST_data]
"""

import argparse

import tensorflow as tf
from tensorflow.examples.tutorials.mnist import input_data

parser = argparse.ArgumentParser()
parser.add_argument("--data", default="MNIST_data", help="folder of the four MNIST files")
parser.add_argument("--seed", type=int, default=1)
FLAGS = parser.parse_args()

mnist = input_data.read_data_sets(FLAGS.data, one_hot=True, seed=FLAGS.seed)

sess = tf.InteractiveSession()

x = tf.placeholder(tf.float32, shape=[None, 784])
y_ = tf.placeholder(tf.float32, shape=[None, 10])
W = tf.Variable(tf.zeros([784, 10], tf.float32))
b = tf.Variable(tf.zeros([10], tf.float32))
sess.run(tf.global_variables_initializer())

y = tf.nn.softmax(tf.matmul(x, W) + b)
cross_entropy = tf.reduce_mean(-tf.reduce_sum(y_ * tf.log(y), reduction_indices=[1]))
train_step = tf.train.GradientDescentOptimizer(0.5).minimize(cross_entropy)

for _ in range(1000):
    images, labels = mnist.train.next_batch(50)
    train_step.run(feed_dict={x: images, y_: labels})

is_correct = tf.equal(tf.argmax(y, 1), tf.argmax(y_, 1))
accuracy = tf.reduce_mean(tf.cast(is_correct, tf.float32))
percent = accuracy.eval(feed_dict={x: mnist.test.images, y_: mnist.test.labels}) * 100
print("accuracy on the %d test images: %.2f %%" % (mnist.test.num_examples, percent))

sess.close()
