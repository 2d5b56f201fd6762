"""graphmode: the TensorFlow 1 programming model on today's compiler.

``import graphmode as tf``, build a graph, run it in a session. Each name is imported when it is
first touched; what each one means stands with its definition.
"""

from graphmode._namespace import lazy

__version__ = VERSION = "1.15.5"
"""The TensorFlow release whose interface this is; programs compare it. Ours is `release`."""
release = "0.1.0"

# fmt: off
EXPORTS = {
    "graphmode.framework.dtypes":
        "DType as_dtype float16 float32 float64 half double bfloat16 int8 int16 int32 int64 uint8 "
        "uint16 uint32 uint64 string bool complex64 complex128 qint8 quint8 qint16 quint16 qint32 "
        "resource variant QUANTIZED_DTYPES",
    "graphmode.framework.shapes": "TensorShape Dimension dimension_value dimension_at_index",
    "graphmode.framework.device": "DeviceSpec",
    "graphmode.framework.operation": "Operation Tensor",
    "graphmode.framework.indexed_slices": "IndexedSlices IndexedSlicesValue",
    "graphmode.framework.sparse_tensor": "SparseTensorValue",
    "graphmode.framework.graph": "Graph",
    "graphmode.framework.default_graph":
        "get_default_graph reset_default_graph name_scope control_dependencies device "
        "colocate_with container",
    "graphmode.framework.defaults": "get_default_session=default_session",
    "graphmode.framework.graph_collections":
        "GraphKeys add_to_collection add_to_collections get_collection get_collection_ref",
    "graphmode.framework.convert":
        "convert_to_tensor_or_indexed_slices register_tensor_conversion_function",
    # from there, because they make constants
    "graphmode.ops.array.constants": "convert_to_tensor SparseTensor",
    "graphmode.ops.array":
        "constant placeholder placeholder_with_default identity identity_n stop_gradient "
        "guarantee_const shape shape_n size rank reshape fill zeros ones zeros_like ones_like "
        "expand_dims squeeze transpose matrix_transpose concat stack pack=stack parallel_stack "
        "unstack unpack=unstack split tile pad reverse reverse_v2=reverse reverse_sequence slice "
        "strided_slice broadcast_to broadcast_static_shape broadcast_dynamic_shape range linspace "
        "lin_space=linspace meshgrid sequence_mask eye gather gather_nd scatter_nd "
        "tensor_scatter_update tensor_scatter_nd_update=tensor_scatter_update tensor_scatter_add "
        "tensor_scatter_nd_add=tensor_scatter_add one_hot boolean_mask invert_permutation where "
        "where_v2 select unique unique_with_counts setdiff1d sort argsort searchsorted "
        "dynamic_partition dynamic_stitch newaxis",
    "graphmode.ops.math":
        "abs accumulate_n acos acosh add add_n angle arg_max arg_min argmax argmin asin asinh "
        "atan atan2 atanh batch_matmul=matmul betainc bincount bitcast cast ceil "
        "clip_by_average_norm clip_by_global_norm clip_by_norm clip_by_value complex complex_abs "
        "conj cos cosh count_nonzero cross cumprod cumsum diag diag_part digamma div div_no_nan "
        "divide einsum equal erf erfc exp expm1 floor floor_div floordiv floormod global_norm "
        "greater greater_equal histogram_fixed_width igamma igammac imag inv=reciprocal is_finite "
        "is_inf is_nan lbeta less less_equal lgamma log log1p logical_and logical_not logical_or "
        "logical_xor matmul matrix_diag matrix_diag_part maximum minimum mod=floormod "
        "mul=multiply multiply neg=negative negative norm not_equal polygamma pow real realdiv "
        "reciprocal reduce_all reduce_any reduce_logsumexp reduce_max reduce_mean reduce_min "
        "reduce_prod reduce_sum rint round rsqrt saturate_cast scalar_mul segment_max "
        "segment_mean segment_min segment_prod segment_sum sigmoid sign sin sinh "
        "sparse_segment_mean sparse_segment_sqrt_n sparse_segment_sum sqrt square "
        "squared_difference sub=subtract subtract tan tanh tensordot to_bfloat16 to_complex128 "
        "to_complex64 to_double to_float to_int32 to_int64 trace truediv truncatediv truncatemod "
        "unsorted_segment_max unsorted_segment_mean unsorted_segment_min unsorted_segment_prod "
        "unsorted_segment_sqrt_n unsorted_segment_sum zeta",
    "graphmode.ops.state.variable_ops":
        "assign assign_add assign_sub is_variable_initialized count_up_to",
    "graphmode.ops.state.scatter":
        "scatter_update scatter_add scatter_sub scatter_mul scatter_div scatter_min scatter_max "
        "scatter_nd_update scatter_nd_add scatter_nd_sub",
    "graphmode.variables.variable": "Variable",
    "graphmode.variables.collections":
        "report_uninitialized_variables assert_variables_initialized global_variables "
        "local_variables trainable_variables all_variables "
        "model_variables moving_average_variables variables_initializer initialize_variables "
        "global_variables_initializer initialize_all_variables local_variables_initializer "
        "initialize_local_variables tables_initializer initialize_all_tables",
    "graphmode.variables.scope":
        "get_variable get_local_variable variable_scope get_variable_scope VariableScope "
        "variable_op_scope",
    "graphmode.variables.store":
        "AUTO_REUSE no_regularizer VariableSynchronization VariableAggregation",
    "graphmode.variables.partitioned":
        "fixed_size_partitioner variable_axis_size_partitioner min_max_variable_partitioner",
    "graphmode.variables.initializers":
        "zeros_initializer ones_initializer constant_initializer random_uniform_initializer "
        "random_normal_initializer truncated_normal_initializer uniform_unit_scaling_initializer "
        "variance_scaling_initializer glorot_uniform_initializer glorot_normal_initializer "
        "orthogonal_initializer",
    "graphmode.ops.sparse.tensors":
        "sparse_placeholder sparse_to_dense sparse_tensor_to_dense sparse_tensor_dense_matmul "
        "sparse_reduce_sum sparse_reorder sparse_concat sparse_add sparse_retain",
    "graphmode.ops.sequence.edit_distance": "edit_distance",
    "graphmode.ops.linalg.decompositions":
        "qr cholesky svd self_adjoint_eig self_adjoint_eigvals",
    "graphmode.ops.linalg.linear_systems":
        "matrix_inverse matrix_determinant log_matrix_determinant matrix_solve "
        "matrix_triangular_solve cholesky_solve",
    "graphmode.ops.linalg.diagonals": "diag diag_part matrix_band_part matrix_set_diag",
    "graphmode.ops.control.grouping": "group no_op tuple=tuple_",
    "graphmode.ops.control.checks":
        "Assert Print check_numerics verify_tensor_all_finite add_check_numerics_ops",
    "graphmode.ops.control.cond": "cond case switch_case",
    "graphmode.ops.control.while_loop": "while_loop",
    "graphmode.ops.control.tensor_array": "TensorArray",
    "graphmode.ops.control.functional": "map_fn scan foldl foldr",
    "graphmode.ops.control.assertions":
        "assert_equal assert_less assert_less_equal assert_greater assert_greater_equal "
        "assert_none_equal assert_near assert_positive assert_negative assert_non_negative "
        "assert_non_positive assert_rank assert_rank_at_least assert_rank_in assert_type "
        "assert_integer assert_scalar assert_proper_iterable",
    "graphmode.ops.control.py_func": "py_func numpy_function",
    "graphmode.ops.random.draws":
        "random_uniform random_normal truncated_normal random_shuffle random_crop multinomial "
        "set_random_seed get_seed",
    "graphmode.autodiff.gradients": "gradients hessians UnconnectedGradients AggregationMethod",
    "graphmode.autodiff.custom": "custom_gradient",
    "graphmode.autodiff.registry":
        "RegisterGradient NotDifferentiable NoGradient=NotDifferentiable",
    "graphmode.runtime.session": "Session InteractiveSession",
    "graphmode.summary.legacy":
        "scalar_summary histogram_summary image_summary audio_summary merge_summary "
        "merge_all_summaries",
    "tensorboard.compat.proto.summary_pb2": "Summary SummaryMetadata HistogramProto",
    "tensorboard.compat.proto.event_pb2": "Event LogMessage SessionLog",
    "tensorboard.compat.proto.graph_pb2": "GraphDef",
    "tensorboard.compat.proto.node_def_pb2": "NodeDef",
    "tensorboard.compat.proto.attr_value_pb2": "AttrValue NameAttrList",
    "tensorboard.compat.proto.meta_graph_pb2": "MetaGraphDef",
    "graphmode.runtime.config":
        "ConfigProto GPUOptions GraphOptions OptimizerOptions RunOptions RunMetadata",
    "graphmode.platform.behavior":
        "disable_v2_behavior disable_eager_execution disable_resource_variables "
        "disable_control_flow_v2 disable_tensor_equality disable_v2_tensorshape "
        "enable_control_flow_v2 enable_resource_variables enable_eager_execution "
        "enable_v2_behavior executing_eagerly",
    "graphmode.ops.nn.spatial":
        "space_to_depth depth_to_space space_to_batch batch_to_space space_to_batch_nd "
        "batch_to_space_nd required_space_to_batch_paddings extract_image_patches",
    "graphmode.metrics.confusion": "confusion_matrix",
}
# fmt: on
SUBMODULES = (
    "errors nn initializers random debugging train compat contrib examples python summary math "
    "linalg bitwise raw_ops layers losses metrics image sparse "
    "app flags logging gfile test nest"
)

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS, SUBMODULES)
