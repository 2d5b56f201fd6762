"""TF1's `tensorflow.python.ops.control_flow_ops`, names only."""

from graphmode._namespace import lazy

# fmt: off
EXPORTS = {
    "graphmode.ops.control.checks":
        "Assert",
    "graphmode.ops.control.cond": "cond case switch_case",
    "graphmode.ops.control.while_loop": "while_loop",
    "graphmode.ops.control.grouping":
        "group no_op tuple=tuple_ with_dependencies",
}
# fmt: on

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
