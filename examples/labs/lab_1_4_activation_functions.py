"""Lab 1.4: activation functions, each as a surface over a neuron's weight and bias.

graphmode run examples/labs/lab_1_4_activation_functions.py [--out out]
"""

import argparse
import os

import numpy as np
import tensorflow as tf

from graphmode import viz

parser = argparse.ArgumentParser()
parser.add_argument("--out", default="out", help="folder for the pictures")
FLAGS = parser.parse_args()
if not os.path.isdir(FLAGS.out):
    os.makedirs(FLAGS.out)

FUNCTIONS = [
    ("identity", lambda x: x),
    ("sigmoid", tf.sigmoid),
    ("tanh", tf.tanh),
    ("relu", tf.nn.relu),
    ("softplus", tf.nn.softplus),
    ("elu", tf.nn.elu),
]

sess = tf.Session()
weights = np.arange(-0.5, 0.5, 0.05)
biases = np.arange(-0.5, 0.5, 0.05)


def surface(function, value):
    """What the neuron answers to `value`, one evaluation for each weight and each bias."""
    return np.array(
        [[function(tf.constant(w * value + b)).eval(session=sess) for w in weights] for b in biases]
    )


for name, function in FUNCTIONS:
    heights = surface(function, 1.0)
    path = os.path.join(FLAGS.out, "lab_1_4_%s.png" % name)
    viz.plot_surface(
        heights, weights, biases, labels=("weight", "bias", "output"), title=name, path=path
    )
    np.save(os.path.join(FLAGS.out, "lab_1_4_%s.npy" % name), heights)
    print("%s: %d evaluations, picture: %s" % (name, heights.size, path))

# A layer of each: three inputs, three neurons
inputs = tf.constant([1.0, 2.0, 3.0], shape=[1, 3])
w = tf.random_normal(shape=[3, 3], seed=1)
b = tf.random_normal(shape=[1, 3], seed=2)
evidence = tf.matmul(inputs, w) + b
layers = [function(evidence) for _, function in FUNCTIONS]
# One run: each run draws the weights anew.
for (name, _), answer in zip(FUNCTIONS, sess.run(layers), strict=True):
    print("layer of %s: %s" % (name, " ".join("%.6f" % value for value in answer[0])))
sess.close()
