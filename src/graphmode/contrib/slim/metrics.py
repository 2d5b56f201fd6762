"""`tf.contrib.slim.metrics`: `tf.contrib.metrics` by another name."""

from graphmode._namespace import lazy
from graphmode.contrib.metrics import EXPORTS

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
