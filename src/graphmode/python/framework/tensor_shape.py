"""TF1's `tensorflow.python.framework.tensor_shape`, names only."""

from graphmode._namespace import lazy

# fmt: off
EXPORTS = {
    "graphmode.framework.shapes":
        "TensorShape Dimension dimension_value dimension_at_index as_shape as_dimension "
        "unknown_shape scalar vector matrix",
}
# fmt: on

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
