"""TF1's `tensorflow.python.framework.random_seed`, names only."""

from graphmode._namespace import lazy

# fmt: off
EXPORTS = {
    "graphmode.ops.random.draws":
        "set_random_seed get_seed",
}
# fmt: on

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
