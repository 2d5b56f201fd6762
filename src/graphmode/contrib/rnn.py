"""`tf.contrib.rnn`: cells of recurrent networks, wrappers, and functions that run them."""

from graphmode._namespace import lazy

# fmt: off
EXPORTS = {
    "graphmode.rnn.base": "RNNCell",
    "graphmode.rnn.cells": "BasicRNNCell GRUCell GRUBlockCell GRUBlockCellV2",
    "graphmode.rnn.lstm": "BasicLSTMCell LSTMCell LSTMBlockCell LSTMStateTuple",
    "graphmode.rnn.multi": "MultiRNNCell",
    "graphmode.rnn.wrappers": "DropoutWrapper ResidualWrapper DeviceWrapper",
    "graphmode.rnn.projections":
        "EmbeddingWrapper InputProjectionWrapper OutputProjectionWrapper",
    "graphmode.contrib_layers.layer_norm_lstm": "LayerNormBasicLSTMCell",
    "graphmode.rnn.nas": "NASCell",
    "graphmode.rnn.block": "LSTMBlockFusedCell",
    "graphmode.rnn.static": "static_rnn static_bidirectional_rnn rnn=static_rnn",
    "graphmode.rnn.stacked": "stack_bidirectional_rnn stack_bidirectional_dynamic_rnn",
}
# fmt: on

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
