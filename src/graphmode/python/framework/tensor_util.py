"""TF1's `tensorflow.python.framework.tensor_util`, names only."""

from graphmode._namespace import lazy

# fmt: off
EXPORTS = {
    "graphmode.framework.inference":
        "constant_value",
}
# fmt: on

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
