"""`tf.contrib.slim`: the layers of `tf.contrib.layers` and what goes with them, in one place."""

from graphmode._namespace import lazy
from graphmode.contrib.framework import EXPORTS as _FRAMEWORK
from graphmode.contrib.layers import EXPORTS as _LAYERS

EXPORTS = {**_LAYERS, **_FRAMEWORK}
SUBMODULES = "losses metrics layers learning model_analyzer utils initializers regularizers"

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS, SUBMODULES)
