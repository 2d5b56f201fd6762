"""TensorFlow Serving's REST interface as it is documented: requests, answers, errors."""

import base64
import contextlib
import json
import math

import numpy as np
import pytest
from starlette.responses import JSONResponse
from starlette.routing import Route
from tests.serve.conftest import Client, served, write_kinds

import graphmode as tf
from graphmode.serve import Settings, app
from graphmode.serve.errors import Refused
from graphmode.serve.signatures import Spec
from graphmode.serve.tensors import array_of

PREDICT = "/v1/models/half:predict"
ROW = {"number": [[1, 2], [3, 4], [5, 6]], "text": "foo", "real": [0.5, math.nan]}
OTHER = {"number": [[7, 8], [9, 0], [1, 2]], "text": {"b64": "/wA="}, "real": [2, math.inf]}


@pytest.fixture(scope="module")
def kinds(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kinds")
    write_kinds(folder / "3")
    with served({"kinds": folder}) as client:
        yield client


def test_rows_and_columns_of_one_input(half):
    assert half.post(PREDICT, {"instances": [[1.0], [2], [5.0]]}) == (
        200, {"predictions": [[2.5], [3.0], [4.5]]}
    )  # fmt: skip
    named = {"signature_name": "serving_default", "instances": [{"x": [1.0]}, {"x": [5e0]}]}
    assert half.post(PREDICT, named)[1] == {"predictions": [[2.5], [4.5]]}
    assert half.post(PREDICT, {"inputs": [[1.0], [2.0]]})[1] == {"outputs": [[2.5], [3.0]]}
    assert half.post(PREDICT, {"inputs": {"x": [[1.0]]}})[1] == {"outputs": [[2.5]]}
    in_version = half.post("/v1/models/half/versions/123:predict", {"instances": [[0.1]]})
    assert in_version == (200, {"predictions": [[2.05]]})  # the shortest text of a float32


def test_numbers_that_are_none_are_written_as_such(half):
    answer = half.request("POST", PREDICT, content='{"instances": [[NaN], [-Infinity], [0.2]]}')
    assert answer.text == '{"predictions": [[NaN], [-Infinity], [2.1]]}'
    assert answer.headers["content-type"] == "application/json"


def test_rows_of_several_inputs_and_outputs(kinds):
    status, answer = kinds.post("/v1/models/kinds:predict", {"instances": [ROW, OTHER]})
    assert status == 200
    first, second = answer["predictions"]
    assert first["doubled"] == [[2, 4], [6, 8], [10, 12]]
    assert (first["text"], second["text"]) == ("foo", "�\0")
    assert second["text_bytes"] == {"b64": "/wA="}
    assert first["real"][0] == 0.5 and math.isnan(first["real"][1])
    assert second["real"] == [2.0, math.inf]


def test_columns_need_not_have_one_size(kinds):
    columns = {
        "number": [ROW["number"]], "text": ["a", "b"], "real": [[1.0, 2.0]]
    }  # fmt: skip
    status, answer = kinds.post("/v1/models/kinds:predict", {"inputs": columns})
    assert status == 200
    assert answer["outputs"]["text_bytes"] == [{"b64": "YQ=="}, {"b64": "Yg=="}]
    assert answer["outputs"]["real"] == [[1.0, 2.0]]
    flag = kinds.post("/v1/models/kinds:predict", {"signature_name": "flag", "inputs": True})
    assert flag == (200, {"outputs": False})
    total = {"signature_name": "sum", "inputs": [[1.0, 2.0], [3.0, 4.0]]}
    assert kinds.post("/v1/models/kinds:predict", total) == (200, {"outputs": 10.0})
    empty = {"signature_name": "text", "inputs": []}
    assert kinds.post("/v1/models/kinds:predict", empty) == (200, {"outputs": []})


def test_regress_and_classify(half):
    regress = {"signature_name": "regress_x_to_y", "examples": [{"x": 80.0}, {"x": [20.0]}]}
    assert half.post("/v1/models/half:regress", regress) == (200, {"results": [42.0, 12.0]})
    with_context = {"signature_name": "regress_x_to_y2", "context": {"x": 2.0}, "examples": [{}]}
    assert half.post("/v1/models/half:regress", with_context)[1] == {"results": [4.0]}
    classify = {"signature_name": "classify_x_to_y", "examples": [{"x": 20.0}, {"x": 10.0}]}
    assert half.post("/v1/models/half:classify", classify) == (
        200, {"results": [[["", 12.0]], [["", 7.0]]]}
    )  # fmt: skip


def test_status_and_metadata(half):
    status = {
        "version": "123", "state": "AVAILABLE", "status": {"error_code": "OK", "error_message": ""}
    }  # fmt: skip
    for address in ("/v1/models/half", "/v1/models/half/versions/123"):
        assert half.get(address).json() == {"model_version_status": [status]}
    found = half.get("/v1/models/half/metadata").json()
    assert found["model_spec"] == {"name": "half", "signature_name": "", "version": "123"}
    signatures = found["metadata"]["signature_def"]["signature_def"]
    assert sorted(signatures) == [
        "classify_x_to_y", "regress_x_to_y", "regress_x_to_y2", "serving_default"
    ]  # fmt: skip
    x = signatures["serving_default"]["inputs"]["x"]
    assert (x["dtype"], x["name"], x["tensor_shape"]["unknown_rank"]) == ("DT_FLOAT", "x:0", False)
    assert [dim["size"] for dim in x["tensor_shape"]["dim"]] == ["-1", "1"]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("", "JSON Parse error: The document is empty"),
        ("instances = [1, 2]", "JSON Parse error: Invalid value. at offset: 0"),
        ('{"instances": [NaN}', "JSON Parse error: Invalid value. at offset: 18"),
        (b'{"instances": ["\xff"]}', "JSON Parse error: Invalid value."),
        ('{"instances": ' + "[" * 100_000, "JSON Parse error: Invalid value."),
        ('{"instances": NaN, "a": ' + "[" * 100_000, "JSON Parse error: Invalid value."),
        ("[1.0]", "not a JSON object"),
        ("{}", "Missing 'inputs' or 'instances' key"),
        ('{"instances": [], "inputs": []}', "Not formatted correctly"),
        ('{"signature_name": 5, "instances": [[1]]}', "must be a string value"),
        ('{"signature_name": "no", "instances": [[1]]}', 'Serving signature name: "no" not found'),
        ('{"instances": 1.0}', "Expecting 'instances' value to be an array/list"),
        ('{"instances": []}', "an empty list"),
        ('{"instances": [[1], [2, 3]]}', "Expecting tensor size: 1 but got: 2"),
        ('{"instances": [[1], [[2]]]}', "Expecting shape []"),
        ('{"instances": [[1], 2]}', "Expecting shape [1]"),
        ('{"instances": [[1], ["a"]]}', '"a" Type: String is not of expected type: float32'),
        ('{"instances": [[null]]}', "null Type: Null is not of expected type: float32"),
        ('{"instances": [[true]]}', "true Type: Bool is not of expected type: float32"),
        ('{"instances": [[1.7e308]]}', "loss of precision"),
        ('{"instances": [[16777217]]}', "loss of precision"),
        ('{"instances": [[1, 2]]}', "input 'x' has shape [1, 2]; the signature's is [?, 1]"),
        ('{"instances": [1.0]}', "input 'x' has shape [1]; the signature's is [?, 1]"),
        ('{"instances": [{"z": [1]}]}', "Sent extra: {z}. Missing but required: {x}."),
        ('{"inputs": {"x": [[1]], "z": 1}}', "2!=1 len({x,z}) != len({x}). Sent extra: {z}."),
        ('{"instances": [[1], {"x": [1]}]}', "Expecting value/list but got object"),
        ('{"instances": [{"x": [1]}, [1]]}', "Expecting object but got list"),
        ('{"instances": [{"x": [1]}, {}]}', "does not have named input: x"),
        ('{"signature_name": "regress_x_to_y", "inputs": ["a"]}', "Could not parse example"),
        ('{"signature_name": "regress_x_to_y", "inputs": [{"b64": "a"}]}', "base64 decode"),
    ],
)
def test_requests_that_are_wrong(half, body, text):
    status, error = half.error(PREDICT, body)
    assert status == 400 and text in error, error


