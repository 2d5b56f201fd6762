"""TF1's `tensorflow.python.ops.init_ops`, names only."""

from graphmode._namespace import lazy

# fmt: off
EXPORTS = {
    "graphmode.variables.initializers":
        "Initializer constant_initializer glorot_normal_initializer glorot_uniform_initializer "
        "he_normal he_uniform lecun_normal lecun_uniform ones_initializer "
        "orthogonal_initializer random_normal_initializer random_uniform_initializer "
        "truncated_normal_initializer uniform_unit_scaling_initializer "
        "variance_scaling_initializer zeros_initializer",
}
# fmt: on

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
