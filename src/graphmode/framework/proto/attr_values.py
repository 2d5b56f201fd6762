"""Python values -> the fields of an `AttrValue`, by the kind of the attribute."""

# pyright: reportPrivateUsage=false

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import dtypes
from graphmode.framework.proto.messages import protobuf
from graphmode.framework.shapes import TensorShape, as_shape

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphmode.framework.op_def import OpDef

_REQUIRED = inspect.Parameter.empty
_KINDS_OF_ANY_OP = {"_class": "list(string)", "_gradient_op_type": "string"}
"""Attributes whose names begin with '_' and that are no notes of ours."""

_LATER = {
    "CTCGreedyDecoder": ("blank_index", -1),
    "FusedBatchNormV3": ("exponential_avg_factor", 1.0),
    "TensorListSetItem": ("resize_if_index_out_of_bounds", False),
    **dict.fromkeys(
        (
            "DepthwiseConv2dNative",
            "DepthwiseConv2dNativeBackpropFilter",
            "DepthwiseConv2dNativeBackpropInput",
            "MaxPool",
            "MaxPoolGrad",
        ),
        ("explicit_paddings", ()),
    ),
    **{
        f"{way}ApplyFtrl{version}": ("multiply_linear_by_lr", False)
        for way in ("", "Sparse", "Resource", "ResourceSparse")
        for version in ("", "V2")
    },
    **{
        f"SparseSegment{what}{size}": ("Tsegmentids", dtypes.int32)
        for what in ("Sum", "Mean", "SqrtN")
        for size in ("", "WithNumSegments")
    },
}
"""The attributes that came after TensorFlow 1.15, which refuses nodes that say them, and what they
are where nothing is said."""


def set_attrs(node: Any, op_def: OpDef, attrs: Mapping[str, Any]) -> None:
    """Write the attributes of an op of type `op_def` into its `NodeDef`.

    Those that no type here has are messages, as they were read; notes of ours are written where
    they say something. What is as it was before there was the attribute is not said.
    """
    later = _LATER.get(node.op)
    kinds, defaults = op_def.kinds, op_def.attrs
    for key in sorted(attrs):
        value = attrs[key]
        if hasattr(value, "WhichOneof"):
            node.attr[key].CopyFrom(value)
            continue
        if later is not None and key == later[0] and (value == later[1] or value == []):
            continue
        kind = kinds.get(key)
        if key[0] == "_":
            default = defaults.get(key, _REQUIRED)
            is_said = default is not _REQUIRED and kind != "python" and value != default
            kind = kind if is_said else _KINDS_OF_ANY_OP.get(key)
        if kind is not None:
            set_attr(node.attr[key], kind, value)


def set_attr(attr: Any, kind: str, value: Any) -> None:
    """Write a value into the field of an `AttrValue` that its kind says."""
    match kind:
        case "int":
            attr.i = value
        case "float":
            attr.f = value
        case "bool":
            attr.b = value
        case "string":
            attr.s = _bytes(value)
        case "type":
            attr.type = value.as_datatype_enum
        case "shape":
            attr.shape.CopyFrom(shape_proto(value))
        case "tensor":
            attr.tensor.CopyFrom(tensor_proto(value))
        case "python":  # described, not stored
            attr.s = _bytes(str(value))
        case _:
            attr.list.Clear()
            attr.list.SetInParent()
            _extend(attr.list, kind.removeprefix("list(").removesuffix(")"), value)


def _extend(field: Any, kind: str, values: Any) -> None:
    match kind:
        case "int":
            field.i.extend(values)
        case "float":
            field.f.extend(values)
        case "bool":
            field.b.extend(values)
        case "string":
            field.s.extend(map(_bytes, values))
        case "type":
            field.type.extend(value.as_datatype_enum for value in values)
        case "shape":
            field.shape.extend(map(shape_proto, values))
        case "tensor":
            field.tensor.extend(map(tensor_proto, values))
        case _:
            raise TypeError(f"no list attribute of kind {kind}")


def as_attr(kind: str, value: Any) -> Any:
    """A value as `Operation.get_attr` gives it: shapes and arrays as messages, text as bytes."""
    match kind:
        case "tensor":
            return tensor_proto(value)
        case "shape":
            return shape_proto(value)
        case "string":
            return _bytes(value)
        case _:
            return [_bytes(each) for each in value]


def _bytes(value: str | bytes) -> bytes:
    return value.encode() if isinstance(value, str) else value


def shape_proto(shape: TensorShape | None) -> Any:
    """The `TensorShapeProto` of a shape; None is the unknown one."""
    proto = protobuf("tensor_shape").TensorShapeProto()
    dims = as_shape(shape)._dims
    if dims is None:
        proto.unknown_rank = True
        return proto
    for size in dims:
        proto.dim.add().size = -1 if size is None else size
    return proto


def tensor_proto(array: np.ndarray) -> Any:
    """The `TensorProto` of an array: raw little-endian bytes, or a list of strings."""
    proto = protobuf("tensor").TensorProto(dtype=dtypes.as_dtype(array.dtype).as_datatype_enum)
    proto.tensor_shape.CopyFrom(shape_proto(TensorShape(array.shape)))
    if array.dtype == object:
        proto.string_val.extend(array.ravel().tolist())
    else:
        little = array.astype(array.dtype.newbyteorder("<"), copy=False)
        proto.tensor_content = little.tobytes()
    return proto
