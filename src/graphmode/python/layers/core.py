"""TF1's `tensorflow.python.layers.core`, names only."""

from graphmode._namespace import lazy

EXPORTS = {"graphmode.layers": "Dense dense Dropout dropout Flatten flatten"}

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
