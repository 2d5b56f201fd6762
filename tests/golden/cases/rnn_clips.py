"""LSTM cells whose clips are 0, negative or usual, over a whole sequence."""

from golden.case import case, numbers, seen


def over_time(tf, **options):
    x = tf.constant(numbers(4, 3, 2))
    cell = tf.nn.rnn_cell.LSTMCell(2, **options)
    outputs, state = tf.nn.dynamic_rnn(cell, x, dtype=tf.float32)
    found = seen(tf, gradients=False, outputs=outputs, c=state.c, h=state.h)
    return {key: found[key] for key in ("outputs", "c", "h")}


@case
def cells_to_nothing(tf):
    return over_time(tf, cell_clip=0.0)


@case
def cells_to_a_negative_number(tf):
    return over_time(tf, cell_clip=-1.0)


@case
def projections_to_nothing(tf):
    return over_time(tf, num_proj=1, proj_clip=0.0)


@case
def both(tf):
    return over_time(tf, num_proj=3, cell_clip=0.2, proj_clip=0.1, use_peepholes=True)
