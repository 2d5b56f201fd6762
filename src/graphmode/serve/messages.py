"""TensorFlow Serving's messages, with its public names and field numbers, without its compiler.

The tables are read as `graphmode.files.descriptors` says. They are in a pool of their own, so that
TensorFlow Serving's package may be imported beside them. Tensors and signatures are TensorBoard's
messages: on the wire they are TensorFlow's.
"""

from __future__ import annotations

import functools
from typing import Any

from google.protobuf import any_pb2, descriptor_pool, message_factory, wrappers_pb2

from graphmode.files.descriptors import protocol
from graphmode.files.examples import Example
from graphmode.framework.proto.messages import protobuf

PACKAGE = "tensorflow.serving"

_TENSOR = "tensorboard.TensorProto"
_SIGNATURE = "tensorboard.SignatureDef"

_APIS: dict[str, list[tuple[str, int, str]]] = {
    "ModelSpec": [
        ("name", 1, "string"), ("version", 2, "google.protobuf.Int64Value"),
        ("signature_name", 3, "string"), ("version_label", 4, "string"),
    ],
    "PredictRequest": [
        ("model_spec", 1, "ModelSpec"), ("inputs", 2, f"{{{_TENSOR}}}"),
        ("output_filter", 3, "[string]"),
    ],
    "PredictResponse": [("outputs", 1, f"{{{_TENSOR}}}"), ("model_spec", 2, "ModelSpec")],
    "ExampleList": [("examples", 1, "[tensorflow.Example]")],
    "ExampleListWithContext": [
        ("examples", 1, "[tensorflow.Example]"), ("context", 2, "tensorflow.Example"),
    ],
    "Input": [
        ("example_list", 1, "ExampleList"),
        ("example_list_with_context", 2, "ExampleListWithContext"),
    ],
    "Class": [("label", 1, "string"), ("score", 2, "float")],
    "Classifications": [("classes", 1, "[Class]")],
    "ClassificationResult": [("classifications", 1, "[Classifications]")],
    "ClassificationRequest": [("model_spec", 1, "ModelSpec"), ("input", 2, "Input")],
    "ClassificationResponse": [
        ("result", 1, "ClassificationResult"), ("model_spec", 2, "ModelSpec"),
    ],
    "Regression": [("value", 1, "float")],
    "RegressionResult": [("regressions", 1, "[Regression]")],
    "RegressionRequest": [("model_spec", 1, "ModelSpec"), ("input", 2, "Input")],
    "RegressionResponse": [("result", 1, "RegressionResult"), ("model_spec", 2, "ModelSpec")],
    "InferenceTask": [("model_spec", 1, "ModelSpec"), ("method_name", 2, "string")],
    "InferenceResult": [
        ("model_spec", 1, "ModelSpec"), ("classification_result", 2, "ClassificationResult"),
        ("regression_result", 3, "RegressionResult"),
    ],
    "MultiInferenceRequest": [("tasks", 1, "[InferenceTask]"), ("input", 2, "Input")],
    "MultiInferenceResponse": [("results", 1, "[InferenceResult]")],
    "SignatureDefMap": [("signature_def", 1, f"{{{_SIGNATURE}}}")],
    "GetModelMetadataRequest": [
        ("model_spec", 1, "ModelSpec"), ("metadata_field", 2, "[string]"),
    ],
    "GetModelMetadataResponse": [
        ("model_spec", 1, "ModelSpec"), ("metadata", 2, "{google.protobuf.Any}"),
    ],
    "StatusProto": [("error_code", 1, "int32"), ("error_message", 2, "string")],
    "ModelVersionStatus": [
        ("version", 1, "int64"), ("state", 2, "int32"), ("status", 3, "StatusProto"),
    ],
    "GetModelStatusRequest": [("model_spec", 1, "ModelSpec")],
    "GetModelStatusResponse": [("model_version_status", 1, "[ModelVersionStatus]")],
    "ClassifyLog": [("request", 1, "ClassificationRequest")],
    "RegressLog": [("request", 1, "RegressionRequest")],
    "PredictLog": [("request", 1, "PredictRequest")],
    "MultiInferenceLog": [("request", 1, "MultiInferenceRequest")],
    "PredictionLog": [
        ("classify_log", 2, "ClassifyLog"), ("regress_log", 3, "RegressLog"),
        ("multi_inference_log", 4, "MultiInferenceLog"), ("predict_log", 6, "PredictLog"),
    ],
    "Latest": [("num_versions", 1, "uint32")],
    "All": [],
    "Specific": [("versions", 1, "[int64]")],
    "ServableVersionPolicy": [
        ("latest", 100, "Latest"), ("all", 101, "All"), ("specific", 102, "Specific"),
    ],
    "ModelConfig": [
        ("name", 1, "string"), ("base_path", 2, "string"), ("model_type", 3, "int32"),
        ("model_platform", 4, "string"), ("model_version_policy", 7, "ServableVersionPolicy"),
        ("version_labels", 8, "{int64}"), ("logging_config", 6, "LoggingConfig"),
    ],
    "LogCollectorConfig": [("type", 1, "string"), ("filename_prefix", 2, "string")],
    "SamplingConfig": [("sampling_rate", 1, "double")],
    "LoggingConfig": [
        ("log_collector_config", 1, "LogCollectorConfig"), ("sampling_config", 2, "SamplingConfig"),
    ],
    "ModelConfigList": [("config", 1, "[ModelConfig]")],
    "ModelServerConfig": [
        ("model_config_list", 1, "ModelConfigList"),
        ("custom_model_config", 2, "google.protobuf.Any"),
    ],
    "ReloadConfigRequest": [("config", 1, "ModelServerConfig"), ("metric_names", 2, "[string]")],
    "ReloadConfigResponse": [("status", 1, "StatusProto")],
}  # fmt: skip
_ONE_OF = {
    "ModelSpec": ("version_choice", ("version", "version_label")),
    "Input": ("kind", ("example_list", "example_list_with_context")),
    "InferenceResult": ("result", ("classification_result", "regression_result")),
    "ModelServerConfig": ("config", ("model_config_list", "custom_model_config")),
    "ServableVersionPolicy": ("policy_choice", ("latest", "all", "specific")),
    "PredictionLog": (
        "log_type",
        ("classify_log", "regress_log", "multi_inference_log", "predict_log"),
    ),
}
"""Message -> the name of its choice, and the fields of which one at most is set."""
_ENUMS = {("ModelConfig", "model_type"): ("ModelType", ("MODEL_TYPE_UNSPECIFIED", "TENSORFLOW",
                                                         "OTHER"))}  # fmt: skip
