"""TF1's `tensorflow.python.ops.gradients`, names only."""

from graphmode._namespace import lazy

# fmt: off
EXPORTS = {
    "graphmode.autodiff.gradients":
        "AggregationMethod UnconnectedGradients gradients hessians",
}
# fmt: on

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
