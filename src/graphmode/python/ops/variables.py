"""TF1's `tensorflow.python.ops.variables`, names only."""

from graphmode._namespace import lazy

# fmt: off
EXPORTS = {
    "graphmode.variables.store":
        "VariableAggregation VariableSynchronization",
    "graphmode.variables.collections":
        "all_variables assert_variables_initialized global_variables "
        "global_variables_initializer initialize_all_variables initialize_local_variables "
        "initialize_variables local_variables local_variables_initializer model_variables "
        "moving_average_variables report_uninitialized_variables trainable_variables "
        "variables_initializer",
    "graphmode.variables.variable":
        "Variable",
}
# fmt: on

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
