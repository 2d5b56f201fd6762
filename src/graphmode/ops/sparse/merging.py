"""Sparse tensors made of sparse tensors: other bounds, ids for columns, the larger of two."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import control_dependencies, name_scope
from graphmode.framework.dtypes import NUMBERS, REALS
from graphmode.framework.errors import invalid
from graphmode.framework.inference import constant_value
from graphmode.framework.op import op
from graphmode.framework.operation import Tensor
from graphmode.framework.sparse_tensor import SparseTensor, SparseTensorValue
from graphmode.ops import array, math
from graphmode.ops.control.assertions import assert_equal, assert_less_equal
from graphmode.ops.sparse.arrangement import sparse_reorder
from graphmode.ops.sparse.dense import as_sparse, sparse_tensor_to_dense

# ---- the larger and the smaller of two -----------------------------------------------------------


def _union_shape(op):
    indices = op.inputs[0].dims
    return [(None, indices[1] if indices else None), (None,)]


def _of_two(op_type, pick, family):
    @op(
        op_type,
        "int64, T, int64, int64, T, int64 -> output_indices: int64, output_values: T",
        shape=_union_shape,
        data_dependent=True,
        T=family,
    )
    def kernel(a_indices, a_values, a_shape, b_indices, b_values, b_shape):
        if len(a_shape) != len(b_shape):
            shapes = (" ".join(map(str, shape.tolist())) for shape in (a_shape, b_shape))
            raise invalid(
                f"Operands do not have the same ranks; got shapes: {' and '.join(shapes)}"
            )
        for axis, (n, m) in enumerate(zip(a_shape.tolist(), b_shape.tolist(), strict=True)):
            if n != m:
                raise invalid(
                    f"Operands' shapes do not match: got {n} and {m} for dimension {axis}"
                )
        indices = np.concatenate([a_indices, b_indices])
        places, at = np.unique(indices, axis=0, return_inverse=True)
        both = np.zeros((2, len(places)), a_values.dtype)
        both[0, at.ravel()[: len(a_values)]] = a_values
        both[1, at.ravel()[len(a_values) :]] = b_values
        return places.reshape(-1, len(a_shape)), pick(*both)

    return kernel


_larger = _of_two("SparseSparseMaximum", np.maximum, REALS)
_smaller = _of_two("SparseSparseMinimum", np.minimum, NUMBERS)


def sparse_maximum(sp_a: Any, sp_b: Any, name: str | None = None) -> SparseTensor:
    """The larger of two elements; one that is in one of them alone is compared with 0.

    Parameters
    ----------
    sp_a, sp_b : SparseTensor, real, of one shape and dtype

    Returns
    -------
    SparseTensor
        With the elements that are in either.

    Raises
    ------
    InvalidArgumentError
        If the shapes differ, when it runs.

    Notes
    -----
    TF op SparseSparseMaximum.
    """
    return _picked(_larger, "SparseSparseMaximum", sp_a, sp_b, name)


def sparse_minimum(sp_a: Any, sp_b: Any, name: str | None = None) -> SparseTensor:
    """The smaller of two elements; one that is in one of them alone is compared with 0.

    Parameters
    ----------
    sp_a, sp_b : SparseTensor, real, of one shape and dtype

    Returns
    -------
    SparseTensor
        With the elements that are in either.

    Raises
    ------
    InvalidArgumentError
        If the shapes differ, when it runs.

    Notes
    -----
    TF op SparseSparseMinimum.
    """
    return _picked(_smaller, "SparseSparseMinimum", sp_a, sp_b, name)


def _picked(kernel, default_name, sp_a, sp_b, name):
    sp_a, sp_b = as_sparse(sp_a), as_sparse(sp_b)
    with name_scope(name, default_name, [sp_a.indices, sp_a.values]) as scope:
        indices, values = kernel(
            sp_a.indices,
            sp_a.values,
            sp_a.dense_shape,
            sp_b.indices,
            sp_b.values,
            sp_b.dense_shape,
            name=scope,
        )
    return SparseTensor(indices, values, sp_a.dense_shape)


# ---- other bounds --------------------------------------------------------------------------------


def sparse_reset_shape(sp_input: Any, new_shape: Any = None) -> SparseTensor:
    """The same elements in a larger shape, or in the smallest one that holds them.

    Parameters
    ----------
    sp_input : SparseTensor, of any dtype
    new_shape : Tensor, int64, [rank], optional
        No length less than that of `sp_input`.

    Returns
    -------
    SparseTensor
        Without `new_shape` each length is one more than the largest index; 0 if there is none.

    Raises
    ------
    ValueError
        If `new_shape` is known not to fit.
    InvalidArgumentError
        If it does not fit, when it runs.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default(), tf.Session() as sess:
    ...     small = tf.sparse.reset_shape(tf.SparseTensor([[0, 2]], [1.0], [9, 9]))
    ...     print(sess.run(small.dense_shape))
    [1 3]
    """
    sp_input = as_sparse(sp_input)
    indices = array.identity(sp_input.indices)
    values = array.identity(sp_input.values)
    if new_shape is None:
        largest = math.reduce_max(indices, axis=0)
        shape = math.maximum(np.int64(0), math.add(largest, array.ones_like(sp_input.dense_shape)))
        return SparseTensor(indices, values, shape)
    given_dtype = None if isinstance(new_shape, Tensor) else dtypes.int64
    shape = math.cast(convert_to_tensor(new_shape, dtype=given_dtype), dtypes.int64)
    if shape.dims is not None and len(shape.dims) != 1:
        raise ValueError(f"Shape {shape.shape} must have rank 1")
    shape.shape.assert_is_compatible_with(sp_input.dense_shape.shape)
    given, old = constant_value(shape), constant_value(sp_input.dense_shape)
    if given is not None and old is not None:
        if (given < old).any():
            raise ValueError(
                "Requested new_shape should have dimension sizes >= sp_input.shape.  Found "
                f"new_shape ({given}), sp_input.shape ({old})."
            )
        return SparseTensor(indices, values, shape)
    with control_dependencies(
        [assert_equal(array.shape(sp_input.dense_shape), array.shape(shape))]
    ):
        shape = array.identity(shape)
    with control_dependencies([assert_less_equal(sp_input.dense_shape, shape)]):
        shape = array.identity(shape)
    return SparseTensor(indices, values, shape)


# ---- ids for columns -----------------------------------------------------------------------------


def sparse_merge(
    sp_ids: Any,
    sp_values: Any,
    vocab_size: Any,
    name: str | None = None,
    already_sorted: bool = False,
) -> SparseTensor:
    """Values in the columns that ids say, in the rows in which the ids stand.

    Parameters
    ----------
    sp_ids : SparseTensor, int32 or int64, or list of them
        Each value is a column; several give an axis each.
    sp_values : SparseTensor, of any dtype
        With the same indices as `sp_ids`: what stands there.
    vocab_size : int or scalar Tensor, or list of them
        The number of columns, one for each of `sp_ids`.
    already_sorted : bool
        Whether the result is in row-major order as it is.

    Returns
    -------
    SparseTensor
        ``[*lengths of sp_ids without the last one, *vocab_size]``

    Raises
    ------
    TypeError, ValueError
        If there are not as many `vocab_size` as `sp_ids`.

    Examples
    --------
    >>> import graphmode as tf
    >>> at = [[0, 0], [0, 1], [1, 0]]
    >>> with tf.Graph().as_default(), tf.Session() as sess:
    ...     ids = tf.SparseTensor(at, [3, 1, 2], [2, 2])
    ...     counts = tf.SparseTensor(at, [5, 6, 7], [2, 2])
    ...     print(sess.run(tf.sparse_tensor_to_dense(tf.sparse_merge(ids, counts, 4))))
    [[0 6 0 5]
     [0 0 7 0]]
    """
    if isinstance(sp_ids, SparseTensor | SparseTensorValue):
        if not isinstance(vocab_size, Tensor | int | np.integer):
            raise TypeError(
                f"vocab_size has to be a Tensor or Python int. Found {type(vocab_size)}"
            )
        sp_ids, vocab_size = [sp_ids], [vocab_size]
    elif not isinstance(vocab_size, list | tuple):
        raise TypeError(
            f"vocab_size has to be a list of Tensors or Python ints. Found {type(vocab_size)}"
        )
    if len(sp_ids) != len(vocab_size):
        raise ValueError("sp_ids and vocab_size have to have equal lengths.")
    with name_scope(name, "SparseMerge"):
        sp_ids = [as_sparse(ids) for ids in sp_ids]
        sp_values = as_sparse(sp_values)
        columns = [array.expand_dims(math.cast(ids.values, dtypes.int64), 1) for ids in sp_ids]
        sizes = [math.cast(convert_to_tensor(size), dtypes.int64) for size in vocab_size]
        indices = array.concat([sp_ids[0].indices[:, :-1], *columns], 1)
        shape = array.concat([sp_ids[0].dense_shape[:-1], array.stack(sizes)], 0)
        merged = SparseTensor(indices, sp_values.values, shape)
        if already_sorted:
            return merged
        merged = sparse_reorder(merged)
        return SparseTensor(merged.indices, merged.values, shape)


def sparse_to_indicator(sp_input: Any, vocab_size: Any, name: str | None = None) -> Tensor:
    """Which ids stand in each row.

    Parameters
    ----------
    sp_input : SparseTensor, int32 or int64, [..., n]
        Its values are the ids, each in [0, `vocab_size`).
    vocab_size : int or scalar Tensor

    Returns
    -------
    Tensor, bool, [..., vocab_size]

    Raises
    ------
    InvalidArgumentError
        If an id is outside, when it runs.
    """
    sp_input = as_sparse(sp_input)
    with name_scope(name, "SparseToIndicator") as scope:
        here = array.fill(array.shape(sp_input.values), True)
        present = SparseTensor(sp_input.indices, here, sp_input.dense_shape)
        merged = sparse_merge(sp_input, present, vocab_size, scope)
        return sparse_tensor_to_dense(merged, False, validate_indices=False, name=scope)