@pytest.mark.parametrize(
    ("verb", "body", "text"),
    [
        (
            "regress",
            {"examples": [{"x": 1.0}]},
            "to be tensorflow/serving/regress. Was",
        ),
        ("classify", {"signature_name": "regress_x_to_y", "examples": [{}]}, "Was: tensorflow/s"),
        ("regress", {"signature_name": "regress_x_to_y"}, "key 'examples' is expected"),
        ("regress", {"signature_name": "regress_x_to_y", "examples": []}, "an empty list"),
        ("regress", {"signature_name": "regress_x_to_y", "examples": [1]}, "not a JSON object"),
        ("regress", {"signature_name": "regress_x_to_y", "examples": [{"x": None}]}, "feature 'x'"),
        (
            "regress",
            {"signature_name": "regress_x_to_y", "context": {"x": 1.0}, "examples": [{"x": 1.0}]},
            "is in 'context', too",
        ),
        ("regress", {"signature_name": "regress_x_to_y", "examples": [{"x": "a"}]}, "x"),
        ("generate", {"prompt": "a"}, "this model has no generate"),
    ],
)
def test_examples_that_are_wrong(half, verb, body, text):
    status, error = half.error(f"/v1/models/half:{verb}", body)
    assert status == 400 and text in error, error


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"inputs": [1]}, "the signature has several inputs"),
        ({"instances": [{**ROW, "number": [[1, 2], [3, 4], [5, 6.5]]}]}, "expected type: int32"),
        ({"instances": [{**ROW, "number": [[1, 2], [3, 4], [5, 2**31]]}]}, "loss of precision"),
        ({"instances": [{**ROW, "number": [[1, 2], [3, 4], [5, 2**70]]}]}, "out of range"),
        ({"instances": [{**ROW, "text": 3}]}, "3 Type: Number is not of expected type: string"),
        ({"instances": [{**ROW, "text": {"b64": 3}}]}, "must hold a string"),
        ({"instances": [{**ROW, "text": {"b64": "====="}}]}, "Unable to base64 decode"),
        ({"signature_name": "sum", "instances": [[1.0, 2.0]]}, "no shape information"),
        ({"signature_name": "flag", "inputs": 1}, "1 Type: Number is not of expected type: bool"),
    ],
)
def test_kinds_that_are_wrong(kinds, body, text):
    status, error = kinds.error("/v1/models/kinds:predict", body)
    assert status == 400 and text in error, error


