"""Lab 3.1: an LSTM cell, and two of them stacked.

graphmode run examples/labs/lab_3_1_lstm_cells.py [--out out]
"""

import argparse
import os

import numpy as np
import tensorflow as tf

parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--out", default="out", help="folder for the arrays")
FLAGS = parser.parse_args()

tf.set_random_seed(FLAGS.seed)


def fixed(variable):
    """Weights that are the same in every framework: sin 1, sin 2, sin 3, ..."""
    count = int(np.prod(variable.get_shape().as_list()))
    return np.sin(np.arange(1.0, count + 1)).reshape(variable.get_shape().as_list())


# One cell, called once: it takes the input and the state, and gives its output and the new state.
sess = tf.Session()

LSTM_CELL_SIZE = 4
lstm_cell = tf.contrib.rnn.BasicLSTMCell(LSTM_CELL_SIZE, state_is_tuple=True)
state = (tf.zeros([1, LSTM_CELL_SIZE]),) * 2
print("state:", state)

sample_input = tf.constant([[3, 2, 2, 2, 2, 2]], dtype=tf.float32)
print("input:", sess.run(sample_input))

with tf.variable_scope("LSTM_sample1"):
    output, state_new = lstm_cell(sample_input, state)
sess.run(tf.global_variables_initializer())
print(sess.run(state_new))
print("output:", sess.run(output))
print("the output is the new h:", np.array_equal(*sess.run([output, state_new.h])))

cell_variables = tf.trainable_variables()
for variable in cell_variables:
    print(variable)
    variable.load(fixed(variable), sess)
cell_state = sess.run(state_new)
print("at fixed weights:", cell_state)
sess.close()

# Two cells, one on the other, over sequences of any length
sess = tf.Session()
input_dim = 6
cells = []
LSTM_CELL_SIZE_1 = 4
cell1 = tf.contrib.rnn.LSTMCell(LSTM_CELL_SIZE_1)
cells.append(cell1)
LSTM_CELL_SIZE_2 = 5
cell2 = tf.contrib.rnn.LSTMCell(LSTM_CELL_SIZE_2)
cells.append(cell2)
stacked_lstm = tf.contrib.rnn.MultiRNNCell(cells)

# batch x time x features
data = tf.placeholder(tf.float32, [None, None, input_dim])
output, state = tf.nn.dynamic_rnn(stacked_lstm, data, dtype=tf.float32)
print(output)

sample_input = [
    [[1, 2, 3, 4, 3, 2], [1, 2, 1, 1, 1, 2], [1, 2, 2, 2, 2, 2]],
    [[1, 2, 3, 4, 3, 2], [3, 2, 2, 1, 1, 2], [0, 0, 0, 0, 3, 2]],
]
sess.run(tf.global_variables_initializer())
outputs = sess.run(output, feed_dict={data: sample_input})
print("output of shape %s:\n%s" % (outputs.shape, outputs))

for variable in tf.trainable_variables():
    if variable not in cell_variables:
        print(variable)
        variable.load(fixed(variable), sess)
fixed_outputs, (_, last) = sess.run([output, state], feed_dict={data: sample_input})
print("at fixed weights:\n%s" % fixed_outputs)
print("the last output is the last h:", np.array_equal(fixed_outputs[:, -1], last.h))
sess.close()

if not os.path.isdir(FLAGS.out):
    os.makedirs(FLAGS.out)
path = os.path.join(FLAGS.out, "lab_3_1.npz")
np.savez(path, cell=np.stack(cell_state), outputs=fixed_outputs)
print("arrays: " + path)
