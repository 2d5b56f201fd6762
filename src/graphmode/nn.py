"""`tf.nn`: activations, losses, embeddings."""

from graphmode._namespace import lazy

EXPORTS = {
    "graphmode.ops.math": "tanh",
}

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
