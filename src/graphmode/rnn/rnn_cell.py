"""`tf.nn.rnn_cell`: cells of recurrent networks, and wrappers of cells."""

from graphmode._namespace import lazy

# fmt: off
EXPORTS = {
    "graphmode.rnn.base": "RNNCell",
    "graphmode.rnn.cells": "BasicRNNCell GRUCell",
    "graphmode.rnn.lstm": "BasicLSTMCell LSTMCell LSTMStateTuple",
    "graphmode.rnn.multi": "MultiRNNCell",
    "graphmode.rnn.wrappers": "DropoutWrapper ResidualWrapper DeviceWrapper",
}
# fmt: on

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
