"""Arrays in JSON, as TensorFlow Serving's REST API writes them: rows or columns, ``b64``, NaN."""

from __future__ import annotations

import base64
import binascii
import functools
import json
import math
import struct
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson

from graphmode.framework import dtypes
from graphmode.serve.errors import invalid

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from graphmode.serve.signatures import Signature, Spec

_DEEPEST = 32
_KINDS = {"f": "iuf", "i": "iu", "u": "iu"}
"""The kinds of arrays that NumPy makes of JSON's numbers, by the kind of what is wanted."""


# ---- in ------------------------------------------------------------------------------------------


def parsed(body: bytes) -> dict[str, Any]:
    """The JSON object of a request.

    Parameters
    ----------
    body : bytes
        NaN, Infinity and -Infinity are numbers.

    Returns
    -------
    dict

    Raises
    ------
    Refused
        If it is no JSON, or no object.
    """
    if not body.strip():
        raise invalid("JSON Parse error: The document is empty. at offset: 0")
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        if b"NaN" not in body and b"Infinity" not in body:
            raise invalid(_parse_error(error)) from None
        found = _with_nan(body)
    if not isinstance(found, dict):
        raise invalid("Request is not a JSON object: {...} was expected")
    return found


def _with_nan(body: bytes) -> Any:
    try:
        return json.loads(body)
    except json.JSONDecodeError as error:
        raise invalid(_parse_error(error)) from None
    except (UnicodeDecodeError, RecursionError, ValueError) as error:
        raise invalid(f"JSON Parse error: Invalid value. ({error})") from None


def _parse_error(error: json.JSONDecodeError) -> str:
    return f"JSON Parse error: Invalid value. at offset: {error.pos} ({error.msg})"


def signature_name_in(request: Mapping[str, Any]) -> str:
    """The signature that a request names, "" if it names none.

    Raises
    ------
    Refused
    """
    name = request.get("signature_name", "")
    if not isinstance(name, str):
        raise invalid("'signature_name' key must be a string value.")
    return name


def feeds_in(
    request: Mapping[str, Any], signature: Signature, has_words: bool = True
) -> tuple[dict[str, np.ndarray], bool]:
    """The inputs of a request to predict.

    Parameters
    ----------
    request : dict
        With ``instances`` (rows) or ``inputs`` (columns).
    signature : Signature
    has_words : bool
        Whether ``true`` or ``false`` may stand where a number should.

    Returns
    -------
    feeds : dict of str to ndarray
        Of the dtypes of the signature.
    is_row : bool
        Whether the answer is to be written in rows.

    Raises
    ------
    Refused
    """
    by_row = "instances" in request
    if by_row and "inputs" in request:
        raise invalid("Not formatted correctly: either 'instances' or 'inputs', not both")
    if by_row:
        columns = _columns_of_rows(request["instances"], signature)
    elif "inputs" in request:
        columns = _columns(request["inputs"], signature)
    else:
        raise invalid("Missing 'inputs' or 'instances' key")
    signature.check_inputs(columns)
    feeds = {
        name: array_of(name, values, signature.inputs[name], has_words)
        for name, values in columns.items()
    }
    for name, array in feeds.items():
        signature.inputs[name].check(name, array)
    return feeds, by_row


def _is_object(value: Any) -> bool:
    return isinstance(value, dict) and not _is_binary(value)


def _is_binary(value: Any) -> bool:
    return isinstance(value, dict) and len(value) == 1 and "b64" in value


def _columns_of_rows(rows: Any, signature: Signature) -> dict[str, Any]:
    if not isinstance(rows, list):
        raise invalid("Expecting 'instances' value to be an array/list")
    if not rows:
        raise invalid("no values in 'instances': an empty list")
    if not _is_object(rows[0]):
        mixed = next((i for i, row in enumerate(rows) if _is_object(row)), None)
        if mixed is not None:
            raise invalid(
                f"Failed to process element: {mixed} of 'instances' list. "
                "Expecting value/list but got object"
            )
        return {_only_input(signature): rows}
    columns: dict[str, list[Any]] = {name: [] for name in rows[0]}
    for i, row in enumerate(rows):
        if not _is_object(row):
            what = "list" if isinstance(row, list) else "value"
            raise invalid(
                f"Failed to process element: {i} of 'instances' list. "
                f"Expecting object but got {what}"
            )
        if row.keys() != columns.keys():
            missing = sorted(columns.keys() - row.keys())
            other = f"does not have named input: {missing[0]}" if missing else (
                f"has named input: {min(row.keys() - columns.keys())}, which others have not"
            )  # fmt: skip
            raise invalid(
                f"Failed to process element: {i} of 'instances' list. JSON object {other}"
            )
        for name, value in row.items():
            columns[name].append(value)
    return columns


def _columns(inputs: Any, signature: Signature) -> dict[str, Any]:
    if _is_object(inputs):
        return inputs
    return {_only_input(signature): inputs}


def _only_input(signature: Signature) -> str:
    if len(signature.inputs) == 1:
        return next(iter(signature.inputs))
    raise invalid(
        "the signature has several inputs: give each by its name "
        f"({', '.join(sorted(signature.inputs))})"
    )


