"""`tf.random`: random numbers under their new names."""

from graphmode._namespace import lazy

EXPORTS = {
    "graphmode.ops.random.draws": (
        "uniform=random_uniform normal=random_normal truncated_normal shuffle=random_shuffle "
        "categorical multinomial set_random_seed get_seed"
    ),
}

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
