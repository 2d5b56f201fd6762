"""TF1's `tensorflow.python.framework.constant_op`, names only."""

from graphmode._namespace import lazy

# fmt: off
EXPORTS = {
    "graphmode.ops.array":
        "constant",
}
# fmt: on

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
