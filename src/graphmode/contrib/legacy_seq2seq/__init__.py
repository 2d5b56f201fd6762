"""`tf.contrib.legacy_seq2seq`, once `tf.nn.seq2seq`: models that are lists of time steps."""

from graphmode._namespace import lazy

# fmt: off
EXPORTS = {
    "graphmode.losses.legacy_sequence": "sequence_loss sequence_loss_by_example",
}
# fmt: on

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
