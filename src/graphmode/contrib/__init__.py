"""`tf.contrib`: the historical addresses of what programs used before it had another name."""

from graphmode._namespace import lazy

__getattr__, __dir__, __all__ = lazy(
    __name__,
    {},
    "layers framework slim losses metrics crf rnn cudnn_rnn seq2seq legacy_seq2seq",
)
