"""TF1's `tensorflow.python.ops.random_ops`, names only."""

from graphmode._namespace import lazy

# fmt: off
EXPORTS = {
    "graphmode.ops.random.draws":
        "categorical multinomial random_normal random_shuffle random_uniform truncated_normal",
}
# fmt: on

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
