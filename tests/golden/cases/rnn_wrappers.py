"""Wrappers of cells: variables under the wrapper's names, two steps, and the gradients."""

from golden.case import case, numbers, seen
from golden.cases.rnn_cells import two_steps


@case
def input_projection(tf):
    cell = tf.contrib.rnn.InputProjectionWrapper(tf.contrib.rnn.BasicRNNCell(4), 5)
    return two_steps(tf, cell)


@case
def input_projection_with_activation(tf):
    cell = tf.contrib.rnn.GRUCell(4)
    return two_steps(tf, tf.contrib.rnn.InputProjectionWrapper(cell, 5, activation=tf.tanh))


@case
def output_projection(tf):
    cell = tf.contrib.rnn.OutputProjectionWrapper(tf.contrib.rnn.GRUCell(4), 2)
    return two_steps(tf, cell)


@case
def output_projection_with_activation(tf):
    cell = tf.contrib.rnn.BasicLSTMCell(4)
    return two_steps(tf, tf.contrib.rnn.OutputProjectionWrapper(cell, 2, activation=tf.nn.relu))


@case
def embedding(tf):
    cell = tf.contrib.rnn.EmbeddingWrapper(
        tf.contrib.rnn.GRUCell(4), embedding_classes=6, embedding_size=3
    )
    state = tf.constant(numbers(2, 4, seed=3))
    output, last = cell(tf.constant([[5], [1]]), state)
    return seen(tf, of=[state], output=output, last=last)


@case
def embedding_of_an_lstm(tf):
    cell = tf.contrib.rnn.BasicLSTMCell(4)
    cell = tf.contrib.rnn.EmbeddingWrapper(cell, embedding_classes=6, embedding_size=3)
    output, last = cell(tf.constant([0, 2, 5]), cell.zero_state(3, tf.float32))
    return seen(tf, output=output, last=last)


@case
def residual(tf):
    return two_steps(tf, tf.contrib.rnn.ResidualWrapper(tf.contrib.rnn.GRUCell(3)))


@case
def residual_function(tf):
    cell = tf.contrib.rnn.BasicLSTMCell(2)
    cell = tf.contrib.rnn.ResidualWrapper(cell, lambda inputs, outputs: inputs[:, :2] * outputs)
    return two_steps(tf, cell)


@case
def dropout_keeps_all(tf):
    cell = tf.contrib.rnn.DropoutWrapper(tf.contrib.rnn.GRUCell(4), output_keep_prob=1.0)
    return two_steps(tf, cell)


@case
def dropout_of_inputs(tf):
    cell = tf.contrib.rnn.BasicRNNCell(4)
    return two_steps(tf, tf.contrib.rnn.DropoutWrapper(cell, input_keep_prob=0.6, seed=7))


@case
def dropout_of_outputs(tf):
    cell = tf.contrib.rnn.BasicLSTMCell(4)
    return two_steps(tf, tf.contrib.rnn.DropoutWrapper(cell, output_keep_prob=0.5, seed=11))


@case
def dropout_of_state(tf):
    cell = tf.contrib.rnn.BasicLSTMCell(4)
    return two_steps(tf, tf.contrib.rnn.DropoutWrapper(cell, state_keep_prob=0.5, seed=5))


@case
def dropout_of_a_gru_state(tf):
    cell = tf.contrib.rnn.GRUCell(4)
    return two_steps(tf, tf.contrib.rnn.DropoutWrapper(cell, state_keep_prob=0.5, seed=5))


@case
def dropout_by_a_tensor(tf):
    cell = tf.contrib.rnn.DropoutWrapper(
        tf.contrib.rnn.BasicRNNCell(4), output_keep_prob=tf.constant(0.7), seed=2
    )
    return two_steps(tf, cell)


@case
def variational_dropout(tf):
    cell = tf.contrib.rnn.DropoutWrapper(
        tf.contrib.rnn.BasicLSTMCell(4),
        input_keep_prob=0.7,
        output_keep_prob=0.6,
        state_keep_prob=0.5,
        variational_recurrent=True,
        dtype=tf.float32,
        input_size=3,
        seed=9,
    )
    return two_steps(tf, cell)


@case
def wrappers_in_a_stack(tf):
    layers = []
    for i in range(2):
        cell = tf.contrib.rnn.LSTMCell(3)
        cell = tf.contrib.rnn.DropoutWrapper(cell, output_keep_prob=0.8, seed=i)
        layers.append(tf.contrib.rnn.ResidualWrapper(cell))
    stack = tf.contrib.rnn.MultiRNNCell(layers)
    return two_steps(tf, tf.contrib.rnn.OutputProjectionWrapper(stack, 2))


@case
def device(tf):
    return two_steps(tf, tf.contrib.rnn.DeviceWrapper(tf.contrib.rnn.GRUCell(4), "/cpu:0"))
