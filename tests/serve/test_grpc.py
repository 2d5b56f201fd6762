"""A client of TensorFlow Serving's gRPC interface, as it was written: public names, no changes."""

import base64
import dataclasses
from types import SimpleNamespace

import grpc
import numpy as np
import pytest
from tests.serve.conftest import HALF_PLUS_TWO, write_kinds, write_line

from graphmode.framework.proto.reading import make_ndarray
from graphmode.framework.proto.tensors import make_tensor_proto
from graphmode.serve.grpc_service import grpc_server
from graphmode.serve.library import Library, ModelConfig, Policy
from graphmode.serve.messages import message
from graphmode.serve.metrics import Metrics
from graphmode.serve.settings import Settings


@pytest.fixture(scope="module")
def channel(tmp_path_factory):
    kinds = tmp_path_factory.mktemp("models") / "kinds"
    write_kinds(kinds)
    configs = [
        ModelConfig("half", HALF_PLUS_TWO, Policy(), {"stable": 123}), ModelConfig("kinds", kinds)
    ]  # fmt: skip
    settings = Settings(poll_seconds=3600, warm_up=False, max_batch=4, max_body=10_000)
    library = Library(configs, settings, Metrics())
    library.start()
    server, port = grpc_server(library, "127.0.0.1:0")
    server.start()
    with grpc.insecure_channel(f"127.0.0.1:{port}") as found:
        found.library = library
        yield found
    server.stop(None).wait()
    library.stop()


def call(channel, service, method, request, answer, metadata=()):
    """Call a method as the stubs of the public package do."""
    stub = channel.unary_unary(
        f"/tensorflow.serving.{service}/{method}",
        request_serializer=type(request).SerializeToString,
        response_deserializer=message(answer).FromString,
    )
    return stub(request, 20, metadata)


def predict_request(values, name="half", signature="serving_default"):
    request = message("PredictRequest")()
    request.model_spec.name = name
    request.model_spec.signature_name = signature
    tensor = request.inputs["x"]
    tensor.dtype = 1
    tensor.tensor_shape.dim.add(size=len(values))
    tensor.tensor_shape.dim.add(size=1)
    tensor.float_val.extend(values)
    return request


def refusal(channel, service, method, request):
    with pytest.raises(grpc.RpcError) as caught:
        call(channel, service, method, request, "PredictResponse")
    return caught.value.code().name, caught.value.details()


def test_predict(channel):
    request = predict_request([1.0, 2.0, 5.0])
    answer = call(channel, "PredictionService", "Predict", request, "PredictResponse")
    y = answer.outputs["y"]
    assert list(y.float_val) == [2.5, 3.0, 4.5]
    assert [dim.size for dim in y.tensor_shape.dim] == [3, 1]
    assert (answer.model_spec.name, answer.model_spec.version.value) == ("half", 123)
    request.ClearField("inputs")
    tensor = request.inputs["x"]
    tensor.dtype = 1
    tensor.tensor_shape.dim.add(size=2)
    tensor.tensor_shape.dim.add(size=1)
    tensor.tensor_content = np.float32([4, 8]).tobytes()
    request.output_filter.append("y")
    request.model_spec.version_label = "stable"
    answer = call(channel, "PredictionService", "Predict", request, "PredictResponse")
    assert list(answer.outputs["y"].float_val) == [4.0, 6.0]


def test_classify_and_regress(channel):
    request = message("RegressionRequest")()
    request.model_spec.name = "half"
    request.model_spec.signature_name = "regress_x_to_y"
    with_context = request.input.example_list_with_context
    with_context.context.features.feature["x"].float_list.value.append(80.0)
    with_context.examples.add()
    with_context.examples.add().features.feature["x"].float_list.value.append(20.0)
    answer = call(channel, "PredictionService", "Regress", request, "RegressionResponse")
    assert [one.value for one in answer.result.regressions] == [42.0, 12.0]
    classify = message("ClassificationRequest")()
    classify.model_spec.name = "half"
    classify.model_spec.signature_name = "classify_x_to_y"
    classify.input.example_list.examples.add().features.feature["x"].float_list.value.append(10.0)
    answer = call(channel, "PredictionService", "Classify", classify, "ClassificationResponse")
    (only,) = answer.result.classifications
    assert [(one.label, one.score) for one in only.classes] == [("", 7.0)]


