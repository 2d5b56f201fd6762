"""`tf.contrib.seq2seq`: losses and decoders of sequence-to-sequence models."""

from graphmode._namespace import lazy

# fmt: off
EXPORTS = {
    "graphmode.losses.sequence": "sequence_loss",
}
# fmt: on

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
