"""``/openapi.json``: the addresses of what is served, with the shapes of what goes in."""

from __future__ import annotations

import contextlib
from importlib.metadata import version as version_of
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from graphmode.framework import dtypes
from graphmode.saved_models.constants import DEFAULT_SERVING_SIGNATURE_DEF_KEY
from graphmode.serve.errors import Refused

if TYPE_CHECKING:
    from graphmode.serve.library import Library, Version
    from graphmode.serve.signatures import Signature, Spec

_STRING = {"type": "string"}
_OBJECT = {"type": "object"}
_JSON = "application/json"


def _answer(text: str, schema: Any) -> dict[str, Any]:
    return {"description": text, "content": {_JSON: {"schema": schema}}}


def _object(properties: Any, required: list[str]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required}


_ERROR = _answer("An error", _object({"error": _STRING}, ["error"]))
_ERRORS = ("400", "401", "404", "408", "413", "429", "500", "503", "504", "default")


def openapi(library: Library) -> dict[str, Any]:
    """Describe what a library serves now.

    Parameters
    ----------
    library : Library

    Returns
    -------
    dict
        An OpenAPI 3.1 document.
    """
    health = _object({"status": _STRING}, ["status"])
    ready = _operation("ready", "Each model has a version that answers.", health)
    ready["responses"]["503"] = _answer("A model has none", health)
    metrics = _operation("metrics", "Counts and times for Prometheus.", _STRING)
    metrics["responses"]["200"]["content"] = {"text/plain": {"schema": _STRING}}
    paths: dict[str, Any] = {
        "/healthz": {"get": _operation("health", "The process lives.", health)},
        "/readyz": {"get": ready},
        "/metrics": {"get": metrics},
        "/openapi.json": {"get": _operation("openapi", "This page.", _OBJECT)},
    }
    for name in library.names:
        address = f"/v1/models/{quote(name)}"
        for place, (suffix, prefix) in _PLACES.items():
            _add_status(paths, f"{address}{suffix}", f"{prefix}{name}", place)
            with contextlib.suppress(Refused), library.using(name) as version:
                _add_model(paths, f"{address}{suffix}", f"{prefix}{name}", place, version)
        _link_versions(paths, address)
    document: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": "graphmode serve", "version": version_of("graphmode")},
        "paths": paths,
    }
    if library.settings.token is not None:
        scheme = {"type": "http", "scheme": "bearer"}
        document["components"] = {"securitySchemes": {"token": scheme}}
        document["security"] = [{"token": []}]
        for path in ("/healthz", "/readyz"):
            paths[path]["get"]["security"] = []
    return document


_PLACES = {"": ("", ""), "version": ("/versions/{version}", "version-of-")}
"""Path parameter -> what follows the name of a model, and what its operations begin with."""
_PARAMETER = {
    "in": "path",
    "required": True,
    "schema": {"type": "string", "pattern": "^[0-9]{1,18}$"},
}


def _add_status(paths: dict[str, Any], address: str, name: str, place: str) -> None:
    state = _object({"version": _STRING, "state": _STRING, "status": _OBJECT}, ["version", "state"])
    listed = {"type": "array", "items": state}
    shown = _object({"model_version_status": listed}, ["model_version_status"])
    status = _operation(f"{name}-status", "The states of its versions.", shown)
    paths[address] = _at(place, get=status)


def _link_versions(paths: dict[str, Any], address: str) -> None:
    """Say that a version which the status names can be asked."""
    version = {"version": "$response.body#/model_version_status/0/version"}
    found = {
        operation["operationId"]: {
            "operationId": operation["operationId"], "parameters": version,
        }
        for path, operations in paths.items()
        for method, operation in operations.items()
        if path.startswith(f"{address}/versions/") and method in ("get", "post")
    }  # fmt: skip
    paths[address]["get"]["responses"]["200"]["links"] = found


def _at(place: str, **operations: Any) -> dict[str, Any]:
    """Operations of a path, which may have a parameter."""
    return {"parameters": [{"name": place, **_PARAMETER}], **operations} if place else operations


def _add_model(
    paths: dict[str, Any], address: str, name: str, place: str, version: Version
) -> None:
    shown = _object({"model_spec": _OBJECT, "metadata": _OBJECT}, ["model_spec", "metadata"])
    metadata = _operation(f"{name}-metadata", "Its signatures.", shown)
    paths[f"{address}/metadata"] = _at(place, get=metadata)
    signatures = list(version.model.signatures.values())
    for verb, method in (("predict", ""), ("classify", "classify"), ("regress", "regress")):
        mine = [s for s in signatures if not method or s.method.endswith(method)]
        if not mine:
            continue
        of_one = _predict_request if verb == "predict" else _examples_request
        schemas = [schema for signature in mine for schema in of_one(signature)]
        operation = _operation(
            f"{name}-{verb}", f"Have it {verb}.", _ANSWERS[verb], {"anyOf": schemas}
        )
        paths[f"{address}:{verb}"] = _at(place, post=operation)
    for verb in getattr(version.model, "verbs", ()):
        operation = _operation(f"{name}-{verb}", f"Have it {verb}.", _ANSWERS[verb], _VERBS[verb])
        if verb == "generate":  # with "stream": true
            operation["responses"]["200"]["content"] |= {
                "text/event-stream": {},
                "application/x-ndjson": {},
            }
        paths[f"{address}:{verb}"] = _at(place, post=operation)


