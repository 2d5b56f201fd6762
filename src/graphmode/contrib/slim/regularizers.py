"""`tf.contrib.slim.regularizers`: `tf.contrib.layers.regularizers` by another name."""

from graphmode._namespace import lazy
from graphmode.contrib.layers.regularizers import EXPORTS

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
