"""Recurrent networks: cells, wrappers of cells, and the functions that run them over time.

`rnn_cell` is the table of names that is `tf.nn.rnn_cell`.
"""

from graphmode._namespace import lazy

__getattr__, __dir__, __all__ = lazy(__name__, {}, "rnn_cell")
