"""`tf.train`: optimizers, learning-rate decays, moving averages."""

from graphmode._namespace import lazy

EXPORTS: dict[str, str] = {}

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
