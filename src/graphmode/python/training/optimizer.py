"""TF1's `tensorflow.python.training.optimizer`, names only."""

from graphmode._namespace import lazy

# fmt: off
EXPORTS = {
    "graphmode.training.optimizer":
        "Optimizer",
}
# fmt: on

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
