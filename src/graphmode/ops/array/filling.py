"""Tensors of one value throughout: fill, zeros, ones."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphmode.framework import dtypes, shape_rules
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.dimension import Dimension
from graphmode.framework.dtypes import ANY, INDEX
from graphmode.framework.errors import invalid
from graphmode.framework.inference import constant_value
from graphmode.framework.op import op, overloaded
from graphmode.framework.operation import Tensor
from graphmode.framework.shapes import TensorShape
from graphmode.ops import xp
from graphmode.ops.array.constants import constant
from graphmode.ops.array.packing import holds_tensor
from graphmode.ops.array.shape_values import shape
from graphmode.ops.control.tensor_list_value import TensorList, empty

_CONSTANT_LIMIT = 1000  # elements: larger zeros and ones are filled when they run


def _fill_shape(op):
    dims, lengths = op.inputs[1].dims, constant_value(op.inputs[0])
    shape_rules.with_rank(op.inputs[0].dims, 1)
    if lengths is not None and lengths.size and lengths.min() < 0:
        raise ValueError(f"Fill dimensions must be >= 0, got {lengths.tolist()}")
    if dims is not None and len(dims):
        raise ValueError(f"Shape must be rank 0 but is rank {len(dims)}")
    return shape_rules.from_value(0)(op)


@op("Fill", "index_type, T -> T", shape=_fill_shape, static=("dims",), T=ANY, index_type=INDEX)
def fill(dims, value):
    """A tensor of shape `dims`, every element `value`.

    Parameters
    ----------
    dims : Tensor, int32 or int64, 1-D
    value : Tensor, scalar, of any dtype

    Returns
    -------
    Tensor
        Of the dtype of `value`.

    Raises
    ------
    InvalidArgumentError
        If a length is negative.

    Notes
    -----
    TF op Fill.
    """
    shape = tuple(dims.tolist())
    if shape and min(shape) < 0:
        raise invalid(f"Dimension {min(shape)} must be >= 0")
    return xp.full(shape, value, dtype=value.dtype)


def zeros(shape: Any, dtype: Any = dtypes.float32, name: str | None = None) -> Tensor:
    """A tensor of zeros (False, empty strings).

    Parameters
    ----------
    shape : sequence of int, TensorShape or Tensor, int32 or int64, 1-D
    dtype : DType

    Returns
    -------
    Tensor, `dtype`, of that shape

    Raises
    ------
    TypeError, ValueError
        If a size in `shape` is None, of a list or of a TensorShape.
    """
    return _filled_with(shape, dtype, 0, name or "zeros")


def ones(shape: Any, dtype: Any = dtypes.float32, name: str | None = None) -> Tensor:
    """A tensor of ones (True).

    Parameters
    ----------
    shape : sequence of int, TensorShape or Tensor, int32 or int64, 1-D
    dtype : DType

    Returns
    -------
    Tensor, `dtype`, of that shape

    Raises
    ------
    TypeError, ValueError
        If a size in `shape` is None, of a list or of a TensorShape.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default(), tf.Session() as sess:
    ...     print(sess.run(tf.ones([2, 3], tf.int32)))
    [[1 1 1]
     [1 1 1]]
    """
    return _filled_with(shape, dtype, 1, name or "ones")


def _filled_with(shape, dtype, value, name):
    dtype = dtypes.as_dtype(dtype).base_dtype
    value = _scalar(value, dtype)
    dims = _python_dims(shape)
    if dims is None:
        _refuse_unknown_size(shape)
    if dims is not None and int(np.prod(dims, dtype=np.int64)) < _CONSTANT_LIMIT:
        value = value if 0 not in dims else np.empty(dims, dtype.numpy_dtype)
        return constant(value, dtype, shape=dims, name=name)
    with name_scope(name) as scope:
        if dims is not None:
            shape = convert_to_tensor(TensorShape(dims), name="shape_as_tensor")
        elif not isinstance(shape, Tensor):
            shape = convert_to_tensor(
                shape, dtype=None if holds_tensor(shape) else dtypes.int32, name="packed"
            )
        return fill(shape, constant(value, dtype, name="Const"), name=scope)


def _scalar(value, dtype):
    if dtype is dtypes.string:
        return ""
    return bool(value) if dtype.is_bool else value


def _refuse_unknown_size(shape) -> None:
    """Raise TensorFlow's error for a shape with None, and say what to write instead."""
    sizes = shape.dims if isinstance(shape, TensorShape) else shape
    if not isinstance(sizes, list | tuple):
        return
    sizes = [size.value if isinstance(size, Dimension) else size for size in sizes]
    if all(size is not None for size in sizes):  # not `in`: == of a tensor
        return
    fix = (
        f"The shape {sizes} cannot be filled: None is a size that is not known yet. "
        "Where it is the size of a tensor x, use tf.shape(x)[0] in its place."
    )
    if isinstance(shape, TensorShape):
        raise ValueError(
            f"Cannot convert a partially known TensorShape to a Tensor: {shape}. {fix}"
        )
    raise TypeError(f"Expected int32, got None of type 'NoneType' instead. {fix}")


