"""Sparse tensors times and over dense ones, element by element; softmax of their rows."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.dtypes import NUMBERS
from graphmode.framework.errors import invalid
from graphmode.framework.op import op
from graphmode.framework.sparse_tensor import SparseTensor
from graphmode.ops import xp
from graphmode.ops.math.casts import cast
from graphmode.ops.sparse.dense import added_at, as_sparse
from graphmode.ops.xp import is_traced

_TRUE_QUOTIENT = {
    **dict.fromkeys((dtypes.int8, dtypes.uint8, dtypes.int16, dtypes.uint16), dtypes.float32),
    **dict.fromkeys((dtypes.int32, dtypes.int64), dtypes.float64),
}


def _values_shape(op):
    counts = [t.dims[0] for t in op.inputs[:2] if t.dims]
    return [(next((n for n in counts if n is not None), None),)]


def _taken(indices, shape, dense):
    """The elements of `dense` at the indices; its lengths of 1 stand for those of `shape`."""
    rank, lengths = indices.shape[1], np.shape(dense)
    known = [] if is_traced(shape) else [int(n) for n in shape]
    if len(lengths) > rank or any(
        length not in (1, n)
        for length, n in zip(lengths[::-1], known[::-1], strict=False)
    ):  # fmt: skip
        raise invalid(
            "SparseDenseBinaryOpShared broadcasts dense to sparse only; got incompatible shapes: "
            f"[{','.join(map(str, known))}] vs. [{','.join(map(str, lengths))}]"
        )
    dense = dense if is_traced(dense) or not is_traced(indices) else _on_device(dense)
    first = rank - len(lengths)
    return dense[
        tuple(
            indices[:, first + axis] * (length != 1) for axis, length in enumerate(lengths)
        )
    ]  # fmt: skip


def _on_device(value):
    import jax.numpy as jnp

    return jnp.asarray(value)


def _by_dense(op_type):
    return op(
        op_type, "int64, T, int64, T -> T", shape=_values_shape, static=("sp_shape",), T=NUMBERS
    )


@_by_dense("SparseDenseCwiseMul")
def _times(sp_indices, sp_values, sp_shape, dense):
    return sp_values * _taken(sp_indices, sp_shape, dense)


@_by_dense("SparseDenseCwiseDiv")
def _over(sp_indices, sp_values, sp_shape, dense):
    divisor = _taken(sp_indices, sp_shape, dense)
    return sp_values / divisor if sp_values.dtype.kind in "fcV" else sp_values // divisor


@_by_dense("SparseDenseCwiseAdd")
def _plus(sp_indices, sp_values, sp_shape, dense):
    return sp_values + _taken(sp_indices, sp_shape, dense)


def sparse_dense_cwise_add(sp_t: Any, dense_t: Any) -> SparseTensor:
    """The elements of a SparseTensor, each with what stands there in a dense tensor added.

    Parameters
    ----------
    sp_t : SparseTensor, numeric
    dense_t : Tensor, of the same dtype
        Of the shape of `sp_t`, or such that it broadcasts to it.

    Returns
    -------
    SparseTensor
        What is 0 in `sp_t` stays 0: `tf.sparse_add` gives the whole sum.

    Notes
    -----
    TF op SparseDenseCwiseAdd.
    """
    values = _plus(sp_t.indices, sp_t.values, sp_t.dense_shape, dense_t)
    return SparseTensor(sp_t.indices, values, sp_t.dense_shape)


def sparse_times_dense(x, y):
    """``x * y`` of a SparseTensor and a dense tensor that broadcasts to it: a SparseTensor."""
    with name_scope(None, "mul", [x.indices, x.values]) as scope:
        y = convert_to_tensor(y, dtype=x.dtype.base_dtype, name="y")
        values = _times(x.indices, x.values, x.dense_shape, y, name=scope)
        return SparseTensor(x.indices, values, x.dense_shape)


def sparse_over_dense(x, y):
    """``x / y`` of a SparseTensor and a dense tensor that broadcasts to it: a SparseTensor."""
    with name_scope(None, "truediv", [x.indices, x.values]) as scope:
        y = convert_to_tensor(y, dtype=x.dtype.base_dtype, name="y")
        wide = _TRUE_QUOTIENT.get(x.dtype.base_dtype, x.dtype.base_dtype)
        values = _over(
            x.indices, cast(x.values, wide), x.dense_shape, cast(y, wide), name=scope
        )  # fmt: skip
        return SparseTensor(x.indices, values, x.dense_shape)


# ---- softmax -------------------------------------------------------------------------------------


def _constant(value):
    if is_traced(value):
        import jax

        return jax.lax.stop_gradient(value)
    return value


def largest_at(n: int, at, values):
    """The largest of the values of each of `n` places; the lowest number where there is none."""
    kind = values.dtype.kind in "iu"
    lowest = np.iinfo(values.dtype).min if kind else np.array(-np.inf, values.dtype)
    start = np.full(n, lowest, values.dtype)
    if is_traced(at, values):
        import jax.numpy as jnp

        return jnp.asarray(start).at[at].max(_constant(values))
    np.maximum.at(start, at, values)
    return start


@op(
    "SparseSoftmax",
    "int64, T, int64 -> T",
    shape=_values_shape,
    T={dtypes.float16, dtypes.float32, dtypes.float64},
)
def _sparse_softmax(sp_indices, sp_values, sp_shape):
    if sp_indices.shape[1] < 2:
        raise invalid(f"Input should have rank >= 2, but received shape {list(sp_shape)}")
    n = sp_values.shape[0]
    if not n:
        return sp_values
    begins = xp.any(sp_indices[1:, :-1] != sp_indices[:-1, :-1], axis=1)
    row = xp.concatenate([np.zeros(1, np.int64), xp.cumsum(begins)])
    powers = xp.exp(sp_values - xp.take(largest_at(n, row, sp_values), row))
    return powers / xp.take(added_at(np.zeros(n, sp_values.dtype), (row,), powers), row)


def sparse_softmax(sp_input: Any, name: str | None = None) -> SparseTensor:
    """Softmax of the elements of each row of a SparseTensor; what is not there does not count.

    Parameters
    ----------
    sp_input : SparseTensor, floating, [..., rows, columns]
        In row-major order.

    Returns
    -------
    SparseTensor
        With the indices of `sp_input`.

    Notes
    -----
    TF op SparseSoftmax.
    """
    sp_input = as_sparse(sp_input)
    parts = sp_input.indices, sp_input.values, sp_input.dense_shape
    with name_scope(name, "SparseSoftmax", list(parts[:2])):
        return SparseTensor(parts[0], _sparse_softmax(*parts), parts[2])