# As `tensorflow_serving.apis` 2.21 writes them.
MULTI_REQUEST = (
    "CjYKFwoEaGFsZhoPY2xhc3NpZnlfeF90b195Eht0ZW5zb3JmbG93L3NlcnZpbmcvY2xhc3NpZnkKNAoWCgRoYWxmGg5y"
    "ZWdyZXNzX3hfdG9feRIadGVuc29yZmxvdy9zZXJ2aW5nL3JlZ3Jlc3MSFQoTChEKDwoNCgF4EggSBgoEAAAgQQ=="
)
MULTI_ANSWER = (
    "CigKGwoEaGFsZhICCHsaD2NsYXNzaWZ5X3hfdG9feRIJCgcKBRUAAOBACiUKGgoEaGFsZhICCHsaDnJlZ3Jlc3NfeF90"
    "b195GgcKBQ0AAOBA"
)
RELOAD_REQUEST = (
    "CjAKLgosCgRoYWxmEgRCQVNFIgp0ZW5zb3JmbG93OgayBgMKAXtCCgoGY2FuYXJ5EHs="
)  # fmt: skip


def test_multi_inference(channel):
    request = message("MultiInferenceRequest").FromString(base64.b64decode(MULTI_REQUEST))
    method = "PredictionService", "MultiInference"
    answer = call(channel, *method, request, "MultiInferenceResponse")
    assert base64.b64encode(answer.SerializeToString(deterministic=True)).decode() == MULTI_ANSWER

    def wrong(change):
        changed = type(request)()
        changed.CopyFrom(request)
        change(changed)
        return refusal(channel, *method, changed)

    def other_name(changed):
        changed.tasks[1].model_spec.name = "kinds"

    def twice(changed):
        changed.tasks[1].CopyFrom(changed.tasks[0])

    def predict(changed):
        changed.tasks[1].method_name = "tensorflow/serving/predict"

    def regress(changed):
        changed.tasks[0].method_name = "tensorflow/serving/regress"

    assert "must access the same model name" in wrong(other_name)[1]
    assert wrong(twice) == (
        "INVALID_ARGUMENT", "Duplicate evaluation of signature: classify_x_to_y"
    )  # fmt: skip
    assert wrong(predict)[0] == "UNIMPLEMENTED"
    assert "Expected regression signature" in wrong(regress)[1]
    assert wrong(lambda changed: changed.ClearField("input"))[1] == "Input is empty."
    assert "needs a task" in wrong(lambda changed: changed.ClearField("tasks"))[1]


def test_other_models_by_a_call(channel, tmp_path):
    method = "ModelService", "HandleReloadConfigRequest"
    request = message("ReloadConfigRequest").FromString(base64.b64decode(RELOAD_REQUEST))
    before = message("ReloadConfigRequest")()
    for name in ("half", "kinds"):
        found = channel.library.status(name)  # what it served stays served
        assert found[0]["state"] == "AVAILABLE"
        base = channel.library._models[name].config.base_path
        before.config.model_config_list.config.add(name=name, base_path=str(base))
    (half,) = request.config.model_config_list.config
    assert (list(half.model_version_policy.specific.versions), dict(half.version_labels)) == (
        [123], {"canary": 123}
    )  # fmt: skip
    half.base_path = str(HALF_PLUS_TWO)
    write_line(tmp_path / "line" / "7")
    line = request.config.model_config_list.config.add(name="line", base_path=str(tmp_path))
    code, text = refusal(channel, *method, request)
    assert code == "NOT_FOUND" and "line: no version that is wanted" in text
    line.base_path = str(tmp_path / "line")
    call(channel, *method, request, "ReloadConfigResponse")
    asked = predict_request([1.0])
    asked.model_spec.version_label = "canary"
    answer = call(channel, "PredictionService", "Predict", asked, "PredictResponse")
    assert list(answer.outputs["y"].float_val) == [2.5]
    gone = refusal(channel, "PredictionService", "Predict", predict_request([1.0], "kinds"))
    assert gone[0] == "NOT_FOUND"
    assert refusal(channel, *method, message("ReloadConfigRequest")())[0] == "INVALID_ARGUMENT"
    write_line(tmp_path / "line" / "8")
    call(channel, *method, request, "ReloadConfigResponse")
    assert [one.number for one in channel.library._models["line"].available()] == [8]
    (tmp_path / "line" / "9").mkdir()
    (tmp_path / "line" / "9" / "saved_model.pb").write_bytes(b"\x00damaged")
    code, text = refusal(channel, *method, request)
    assert code == "FAILED_PRECONDITION" and text.startswith("line version 9: ")
    assert [one.number for one in channel.library._models["line"].available()] == [8]
    call(channel, *method, before, "ReloadConfigResponse")
    assert channel.library.names == ["half", "kinds"]