_RESULTS = _object({"results": {"type": "array"}}, ["results"])
_ANSWERS: dict[str, Any] = {
    "predict": {
        "anyOf": [
            _object({"predictions": {"type": "array"}}, ["predictions"]),
            _object({"outputs": {}}, ["outputs"]),
        ]
    },
    "classify": _RESULTS,
    "regress": _RESULTS,
    "recommend": _object({"recommendations": {"type": "array"}}, ["recommendations"]),
    "generate": _object({"text": _STRING}, ["text"]),
}
_VERBS: dict[str, Any] = {
    "recommend": {
        "type": "object",
        "properties": {
            "user": {"type": ["integer", "string"]},
            "ratings": {
                "type": "object", "minProperties": 1, "additionalProperties": {"type": "number"},
            },
            "n": {"type": "integer", "minimum": 1},
            "rank_by": {"enum": ["liked", "rating"]},
        },
        "oneOf": [{"required": ["user"]}, {"required": ["ratings"]}],
        "additionalProperties": False,
    },
    "generate": {
        "type": "object",
        "properties": {
            "prompt": {"type": "string"},
            "length": {"type": "integer", "minimum": 1, "maximum": 10000},
            "temperature": {"type": "number", "minimum": 0},
            "top_k": {"type": ["integer", "null"], "minimum": 1, "maximum": 2**32 - 1},
            "stop": {"type": ["string", "null"]},
            "seed": {"type": ["integer", "null"], "minimum": 0, "maximum": 2**32 - 1},
            "stream": {"type": "boolean"},
        },
        "additionalProperties": False,
    },
}  # fmt: skip


def _operation(name: str, text: str, answer: Any, request: Any = None) -> dict[str, Any]:
    made: dict[str, Any] = {
        "operationId": name,
        "summary": text,
        "responses": {
            "200": _answer("What was asked for", answer),
            **dict.fromkeys(_ERRORS, _ERROR),
        },
    }
    if request is not None:
        made["requestBody"] = {"required": True, "content": {_JSON: {"schema": request}}}
    return made


def _predict_request(signature: Signature) -> list[Any]:
    """Columns of a signature's inputs, and rows where it gives rows."""
    columns = {key: _array(spec, spec.shape) for key, spec in signature.inputs.items()}
    made = [_asked(signature, "inputs", each) for each in _named_or_alone(columns)]
    inputs, outputs = signature.inputs.values(), signature.outputs.values()
    if all(spec.shape for spec in inputs) and all(spec.shape != () for spec in outputs):
        rows = {key: _array(spec, (spec.shape or ())[1:]) for key, spec in signature.inputs.items()}
        made += [
            _asked(signature, "instances", {"type": "array", "minItems": 1, "items": each})
            for each in _named_or_alone(rows)
        ]
    return made


def _named_or_alone(inputs: dict[str, Any]) -> list[Any]:
    """Inputs by name; one needs none."""
    named = {**_object(inputs, list(inputs)), "additionalProperties": False}
    return [named, *(inputs.values() if len(inputs) == 1 else ())]


def _examples_request(signature: Signature) -> list[Any]:
    number, text = {"type": "number"}, _text()
    alone = [{"type": "array", "items": each} for each in (number, text)]
    features = {"type": "object", "additionalProperties": {"anyOf": [number, text, *alone]}}
    return [_asked(signature, "examples", {"type": "array", "minItems": 1, "items": features})]


def _asked(signature: Signature, key: str, schema: Any) -> dict[str, Any]:
    """A request with `key`; it names the signature, unless that is the one that needs no name."""
    is_default = signature.name == DEFAULT_SERVING_SIGNATURE_DEF_KEY
    names = [signature.name, ""] if is_default else [signature.name]
    name = {"signature_name": {"type": "string", "enum": names}}
    return _object({**name, key: schema}, [key] if is_default else [*name, key])


def _array(spec: Spec, shape: tuple[int | None, ...] | None) -> dict[str, Any]:
    """The schema of nested lists of a shape."""
    if shape is None:
        return {}
    made = _scalar(spec.dtype)
    for place, size in enumerate(reversed(shape)):
        made = {"type": "array", "items": made}
        if size is not None:
            made |= {"minItems": size, "maxItems": size}
        elif place:  # an empty list does not say what it is empty of
            made |= {"minItems": 1}
    return made


_BASE64 = "^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"


def _text() -> dict[str, Any]:
    coded = {"type": "string", "contentEncoding": "base64", "pattern": _BASE64}
    binary = _object({"b64": coded}, ["b64"])
    return {"anyOf": [_STRING, {**binary, "additionalProperties": False}]}


_ROUNDED = {"float16": 65520.0, "bfloat16": 3.3961775292304596e38, "float32": 3.4028235677973366e38}
"""The least number that a dtype has no number near."""


def _scalar(dtype: dtypes.DType) -> dict[str, Any]:
    if dtype is dtypes.string:
        return _text()
    if dtype is dtypes.bool:
        return {"type": "boolean"}
    if dtype.is_floating:
        bound = _ROUNDED.get(dtype.name)
        limits = {} if bound is None else {"exclusiveMinimum": -bound, "exclusiveMaximum": bound}
        return {"type": "number", **limits}
    return {"type": "integer", "minimum": int(dtype.min), "maximum": int(dtype.max)}
