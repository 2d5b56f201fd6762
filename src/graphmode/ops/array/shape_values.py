"""The shape, the size and the rank of a tensor, as tensors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import dtypes, inference, shape_rules
from graphmode.framework.convert import convert_to_tensor, has_conversion
from graphmode.framework.default_graph import name_scope
from graphmode.framework.dtypes import ANY, INDEX
from graphmode.framework.op import op, overloaded
from graphmode.framework.operation import Tensor
from graphmode.framework.shapes import TensorShape, as_shape
from graphmode.framework.sparse_tensor import SparseTensor, SparseTensorValue
from graphmode.ops.array.constants import constant
from graphmode.ops.math.casts import cast
from graphmode.ops.math.reduction_ops import prod_op

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphmode.framework.dtypes import DType


def _rank_vector(op):
    return [(None if t.dims is None else len(t.dims),) for t in op.inputs]


def _lengths(dims, op):
    if dims is None or None in dims:
        return None
    return np.array(dims, op.attrs["out_type"].numpy_dtype)


def _count(op):
    lengths = _lengths(op.inputs[0].dims, op)
    return None if lengths is None else np.array(lengths.prod(), lengths.dtype)


def _number_of_axes(op):
    dims = op.inputs[0].dims
    return None if dims is None else np.array(len(dims), np.int32)


def _all_lengths(op):
    known = [_lengths(tensor.dims, op) for tensor in op.inputs]
    return None if any(lengths is None for lengths in known) else known


@op(
    "Shape",
    "T -> out_type",
    shape=_rank_vector,
    T=ANY,
    out_type=INDEX,
    reads_shape=lambda op: _lengths(op.inputs[0].dims, op),
    known_dims=lambda op, parts: op.inputs[0].dims,
    cheap=True,
)
def _shape(input, *, out_type: DType = dtypes.int32):
    return np.array(input.shape, out_type.numpy_dtype)


@op(
    "ShapeN",
    "T*N -> out_type*N",
    shape=_rank_vector,
    T=ANY,
    out_type=INDEX,
    reads_shape=_all_lengths,
)
def _shape_n(input, *, out_type: DType = dtypes.int32):
    return [np.array(value.shape, out_type.numpy_dtype) for value in input]


@op(
    "Size",
    "T -> out_type",
    shape=shape_rules.scalar,
    T=ANY,
    out_type=INDEX,
    reads_shape=_count,
)
def _size(input, *, out_type: DType = dtypes.int32):
    return np.array(np.prod(input.shape, dtype=np.int64), out_type.numpy_dtype)


@op("Rank", "T -> int32", shape=shape_rules.scalar, T=ANY, reads_shape=_number_of_axes)
def rank_op(input):
    """The rank of `input`, found when it runs. TF op Rank."""
    return np.array(len(input.shape), np.int32)


def shape(input: Any, name: str | None = None, out_type: Any = dtypes.int32) -> Tensor:
    """The shape of `input` as a 1-D tensor; a constant where it is fully known.

    Parameters
    ----------
    input : Tensor or SparseTensor, of any dtype
    out_type : DType
        int32 or int64.

    Returns
    -------
    Tensor, `out_type`, [rank of input]

    Notes
    -----
    TF op Shape.
    """
    out_type = dtypes.as_dtype(out_type)
    if isinstance(input, SparseTensor | SparseTensorValue):
        return _cast(convert_to_tensor(input.dense_shape, dtypes.int64), out_type)
    if isinstance(input, Tensor):
        return _shape_of(input, out_type, name or "Shape")
    with name_scope(name, "Shape") as scope:
        return _shape_of(convert_to_tensor(input, name="input"), out_type, scope)


def _shape_of(tensor, out_type, name):
    dims = tensor.dims
    if dims is not None and None not in dims:
        return constant(np.array(dims, out_type.numpy_dtype), out_type, name=name)
    return _shape(tensor, out_type=out_type, name=name)


def _cast(tensor, dtype):
    if tensor.dtype.base_dtype is dtype:
        return tensor
    return cast(tensor, dtype)


def shape_n(
    input: Sequence[Any], out_type: Any = dtypes.int32, name: str | None = None
) -> list[Tensor]:
    """The shapes of several tensors.

    Parameters
    ----------
    input : list of Tensor, of one dtype
    out_type : DType
        int32 or int64.

    Returns
    -------
    list of Tensor, `out_type`, 1-D

    Notes
    -----
    TF op ShapeN.
    """
    return _shape_n(input, out_type=out_type, name=name)


@overloaded
def size(input: Any, name: str | None = None, out_type: Any = dtypes.int32) -> Tensor:
    """The number of elements of a tensor; a constant where it is known.

    Parameters
    ----------
    input : Tensor or SparseTensor, of any dtype
    out_type : DType
        int32 or int64.

    Returns
    -------
    Tensor, `out_type`, scalar

    Notes
    -----
    TF op Size.
    """
    out_type = dtypes.as_dtype(out_type)
    with name_scope(name, "Size") as scope:
        if isinstance(input, SparseTensor | SparseTensorValue):
            return prod_op(
                _cast(convert_to_tensor(input.dense_shape, dtypes.int64), out_type), 0, name=scope
            )
        tensor = convert_to_tensor(input, name="input")
        if tensor.dims is not None and None not in tensor.dims:
            dims: Any = tensor.dims
            count = int(np.prod(dims, dtype=np.int64))
            return constant(count, out_type, name=scope)
        return _size(tensor, out_type=out_type, name=scope)


@overloaded
def rank(input: Any, name: str | None = None) -> Tensor:
    """The number of dimensions of `input`, an int32 scalar; a constant where it is known."""
    with name_scope(name, "Rank") as scope:
        if isinstance(input, SparseTensor | SparseTensorValue):
            return _size(input.dense_shape, name=scope)
        tensor = convert_to_tensor(input, name="input")
        if tensor.dims is not None:
            return constant(len(tensor.dims), dtypes.int32, name=scope)
        return rank_op(tensor, name=scope)


# ---- values known before a run ----------------------------------------------------------------


def constant_value(tensor: Any, partial: bool = False) -> Any:
    """The value of `tensor` where it does not depend on a run.

    Parameters
    ----------
    tensor : Tensor, Variable or object
        Of any dtype.
    partial : bool
        Give the known ones of the tensors that `tf.stack` joined along axis 0, and None for others.

    Returns
    -------
    ndarray or None
        Not to be written to. What is no tensor is given back as it is.
    """
    if not isinstance(tensor, Tensor):
        return None if has_conversion(tensor) else tensor
    known = inference.constant_value(tensor)
    if known is None and partial and tensor.op.type == "Pack" and tensor.op.attrs["axis"] == 0:
        parts = [constant_value(part, partial) for part in tensor.op.inputs]
        found = np.empty(len(parts), object)
        found[:] = parts
        return found
    return known


def constant_value_as_shape(tensor: Tensor) -> TensorShape:
    """The shape that a vector of lengths describes, as far as it is known.

    Parameters
    ----------
    tensor : Tensor, int32 or int64, a vector, or the scalar -1 for an unknown shape

    Returns
    -------
    TensorShape

    Raises
    ------
    ValueError
        If it is no vector.
    """
    if tensor.get_shape().ndims == 0:
        if inference.constant_value(tensor) != -1:
            raise ValueError(
                "Received a scalar value as shape; require a statically known scalar with value "
                "'-1' to describe an unknown shape."
            )
        return TensorShape(None)
    if tensor.get_shape().ndims not in (None, 1):
        raise ValueError(f"Shape {tensor.get_shape()} must have rank 1")
    return TensorShape(inference.constant_dims(tensor))


def shape_tensor(shape: TensorShape | Sequence[Any]) -> Tensor:
    """A shape as a vector of int32.

    Parameters
    ----------
    shape : TensorShape, sequence of int or Tensor

    Returns
    -------
    Tensor, int32
    """
    is_static = not isinstance(shape, Tensor) and not any(isinstance(d, Tensor) for d in shape)
    return convert_to_tensor(as_shape(shape) if is_static else shape, name="shape")
