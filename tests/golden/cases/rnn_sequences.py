"""Functions that run a cell over a sequence, unrolled or in a loop."""

from golden.case import case, complaint, numbers, seen

BATCH, STEPS, DEPTH = 2, 3, 4


def steps(tf):
    return [tf.constant(numbers(BATCH, DEPTH, seed=s)) for s in range(STEPS)]


def sequence(tf):
    return tf.constant(numbers(BATCH, STEPS, DEPTH))


@case
def static_rnn(tf):
    cell = tf.contrib.rnn.BasicLSTMCell(5)
    outputs, state = tf.contrib.rnn.static_rnn(cell, steps(tf), dtype=tf.float32)
    return seen(tf, outputs=outputs, state=state)


@case
def static_rnn_with_lengths(tf):
    outputs, state = tf.contrib.rnn.static_rnn(
        tf.contrib.rnn.GRUCell(5), steps(tf), dtype=tf.float32, sequence_length=[1, 3]
    )
    return seen(tf, outputs=outputs, state=state)


@case
def static_bidirectional_rnn(tf):
    cells = [tf.contrib.rnn.BasicLSTMCell(2), tf.contrib.rnn.BasicLSTMCell(3)]
    outputs, forward, backward = tf.contrib.rnn.static_bidirectional_rnn(
        cells[0], cells[1], steps(tf), dtype=tf.float32, sequence_length=[3, 2]
    )
    return seen(tf, outputs=outputs, forward=forward, backward=backward)


@case
def stack_bidirectional_rnn(tf):
    def cells():
        return [tf.contrib.rnn.GRUCell(2), tf.contrib.rnn.GRUCell(3)]

    outputs, forward, backward = tf.contrib.rnn.stack_bidirectional_rnn(
        cells(), cells(), steps(tf), dtype=tf.float32
    )
    return seen(tf, outputs=outputs, forward=forward, backward=backward)


@case
def stack_bidirectional_dynamic_rnn(tf):
    def cells():
        return [tf.contrib.rnn.BasicLSTMCell(2), tf.contrib.rnn.BasicLSTMCell(3)]

    outputs, forward, backward = tf.contrib.rnn.stack_bidirectional_dynamic_rnn(
        cells(), cells(), sequence(tf), dtype=tf.float32, sequence_length=[3, 1]
    )
    return seen(tf, outputs=outputs, forward=forward, backward=backward)


@case
def lstm_block_fused(tf):
    x = tf.constant(numbers(STEPS, BATCH, DEPTH))
    outputs, state = tf.contrib.rnn.LSTMBlockFusedCell(5)(x, dtype=tf.float32)
    return seen(tf, of=[x], outputs=outputs, state=state)


@case
def lstm_block_fused_peephole(tf):
    x = tf.constant(numbers(STEPS, BATCH, DEPTH))
    cell = tf.contrib.rnn.LSTMBlockFusedCell(5, cell_clip=0.4, use_peephole=True)
    start = tuple(tf.constant(numbers(BATCH, 5, seed=s)) for s in (8, 9))
    outputs, state = cell(x, initial_state=start, sequence_length=[3, 2])
    return seen(tf, of=[x], outputs=outputs, state=state)


@case
def dynamic_rnn(tf):
    cell = tf.contrib.rnn.LSTMCell(5, use_peepholes=True, num_proj=3)
    outputs, state = tf.nn.dynamic_rnn(cell, sequence(tf), dtype=tf.float32)
    return seen(tf, outputs=outputs, state=state)


@case
def dynamic_rnn_with_lengths(tf):
    cell = tf.contrib.rnn.MultiRNNCell([tf.contrib.rnn.GRUCell(5), tf.contrib.rnn.BasicRNNCell(3)])
    outputs, state = tf.nn.dynamic_rnn(cell, sequence(tf), sequence_length=[2, 3], dtype=tf.float32)
    return seen(tf, outputs=outputs, state=state)


