"""`tf.contrib.slim.losses`: `tf.contrib.losses` by another name."""

from graphmode._namespace import lazy
from graphmode.contrib.losses import EXPORTS

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
