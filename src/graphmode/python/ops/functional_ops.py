"""TF1's `tensorflow.python.ops.functional_ops`, names only."""

from graphmode._namespace import lazy

EXPORTS = {
    "graphmode.ops.control.functional": "map_fn scan foldl foldr",
}

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
