"""TF1's `tensorflow.python.ops.embedding_ops`, names only."""

from graphmode._namespace import lazy

# fmt: off
EXPORTS = {
    "graphmode.ops.nn.embedding":
        "embedding_lookup",
}
# fmt: on

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
