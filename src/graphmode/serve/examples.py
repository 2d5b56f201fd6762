"""`Example` messages of JSON, for signatures that classify or regress."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.files.examples import Example
from graphmode.serve.errors import invalid
from graphmode.serve.tensors import decoded

if TYPE_CHECKING:
    from collections.abc import Mapping


def examples_in(request: Mapping[str, Any]) -> np.ndarray:
    """The examples of a request, each with what its context says.

    Parameters
    ----------
    request : dict
        With ``examples`` and, if all share something, ``context``.

    Returns
    -------
    array of bytes, object [n]
        Serialized `Example` messages.

    Raises
    ------
    Refused
    """
    found = request.get("examples")
    if not isinstance(found, list):
        raise invalid(
            "When method is classify or regress, key 'examples' is expected and must be a list"
        )
    if not found:
        raise invalid("'examples' is an empty list")
    context = request.get("context", {})
    if not isinstance(context, dict):
        raise invalid("'context' must be a JSON object of features")
    shared = Example()
    for name, value in context.items():
        _add(shared, name, value)
    made = np.empty(len(found), object)
    for i, features in enumerate(found):
        if not isinstance(features, dict):
            raise invalid(f"Example {i} is not a JSON object of features")
        if both := sorted(features.keys() & context.keys()):
            raise invalid(f"Example {i}: the feature {both[0]!r} is in 'context', too")
        example = Example()
        example.CopyFrom(shared)
        for name, value in features.items():
            _add(example, name, value)
        made[i] = example.SerializeToString()
    return made


def _add(example: Any, name: str, value: Any) -> None:
    values = value if isinstance(value, list) else [value]
    feature = example.features.feature[name]
    if all(_is_whole(v) for v in values):
        if not all(-(2**63) <= v < 2**63 for v in values):
            raise invalid(f"feature {name!r}: a number is out of range of int64")
        feature.int64_list.value.extend(values)
    elif all(_is_whole(v) or isinstance(v, float) for v in values):
        feature.float_list.value.extend(map(float, values))
    elif all(isinstance(v, str | dict) for v in values):
        feature.bytes_list.value.extend(
            v.encode("utf-8", "surrogatepass") if isinstance(v, str) else _binary(name, v)
            for v in values
        )
    else:
        raise invalid(
            f"feature {name!r}: a number, a string, {{\"b64\": ...}}, or a list of one of these "
            "was expected"
        )  # fmt: skip


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _binary(name: str, value: dict[str, Any]) -> bytes:
    if value.keys() != {"b64"}:
        raise invalid(f'feature {name!r}: an object must be {{"b64": ...}}')
    return decoded(value["b64"], f"feature {name!r}")
