"""TF1's `tensorflow.python.ops.tensor_array_ops`, names only."""

from graphmode._namespace import lazy

EXPORTS = {
    "graphmode.ops.control.tensor_array": "TensorArray",
}

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
