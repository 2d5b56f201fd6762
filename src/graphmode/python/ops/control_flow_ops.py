"""TF1's `tensorflow.python.ops.control_flow_ops`, names only."""

from graphmode._namespace import lazy

# fmt: off
EXPORTS = {
    "graphmode.ops.control_flow":
        "Assert",
    "graphmode.ops.cond": "cond case switch_case",
    "graphmode.ops.while_loop": "while_loop",
    "graphmode.ops.grouping":
        "group no_op tuple=tuple_ with_dependencies",
}
# fmt: on

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
