"""PredictionService and ModelService of TensorFlow Serving, over gRPC."""

from __future__ import annotations

import contextlib
import hmac
import math
import time
from concurrent.futures import CancelledError, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.cluster.wire import grpc
from graphmode.framework import dtypes
from graphmode.framework.proto.reading import field_of, make_ndarray, real_dtype
from graphmode.saved_models.constants import (
    CLASSIFY_INPUTS,
    CLASSIFY_METHOD_NAME,
    DEFAULT_SERVING_SIGNATURE_DEF_KEY,
    REGRESS_METHOD_NAME,
)
from graphmode.serve.config import models_of
from graphmode.serve.errors import CODES, Refused, invalid, refusal_of
from graphmode.serve.inference import classified, examples_of, regressed
from graphmode.serve.messages import PACKAGE, STATES, message

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from graphmode.serve.library import Library, Version
    from graphmode.serve.signatures import Spec

_THREADS = 16
_STATUS = {number: code for code in grpc.StatusCode for number in [code.value[0]]}


def grpc_server(library: Library, address: str, is_shared: bool = False) -> tuple[grpc.Server, int]:
    """Make a server, which `start` lets answer.

    Parameters
    ----------
    library : Library
    address : str
        ``host:port``.
    is_shared : bool
        Whether other processes listen to the same port.

    Returns
    -------
    server : grpc.Server
    port : int

    Raises
    ------
    OSError
        If the port cannot be listened to.
    """
    settings = library.settings
    server = grpc.server(
        ThreadPoolExecutor(_THREADS, "serve-grpc"),
        maximum_concurrent_rpcs=settings.max_queue,
        options=[
            ("grpc.max_receive_message_length", settings.max_body),
            ("grpc.max_send_message_length", -1),
            ("grpc.so_reuseport", int(is_shared)),
        ],
    )
    service = Service(library, is_shared)
    for name, methods in _SERVICES.items():
        handlers = {
            method: grpc.unary_unary_rpc_method_handler(
                service.answering(verb, function),
                request_deserializer=message(request).FromString,
                response_serializer=_serialized,
            )
            for method, (request, verb, function) in methods.items()
        }
        handler = grpc.method_handlers_generic_handler(f"{PACKAGE}.{name}", handlers)
        server.add_generic_rpc_handlers((handler,))
    try:
        port = server.add_insecure_port(address)
    except RuntimeError as error:
        raise OSError(f"{address}: {error}") from None
    if not port:
        raise OSError(f"{address} cannot be listened to: --grpc-port chooses another")
    return server, port


