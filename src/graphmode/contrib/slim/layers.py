"""`tf.contrib.slim.layers`: `tf.contrib.layers` by another name."""

from graphmode._namespace import lazy
from graphmode.contrib.layers import EXPORTS

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