@pytest.mark.parametrize(
    ("method", "path", "status", "text"),
    [
        ("GET", "/v1/models", 400, "Missing model name"),
        ("POST", "/v1/models", 400, "Malformed request: POST /v1/models"),
        ("GET", PREDICT, 400, f"Malformed request: GET {PREDICT}"),
        ("POST", "/v1/models/half", 400, "Malformed request"),
        ("POST", "/v1/models/half/version/50:regress", 400, "Malformed request"),
        ("POST", "/v1/models/half/versions/HELLO:regress", 400, "Malformed request"),
        ("POST", f"/v1/models/half/versions/{2**64}:regress", 400, "Failed to convert version"),
        ("POST", "/v1/models/none:predict", 404, "Servable not found for request: Latest(none)"),
        ("POST", "/v1/models/half/versions/9:predict", 404, "request: Specific(half, 9)"),
        ("POST", "/v1/models/half/labels/stable:predict", 404, "version label: stable"),
        ("GET", "/v1/models/none", 404, "Could not find any versions of model none"),
        ("GET", "/v1/models/half/versions/9", 404, "Could not find version 9 of model half"),
        ("GET", "/v1/models/half/versions/9/metadata", 404, "Specific(half, 9)"),
        ("GET", "/nothing", 404, "Not found: GET /nothing"),
        ("POST", "/metrics", 405, "Malformed request: POST /metrics"),
    ],
)
def test_addresses_that_are_wrong(half, method, path, status, text):
    answer = half.request(method, path, content='{"instances": [[1.0]]}')
    assert answer.status_code == status and text in answer.json()["error"], answer.text


