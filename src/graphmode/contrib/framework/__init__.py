"""`tf.contrib.framework`: argument scopes, variables in collections, the global step."""

from graphmode._namespace import lazy

# fmt: off
EXPORTS = {
    "graphmode.contrib_layers.arg_scope":
        "arg_scope add_arg_scope has_arg_scope arg_scoped_arguments current_arg_scope "
        "arg_scope_func_key",
    "graphmode.contrib_layers.variables":
        "variable model_variable local_variable global_variable add_model_variable is_tensor "
        "get_variables get_model_variables get_local_variables get_trainable_variables "
        "get_variables_by_suffix get_variables_by_name get_unique_variable "
        "get_variables_to_restore filter_variables assign_from_values assign_from_values_fn",
    "graphmode.training.global_step":
        "assert_global_step create_global_step get_global_step get_or_create_global_step",
}
# fmt: on

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS, "nest")
