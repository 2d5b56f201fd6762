"""TensorFlow 1's messages at the addresses of its compiled protocols; TensorBoard compiled them."""

# fmt: off
TABLE = {
    "tensorboard.compat.proto.allocation_description_pb2": {
        "core.framework.allocation_description_pb2": "AllocationDescription",
    },
    "tensorboard.compat.proto.attr_value_pb2": {
        "core.framework.attr_value_pb2": "AttrValue NameAttrList",
    },
    "tensorboard.compat.proto.config_pb2": {
        "tf core.protobuf.config_pb2": "RunMetadata",
    },
    "tensorboard.compat.proto.cluster_pb2": {
        "core.protobuf.cluster_pb2 train": "ClusterDef JobDef",
    },
    "tensorboard.compat.proto.cost_graph_pb2": {
        "core.framework.cost_graph_pb2": "CostGraphDef",
    },
    "tensorboard.compat.proto.debug_pb2": {
        "core.protobuf.debug_pb2":
            "DebugOptions DebugTensorWatch DebuggedSourceFile DebuggedSourceFiles",
    },
    "tensorboard.compat.proto.event_pb2": {
        "core.util.event_pb2":
            "Event LogMessage RequestedExitCode SessionLog SourceMetadata TaggedRunMetadata "
            "WatchdogConfig WorkerHealth WorkerHeartbeatRequest WorkerHeartbeatResponse "
            "WorkerShutdownMode",
    },
    "tensorboard.compat.proto.function_pb2": {
        "core.framework.function_pb2":
            "FunctionDef FunctionDefLibrary GradientDef RegisteredGradient",
    },
    "tensorboard.compat.proto.graph_pb2": {
        "core.framework.graph_pb2": "GraphDef",
    },
    "tensorboard.compat.proto.histogram_pb2": {
        "core.framework.summary_pb2": "HistogramProto",
    },
    "tensorboard.compat.proto.meta_graph_pb2": {
        "core.protobuf.meta_graph_pb2":
            "AssetFileDef CollectionDef MetaGraphDef SignatureDef TensorInfo",
    },
    "tensorboard.compat.proto.node_def_pb2": {
        "core.framework.node_def_pb2": "NodeDef",
    },
    "tensorboard.compat.proto.op_def_pb2": {
        "core.framework.op_def_pb2": "OpDef OpDeprecation OpList",
    },
    "tensorboard.compat.proto.resource_handle_pb2": {
        "core.framework.resource_handle_pb2": "ResourceHandleProto",
    },
    "tensorboard.compat.proto.rewriter_config_pb2": {
        "core.protobuf.rewriter_config_pb2":
            "AutoParallelOptions RewriterConfig ScopedAllocatorOptions",
    },
    "tensorboard.compat.proto.saver_pb2": {
        "core.protobuf.saver_pb2 train": "SaverDef",
    },
    "tensorboard.compat.proto.step_stats_pb2": {
        "core.framework.step_stats_pb2":
            "AllocationRecord AllocatorMemoryUsed DeviceStepStats MemoryStats NodeExecStats "
            "NodeOutput StepStats",
    },
    "tensorboard.compat.proto.struct_pb2": {
        "core.protobuf.struct_pb2":
            "BoundedTensorSpecProto DictValue ListValue NamedTupleValue NoneValue PairValue "
            "StructuredValue TensorSpecProto TupleValue TypeSpecProto",
    },
    "tensorboard.compat.proto.summary_pb2": {
        "core.framework.summary_pb2": "DataClass Summary SummaryDescription SummaryMetadata",
    },
    "tensorboard.compat.proto.tensor_pb2": {
        "core.framework.tensor_pb2": "TensorProto VariantTensorDataProto",
    },
    "tensorboard.compat.proto.tensor_description_pb2": {
        "core.framework.tensor_description_pb2": "TensorDescription",
    },
    "tensorboard.compat.proto.tensor_shape_pb2": {
        "core.framework.tensor_shape_pb2": "TensorShapeProto",
    },
    "tensorboard.compat.proto.types_pb2": {
        "core.framework.types_pb2":
            "DT_BFLOAT16 DT_BFLOAT16_REF DT_BOOL DT_BOOL_REF DT_COMPLEX128 DT_COMPLEX128_REF "
            "DT_COMPLEX64 DT_COMPLEX64_REF DT_DOUBLE DT_DOUBLE_REF DT_FLOAT DT_FLOAT4_E2M1FN "
            "DT_FLOAT4_E2M1FN_REF DT_FLOAT8_E4M3B11FNUZ DT_FLOAT8_E4M3B11FNUZ_REF "
            "DT_FLOAT8_E4M3FN DT_FLOAT8_E4M3FNUZ DT_FLOAT8_E4M3FNUZ_REF DT_FLOAT8_E4M3FN_REF "
            "DT_FLOAT8_E5M2 DT_FLOAT8_E5M2FNUZ DT_FLOAT8_E5M2FNUZ_REF DT_FLOAT8_E5M2_REF "
            "DT_FLOAT_REF DT_HALF DT_HALF_REF DT_INT16 DT_INT16_REF DT_INT2 DT_INT2_REF "
            "DT_INT32 DT_INT32_REF DT_INT4 DT_INT4_REF DT_INT64 DT_INT64_REF DT_INT8 "
            "DT_INT8_REF DT_INVALID DT_QINT16 DT_QINT16_REF DT_QINT32 DT_QINT32_REF DT_QINT8 "
            "DT_QINT8_REF DT_QUINT16 DT_QUINT16_REF DT_QUINT8 DT_QUINT8_REF DT_RESOURCE "
            "DT_RESOURCE_REF DT_STRING DT_STRING_REF DT_UINT16 DT_UINT16_REF DT_UINT2 "
            "DT_UINT2_REF DT_UINT32 DT_UINT32_REF DT_UINT4 DT_UINT4_REF DT_UINT64 DT_UINT64_REF "
            "DT_UINT8 DT_UINT8_REF DT_VARIANT DT_VARIANT_REF DataType SerializedDType",
    },
    "tensorboard.compat.proto.variable_pb2": {
        "core.framework.variable_pb2":
            "SaveSliceInfoDef VariableAggregation VariableDef VariableSynchronization",
    },
    "tensorboard.compat.proto.verifier_config_pb2": {
        "core.protobuf.verifier_config_pb2": "VerifierConfig",
    },
    "tensorboard.compat.proto.versions_pb2": {
        "core.framework.versions_pb2": "VersionDef",
    },
    "graphmode.cluster.server_def": {
        "core.protobuf.tensorflow_server_pb2 train": "ServerDef",
    },
    "graphmode.runtime.config": {
        "core.protobuf.config_pb2":
            "ConfigProto GPUOptions GraphOptions OptimizerOptions RunOptions",
    },
}
# fmt: on
