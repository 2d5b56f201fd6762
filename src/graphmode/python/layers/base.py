"""TF1's `tensorflow.python.layers.base`, names only."""

from graphmode._namespace import lazy

EXPORTS = {"graphmode.layers": "Layer InputSpec"}

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
