"""Graph -> GraphDef: the protobufs that TensorBoard and other tools read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import dtypes
from graphmode.framework.protobufs import protobuf
from graphmode.framework.shapes import TensorShape, as_shape

if TYPE_CHECKING:
    from graphmode.framework.graph import Graph
    from graphmode.framework.operation import Operation

_PRODUCER_VERSION = 134  # what TensorFlow 1.15 writes


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
    result.versions.producer = _PRODUCER_VERSION
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
    for key in sorted(op.attrs):
        value = op.attrs[key]
        if value is not None and not key.startswith("_known_"):  # what shape inference noted
            _set_attr(node.attr[key], value)
    if op.control is not None:
        for key in op.control.functions:
            node.attr[key].func.name = f"{op.name}_{key}"
    return node


def _set_attr(attr: Any, value: Any) -> None:
    """Write a Python value into an `AttrValue`; the field says its type."""
    match value:
        case bool() | np.bool_():
            attr.b = bool(value)
        case int() | np.integer():
            attr.i = int(value)
        case float() | np.floating():
            attr.f = float(value)
        case str():
            attr.s = value.encode()
        case bytes():
            attr.s = value
        case dtypes.DType():
            attr.type = value.as_datatype_enum
        case TensorShape():
            attr.shape.CopyFrom(_shape_proto(value))
        case np.ndarray():
            attr.tensor.CopyFrom(tensor_proto(value))
        case list() | tuple():
            _set_list(attr.list, value)
        case _:  # a Python object (the function of a py_func): described, not stored
            attr.s = repr(value).encode()


def _set_list(field: Any, values: Any) -> None:
    field.SetInParent()
    for value in values:
        match value:
            case bool() | np.bool_():
                field.b.append(bool(value))
            case int() | np.integer():
                field.i.append(int(value))
            case float() | np.floating():
                field.f.append(float(value))
            case dtypes.DType():
                field.type.append(value.as_datatype_enum)
            case TensorShape():
                field.shape.append(_shape_proto(value))
            case bytes():
                field.s.append(value)
            case _:
                field.s.append(str(value).encode())


def _shape_proto(shape: TensorShape) -> Any:
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