class Service:
    """Answers the calls of both services.

    Parameters
    ----------
    library : Library
    is_shared : bool
        Whether there are other processes, which would have to hear of a change, too.
    """

    def __init__(self, library: Library, is_shared: bool = False) -> None:
        self._library = library
        self._is_shared = is_shared
        self._settings = library.settings

    def answering(self, verb: str, function: Callable[..., Any]) -> Callable[[Any, Any], Any]:
        """The handler of a method: errors become statuses, times are counted."""

        def answer(request: Any, context: Any) -> Any:
            start = time.perf_counter()
            code = "OK"
            try:
                self._check_token(context)
                return function(self, request, self._seconds(context))
            except Exception as error:
                refused = refusal_of(error)
                code = refused.code
                context.abort(_STATUS[CODES[code][0]], refused.text)
            finally:
                name = _model_of(request)
                self._library.metrics.observe_request(
                    name if self._library.has(name) else "", f"grpc-{verb}",
                    CODES[code][1], time.perf_counter() - start,
                )  # fmt: skip

        return answer

    def _check_token(self, context: Any) -> None:
        wanted = self._settings.token
        if wanted is None:
            return
        given = dict(context.invocation_metadata()).get("authorization", "")
        scheme, _, token = str(given).partition(" ")
        if scheme.lower() != "bearer" or not hmac.compare_digest(token.encode(), wanted.encode()):
            raise Refused("UNAUTHENTICATED", "metadata authorization: Bearer TOKEN is needed")

    def _seconds(self, context: Any) -> float:
        left = context.time_remaining()
        return self._settings.timeout if left is None else min(left, self._settings.timeout)

    # ---- PredictionService -----------------------------------------------------------------------

    def predict(self, request: Any, seconds: float) -> Any:
        """Compute the outputs of a signature."""
        with self._using(request.model_spec) as version:
            signature = version.signature(request.model_spec.signature_name)
            signature.check_method("predict")
            signature.check_inputs(request.inputs)
            feeds = {
                name: self._array(name, tensor, signature.inputs[name])
                for name, tensor in request.inputs.items()
            }
            outputs = signature.chosen_outputs(list(request.output_filter))
            found = _within(version.batches.submit(signature, feeds, outputs), seconds)
            answer = message("PredictResponse")()
            for name, array in found.items():
                _write(answer.outputs[name], array)
            _name(answer.model_spec, request.model_spec, version)
            return answer

    def classify(self, request: Any, seconds: float) -> Any:
        """Classify examples."""
        answer = message("ClassificationResponse")()
        task = _Task("classify", request.model_spec, answer.result, answer.model_spec)
        self._infer([task], request.input, seconds)
        return answer

    def regress(self, request: Any, seconds: float) -> Any:
        """Tell the numbers of examples."""
        answer = message("RegressionResponse")()
        task = _Task("regress", request.model_spec, answer.result, answer.model_spec)
        self._infer([task], request.input, seconds)
        return answer

    def multi_inference(self, request: Any, seconds: float) -> Any:
        """Ask several signatures of a model about the same examples."""
        specs = [task.model_spec for task in request.tasks]
        if not specs:
            raise invalid("a MultiInferenceRequest needs a task")
        if len({spec.name for spec in specs}) > 1:
            raise invalid(
                "All ModelSpecs in a MultiInferenceRequest must access the same model name."
            )
        signatures = [spec.signature_name or DEFAULT_SERVING_SIGNATURE_DEF_KEY for spec in specs]
        if twice := [name for name in signatures if signatures.count(name) > 1]:
            raise invalid(f"Duplicate evaluation of signature: {twice[0]}")
        answer = message("MultiInferenceResponse")()
        tasks: list[_Task] = []
        for task in request.tasks:
            verb = _VERBS.get(task.method_name)
            if verb is None:
                raise Refused(
                    "UNIMPLEMENTED", f"Unsupported signature method_name: {task.method_name}"
                )
            result = answer.results.add()
            filled = (
                result.classification_result if verb == "classify" else result.regression_result
            )
            filled.SetInParent()
            tasks.append(_Task(verb, task.model_spec, filled, result.model_spec))
        self._infer(tasks, request.input, seconds)
        return answer

    def _infer(self, tasks: Sequence[_Task], given: Any, seconds: float) -> None:
        """Have the signatures of `tasks` look at the examples of a request, all at once."""
        until = time.monotonic() + seconds
        with contextlib.ExitStack() as used:
            asked: list[tuple[_Task, Version, Any]] = []
            for task in tasks:
                version = used.enter_context(self._using(task.spec))
                signature = version.signature(task.spec.signature_name)
                signature.check_method(task.verb)
                signature.check_inputs([CLASSIFY_INPUTS])
                feeds = {CLASSIFY_INPUTS: examples_of(given)}
                future = version.batches.submit(signature, feeds, list(signature.outputs))
                asked.append((task, version, future))
            n = len(getattr(given, given.WhichOneof("kind")).examples)
            for task, version, future in asked:
                found = _within(future, max(until - time.monotonic(), 0.0))
                if task.verb == "classify":
                    for row in classified(found, n):
                        classes = task.result.classifications.add().classes
                        for label, score in row:
                            classes.add(label=label, score=score)
                else:
                    for value in regressed(found, n):
                        task.result.regressions.add(value=value)
                _name(task.named, task.spec, version)

    def metadata(self, request: Any, seconds: float) -> Any:
        """Show the signatures of a model."""
        if not request.metadata_field:
            raise invalid("GetModelMetadataRequest must specify at least one metadata_field")
        for field in request.metadata_field:
            if field != "signature_def":
                raise invalid(f"Metadata field {field} is not supported")
        with self._using(request.model_spec) as version:
            signatures = message("SignatureDefMap")()
            for name, signature in version.model.signatures.items():
                definition = signature.definition.SerializeToString()
                signatures.signature_def[name].MergeFromString(definition)
            answer = message("GetModelMetadataResponse")()
            packed = answer.metadata["signature_def"]
            packed.type_url = f"type.googleapis.com/{PACKAGE}.SignatureDefMap"
            packed.value = signatures.SerializeToString()
            _name(answer.model_spec, request.model_spec, version)
            return answer

    # ---- ModelService ----------------------------------------------------------------------------

    def status(self, request: Any, seconds: float) -> Any:
        """Show the states of the versions of a model."""
        spec = request.model_spec
        answer = message("GetModelStatusResponse")()
        for found in self._library.status(*self._chosen(spec)):
            shown = answer.model_version_status.add(
                version=int(found["version"]), state=STATES[found["state"]]
            )
            shown.status.error_code = CODES[found["status"]["error_code"]][0]
            shown.status.error_message = found["status"]["error_message"]
        return answer

    def reload(self, request: Any, seconds: float) -> Any:
        """Serve other models, or other versions of them."""
        del seconds  # a model is loaded to the end
        if request.config.WhichOneof("config") != "model_config_list":
            raise invalid("ReloadConfigRequest: model_config_list is needed")
        if self._is_shared:
            raise Refused(
                "FAILED_PRECONDITION",
                "one of several processes hears of this: change the file of --model-config-file, "
                "which all of them read",
            )
        self._library.replace(models_of(request.config))
        answer = message("ReloadConfigResponse")()
        answer.status.SetInParent()
        return answer

    # ---- both ------------------------------------------------------------------------------------

    def _chosen(self, spec: Any) -> tuple[str, int | None, str | None]:
        if not spec.name:
            raise invalid("Missing ModelSpec")
        choice = spec.WhichOneof("version_choice")
        number = spec.version.value if choice == "version" else None
        return spec.name, number, spec.version_label if choice == "version_label" else None

    def _using(self, spec: Any) -> Any:
        return self._library.using(*self._chosen(spec))

    def _array(self, name: str, tensor: Any, spec: Spec) -> np.ndarray:
        """The array of an input; no more memory is taken for it than a request may have."""
        try:
            given = dtypes.as_dtype(tensor.dtype)
        except TypeError as error:
            raise invalid(f"input {name!r}: {error}") from None
        if given is not spec.dtype:
            raise invalid(f"input {name!r}: {spec.dtype.name} was expected, {given.name} was given")
        dims = [dim.size for dim in tensor.tensor_shape.dim]
        n = math.prod(dims)
        too_many = n * max(np.dtype(given.numpy_dtype).itemsize, 1) > self._settings.max_body
        if any(dim < 0 for dim in dims) or too_many:
            raise invalid(f"input {name!r} cannot have the shape {dims}")
        array = make_ndarray(tensor)
        spec.check(name, array)
        return array


