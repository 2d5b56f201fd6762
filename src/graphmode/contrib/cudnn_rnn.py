"""`tf.contrib.cudnn_rnn`: recurrent networks of several layers as one layer."""

from graphmode._namespace import lazy

# fmt: off
EXPORTS = {
    "graphmode.rnn.cudnn": "CudnnLSTM",
    "graphmode.rnn.lstm": "CudnnCompatibleLSTMCell",
}
# fmt: on

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
