"""Lab 1.3: logistic regression, the species of an iris from its four measures.

graphmode run examples/labs/lab_1_3_logistic_regression.py [--logs summary_logs]
tensorboard --logdir summary_logs
"""

import argparse
import os

import numpy as np
import tensorflow as tf
from sklearn.datasets import load_iris
from sklearn.model_selection import train_test_split

from graphmode import viz

parser = argparse.ArgumentParser()
parser.add_argument("--logs", default="summary_logs", help="folder for TensorBoard")
parser.add_argument("--out", default="out", help="folder for the picture")
FLAGS = parser.parse_args()

EPOCHS = 700

iris = load_iris()
measures = iris.data[:-1]
species = np.eye(3)[iris.target[:-1]]
train_x, test_x, train_y, test_y = train_test_split(
    measures, species, test_size=0.33, random_state=42
)

x = tf.placeholder(tf.float32, [None, train_x.shape[1]])
truth = tf.placeholder(tf.float32, [None, train_y.shape[1]])
weights = tf.Variable(
    tf.random_normal([train_x.shape[1], train_y.shape[1]], mean=0, stddev=0.01, seed=1),
    name="weights",
)
bias = tf.Variable(
    tf.random_normal([1, train_y.shape[1]], mean=0, stddev=0.01, seed=2), name="bias"
)

evidence = tf.add(tf.matmul(x, weights, name="apply_weights"), bias, name="add_bias")
probability = tf.nn.sigmoid(evidence, name="activation")

learning_rate = tf.train.exponential_decay(
    learning_rate=0.0008,
    global_step=1,
    decay_steps=train_x.shape[0],
    decay_rate=0.95,
    staircase=True,
)
cost = tf.nn.l2_loss(probability - truth, name="squared_error_cost")
training = tf.train.GradientDescentOptimizer(learning_rate).minimize(cost)

is_correct = tf.equal(tf.argmax(probability, 1), tf.argmax(truth, 1))
accuracy = tf.reduce_mean(tf.cast(is_correct, "float"))

# What TensorBoard shows: two curves, and how three distributions move. (The course's program
# hands the values of the weights to the summary, and so shows the first ones for ever.)
summaries = tf.summary.merge(
    [
        tf.summary.histogram("output", probability),
        tf.summary.scalar("accuracy", accuracy),
        tf.summary.scalar("cost", cost),
        tf.summary.histogram("weights", weights),
        tf.summary.histogram("biases", bias),
    ]
)

costs = []
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    writer = tf.summary.FileWriter(FLAGS.logs, sess.graph)
    feed = {x: train_x, truth: train_y}
    last_cost, change = 0.0, 1.0
    for epoch in range(EPOCHS):
        if epoch > 1 and change < 0.0001:
            print("change in cost %g: converged" % change)
            break
        sess.run(training, feed_dict=feed)
        if epoch % 10 == 0:
            train_accuracy, new_cost, summary = sess.run(
                [accuracy, cost, summaries], feed_dict=feed
            )
            writer.add_summary(summary, global_step=epoch)
            change, last_cost = abs(new_cost - last_cost), new_cost
            costs.append(new_cost)
            print(
                "step %d, training accuracy %g, cost %g, change in cost %g"
                % (epoch, train_accuracy, new_cost, change)
            )
    writer.close()
    test_accuracy = sess.run(accuracy, feed_dict={x: test_x, truth: test_y})
    print("final accuracy on test set: %s" % test_accuracy)

if not os.path.isdir(FLAGS.out):
    os.makedirs(FLAGS.out)
path = os.path.join(FLAGS.out, "lab_1_3_cost.png")
viz.plot_curve(costs, 10 * np.arange(len(costs)), xlabel="epoch", ylabel="cost", path=path)
print("picture: " + path)
print("log for TensorBoard: " + FLAGS.logs)
