"""TF1's `tensorflow.python.layers.utils`, names only."""

from graphmode._namespace import lazy

EXPORTS = {
    "graphmode.layers.condition": "smart_cond constant_value=static_value",
}

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
