"""TF1's `tensorflow.python.framework.ops`: graphs, collections and scopes, names only."""

from graphmode._namespace import lazy

# fmt: off
EXPORTS = {
    "graphmode.autodiff.registry":
        "RegisterGradient NotDifferentiable NoGradient=NotDifferentiable",
    "graphmode.framework.convert":
        "convert_n_to_tensor convert_to_tensor convert_to_tensor_or_indexed_slices "
        "register_tensor_conversion_function",
    "graphmode.framework.graph": "Graph",
    "graphmode.framework.default_graph":
        "colocate_with container control_dependencies device get_default_graph name_scope "
        "reset_default_graph",
    "graphmode.framework.defaults": "get_default_session=default_session",
    "graphmode.framework.graph_collections":
        "GraphKeys add_to_collection add_to_collections get_collection get_collection_ref",
    "graphmode.framework.operation": "Operation Tensor",
    "graphmode.framework.indexed_slices": "IndexedSlices",
}
# fmt: on

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
