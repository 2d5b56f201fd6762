"""Sparse tensors made dense, and tensors that are fed sparse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.dtypes import ANY, INDEX
from graphmode.framework.errors import invalid
from graphmode.framework.inference import constant_dims
from graphmode.framework.op import op
from graphmode.framework.operation import Tensor
from graphmode.framework.shapes import TensorShape
from graphmode.framework.sparse_tensor import SparseTensor, SparseTensorValue
from graphmode.ops import array, math, xp
from graphmode.ops.xp import is_traced

if TYPE_CHECKING:
    from graphmode.framework.operation import Tensor


def as_sparse(value: Any) -> SparseTensor:
    """`value`, a SparseTensor or its value, as a SparseTensor."""
    if isinstance(value, SparseTensor):
        return value
    if isinstance(value, SparseTensorValue):
        return SparseTensor(*value)
    raise TypeError(f"Input must be a SparseTensor, got {type(value).__name__}")


def convert_to_tensor_or_sparse_tensor(
    value: Any, dtype: Any = None, name: str | None = None
) -> Tensor | SparseTensor:
    """A SparseTensor as it is; anything else as a Tensor.

    Parameters
    ----------
    value : SparseTensor, SparseTensorValue, Tensor or array, of any dtype and shape
    dtype : DType, optional
        What it has to be.

    Returns
    -------
    SparseTensor or Tensor

    Raises
    ------
    RuntimeError
        If a SparseTensor is of another dtype.
    """
    if not isinstance(value, SparseTensor | SparseTensorValue):
        return convert_to_tensor(value, dtype=dtype, name=name)
    sparse = as_sparse(value)
    if dtype is not None and dtypes.as_dtype(dtype) != sparse.dtype:
        raise RuntimeError(
            f"Sparse dtype: requested = {dtypes.as_dtype(dtype).name}, actual = {sparse.dtype.name}"
        )
    return sparse


def added_at(zeros, at, values):
    """`zeros` with `values` added at `at`, a tuple of index arrays."""
    if is_traced(*at, values):
        import jax.numpy as jnp

        return jnp.asarray(zeros).at[at].add(values)
    np.add.at(zeros, at, values)
    return zeros


# ---- to dense ------------------------------------------------------------------------------------


def _dense_shape(op):
    return [constant_dims(op.inputs[1])]


def _columns(indices, rank: int):
    """Sparse indices as ``[n, rank]``: a scalar or a vector of them is of a vector's elements."""
    return indices.reshape(-1, rank) if indices.ndim < 2 else indices


def _indices_are_valid(sparse_indices, output_shape, sparse_values, default_value, **attrs):
    index = _columns(sparse_indices, len(output_shape))
    held = xp.all((index >= 0) & (index < np.asarray(output_shape)))
    if attrs["validate_indices"] and index.shape[0] > 1:
        flat = flat_index(index, output_shape)
        held = held & xp.all(flat[1:] > flat[:-1])
    return held


def flat_index(index, shape):
    """The row-major place of each index."""
    strides = np.cumprod([1, *[int(n) for n in shape][:0:-1]])[::-1].astype(np.int64)
    return (index * strides).sum(-1)


def _refuse(index, shape, validate: bool) -> None:
    rank = len(shape)
    if index.shape[-1] != rank:
        raise invalid(f"output_shape has incorrect number of elements: {rank} should be: "
                       f"{index.shape[-1]}")  # fmt: skip
    outside = ((index < 0) | (index >= np.asarray(shape))).any(-1)
    if outside.any():
        i = int(np.argmax(outside))
        raise invalid(
            f"indices[{i}] = [{','.join(map(str, index[i]))}] is out of bounds: need 0 <= index < "
            f"[{','.join(map(str, shape))}]"
        )
    flat = flat_index(index, shape)
    unordered = flat[1:] <= flat[:-1]
    if validate and unordered.any():
        i = int(np.argmax(unordered)) + 1
        problem = "is repeated" if flat[i] == flat[i - 1] else "is out of order"
        raise invalid(f"indices[{i}] = [{','.join(map(str, index[i]))}] {problem}")


