"""TF1's `tensorflow.python.ops.state_ops`, names only."""

from graphmode._namespace import lazy

# fmt: off
EXPORTS = {
    "graphmode.ops.state.variable_ops":
        "assign assign_add assign_sub count_up_to is_variable_initialized",
    "graphmode.ops.state.scatter":
        "scatter_add scatter_div scatter_max scatter_min scatter_mul scatter_nd_add "
        "scatter_nd_sub scatter_nd_update scatter_sub scatter_update",
}
# fmt: on

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