def test_texts_and_sparse_tensors(channel):
    request = message("PredictRequest")()
    request.model_spec.name = "kinds"
    request.model_spec.signature_name = "text"
    texts = np.array([b"a\xff", "ä".encode(), b""], object)
    request.inputs["text"].MergeFromString(make_tensor_proto(texts).SerializeToString())
    answer = call(channel, "PredictionService", "Predict", request, "PredictResponse")
    assert list(answer.outputs["text_bytes"].string_val) == texts.tolist()
    request = message("PredictRequest")()
    request.model_spec.name = "kinds"
    request.model_spec.signature_name = "sparse"
    for part, value in {
        "indices": np.array([[0, 2], [1, 0]]),
        "values": np.float32([5, 7]),
        "dense_shape": np.array([2, 3]),
    }.items():
        tensor = make_tensor_proto(value)
        request.inputs[f"sparse/{part}"].MergeFromString(tensor.SerializeToString())
    answer = call(channel, "PredictionService", "Predict", request, "PredictResponse")
    found = {name: make_ndarray(tensor).tolist() for name, tensor in answer.outputs.items()}
    assert found == {
        "dense": [[0, 0, 5], [7, 0, 0]],
        "twice/indices": [[0, 2], [1, 0]],
        "twice/values": [10, 14],
        "twice/dense_shape": [2, 3],
    }
    del request.inputs["sparse/dense_shape"]
    text = refusal(channel, "PredictionService", "Predict", request)[1]
    assert "Missing but required: {sparse/dense_shape}" in text


def test_metadata_and_status(channel):
    request = message("GetModelMetadataRequest")(metadata_field=["signature_def"])
    request.model_spec.name = "half"
    answer = call(
        channel, "PredictionService", "GetModelMetadata", request, "GetModelMetadataResponse"
    )
    packed = answer.metadata["signature_def"]
    assert packed.type_url == "type.googleapis.com/tensorflow.serving.SignatureDefMap"
    signatures = message("SignatureDefMap").FromString(packed.value).signature_def
    assert signatures["serving_default"].outputs["y"].name == "y:0"
    asked = message("GetModelStatusRequest")()
    asked.model_spec.name = "half"
    answer = call(channel, "ModelService", "GetModelStatus", asked, "GetModelStatusResponse")
    (only,) = answer.model_version_status
    assert (only.version, only.state, only.status.error_code) == (123, 30, 0)


def test_requests_that_are_wrong(channel):
    def wrong(change):
        request = predict_request([1.0])
        change(request)
        return refusal(channel, "PredictionService", "Predict", request)

    def set_dims(request):
        request.inputs["x"].tensor_shape.dim[0].size = 10**12

    def set_dtype(request):
        request.inputs["x"].dtype = 2

    def set_version(request):
        request.model_spec.version.value = 7

    code, text = wrong(lambda request: request.ClearField("model_spec"))
    assert (code, text) == ("INVALID_ARGUMENT", "Missing ModelSpec")
    assert wrong(set_version) == (
        "NOT_FOUND", "Servable not found for request: Specific(half, 7)"
    )  # fmt: skip
    assert wrong(set_dims)[1] == "input 'x' cannot have the shape [1000000000000, 1]"
    assert wrong(set_dtype)[1] == "input 'x': float32 was expected, float64 was given"
    assert "Missing but required: {x}" in wrong(lambda request: request.ClearField("inputs"))[1]
    assert "not found in signature" in wrong(lambda request: request.output_filter.append("z"))[1]
    code, _ = refusal(channel, "PredictionService", "Predict", predict_request([1.0] * 5000))
    assert code == "RESOURCE_EXHAUSTED"  # more bytes than a request may have
    code, _ = refusal(channel, "PredictionService", "PredictStreamed", predict_request([1.0]))
    assert code == "UNIMPLEMENTED"


def test_a_token(channel):
    library = channel.library
    closed = dataclasses.replace(library.settings, token="sesame")
    server, port = grpc_server(SimpleNamespace(settings=closed, **_asked(library)), "127.0.0.1:0")
    server.start()
    try:
        with grpc.insecure_channel(f"127.0.0.1:{port}") as found:
            method = ("PredictionService", "Predict", predict_request([1.0]))
            for metadata in (
                (),
                (("authorization", "Bearer sesam"),),
                (("authorization", "sesame"),),
            ):
                with pytest.raises(grpc.RpcError) as caught:
                    call(found, *method, "PredictResponse", metadata)
                assert caught.value.code().name == "UNAUTHENTICATED"
            known = (("authorization", "Bearer sesame"),)
            answer = call(found, *method, "PredictResponse", known)
            assert list(answer.outputs["y"].float_val) == [2.5]
    finally:
        server.stop(None).wait()


def _asked(library):
    """What a service asks of a library."""
    return {name: getattr(library, name) for name in ("has", "metrics", "using")}
