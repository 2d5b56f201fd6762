"""``/openapi.json``: the addresses of what is served, with the shapes of what goes in."""

from __future__ import annotations

import contextlib
from importlib.metadata import version as version_of
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from graphmode.framework import dtypes
from graphmode.serve.errors import Refused

if TYPE_CHECKING:
    from graphmode.serve.library import Library, Version
    from graphmode.serve.signatures import Signature, Spec

_ERROR = {
    "description": "An error",
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "properties": {"error": {"type": "string"}},
                "required": ["error"],
            }
        }
    },
}
_ERRORS = ("400", "401", "404", "405", "408", "413", "429", "500", "503", "504")


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
    paths: dict[str, Any] = {
        "/healthz": {"get": _operation("health", "The process lives.", {"type": "object"})},
        "/readyz": {
            "get": _operation("ready", "Each model has a version that answers.", {"type": "object"})
        },
        "/openapi.json": {"get": _operation("openapi", "This page.", {"type": "object"})},
    }
    for name in library.names:
        address = f"/v1/models/{quote(name)}"
        paths[address] = {
            "get": _operation(f"{name}-status", "The states of its versions.", _OBJECT)
        }
        with contextlib.suppress(Refused), library.using(name) as version:
            _add_model(paths, address, name, version)
    document: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": "graphmode serve", "version": version_of("graphmode")},
        "paths": paths,
    }
    if library.settings.token is not None:
        scheme = {"type": "http", "scheme": "bearer"}
        document["components"] = {"securitySchemes": {"token": scheme}}
        document["security"] = [{"token": []}]
    return document


_OBJECT = {"type": "object"}


def _add_model(paths: dict[str, Any], address: str, name: str, version: Version) -> None:
    paths[f"{address}/metadata"] = {
        "get": _operation(f"{name}-metadata", "Its signatures.", _OBJECT)
    }
    signatures = list(version.model.signatures.values())
    for verb, method in (("predict", ""), ("classify", "classify"), ("regress", "regress")):
        mine = [s for s in signatures if not method or s.method.endswith(method)]
        if not mine:
            continue
        of_one = _predict_request if verb == "predict" else _examples_request
        schemas = [schema for signature in mine for schema in of_one(signature)]
        paths[f"{address}:{verb}"] = {
            "post": _operation(
                f"{name}-{verb}", f"Have it {verb}.", _OBJECT, {"oneOf": schemas}
            )
        }  # fmt: skip
    for verb in getattr(version.model, "verbs", ()):
        paths[f"{address}:{verb}"] = {
            "post": _operation(f"{name}-{verb}", f"Have it {verb}.", _OBJECT, _VERBS[verb])
        }


_VERBS: dict[str, Any] = {
    "recommend": {
        "type": "object",
        "properties": {
            "user": {"type": ["integer", "string"]},
            "ratings": {"type": "object", "additionalProperties": {"type": "number"}},
            "n": {"type": "integer", "minimum": 1},
            "rank_by": {"enum": ["liked", "rating"]},
        },
        "additionalProperties": False,
    },
    "generate": {
        "type": "object",
        "properties": {
            "prompt": {"type": "string"},
            "length": {"type": "integer", "minimum": 1, "maximum": 10000},
            "temperature": {"type": "number", "minimum": 0},
            "top_k": {"type": "integer", "minimum": 1},
            "stop": {"type": "string"},
            "seed": {"type": "integer", "minimum": 0},
            "stream": {"type": "boolean"},
        },
        "additionalProperties": False,
    },
}


def _operation(name: str, text: str, answer: Any, request: Any = None) -> dict[str, Any]:
    made: dict[str, Any] = {
        "operationId": name,
        "summary": text,
        "responses": {
            "200": {
                "description": "What was asked for",
                "content": {"application/json": {"schema": answer}},
            },
            **dict.fromkeys(_ERRORS, _ERROR),
        },
    }
    if request is not None:
        made["requestBody"] = {
            "required": True, "content": {"application/json": {"schema": request}}
        }  # fmt: skip
    return made


def _predict_request(signature: Signature) -> list[Any]:
    """Rows and columns of a signature's inputs."""
    name = {"signature_name": {"type": "string", "const": signature.name}}
    columns = {key: _array(spec, spec.shape) for key, spec in signature.inputs.items()}
    made = [_object({**name, "inputs": _object(columns, list(columns))}, [*name, "inputs"])]
    if all(spec.shape for spec in signature.inputs.values()):
        rows = {key: _array(spec, (spec.shape or ())[1:]) for key, spec in signature.inputs.items()}
        row = {"type": "array", "minItems": 1, "items": _object(rows, list(rows))}
        made.append(_object({**name, "instances": row}, [*name, "instances"]))
    return made


def _examples_request(signature: Signature) -> list[Any]:
    name = {"signature_name": {"type": "string", "const": signature.name}}
    value = {"type": ["number", "string"]}
    example = {"type": "object", "additionalProperties": value}
    examples = {"type": "array", "minItems": 1, "items": example}
    return [_object({**name, "examples": examples}, [*name, "examples"])]


def _object(properties: Any, required: list[str]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required}


def _array(spec: Spec, shape: tuple[int | None, ...] | None) -> dict[str, Any]:
    """The schema of nested lists of a shape."""
    if shape is None:
        return {}
    made = _scalar(spec.dtype)
    for size in reversed(shape):
        made = {"type": "array", "items": made}
        if size is not None:
            made |= {"minItems": size, "maxItems": size}
    return made


def _scalar(dtype: dtypes.DType) -> dict[str, Any]:
    if dtype is dtypes.string:
        return {"type": "string"}
    if dtype is dtypes.bool:
        return {"type": "boolean"}
    if dtype.is_floating:
        return {"type": "number"}
    return {"type": "integer", "minimum": int(dtype.min), "maximum": int(dtype.max)}