def test_large_requests_are_computed_in_parts(half):
    n = 100_003  # parsed in another thread, computed four rows at a time
    values = np.arange(n, dtype=np.float32)[:2003]
    status, answer = half.post(PREDICT, {"instances": values[:, None].tolist()})
    assert status == 200
    np.testing.assert_array_equal(np.ravel(answer["predictions"]), values * 0.5 + 2)
    text = base64.b64encode(b"\0" * 300_000).decode()
    body = {"signature_name": "regress_x_to_y", "inputs": [{"b64": text}]}
    assert half.error(PREDICT, json.dumps(body))[0] == 400


def test_numbers_come_as_numpy_reads_them():
    spec = Spec(tf.float32, None)
    for value in (
        [0.1, 2, -3], [[0.1, 1e-40], [float("nan"), float("-inf")]], [[[0.5]], [[7]]], [], [[]],
        [1, 2.5], np.random.default_rng(0).normal(size=(2, 3, 4)).tolist(), [[0.1] * 70_000],
    ):  # fmt: skip
        found = array_of("x", value, spec, has_words=False)
        wanted = np.asarray(value).astype(np.float32)
        assert found.dtype == np.float32 and found.flags.writeable
        np.testing.assert_array_equal(found, wanted)
    for value, text in (
        ([0.5, "1"], "not of expected type"), ([[0.5], "1"], "ragged"), ([[0.5], [1, 2]], "ragged"),
        ([[[0.5]], [0.5]], "ragged"), ([0.5, 1e39], "without loss"), ([0.5, 10**400], "range"),
        ([[0.5], None], "ragged"), ([[0.5], {"b64": ""}], "ragged"), ([0.5, None], "Null"),
    ):  # fmt: skip
        with pytest.raises(Refused, match=text):
            array_of("x", value, spec, has_words=False)


def test_health_metrics_and_openapi(half):
    assert half.get("/healthz").json() == {"status": "ok"}
    assert half.get("/readyz").status_code == 200
    half.post(PREDICT, {"instances": [[1.0]]})
    text = half.get("/metrics").text
    assert 'graphmode_serve_requests_total{model="half",verb="predict",status="200"}' in text
    assert 'graphmode_serve_request_seconds_bucket{model="half",verb="predict",le="+Inf"}' in text
    assert 'graphmode_serve_model_available{model="half"} 1' in text
    assert half.get("/monitoring/prometheus/metrics").status_code == 200
    paths = half.get("/openapi.json").json()["paths"]
    assert {"/v1/models/half:predict", "/v1/models/half:regress", "/healthz"} <= paths.keys()


def test_the_openapi_page_says_which_requests_are_right(half):
    jsonschema = pytest.importorskip("jsonschema", reason="pip install jsonschema")
    paths = half.get("/openapi.json").json()["paths"]
    asked = paths["/v1/models/half/versions/{version}:predict"]["post"]["requestBody"]
    schema = asked["content"]["application/json"]["schema"]
    good = [{"inputs": [[1.0]]}, {"signature_name": "", "instances": [{"x": [1.0]}]}]
    bad = [{"inputs": [1.0]}, {"signature_name": "other", "inputs": [[1.0]]}, {"inputs": []}]
    for body in good + bad:
        is_good = half.post("/v1/models/half/versions/123:predict", body)[0] == 200
        assert is_good == (body in good)
        assert jsonschema.Draft202012Validator(schema).is_valid(body) == is_good, body


def test_routes_of_others(half):
    async def page(request):
        if request.method == "GET":
            raise Refused("NOT_FOUND", request.app.state.library.names[0])
        return JSONResponse(len(await request.body()))

    routes = [Route("/page", page, methods=["GET", "POST"])]
    settings = Settings(max_body=10, token="secret")
    client = Client(app([], settings=settings, routes=routes, library=half.library))
    with contextlib.closing(client):
        known = {"headers": {"Authorization": "Bearer secret"}}
        assert client.get("/page").status_code == 401
        assert client.get("/page", **known).json() == {"error": "half"}
        assert client.get("/page", **known).status_code == 404
        assert client.post("/page", "1234567890", **known) == (200, 10)
        assert client.post("/page", "12345678901", **known)[0] == 413

        async def chunks():
            yield b"123456"
            yield b"789012"

        answer = client.request("POST", "/page", content=chunks(), **known)
        assert (answer.status_code, answer.headers["connection"]) == (413, "close")