@case
def dynamic_rnn_time_major(tf):
    x = tf.placeholder(tf.float32, [None, BATCH, DEPTH])
    cell = tf.contrib.rnn.LayerNormBasicLSTMCell(5)
    outputs, state = tf.nn.dynamic_rnn(cell, x, dtype=tf.float32, time_major=True)
    return seen(tf, of=[x], feed={x: numbers(STEPS, BATCH, DEPTH)}, outputs=outputs, state=state)


@case
def dynamic_rnn_of_a_wrapped_cell(tf):
    cell = tf.contrib.rnn.DropoutWrapper(
        tf.contrib.rnn.GRUCell(5),
        state_keep_prob=0.6,
        variational_recurrent=True,
        dtype=tf.float32,
        seed=4,
    )
    cell = tf.contrib.rnn.OutputProjectionWrapper(cell, 2)
    outputs, state = tf.nn.dynamic_rnn(cell, sequence(tf), dtype=tf.float32)
    return seen(tf, outputs=outputs, state=state)


@case
def bidirectional_dynamic_rnn(tf):
    outputs, states = tf.nn.bidirectional_dynamic_rnn(
        tf.contrib.rnn.NASCell(2),
        tf.contrib.rnn.GRUCell(3),
        sequence(tf),
        sequence_length=[3, 2],
        dtype=tf.float32,
    )
    return seen(tf, outputs=outputs, states=states)


@case
def raw_rnn(tf):
    cell = tf.contrib.rnn.BasicLSTMCell(5)
    inputs = tf.TensorArray(tf.float32, STEPS).unstack(tf.constant(numbers(STEPS, BATCH, DEPTH)))

    def loop(time, output, state, _):
        state = cell.zero_state(BATCH, tf.float32) if output is None else state
        finished = time >= [STEPS, STEPS - 1]
        following = tf.cond(
            tf.reduce_all(finished),
            lambda: tf.zeros([BATCH, DEPTH]),
            lambda: inputs.read(time),
        )
        return finished, following, state, output, None

    outputs, state, _ = tf.nn.raw_rnn(cell, loop)
    return seen(tf, outputs=outputs.stack(), state=state)


@case
def complaints(tf):
    x = sequence(tf)
    cell = tf.contrib.rnn.BasicRNNCell(5)
    static, dynamic = tf.contrib.rnn.static_rnn, tf.nn.dynamic_rnn
    return {
        "no dtype": complaint(lambda: dynamic(cell, x), "no initial_state", "dtype"),
        "no dtype, unrolled": complaint(
            lambda: static(cell, [x[:, 0]]), "If no initial_state is provided", "must be specified"
        ),
        "no cell": complaint(lambda: dynamic(x, x, dtype=tf.float32), "RNNCell"),
        "no inputs": complaint(lambda: static(cell, [], dtype=tf.float32), "must not be empty"),
        "no list": complaint(lambda: static(cell, x, dtype=tf.float32), "must be a sequence"),
        "unknown depth": complaint(
            lambda: dynamic(cell, tf.placeholder(tf.float32, [2, 3, None]), dtype=tf.float32),
            "Input size (depth of inputs) must be accessible via shape inference, but saw value "
            "None.",
        ),
        "joined state": complaint(
            lambda: tf.contrib.rnn.MultiRNNCell(
                [tf.contrib.rnn.BasicLSTMCell(2)], state_is_tuple=False
            ),
            "Some cells return tuples of states, but the flag state_is_tuple is not set.",
        ),
        "no cells": complaint(
            lambda: tf.contrib.rnn.MultiRNNCell([]),
            "Must specify at least one cell for MultiRNNCell.",
        ),
        "dropout": complaint(
            lambda: tf.contrib.rnn.DropoutWrapper(cell, input_keep_prob=1.5),
            "Parameter input_keep_prob must be between 0 and 1",
        ),
        "used again": complaint(
            lambda: [
                dynamic(tf.contrib.rnn.BasicRNNCell(3), x, dtype=tf.float32, scope="same")
                for _ in range(2)
            ],
            "Variable same/basic_rnn_cell/kernel already exists, disallowed. "
            "Did you mean to set reuse=True or reuse=tf.AUTO_REUSE in VarScope?",
        ),
    }