def array_of(name: str, values: Any, spec: Spec, has_words: bool = True) -> np.ndarray:
    """Nested lists as an array.

    Parameters
    ----------
    name : str
        Of the input, for messages.
    values : number, bool, str, {"b64": str}, or nested list of them
    spec : Spec
    has_words : bool
        Whether ``true`` or ``false`` may stand where a number should.

    Returns
    -------
    ndarray
        Of the dtype of `spec`; texts are bytes.

    Raises
    ------
    Refused
        If the lists are ragged, or a value is of another type or out of range.
    """
    if spec.dtype.name not in _JSON_TYPES:
        raise invalid(f"input {name!r}: JSON has no values of the type {spec.dtype.name}")
    wanted: Any = spec.dtype.numpy_dtype
    kind = np.dtype(wanted).kind if spec.dtype is not dtypes.string else "O"
    if kind in _KINDS and not has_words:
        found = _packed(values, wanted) if kind == "f" else None
        if found is not None:
            return found
        try:
            found = np.asarray(values)
        except (ValueError, OverflowError, RecursionError):
            found = None
        if found is not None and (found.dtype.kind in _KINDS[kind] or found.size == 0):
            return _in_range(name, found, wanted)
    flat: list[Any] = []
    shape = _shape_of(name, values)
    _collect(name, values, shape, spec, flat)
    if kind == "O":
        made = np.empty(len(flat), object)
        made[:] = flat
        return made.reshape(shape)
    try:
        found = np.array(flat) if flat else np.zeros(0)
        if found.dtype.kind == "O":  # whole numbers beyond 64 bits
            found = np.array(flat, np.float64)
    except OverflowError:
        raise invalid(f"input {name!r}: a number is out of range of {spec.dtype.name}") from None
    if kind != "b" and found.size and found.dtype.kind not in _KINDS[kind]:
        raise invalid(f"input {name!r}: a number is out of range of {spec.dtype.name}")
    return _in_range(name, found, wanted).reshape(shape)


def _packed(values: Any, wanted: Any) -> np.ndarray | None:
    """Lists of floats, nested evenly, as NumPy would make them, in a third of its time.

    None of all that has to be looked at more closely.
    """
    code = _CODES.get(np.dtype(wanted))
    shape: list[int] = []
    first = values
    while type(first) is list and first:
        shape.append(len(first))
        first = first[0]
    if code is None or type(first) is not float or not 0 < len(shape) <= _DEEPEST:
        return None
    rows = [values] if len(shape) == 1 else values
    for n in shape[1:-1]:
        if not all(type(row) is list and len(row) == n for row in rows):
            return None
        rows = list(chain.from_iterable(rows))
    if shape[-1] > _LONGEST or not all(type(row) is list for row in rows):
        return None
    made: Any = np.empty(shape, wanted)
    packer = _packer(f"{shape[-1]}{code}")
    try:
        for i, row in enumerate(rows):
            packer.pack_into(made, i * packer.size, *row)
    except (struct.error, OverflowError):
        return None
    return made if np.isfinite(made).all() else None  # it may have been out of range


_CODES = {np.dtype(np.float32): "f", np.dtype(np.float64): "d"}
_LONGEST = 1 << 16
_packer = functools.lru_cache(maxsize=64)(struct.Struct)

_JSON_TYPES = frozenset(
    {
        *("string", "bool", "float16", "bfloat16", "float32", "float64"),
        *("int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64"),
    }
)


def _in_range(name: str, found: np.ndarray, wanted: Any) -> np.ndarray:
    """The array in the dtype `wanted`, if it holds all its values."""
    if found.dtype == wanted:
        return found
    with np.errstate(over="ignore", invalid="ignore"):
        made = found.astype(wanted)
    if found.dtype.kind in "iu" and found.size:
        is_same = bool((made == found).all())
    else:
        is_same = wanted == np.float64 or bool((np.isfinite(made) | ~np.isfinite(found)).all())
    if not is_same:
        raise invalid(
            f"input {name!r}: a value cannot be {np.dtype(wanted).name} without loss of precision"
        )
    return made


def _shape_of(name: str, values: Any) -> list[int]:
    """The shape of nested lists by their first elements."""
    shape: list[int] = []
    while isinstance(values, list):
        shape.append(len(values))
        if len(shape) > _DEEPEST:
            raise invalid(f"input {name!r}: lists are nested deeper than {_DEEPEST}")
        if not values:
            break
        values = values[0]
    return shape


def _collect(name: str, values: Any, shape: Sequence[int], spec: Spec, flat: list[Any]) -> None:
    if not shape:
        if isinstance(values, list):
            raise invalid(f"input {name!r}: Expecting shape [] but got a list: lists are ragged")
        flat.append(_scalar(name, values, spec))
        return
    if not isinstance(values, list):
        raise invalid(
            f"input {name!r}: Expecting shape {list(shape)} but got a value: lists are ragged"
        )
    if len(values) != shape[0]:
        raise invalid(
            f"input {name!r}: Expecting tensor size: {shape[0]} but got: {len(values)}: "
            "lists are ragged"
        )
    for value in values:
        _collect(name, value, shape[1:], spec, flat)


