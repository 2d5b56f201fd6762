"""Graphs, variables, gradients, sessions, and the protocol buffers of TensorFlow."""

# fmt: off
TABLE = {
    "graphmode.framework.convert": {
        "tf python.framework.ops":
            "convert_to_tensor convert_to_tensor_or_indexed_slices "
            "register_tensor_conversion_function",
        "python.framework.ops": "convert_n_to_tensor",
    },
    "graphmode.framework.default_graph": {
        "tf python.framework.ops":
            "get_default_graph reset_default_graph name_scope init_scope control_dependencies "
            "device colocate_with container GraphKeys add_to_collection add_to_collections "
            "get_collection get_collection_ref",
        "python.framework.ops": "get_name_scope",
        "tf": "op_scope",
        "tf python.ops.variable_scope": "variable_creator_scope",
    },
    "graphmode.framework.defaults": {
        "tf python.framework.ops": "get_default_session=default_session",
    },
    "graphmode.framework.device": {
        "tf python.framework.device python.framework.device_spec": "DeviceSpec",
        "python.framework.device": "merge_device canonical_name",
    },
    "graphmode.framework.dtypes": {
        "tf dtypes python.framework.dtypes":
            "DType as_dtype float16 float32 float64 half double bfloat16 int8 int16 int32 int64 "
            "uint8 uint16 uint32 uint64 string bool complex64 complex128 qint8 quint8 qint16 "
            "quint16 qint32 resource variant QUANTIZED_DTYPES",
    },
    "graphmode.framework.errors": {
        "errors":
            "AbortedError AlreadyExistsError CancelledError DataLossError DeadlineExceededError "
            "FailedPreconditionError InternalError InvalidArgumentError NotFoundError "
            "OutOfRangeError PermissionDeniedError ResourceExhaustedError UnauthenticatedError "
            "UnavailableError UnimplementedError UnknownError error_code_from_exception_type "
            "exception_type_from_error_code ABORTED ALREADY_EXISTS CANCELLED DATA_LOSS "
            "DEADLINE_EXCEEDED FAILED_PRECONDITION INTERNAL INVALID_ARGUMENT NOT_FOUND OK "
            "OUT_OF_RANGE PERMISSION_DENIED RESOURCE_EXHAUSTED UNAUTHENTICATED UNAVAILABLE "
            "UNIMPLEMENTED UNKNOWN",
        "tf errors": "OpError",
    },
    "graphmode.framework.graph": {
        "tf python.framework.ops": "Graph",
    },
    "graphmode.framework.indexed_slices": {
        "tf python.framework.ops": "IndexedSlices IndexedSlicesValue",
    },
    "graphmode.framework.nest": {
        "contrib.framework.nest":
            "is_sequence assert_shallow_structure flatten_up_to map_structure_up_to "
            "get_traverse_shallow_structure",
        "nest": "is_nested flatten pack_sequence_as map_structure assert_same_structure",
    },
    "graphmode.framework.operation": {
        "tf python.framework.ops": "Operation Tensor",
    },
    "graphmode.framework.shapes": {
        "python.framework.tensor_shape": "as_shape unknown_shape scalar vector matrix",
        "tf python.framework.tensor_shape": "TensorShape dimension_at_index",
    },
    "graphmode.framework.dimension": {
        "python.framework.tensor_shape": "as_dimension",
        "tf python.framework.tensor_shape": "Dimension dimension_value",
    },
    "graphmode.framework.sparse_tensor": {
        "tf sparse": "SparseTensor",
        "tf": "SparseTensorValue",
    },
    "graphmode.variables.collections": {
        "tf python.ops.variables":
            "report_uninitialized_variables assert_variables_initialized global_variables "
            "local_variables trainable_variables all_variables model_variables "
            "moving_average_variables variables_initializer initialize_variables "
            "global_variables_initializer initialize_all_variables local_variables_initializer "
            "initialize_local_variables",
        "tf initializers": "tables_initializer",
        "tf": "initialize_all_tables",
        "initializers":
            "variables=variables_initializer global_variables=global_variables_initializer "
            "local_variables=local_variables_initializer",
    },
    "graphmode.variables.initializer": {
        "initializers python.ops.init_ops": "Initializer",
    },
    "graphmode.variables.initializers": {
        "tf python.ops.init_ops": "zeros_initializer ones_initializer constant_initializer",
        "python.ops.init_ops": "Zeros Ones Constant Identity identity_initializer=Identity",
        "initializers": "zeros=Zeros ones=Ones constant=Constant identity=Identity",
    },
    "graphmode.variables.random_initializers": {
        "tf python.ops.init_ops":
            "random_uniform_initializer random_normal_initializer truncated_normal_initializer "
            "orthogonal_initializer",
        "python.ops.init_ops": "RandomUniform RandomNormal TruncatedNormal Orthogonal",
        "initializers":
            "random_uniform=RandomUniform random_normal=RandomNormal "
            "truncated_normal=TruncatedNormal orthogonal=Orthogonal",
    },
    "graphmode.variables.scaled_initializers": {
        "tf python.ops.init_ops":
            "uniform_unit_scaling_initializer variance_scaling_initializer "
            "glorot_uniform_initializer glorot_normal_initializer",
        "initializers python.ops.init_ops": "lecun_normal lecun_uniform he_normal he_uniform",
        "python.ops.init_ops": "UniformUnitScaling VarianceScaling GlorotUniform GlorotNormal",
        "initializers":
            "uniform_unit_scaling=UniformUnitScaling variance_scaling=VarianceScaling "
            "glorot_uniform=GlorotUniform glorot_normal=GlorotNormal",
    },
    "graphmode.variables.partitioned": {
        "tf": "fixed_size_partitioner variable_axis_size_partitioner min_max_variable_partitioner",
    },
    "graphmode.variables.resources": {
        "python.ops.resources":
            "initialize_resources local_resources register_resource "
            "report_uninitialized_resources shared_resources",
    },
    "graphmode.variables.scope": {
        "tf python.ops.variable_scope":
            "get_variable get_local_variable variable_scope get_variable_scope VariableScope "
            "variable_op_scope",
    },
    "graphmode.variables.copies": {
        "tf python.ops.variable_scope python.ops.variables":
            "VariableSynchronization VariableAggregation",
    },
    "graphmode.variables.template": {
        "tf python.ops.template": "make_template",
        "python.ops.template": "Template",
    },
    "graphmode.variables.store": {
        "tf python.ops.variable_scope": "AUTO_REUSE no_regularizer",
    },
    "graphmode.variables.resource_variable": {
        "tf python.ops.variable_scope":
            "enable_resource_variables disable_resource_variables resource_variables_enabled",
        "python.ops.resource_variable_ops":
            "ResourceVariable BaseResourceVariable is_resource_variable "
            "_UnreadVariable=UnreadVariable",
    },
    "graphmode.variables.variable": {
        "tf python.ops.variables": "Variable",
        "python.ops.variables": "VariableV1=Variable RefVariable",
        "python.ops.variable_scope": "variable=Variable",
    },
    "graphmode.autodiff.custom": {
        "tf": "custom_gradient grad_pass_through recompute_grad",
    },
    "graphmode.autodiff.gradients": {
        "tf python.ops.gradients_impl": "gradients hessians UnconnectedGradients AggregationMethod",
    },
    "graphmode.autodiff.registration": {
        "tf python.framework.ops":
            "RegisterGradient NotDifferentiable NoGradient=NotDifferentiable",
        "python.framework.ops": "get_gradient_function",
        "tf": "no_gradient=NotDifferentiable",
    },
    "graphmode.runtime.config": {
        "tf": "ConfigProto GPUOptions GraphOptions OptimizerOptions RunOptions",
    },
    "graphmode.graph_io.importing": {
        "tf graph_util python.framework.importer": "import_graph_def",
    },
    "graphmode.graph_io.freezing": {
        "graph_util python.framework.graph_util python.framework.graph_util_impl":
            "convert_variables_to_constants",
    },
    "graphmode.graph_io.subgraphs": {
        "graph_util python.framework.graph_util python.framework.graph_util_impl":
            "extract_sub_graph must_run_on_cpu remove_training_nodes "
            "tensor_shape_from_node_def_name",
    },
    "graphmode.framework.proto.reading": {
        "tf contrib.util python.framework.tensor_util": "make_ndarray",
        "python.framework.tensor_util": "MakeNdarray=make_ndarray",
    },
    "graphmode.framework.proto.tensors": {
        "tf contrib.util python.framework.tensor_util": "make_tensor_proto",
        "python.framework.tensor_util": "ShapeEquals=shape_equals",
    },
    "graphmode.runtime.fetches": {
        "python.client.session": "register_session_run_conversion_functions",
    },
    "graphmode.runtime.session": {
        "tf": "Session InteractiveSession",
        "python.framework.test_util": "ErrorLoggingSession=Session",
    },
    "tensorboard.compat.proto.attr_value_pb2": {
        "tf": "AttrValue NameAttrList",
    },
    "tensorboard.compat.proto.event_pb2": {
        "tf summary": "Event SessionLog",
        "summary": "TaggedRunMetadata",
        "tf": "LogMessage",
    },
    "tensorboard.compat.proto.graph_pb2": {
        "tf": "GraphDef",
    },
    "tensorboard.compat.proto.histogram_pb2": {
        "tf": "HistogramProto",
    },
    "tensorboard.compat.proto.meta_graph_pb2": {
        "tf": "MetaGraphDef",
    },
    "tensorboard.compat.proto.node_def_pb2": {
        "tf": "NodeDef",
    },
    "tensorboard.compat.proto.summary_pb2": {
        "tf summary": "Summary SummaryMetadata",
        "summary": "SummaryDescription",
    },
}
# fmt: on
