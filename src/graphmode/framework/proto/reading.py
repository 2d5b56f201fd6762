"""What messages hold, as Python values: `tf.make_ndarray`."""

from __future__ import annotations

import math
import sys
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import dtypes
from graphmode.framework.shapes import TensorShape

if TYPE_CHECKING:
    from graphmode.framework.dtypes import DType

_FIELDS = {
    "float16": "half_val", "bfloat16": "half_val", "float32": "float_val",
    "float64": "double_val", "int64": "int64_val", "uint32": "uint32_val",
    "uint64": "uint64_val", "complex64": "scomplex_val", "complex128": "dcomplex_val",
    "string": "string_val", "bool": "bool_val",
}  # fmt: skip
"""Where the numbers of a dtype are; those of other integers are in ``int_val``."""


def field_of(dtype: DType) -> str:
    """The field of a `TensorProto` that the numbers of a dtype are in."""
    return _FIELDS.get(dtype.name, "int_val")


def real_dtype(dtype: DType) -> Any:
    """What each of the two parts of a complex number is."""
    return np.float32 if dtype.name == "complex64" else np.float64


def make_ndarray(tensor: Any) -> np.ndarray:
    """Read a `TensorProto`.

    Parameters
    ----------
    tensor : TensorProto
        The last of too few values stands for the rest.

    Returns
    -------
    ndarray
        Strings are objects of bytes.

    Raises
    ------
    TypeError
        If its dtype is none that arrays have.
    """
    dtype = dtypes.as_dtype(tensor.dtype)
    dims = [d.size for d in tensor.tensor_shape.dim]
    kind = dtype.numpy_dtype
    content = tensor.tensor_content
    if content:
        little = kind if sys.byteorder == "little" else np.dtype(kind).newbyteorder("<")
        return np.frombuffer(content, little).astype(kind).reshape(dims)
    n = math.prod(dims)
    if dtype.name not in _FIELDS and not (dtype.is_integer or dtype.is_quantized):
        raise TypeError(f"Unsupported tensor type: {tensor.dtype}")
    found = getattr(tensor, field_of(dtype))
    if dtype.name in ("float16", "bfloat16"):
        flat = np.array(found, np.uint16).view(kind)
    elif dtype.is_complex:
        flat = np.array(found, real_dtype(dtype)).view(kind)
    elif dtype is dtypes.string:
        flat = np.empty(len(found), object)
        flat[:] = list(found)
    else:
        flat = np.array(found).astype(kind)
    if 0 < flat.size < n:
        flat = np.concatenate([flat, np.repeat(flat[-1:], n - flat.size)])
    return (flat if flat.size else np.zeros(n, kind)).reshape(dims)


def python_value(value: Any) -> Any:
    """What an `AttrValue` holds, as operations keep it; anything else as it is.

    Parameters
    ----------
    value : AttrValue or object

    Returns
    -------
    object
        None if it holds nothing.
    """
    if not hasattr(value, "WhichOneof"):
        return value
    field = value.WhichOneof("value")
    if field is None:
        return None
    if field == "list":
        filled = next((pair for pair in value.list.ListFields()), None)
        return [] if filled is None else [_plain(filled[0].name, item) for item in filled[1]]
    return _plain(field, getattr(value, field))


def _plain(field: str, value: Any) -> Any:
    match field:
        case "type":
            return dtypes.as_dtype(value)
        case "shape":
            return TensorShape(None if value.unknown_rank else [d.size for d in value.dim])
        case "tensor":
            return make_ndarray(value)
        case _:
            return value
