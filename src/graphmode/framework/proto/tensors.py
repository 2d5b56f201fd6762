"""Arrays as `TensorProto`: `tf.make_tensor_proto`."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphmode.framework import dtypes
from graphmode.framework.convert import make_array
from graphmode.framework.dimension import Dimension
from graphmode.framework.nest import LISTS
from graphmode.framework.proto.attr_values import shape_proto
from graphmode.framework.proto.messages import protobuf
from graphmode.framework.proto.reading import field_of, real_dtype
from graphmode.framework.shapes import TensorShape, as_shape

_ARRAY: tuple[type[Any], ...] = (np.ndarray, np.generic)
_AS_BYTES = frozenset(
    {
        *("float32", "float64", "int8", "int16", "int32", "int64", "uint8", "uint32", "uint64"),
        *("qint8", "quint8", "qint16", "quint16", "qint32"),
    }
)
"""Arrays of these are written as one string of bytes; others number by number."""


def make_tensor_proto(
    values: Any,
    dtype: Any = None,
    shape: Any = None,
    verify_shape: bool = False,
    allow_broadcast: bool = False,
) -> Any:
    """Write an array as a `TensorProto`.

    Parameters
    ----------
    values : array, number, str, bytes, nested list of them, or TensorProto
        A TensorProto is given back as it is.
    dtype : DType, optional
        That of the values if not given: float32, int32 or int64 for Python numbers.
    shape : sequence of int, optional
        Values that are too few are followed by the last of them.
    verify_shape : bool
        Refuse values of another shape.
    allow_broadcast : bool
        With `verify_shape`, let a scalar stand for the whole.

    Returns
    -------
    TensorProto

    Raises
    ------
    TypeError
        If the values are not of `dtype`, or not of `shape` where that is asked for.
    ValueError
        If there are more values than `shape` holds.
    """
    proto_class = protobuf("tensor").TensorProto
    if isinstance(values, proto_class):
        return values
    dtype = None if dtype is None else dtypes.as_dtype(dtype).base_dtype
    array = _array(values, dtype)
    if dtype is None:
        dtype = dtypes.as_dtype(array.dtype)
    dims = list(array.shape) if shape is None else [int(d) for d in shape]
    if verify_shape and list(array.shape) != dims and not (allow_broadcast and array.ndim == 0):
        raise TypeError(f"Expected Tensor's shape: {tuple(dims)}, got {array.shape}.")
    n = int(np.prod(dims, dtype=np.int64))
    if array.size > n:
        raise ValueError(
            f"Too many elements provided. Needed at most {n}, but received {array.size}"
        )
    proto = proto_class(dtype=dtype.as_datatype_enum)
    proto.tensor_shape.CopyFrom(shape_proto(TensorShape(dims)))
    if array.size == n and n > 1 and dtype.name in _AS_BYTES:
        little = array.astype(array.dtype.newbyteorder("<"), copy=False)
        proto.tensor_content = little.tobytes()
    else:
        getattr(proto, field_of(dtype)).extend(_numbers(array, dtype))
    return proto


def _array(values: Any, dtype: Any) -> np.ndarray:
    if isinstance(values, _ARRAY):
        given: Any = np.asarray(values)
        if given.dtype.kind in "SU":
            return make_array(given, dtypes.string)
        return given if dtype is None else given.astype(dtype.numpy_dtype)
    if dtype is not None and dtype.is_quantized:
        plain = np.array(values)  # numbers in tuples of one, as NumPy writes records
        in_tuples = plain.ndim > 1 or (plain.ndim == 1 and isinstance(values, tuple))
        if not in_tuples or plain.shape[-1] != 1:
            raise TypeError(f"Expected {dtype.name}, but got {values!r}: numbers in tuples of one.")
        return plain[..., 0].astype(dtype.numpy_dtype)
    array_like = hasattr(values, "__array__") or hasattr(values, "__array_interface__")
    if array_like and not isinstance(values, list | tuple):
        return _array(np.asarray(values), dtype)
    if dtype is None and _has_dimension(values):
        raise TypeError(
            f"Failed to convert object of type list to Tensor. Contents: {values}. "
            "Consider casting elements to a supported type."
        )
    return make_array(values, dtype)


def _has_dimension(values: Any) -> bool:
    return isinstance(values, LISTS) and any(isinstance(leaf, Dimension) for leaf in values)


def _numbers(array: np.ndarray, dtype: Any) -> Any:
    flat = array.ravel()
    if dtype.name in ("float16", "bfloat16"):
        return flat.view(np.uint16).tolist()
    if dtype.is_complex:
        return flat.view(real_dtype(dtype)).tolist()
    return flat.tolist()


def shape_equals(tensor_proto: Any, shape: Any) -> bool:
    """Whether a `TensorProto` has the shape `shape`.

    Parameters
    ----------
    tensor_proto : TensorProto
    shape : TensorShapeProto, TensorShape or sequence of int

    Returns
    -------
    bool
    """
    return [d.size for d in tensor_proto.tensor_shape.dim] == as_shape(shape).as_list()
