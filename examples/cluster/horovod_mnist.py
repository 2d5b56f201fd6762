"""MNIST by several ranks, each on its own digits: a softmax of one layer, by Horovod's interface.

    graphmode launch -n 2 examples/cluster/horovod_mnist.py --steps 300

A rank reads every size-th digit, the learning rate grows with the number of ranks, and the first
rank alone keeps checkpoints: started again after a crash, all go on from the newest one.
"""

import argparse

import horovod.tensorflow as hvd
import numpy as np
import tensorflow as tf
from tensorflow.examples.tutorials.mnist import input_data

parser = argparse.ArgumentParser()
parser.add_argument("--steps", type=int, default=300, help="of all ranks together")
parser.add_argument("--batch", type=int, default=100, help="digits a rank and step")
parser.add_argument("--checkpoints", help="a folder; none are kept without")
options = parser.parse_args()

hvd.init()
mnist = input_data.read_data_sets("MNIST_data", one_hot=True)
digits = mnist.train.images[hvd.rank() :: hvd.size()]
labels = mnist.train.labels[hvd.rank() :: hvd.size()]
order = np.random.RandomState(hvd.rank())

x = tf.placeholder(tf.float32, [None, 784])
y = tf.placeholder(tf.float32, [None, 10])
logits = tf.layers.dense(x, 10)
loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits_v2(labels=y, logits=logits))
right = tf.reduce_mean(tf.cast(tf.equal(tf.argmax(logits, 1), tf.argmax(y, 1)), tf.float32))

step = tf.train.get_or_create_global_step()
optimizer = hvd.DistributedOptimizer(tf.train.GradientDescentOptimizer(0.3 * hvd.size()))
train = optimizer.minimize(loss, step)

hooks = [
    hvd.BroadcastGlobalVariablesHook(0),
    tf.train.StopAtStepHook(last_step=options.steps // hvd.size()),
]
with tf.train.MonitoredTrainingSession(
    checkpoint_dir=options.checkpoints if hvd.rank() == 0 else None, hooks=hooks
) as sess:
    while not sess.should_stop():
        rows = order.choice(len(digits), options.batch)
        _, weights = sess.run([train, tf.trainable_variables()], {x: digits[rows], y: labels[rows]})

if hvd.rank() == 0:
    kernel, bias = weights
    answers = np.argmax(mnist.test.images @ kernel + bias, 1)
    accuracy = np.mean(answers == np.argmax(mnist.test.labels, 1))
    print(f"{hvd.size()} ranks: {accuracy:.4f} of the test digits are read right")