"""Numbers that a text file may call by a name."""

STATES = {"UNKNOWN": 0, "START": 10, "LOADING": 20, "AVAILABLE": 30, "UNLOADING": 40, "END": 50}
"""The states of versions, as `ModelVersionStatus` numbers them."""


@functools.cache
def message(name: str) -> Any:
    """The class of the message `name` of TensorFlow Serving."""
    return message_factory.GetMessageClass(_pool().FindMessageTypeByName(f"{PACKAGE}.{name}"))


@functools.cache
def _pool() -> Any:
    pool = descriptor_pool.DescriptorPool()
    needed = [
        any_pb2.DESCRIPTOR, wrappers_pb2.DESCRIPTOR, Example.DESCRIPTOR.file,
        protobuf("tensor").DESCRIPTOR, protobuf("meta_graph").DESCRIPTOR,
    ]  # fmt: skip
    added: set[str] = set()
    for file in needed:
        _add_with_needs(pool, file, added)
    made = protocol("graphmode/serving.proto", PACKAGE, _APIS, needs=[f.name for f in needed])
    for described in made.message_type:
        if described.name in _ONE_OF:
            choice, fields = _ONE_OF[described.name]
            described.oneof_decl.add(name=choice)
            for field in described.field:
                if field.name in fields:
                    field.oneof_index = 0
        for field in described.field:
            if (described.name, field.name) in _ENUMS:
                enum, names = _ENUMS[described.name, field.name]
                kind = made.enum_type.add(name=enum)
                for number, value in enumerate(names):
                    kind.value.add(name=value, number=number)
                field.type, field.type_name = field.TYPE_ENUM, f".{PACKAGE}.{enum}"
    pool.Add(made)
    return pool


def _add_with_needs(pool: Any, file: Any, added: set[str]) -> None:
    """Add a file, after those that it takes messages from."""
    if file.name in added:
        return
    added.add(file.name)
    for needed in file.dependencies:
        _add_with_needs(pool, needed, added)
    pool.AddSerializedFile(file.serialized_pb)
