"""TF1's `tensorflow.python.ops.rnn_cell`, names only."""

from graphmode._namespace import lazy

# fmt: off
EXPORTS = {
    "graphmode.rnn.base": "RNNCell",
    "graphmode.rnn.cells": "BasicRNNCell GRUCell",
    "graphmode.rnn.lstm": "BasicLSTMCell LSTMCell LSTMStateTuple",
    "graphmode.rnn.projections": "_linear=linear",
    "graphmode.rnn.multi": "MultiRNNCell",
    "graphmode.rnn.wrappers": "DropoutWrapper ResidualWrapper DeviceWrapper",
}
# fmt: on

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
