"""`tf.contrib.slim.model_analyzer`: the sizes of variables."""

from graphmode._namespace import lazy

EXPORTS = {"graphmode.contrib_layers.summaries": "analyze_vars"}

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