@dataclass
class _Task:
    """What a signature is to make of examples.

    Parameters
    ----------
    verb : {"classify", "regress"}
    spec : ModelSpec
        Who is asked.
    result : ClassificationResult or RegressionResult
        To be filled.
    named : ModelSpec
        To be filled with who has answered.
    """

    verb: str
    spec: Any
    result: Any
    named: Any


def _name(answer: Any, asked: Any, version: Version) -> None:
    """Say in an answer which version has made it."""
    answer.name = asked.name
    answer.version.value = version.number
    answer.signature_name = asked.signature_name


def _model_of(request: Any) -> str:
    """The name of the model that a request is about, "" of one about several or none."""
    spec = getattr(request, "model_spec", None)
    if spec is None and getattr(request, "tasks", None):
        spec = request.tasks[0].model_spec
    return "" if spec is None else spec.name


_VERBS = {CLASSIFY_METHOD_NAME: "classify", REGRESS_METHOD_NAME: "regress"}
_SERVICES: dict[str, dict[str, tuple[str, str, Callable[..., Any]]]] = {
    "PredictionService": {
        "Predict": ("PredictRequest", "predict", Service.predict),
        "Classify": ("ClassificationRequest", "classify", Service.classify),
        "Regress": ("RegressionRequest", "regress", Service.regress),
        "MultiInference": (
            "MultiInferenceRequest", "multi-inference", Service.multi_inference,
        ),
        "GetModelMetadata": ("GetModelMetadataRequest", "metadata", Service.metadata),
    },
    "ModelService": {
        "GetModelStatus": ("GetModelStatusRequest", "status", Service.status),
        "HandleReloadConfigRequest": ("ReloadConfigRequest", "reload", Service.reload),
    },
}  # fmt: skip
"""Service -> method -> the message of its request, the verb in metrics, what answers it."""


def _serialized(answer: Any) -> bytes:
    return answer.SerializeToString()


def _within(asked: Any, seconds: float) -> Any:
    try:
        return asked.result(seconds)
    except TimeoutError:
        asked.cancel()
        raise Refused("DEADLINE_EXCEEDED", f"the model took more than {seconds:g} s") from None
    except CancelledError:
        raise Refused("CANCELLED", "the request was cancelled") from None


def _write(tensor: Any, array: np.ndarray) -> None:
    """Fill a TensorProto number by number: clients read ``float_val`` and its like."""
    dtype = dtypes.string if array.dtype.kind in "OSU" else dtypes.as_dtype(array.dtype)
    tensor.dtype = dtype.as_datatype_enum
    for size in array.shape:
        tensor.tensor_shape.dim.add(size=size)
    flat = array.ravel()
    if dtype.name in ("float16", "bfloat16"):
        flat = flat.view(np.uint16)
    elif dtype.is_complex:
        flat = flat.view(real_dtype(dtype))
    numbers: list[Any] = flat.tolist()
    if array.dtype.kind == "U":
        numbers = [text.encode() for text in numbers]
    getattr(tensor, field_of(dtype)).extend(numbers)
