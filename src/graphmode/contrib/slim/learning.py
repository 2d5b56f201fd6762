"""`tf.contrib.slim.learning`: steps of training."""

from graphmode._namespace import lazy

EXPORTS = {
    "graphmode.contrib_layers.training": "create_train_op clip_gradient_norms multiply_gradients",
}

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
