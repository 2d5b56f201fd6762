"""Lab 3.2: an LSTM reads the rows of a digit from top to bottom and names it.

graphmode run examples/labs/lab_3_2_mnist_lstm.py [--data MNIST_data] [--samples 100000]
"""

import argparse

import tensorflow as tf
from tensorflow.examples.tutorials.mnist import input_data

parser = argparse.ArgumentParser()
parser.add_argument("--data", default="MNIST_data", help="folder of the four MNIST files")
parser.add_argument("--samples", type=int, default=100000, help="digits to train on")
parser.add_argument("--seed", type=int, default=1)
FLAGS = parser.parse_args()

tf.set_random_seed(FLAGS.seed)
mnist = input_data.read_data_sets(FLAGS.data, one_hot=True, seed=FLAGS.seed)

n_input = 28  # pixels of a row
n_steps = 28  # rows
n_hidden = 128
n_classes = 10
learning_rate = 0.001
batch_size = 100
display_step = 10

x = tf.placeholder(dtype="float", shape=[None, n_steps, n_input], name="x")
y = tf.placeholder(dtype="float", shape=[None, n_classes], name="y")
weights = {"out": tf.Variable(tf.random_normal([n_hidden, n_classes]))}
biases = {"out": tf.Variable(tf.random_normal([n_classes]))}

lstm_cell = tf.contrib.rnn.BasicLSTMCell(n_hidden, forget_bias=1.0)
outputs, states = tf.nn.dynamic_rnn(lstm_cell, inputs=x, dtype=tf.float32)

# What the network thinks after the last row
output = tf.reshape(tf.split(outputs, 28, axis=1, num=None, name="split")[-1], [-1, 128])
pred = tf.matmul(output, weights["out"]) + biases["out"]
print(pred)

cost = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(labels=y, logits=pred))
optimizer = tf.train.AdamOptimizer(learning_rate=learning_rate).minimize(cost)
correct_pred = tf.equal(tf.argmax(pred, 1), tf.argmax(y, 1))
accuracy = tf.reduce_mean(tf.cast(correct_pred, tf.float32))

with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for step in range(1, FLAGS.samples // batch_size + 1):
        batch_x, batch_y = mnist.train.next_batch(batch_size)
        feed = {x: batch_x.reshape((batch_size, n_steps, n_input)), y: batch_y}
        sess.run(optimizer, feed_dict=feed)
        if step % display_step == 0:
            acc = sess.run(accuracy, feed_dict=feed)
            loss = sess.run(cost, feed_dict=feed)
            print(
                "Iter %d, Minibatch Loss= %.6f, Training Accuracy= %.5f"
                % (step * batch_size, loss, acc)
            )
    print("Optimization Finished!")
    for test_len in (128, mnist.test.num_examples):
        test_data = mnist.test.images[:test_len].reshape((-1, n_steps, n_input))
        test_label = mnist.test.labels[:test_len]
        percent = 100 * sess.run(accuracy, feed_dict={x: test_data, y: test_label})
        print("accuracy on the first %d test images: %.2f %%" % (test_len, percent))
