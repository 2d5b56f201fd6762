"""TF1's `tensorflow.python.layers.normalization`, names only."""

from graphmode._namespace import lazy

EXPORTS = {"graphmode.layers": "BatchNormalization batch_normalization"}

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
