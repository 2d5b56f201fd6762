"""TF1's `tensorflow.python.ops.rnn`, names only."""

from graphmode._namespace import lazy

EXPORTS = {
    "graphmode.rnn.static": "static_rnn static_bidirectional_rnn",
    "graphmode.rnn.dynamic": "dynamic_rnn bidirectional_dynamic_rnn",
    "graphmode.rnn.raw": "raw_rnn",
}

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
