"""TF1's `tensorflow.python.ops.clip_ops`, names only."""

from graphmode._namespace import lazy

# fmt: off
EXPORTS = {
    "graphmode.ops.math":
        "clip_by_average_norm clip_by_global_norm clip_by_norm clip_by_value global_norm",
}
# fmt: on

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
