"""The kinds of attributes, as TensorFlow names them, and which Python values are of a kind.

The annotation of a kernel's keyword parameter says the kind of an attribute:

==================  =========================================
``int``             int
``float``           float
``bool``            bool
``str``             string
``DType``           type
``TensorShape``     shape
``np.ndarray``      tensor
``Subgraph``        func
``PythonObject``    python: no value that a file can hold
``Sequence[int]``   list(int), and so on
==================  =========================================
"""

from __future__ import annotations

import inspect
import numbers
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework.dtypes import DType, as_dtype
from graphmode.framework.nest import LISTS
from graphmode.framework.shapes import TensorShape, as_shape

if TYPE_CHECKING:
    from collections.abc import Callable

PythonObject = Any

_BY_ANNOTATION = {
    "int": "int",
    "float": "float",
    "bool": "bool",
    "str": "string",
    "DType": "type",
    "TensorShape": "shape",
    "ndarray": "tensor",
    "Subgraph": "func",
    "PythonObject": "python",
}


def kind_of(annotation: Any) -> str:
    """The kind that an annotation, text or not, stands for; `` | None`` says nothing of it.

    Raises
    ------
    TypeError
        If it stands for none.
    """
    text = annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)
    outer, _, item = text.removesuffix(" | None").removesuffix("]").rpartition("[")
    kind = _BY_ANNOTATION.get(item.rpartition(".")[2])
    if kind is None or outer.rpartition(".")[2] not in ("", "Sequence"):
        raise TypeError(f"{text!r} is the annotation of no kind of attribute")
    return f"list({kind})" if outer else kind


# For `isinstance`, as `nest.LISTS`.
_NUMBERS: tuple[type[Any], ...] = (numbers.Real, np.number)
_BOOLS: tuple[type[Any], ...] = (bool, np.bool_)
_ARRAY: type[Any] = np.ndarray


def _as_int(value: Any) -> int:
    if isinstance(value, str | bytes):
        raise TypeError
    return int(value)


def _as_float(value: Any) -> float:
    if not isinstance(value, _NUMBERS):
        raise TypeError
    return float(value)


def _as_bool(value: Any) -> bool:
    if not isinstance(value, _BOOLS):
        raise TypeError
    return bool(value)


def _as_string(value: Any) -> str | bytes:
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return value
    if not isinstance(value, str):
        raise TypeError
    return str(value)


def _as_tensor(value: Any) -> Any:
    if not isinstance(value, _ARRAY):
        raise TypeError
    return value


def _as_it_is(value: Any) -> Any:
    return value


_EXACT: dict[str, type | None] = {
    "int": int,
    "float": float,
    "bool": bool,
    "string": str,
    "type": DType,
    "shape": TensorShape,
    "tensor": np.ndarray,
    "func": None,
    "python": None,
}
"""The Python type whose values are of a kind as they are."""

_CONVERT: dict[str, Callable[[Any], Any]] = {
    "int": _as_int,
    "float": _as_float,
    "bool": _as_bool,
    "string": _as_string,
    "type": as_dtype,
    "shape": as_shape,
    "tensor": _as_tensor,
    "func": _as_it_is,
    "python": _as_it_is,
}

_TITLES = {"type": "DataType", "shape": "TensorShape"}


def of_kind(kind: str, value: Any, name: str, op_type: str) -> Any:
    """`value` as one of `kind`: an int becomes a float where a float is expected.

    Parameters
    ----------
    name, op_type : str
        The attribute and its operation, for the error.

    Raises
    ------
    TypeError
        If it is none, with TensorFlow's words.
    """
    if kind[-1] == ")":
        if isinstance(value, _ARRAY):
            value = value.tolist()
        if not isinstance(value, LISTS):
            raise TypeError(
                f"Expected list for '{name}' argument to '{op_type}' Op, not {value!r}."
            )
        item_kind = kind[5:-1]
        exact = _EXACT[item_kind]
        for item in value:
            if type(item) is not exact:
                return [_converted(item_kind, item, name, op_type) for item in value]
        return value
    if type(value) is _EXACT[kind]:
        return value
    return _converted(kind, value, name, op_type)


def _converted(kind: str, value: Any, name: str, op_type: str) -> Any:
    try:
        return _CONVERT[kind](value)
    except (TypeError, ValueError):
        raise TypeError(
            f"Expected {_TITLES.get(kind, kind)} for argument '{name}' not {value!r}.\n"
            f"  attribute '{name}' of '{op_type}' Op"
        ) from None