@op(
    "SparseToDense",
    "Tindices, Tindices, T, T -> dense: T",
    shape=_dense_shape,
    static=("output_shape",),
    check=_indices_are_valid,
    Tindices=INDEX,
    T=ANY,
)
def _sparse_to_dense(
    sparse_indices, output_shape, sparse_values, default_value, *, validate_indices: bool = True
):
    shape = tuple(int(n) for n in output_shape)
    index = _columns(sparse_indices, len(shape) if sparse_indices.ndim != 1 else 1)
    if isinstance(index, np.ndarray):
        _refuse(index, shape, validate_indices)
    if not shape:
        last = xp.reshape(sparse_values, (-1,))[-1:] if index.shape[0] else default_value
        return xp.reshape(last, ())
    at = tuple(index[:, i] for i in range(len(shape)))
    if is_traced(index, sparse_values, default_value):
        import jax.numpy as jnp

        return jnp.full(shape, default_value).at[at].set(sparse_values)
    dense = np.full(shape, default_value, sparse_values.dtype)
    dense[at] = sparse_values
    return dense


def sparse_to_dense(
    sparse_indices: Any,
    output_shape: Any,
    sparse_values: Any,
    default_value: Any = 0,
    validate_indices: bool = True,
    name: str | None = None,
) -> Tensor:
    """A dense tensor of `default_value` with `sparse_values` at `sparse_indices`.

    Parameters
    ----------
    sparse_indices : int Tensor ``[n, rank]``, or ``[n]`` for a vector
    output_shape : int Tensor [rank]
    sparse_values : Tensor ``[n]`` or scalar
    default_value : scalar
        What is elsewhere.
    validate_indices : bool
        Refuse indices that repeat or are out of order.

    Returns
    -------
    Tensor, of shape `output_shape`
        Of the dtype of `sparse_values`.

    Raises
    ------
    InvalidArgumentError
        When it runs, if an index is outside, or not valid.

    Notes
    -----
    TF op SparseToDense.
    """
    return _sparse_to_dense(
        sparse_indices,
        output_shape,
        sparse_values,
        default_value,
        validate_indices=validate_indices,
        name=name,
    )


def sparse_tensor_to_dense(
    sp_input: Any, default_value: Any = None, validate_indices: bool = True, name: str | None = None
) -> Tensor:
    """A SparseTensor as a dense tensor.

    Parameters
    ----------
    sp_input : SparseTensor, of any dtype
    default_value : scalar, optional
        What is elsewhere; 0 if not given.
    validate_indices : bool
        Refuse indices that repeat or are out of order.

    Returns
    -------
    Tensor
        Of the shape and dtype of `sp_input`.

    Notes
    -----
    TF op SparseToDense.
    """
    sp_input = as_sparse(sp_input)
    if default_value is None:
        default_value = array.zeros([], dtype=sp_input.dtype)
    return sparse_to_dense(
        sp_input.indices, sp_input.dense_shape, sp_input.values, default_value,
        validate_indices, name,
    )  # fmt: skip


# ---- what is fed ---------------------------------------------------------------------------------


def sparse_placeholder(dtype: Any, shape: Any = None, name: str | None = None) -> SparseTensor:
    """A SparseTensor to be fed, with a `SparseTensorValue` or (indices, values, dense_shape).

    Parameters
    ----------
    dtype : DType
        Of the values.
    shape : sequence of int or Tensor, optional
        Its shape; None among the lengths, or in place of them, where only the feed knows it.

    Returns
    -------
    SparseTensor
    """
    part = (lambda suffix: f"{name}/{suffix}") if name else (lambda suffix: None)
    if shape is None:
        rank = None
        dense_shape = array.placeholder(dtypes.int64, shape=[None], name=part("shape"))
    elif isinstance(shape, Tensor):
        dense_shape = math.cast(shape, dtypes.int64)
        rank = None if shape.dims is None else shape.dims[0]
    else:
        lengths = TensorShape(shape)
        rank = lengths.ndims
        if lengths.is_fully_defined():
            dense_shape = convert_to_tensor(
                lengths.as_list(), dtype=dtypes.int64, name=part("shape")
            )
        else:
            dense_shape = array.placeholder(dtypes.int64, shape=[rank], name=part("shape"))
    values = array.placeholder(dtype, shape=[None], name=part("values"))
    indices = array.placeholder(dtypes.int64, shape=[None, rank], name=part("indices"))
    return SparseTensor(indices, values, dense_shape)
