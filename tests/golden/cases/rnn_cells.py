"""Cells of `tf.contrib.rnn`: two steps with given weights, and the gradients."""

from golden.case import case, numbers, seen

BATCH, DEPTH = 2, 3


def two_steps(tf, cell, depth=DEPTH):
    """Two steps of `cell` from a state that is not zero."""
    nest = tf.contrib.framework.nest
    inputs = [tf.constant(numbers(BATCH, depth, seed=s), name="x") for s in (1, 2)]
    sizes = nest.flatten(cell.state_size)
    start = [
        tf.constant(numbers(BATCH, size, seed=3 + i), name="state") for i, size in enumerate(sizes)
    ]
    state = nest.pack_sequence_as(cell.state_size, start)
    outputs = []
    for x in inputs:
        output, state = cell(x, state)
        outputs.append(output)
    return seen(tf, of=inputs + start, output=outputs, state=state)


@case
def basic_rnn(tf):
    return two_steps(tf, tf.contrib.rnn.BasicRNNCell(4))


@case
def basic_rnn_with_relu(tf):
    return two_steps(tf, tf.contrib.rnn.BasicRNNCell(4, activation=tf.nn.relu))


@case
def gru(tf):
    return two_steps(tf, tf.contrib.rnn.GRUCell(4))


@case
def basic_lstm(tf):
    return two_steps(tf, tf.contrib.rnn.BasicLSTMCell(4))


@case
def basic_lstm_joined_state(tf):
    return two_steps(tf, tf.contrib.rnn.BasicLSTMCell(4, 0.5, state_is_tuple=False))


@case
def lstm(tf):
    return two_steps(tf, tf.contrib.rnn.LSTMCell(4))


@case
def lstm_peepholes(tf):
    return two_steps(tf, tf.contrib.rnn.LSTMCell(4, use_peepholes=True, cell_clip=0.4))


@case
def lstm_projected(tf):
    return two_steps(tf, tf.contrib.rnn.LSTMCell(4, num_proj=2, proj_clip=0.3))


@case
def lstm_in_shards(tf):
    cell = tf.contrib.rnn.LSTMCell(4, num_proj=2, num_unit_shards=2, num_proj_shards=2)
    return two_steps(tf, cell)


@case
def lstm_joined_state(tf):
    return two_steps(tf, tf.contrib.rnn.LSTMCell(4, num_proj=3, state_is_tuple=False))


@case
def layer_norm_basic_lstm(tf):
    return two_steps(tf, tf.contrib.rnn.LayerNormBasicLSTMCell(4))


@case
def layer_norm_basic_lstm_without_norm(tf):
    cell = tf.contrib.rnn.LayerNormBasicLSTMCell(4, layer_norm=False, dropout_keep_prob=1.0)
    return two_steps(tf, cell)


@case
def nas(tf):
    return two_steps(tf, tf.contrib.rnn.NASCell(4))


@case
def nas_projected(tf):
    return two_steps(tf, tf.contrib.rnn.NASCell(4, num_proj=2, use_bias=True))


@case
def lstm_block(tf):
    return two_steps(tf, tf.contrib.rnn.LSTMBlockCell(4))


@case
def lstm_block_peephole(tf):
    cell = tf.contrib.rnn.LSTMBlockCell(4, forget_bias=0.3, cell_clip=0.5, use_peephole=True)
    return two_steps(tf, cell)


@case
def gru_block(tf):
    return two_steps(tf, tf.contrib.rnn.GRUBlockCellV2(4))


@case
def gru_block_old(tf):
    return two_steps(tf, tf.contrib.rnn.GRUBlockCell(4))


@case
def cudnn_compatible_lstm(tf):
    return two_steps(tf, tf.contrib.cudnn_rnn.CudnnCompatibleLSTMCell(4))


@case
def stack_of_cells(tf):
    cells = [tf.contrib.rnn.BasicLSTMCell(4), tf.contrib.rnn.GRUCell(2)]
    return two_steps(tf, tf.contrib.rnn.MultiRNNCell(cells))


@case
def stack_of_cells_joined_state(tf):
    cells = [tf.contrib.rnn.BasicRNNCell(4), tf.contrib.rnn.GRUCell(2)]
    return two_steps(tf, tf.contrib.rnn.MultiRNNCell(cells, state_is_tuple=False))
