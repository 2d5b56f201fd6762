"""The regularizers of `tf.contrib.layers`, by their module."""

from graphmode._namespace import lazy

EXPORTS = {
    "graphmode.contrib_layers.regularizers": (
        "l1_regularizer l2_regularizer l1_l2_regularizer sum_regularizer apply_regularization"
    ),
}

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
