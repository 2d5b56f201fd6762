"""A client of TensorFlow Serving's gRPC interface, as it was written: public names, no changes."""

import grpc
import numpy as np
import pytest
from tests.serve.conftest import HALF_PLUS_TWO

from graphmode.serve.grpc_service import grpc_server
from graphmode.serve.library import Library, ModelConfig, Policy
from graphmode.serve.messages import message
from graphmode.serve.metrics import Metrics
from graphmode.serve.settings import Settings


@pytest.fixture(scope="module")
def channel():
    config = ModelConfig("half", HALF_PLUS_TWO, Policy(), {"stable": 123})
    settings = Settings(poll_seconds=3600, warm_up=False, max_batch=4, max_body=10_000)
    library = Library([config], settings, Metrics())
    library.start()
    server, port = grpc_server(library, "127.0.0.1:0")
    server.start()
    with grpc.insecure_channel(f"127.0.0.1:{port}") as found:
        yield found
    server.stop(None).wait()
    library.stop()


def call(channel, service, method, request, answer):
    """Call a method as the stubs of the public package do."""
    stub = channel.unary_unary(
        f"/tensorflow.serving.{service}/{method}",
        request_serializer=type(request).SerializeToString,
        response_deserializer=message(answer).FromString,
    )
    return stub(request, 20)


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
    code, _ = refusal(channel, "PredictionService", "MultiInference", predict_request([1.0]))
    assert code == "UNIMPLEMENTED"