def _python_dims(shape) -> tuple[int, ...] | None:
    """`shape` as ints when it holds no tensor."""
    if isinstance(shape, int | np.integer | Dimension):
        shape = [shape]
    if isinstance(shape, Tensor):
        return None
    try:
        dims = [int(d) for d in shape]
    except TypeError:
        return None
    return tuple(dims)


@op("ZerosLike", "T -> y: T", shape=shape_rules.unchanged, T=ANY | {dtypes.variant})
def _zeros_like(x):
    if isinstance(x, TensorList):
        return empty(x.size, x.grows)
    if x.dtype == object:
        return np.full(x.shape, b"", object)
    return xp.zeros_like(x)


@overloaded
def zeros_like(
    tensor: Any, dtype: Any = None, name: str | None = None, optimize: bool = True
) -> Tensor:
    """A tensor of zeros with the shape of another one.

    Parameters
    ----------
    tensor : Tensor, of any dtype
    dtype : DType, optional
        Of the result; that of `tensor` if not given.
    optimize : bool
        Make a constant where the shape is known.

    Returns
    -------
    Tensor
        Of the shape of `tensor`.

    Notes
    -----
    TF op ZerosLike.
    """
    if isinstance(tensor, Tensor) or not holds_tensor(tensor):
        with name_scope(name, "zeros_like") as scope:
            tensor = convert_to_tensor(tensor, name="tensor")
            wanted = tensor.dtype if dtype is None else dtypes.as_dtype(dtype)
            if optimize and tensor.dims is not None and None not in tensor.dims:
                return zeros(tensor.dims, wanted, name=scope)
            if wanted.base_dtype is tensor.dtype.base_dtype:
                return _zeros_like(tensor, name=scope)
            return _like(tensor, wanted, 0, scope)
    return zeros_like(convert_to_tensor(tensor), dtype, name, optimize)


@overloaded
def ones_like(
    tensor: Any, dtype: Any = None, name: str | None = None, optimize: bool = True
) -> Tensor:
    """A tensor of ones with the shape of another one.

    Parameters
    ----------
    tensor : Tensor, of any dtype
    dtype : DType, optional
        Of the result; that of `tensor` if not given.
    optimize : bool
        Make a constant where the shape is known.

    Returns
    -------
    Tensor
        Of the shape of `tensor`.
    """
    with name_scope(name, "ones_like") as scope:
        tensor = convert_to_tensor(tensor, name="tensor")
        wanted = tensor.dtype if dtype is None else dtypes.as_dtype(dtype)
        return _like(tensor, wanted, 1, scope)


def _like(tensor, dtype, value, scope):
    dtype = dtype.base_dtype
    return fill(shape(tensor), constant(_scalar(value, dtype), dtype, name="Const"), name=scope)
