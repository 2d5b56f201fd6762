"""Graph -> GraphDef: the protobufs that TensorBoard and other tools read."""

# pyright: reportPrivateUsage=false

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import dtypes
from graphmode.framework.proto.messages import protobuf
from graphmode.framework.shapes import TensorShape, as_shape

if TYPE_CHECKING:
    from graphmode.framework.graph import Graph
    from graphmode.framework.operation import Operation

PRODUCER_VERSION = 134  # what TensorFlow 1.15 writes


def graph_def(graph: Graph, add_shapes: bool = False, from_version: int | None = None) -> Any:
    """The `GraphDef` of `graph`.

    Parameters
    ----------
    add_shapes : bool
        Write the inferred shapes as the attribute `_output_shapes`.
    from_version : int, optional
        Leave out the first `from_version` operations.
    """
    result = protobuf("graph").GraphDef()
    result.versions.producer = PRODUCER_VERSION
    for op in graph.get_operations()[from_version or 0 :]:
        node = node_def(op)
        if add_shapes and op.outputs:
            shapes = node.attr["_output_shapes"].list.shape
            shapes.extend(_shape_proto(tensor.shape) for tensor in op.outputs)
        result.node.append(node)
    return result


def node_def(op: Operation) -> Any:
    """The `NodeDef` of one operation."""
    node = protobuf("node_def").NodeDef(name=op.name, op=op.type, device=op.device)
    for tensor in op.inputs:
        name = tensor.op.name
        node.input.append(f"{name}:{tensor.value_index}" if tensor.value_index else name)
    node.input.extend(f"^{control.name}" for control in op.control_inputs)
    kinds = op.op_def.kinds
    for key in sorted(op.attrs):
        kind = kinds.get(key) if key[0] != "_" else _KINDS_OF_ANY_OP.get(key)
        if kind is not None:
            _set_attr(node.attr[key], kind, op.attrs[key])
    if op.control is not None:
        for key in op.control.functions:
            node.attr[key].func.name = f"{op.name}_{key}"
    return node


_KINDS_OF_ANY_OP = {"_class": "list(string)", "_gradient_op_type": "string"}
"""Attributes whose names begin with '_' and that are no notes of ours."""


def _set_attr(attr: Any, kind: str, value: Any) -> None:
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
            attr.shape.CopyFrom(_shape_proto(value))
        case "tensor":
            attr.tensor.CopyFrom(tensor_proto(value))
        case "python":  # described, not stored
            attr.s = _bytes(str(value))
        case _:
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
            field.shape.extend(map(_shape_proto, values))
        case "tensor":
            field.tensor.extend(map(tensor_proto, values))
        case _:
            raise TypeError(f"no list attribute of kind {kind}")


def _bytes(value: str | bytes) -> bytes:
    return value.encode() if isinstance(value, str) else value


def _shape_proto(shape: TensorShape | None) -> Any:
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
    proto.tensor_shape.CopyFrom(_shape_proto(TensorShape(array.shape)))
    if array.dtype == object:
        proto.string_val.extend(array.ravel().tolist())
    else:
        little = array.astype(array.dtype.newbyteorder("<"), copy=False)
        proto.tensor_content = little.tobytes()
    return proto
