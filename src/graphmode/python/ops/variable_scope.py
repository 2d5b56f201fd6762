"""TF1's `tensorflow.python.ops.variable_scope`, names only."""

from graphmode._namespace import lazy

# fmt: off
EXPORTS = {
    "graphmode.variables.store":
        "AUTO_REUSE VariableAggregation VariableSynchronization no_regularizer",
    "graphmode.variables.scope":
        "VariableScope get_local_variable get_variable get_variable_scope variable_op_scope "
        "variable_scope",
}
# fmt: on

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
