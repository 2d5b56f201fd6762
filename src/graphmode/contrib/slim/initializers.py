"""`tf.contrib.slim.initializers`: `tf.contrib.layers.initializers` by another name."""

from graphmode._namespace import lazy
from graphmode.contrib.layers.initializers import EXPORTS

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