def _scalar(name: str, value: Any, spec: Spec) -> Any:
    dtype = spec.dtype
    if dtype is dtypes.string:
        if isinstance(value, str):
            return value.encode("utf-8", "surrogatepass")
        if _is_binary(value):
            return decoded(value["b64"], f"input {name!r}")
    elif dtype is dtypes.bool:
        if isinstance(value, bool):
            return value
    elif dtype.is_floating:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return value
    elif isinstance(value, int) and not isinstance(value, bool):
        return value
    shown = json.dumps(value, ensure_ascii=False)
    shown = shown if len(shown) < 60 else f"{shown[:57]}..."
    raise invalid(
        f"input {name!r}: JSON Value: {shown} Type: {_type_of(value)} is not of expected type: "
        f"{dtype.name}"
    )


def _type_of(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return "Null" if value is None else "Bool"
    return {str: "String", list: "Array", dict: "Object"}.get(type(value), "Number")


def decoded(text: Any, where: str) -> bytes:
    """What ``{"b64": text}`` holds.

    Raises
    ------
    Refused
        If it is no base64.
    """
    if not isinstance(text, str):
        raise invalid(f'{where}: {{"b64": ...}} must hold a string')
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise invalid(f"{where}: Unable to base64 decode: {error}") from None


# ---- out -----------------------------------------------------------------------------------------


def written(outputs: Mapping[str, np.ndarray], by_row: bool) -> bytes:
    """The answer to a request to predict.

    Parameters
    ----------
    outputs : dict of str to array
        Texts are bytes; those of a name that ends in ``_bytes`` are written as ``b64``.
    by_row : bool
        ``predictions``, a row each, or ``outputs``, an array each.

    Returns
    -------
    bytes
        JSON, with NaN and Infinity where there are any.

    Raises
    ------
    Refused
        If the outputs have no rows, or not the same number of them.
    """
    arrays = {name: _plain(name, value) for name, value in outputs.items()}
    if not by_row:
        only = next(iter(arrays.values())) if len(arrays) == 1 else arrays
        return as_json({"outputs": only})
    sizes = {name: value.shape[0] if value.ndim else None for name, value in outputs.items()}
    if None in sizes.values():
        scalar = next(name for name, size in sizes.items() if size is None)
        raise invalid(
            f"Tensor name: {scalar} has no shape information: it is a scalar, and no rows; ask "
            "with 'inputs' in place of 'instances'"
        )
    if len(set(sizes.values())) > 1:
        listed = ", ".join(f"{name}: {size}" for name, size in sizes.items())
        raise invalid(f"Tensors have inconsistent batch size ({listed}): ask with 'inputs'")
    if len(arrays) == 1:
        return as_json({"predictions": next(iter(arrays.values()))})
    (n,) = set(sizes.values())
    rows = [{name: value[i] for name, value in arrays.items()} for i in range(n or 0)]
    return as_json({"predictions": rows})


def _plain(name: str, value: np.ndarray) -> Any:
    """An array as orjson takes it: texts as lists, numbers of kinds that it knows."""
    kind = value.dtype.kind
    if kind in "OSU":
        as_text = _binary if name.endswith("_bytes") else _text
        flat = np.empty(value.size, object)
        flat[:] = [as_text(item) for item in value.ravel().tolist()]
        return flat.reshape(value.shape).tolist()
    if kind == "c":
        raise invalid(f"Tensor name: {name} is of tensor type: {value.dtype}, which JSON has not")
    if value.dtype in _WIDENED:
        value = value.astype(np.float32)
    elif kind not in "fiub":
        value = value.astype(np.float32)  # bfloat16 and its like
    return np.ascontiguousarray(value) if value.ndim else value[()]


_WIDENED = (np.dtype(np.float16),)


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _binary(value: Any) -> dict[str, str]:
    content = value if isinstance(value, bytes) else str(value).encode()
    return {"b64": base64.b64encode(content).decode()}


def as_json(value: Any) -> bytes:
    """JSON of nested dicts, lists and arrays; numbers that are none as NaN and Infinity."""
    if _is_finite(value):
        return orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY)
    return json.dumps(_as_lists(value), ensure_ascii=False).encode()


def _is_finite(value: Any) -> bool:
    if isinstance(value, np.ndarray | np.generic):
        return value.dtype.kind != "f" or bool(np.isfinite(value).all())
    if isinstance(value, dict):
        return all(map(_is_finite, value.values()))
    if isinstance(value, list):
        return all(map(_is_finite, value))
    return not isinstance(value, float) or math.isfinite(value)


def _as_lists(value: Any) -> Any:
    if isinstance(value, np.ndarray | np.generic):
        if value.dtype == np.float32:  # the shortest text that is this number again
            made = np.empty(value.size, object)
            made[:] = [float(str(number)) for number in value.ravel()]
            return made.reshape(value.shape).tolist()
        return value.tolist()
    if isinstance(value, dict):
        return {key: _as_lists(part) for key, part in value.items()}
    return [_as_lists(part) for part in value] if isinstance(value, list) else value
