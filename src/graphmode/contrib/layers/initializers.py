"""The initializers of `tf.contrib.layers`, by their module."""

from graphmode._namespace import lazy

EXPORTS = {
    "graphmode.contrib_layers.initializers": (
        "xavier_initializer xavier_initializer_conv2d variance_scaling_initializer"
    ),
}

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
