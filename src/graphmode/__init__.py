"""graphmode: the TensorFlow 1 programming model on today's compiler.

``import graphmode as tf``, build a graph, run it in a session. Each name is imported when it is
first touched; what each one means stands with its definition.
"""

from graphmode._namespace import lazy

__version__ = VERSION = "1.15.5"
"""The TensorFlow release whose interface this is: programs compare it. Its own number is `release`."""
release = "0.1.0"

# fmt: off
EXPORTS = {
    "graphmode.framework.dtypes":
        "DType as_dtype float16 float32 float64 half double bfloat16 int8 int16 int32 int64 uint8 "
        "uint16 uint32 uint64 string bool complex64 complex128 qint8 quint8 qint16 quint16 qint32 "
        "resource variant QUANTIZED_DTYPES",
    "graphmode.framework.shapes": "TensorShape Dimension dimension_value dimension_at_index",
    "graphmode.framework.device": "DeviceSpec",
    "graphmode.framework.operation":
        "Operation Tensor IndexedSlices SparseTensor IndexedSlicesValue SparseTensorValue",
    "graphmode.framework.graph":
        "Graph GraphKeys get_default_graph reset_default_graph name_scope control_dependencies "
        "device colocate_with container add_to_collection add_to_collections get_collection "
        "get_collection_ref get_default_session=default_session",
    "graphmode.framework.convert":
        "convert_to_tensor convert_to_tensor_or_indexed_slices register_tensor_conversion_function",
    "graphmode.ops.array":
        "constant placeholder placeholder_with_default identity identity_n stop_gradient "
        "guarantee_const shape shape_n size rank reshape fill zeros ones zeros_like ones_like "
        "expand_dims squeeze transpose matrix_transpose concat stack pack=stack parallel_stack "
        "unstack unpack=unstack split tile pad reverse reverse_v2=reverse broadcast_to "
        "broadcast_static_shape broadcast_dynamic_shape range linspace lin_space=linspace gather "
        "gather_nd scatter_nd",
    "graphmode.ops.math":
        "add subtract sub=subtract multiply mul=multiply realdiv truediv div divide div_no_nan "
        "floordiv floor_div floormod mod=floormod truncatediv truncatemod pow maximum minimum "
        "squared_difference atan2 scalar_mul add_n accumulate_n cast to_float to_double to_int32 "
        "to_int64 to_bfloat16 to_complex64 to_complex128 equal not_equal less less_equal greater "
        "greater_equal logical_and logical_or logical_not logical_xor negative neg=negative abs "
        "square exp log tanh matmul reduce_sum reduce_mean",
    "graphmode.ops.state":
        "assign assign_add assign_sub is_variable_initialized count_up_to",
    "graphmode.ops.state_scatter":
        "scatter_update scatter_add scatter_sub scatter_mul scatter_div scatter_min scatter_max "
        "scatter_nd_update scatter_nd_add scatter_nd_sub",
    "graphmode.ops.variables":
        "Variable global_variables local_variables trainable_variables all_variables "
        "model_variables moving_average_variables variables_initializer initialize_variables "
        "global_variables_initializer initialize_all_variables local_variables_initializer "
        "initialize_local_variables",
    "graphmode.ops.grouping": "group no_op tuple=tuple_",
    "graphmode.autodiff.gradients": "gradients hessians UnconnectedGradients AggregationMethod",
    "graphmode.autodiff.custom": "custom_gradient",
    "graphmode.autodiff.registry": "RegisterGradient NotDifferentiable NoGradient=NotDifferentiable",
    "graphmode.runtime.session": "Session InteractiveSession",
    "graphmode.runtime.config":
        "ConfigProto GPUOptions GraphOptions OptimizerOptions RunOptions RunMetadata",
}
# fmt: on
SUBMODULES = "errors nn train compat contrib examples python"

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS, SUBMODULES)
