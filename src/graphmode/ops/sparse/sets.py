"""Rows of tensors as sets: what they share, what either has, what one has more, how many."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.errors import invalid
from graphmode.framework.op import op
from graphmode.framework.operation import Tensor
from graphmode.framework.sparse_tensor import SparseTensor, SparseTensorValue

_ELEMENTS = frozenset(
    (dtypes.int8, dtypes.int16, dtypes.int32, dtypes.int64, dtypes.uint8, dtypes.uint16,
     dtypes.string)
)  # fmt: skip
_OPERATIONS = {
    "intersection": lambda a, b: a & b,
    "union": lambda a, b: a | b,
    "a-b": lambda a, b: a - b,
    "b-a": lambda a, b: b - a,
}


def _rows_of_dense(values: np.ndarray) -> dict[tuple[int, ...], set[Any]]:
    return {place: set(values[place].tolist()) for place in np.ndindex(values.shape[:-1])}


def _rows_of_sparse(
    indices: np.ndarray, values: np.ndarray, validate: bool
) -> dict[tuple[int, ...], set[Any]]:
    if validate and indices.tolist() != sorted(indices.tolist()):
        raise invalid("Indices are out of order")
    rows: dict[tuple[int, ...], set[Any]] = {}
    for place, value in zip(indices.tolist(), values.tolist(), strict=True):
        rows.setdefault(tuple(place[:-1]), set()).add(value)
    return rows


def _combined(first, second, groups, set_operation: Any, dtype: np.dtype) -> list[np.ndarray]:
    """The sets of each place, in order, as the parts of a sparse tensor."""
    name = set_operation.decode() if isinstance(set_operation, bytes) else set_operation
    combine = _OPERATIONS[name.lower()]
    nothing: set[Any] = set()
    indices: list[list[int]] = []
    elements: list[Any] = []
    longest = 0
    for place in sorted(first.keys() | second.keys()):
        found = sorted(combine(first.get(place, nothing), second.get(place, nothing)))
        indices += [[*place, i] for i in range(len(found))]
        elements += found
        longest = max(longest, len(found))
    values = np.empty(len(elements), dtype)
    values[:] = elements
    return [
        np.array(indices, np.int64).reshape(-1, len(groups) + 1),
        values,
        np.array([*groups, longest], np.int64),
    ]


def _same_groups(first: Any, second: Any) -> tuple[int, ...]:
    groups = tuple(int(n) for n in first)
    if groups != tuple(int(n) for n in second):
        raise invalid(f"Mismatched group shapes {list(groups)} vs {[int(n) for n in second]}.")
    return groups


def _sets_shape(op):
    if str(op.attrs["set_operation"]).lower() not in _OPERATIONS:
        raise ValueError(f"Invalid set_operation {op.attrs['set_operation']}.")
    dense = {"DenseToDenseSetOperation": 2, "DenseToSparseSetOperation": 1}.get(op.type, 0)
    ranks = [len(x.dims) for x in op.inputs[:dense] if x.dims is not None]
    shapes = op.inputs[3:4] if dense else (op.inputs[2], op.inputs[5])
    ranks += [x.dims[0] for x in shapes if x.dims and x.dims[0] is not None]
    rank = ranks[0] if ranks else None
    if rank is not None and min(ranks) < 2:
        raise ValueError(f"Shape must be at least rank 2 but is rank {min(ranks)}")
    return [(None, rank), (None,), (rank,)]


_RESULT = "result_indices: int64, result_values: T, result_shape: int64"


@op(
    "DenseToDenseSetOperation",
    f"T, T -> {_RESULT}",
    shape=_sets_shape,
    data_dependent=True,
    T=_ELEMENTS,
)
def _of_dense(set1, set2, *, set_operation: str, validate_indices: bool = True):
    groups = _same_groups(set1.shape[:-1], set2.shape[:-1])
    rows = _rows_of_dense(set1), _rows_of_dense(set2)
    return _combined(*rows, groups, set_operation, set1.dtype)


@op(
    "DenseToSparseSetOperation",
    f"T, int64, T, int64 -> {_RESULT}",
    shape=_sets_shape,
    data_dependent=True,
    T=_ELEMENTS,
)
def _of_dense_and_sparse(
    set1, set2_indices, set2_values, set2_shape, *, set_operation: str,
    validate_indices: bool = True,
):  # fmt: skip
    groups = _same_groups(set1.shape[:-1], set2_shape[:-1])
    second = _rows_of_sparse(set2_indices, set2_values, validate_indices)
    return _combined(_rows_of_dense(set1), second, groups, set_operation, set1.dtype)


@op(
    "SparseToSparseSetOperation",
    f"int64, T, int64, int64, T, int64 -> {_RESULT}",
    shape=_sets_shape,
    data_dependent=True,
    T=_ELEMENTS,
)
def _of_sparse(
    set1_indices, set1_values, set1_shape, set2_indices, set2_values, set2_shape, *,
    set_operation: str, validate_indices: bool = True,
):  # fmt: skip
    groups = _same_groups(set1_shape[:-1], set2_shape[:-1])
    first = _rows_of_sparse(set1_indices, set1_values, validate_indices)
    second = _rows_of_sparse(set2_indices, set2_values, validate_indices)
    return _combined(first, second, groups, set_operation, set1_values.dtype)


def _size_shape(op):
    (rank,) = op.inputs[2].dims or (None,)
    return [None if rank is None else (None,) * (rank - 1)]


@op(
    "SetSize",
    "int64, T, int64 -> size: int32",
    shape=_size_shape,
    data_dependent=True,
    T=_ELEMENTS,
)
def _set_size(set_indices, set_values, set_shape, *, validate_indices: bool = True):
    sizes = np.zeros([int(n) for n in set_shape[:-1]], np.int32)
    for place, found in _rows_of_sparse(set_indices, set_values, validate_indices).items():
        sizes[place] = len(found)
    return sizes


def set_size(a: Any, validate_indices: bool = True) -> Tensor:
    """How many different elements each row has.

    Parameters
    ----------
    a : SparseTensor of int or string
    validate_indices : bool
        Refuse places that are out of order, when it runs.

    Returns
    -------
    Tensor, int32, of the shape of `a` without its last axis

    Raises
    ------
    TypeError
        If `a` is no SparseTensor.

    Notes
    -----
    TF op SetSize.
    """
    if isinstance(a, SparseTensorValue):
        a = SparseTensor.from_value(a)
    if not isinstance(a, SparseTensor):
        raise TypeError(f"Expected `SparseTensor`, got {a}.")
    return _set_size(a.indices, a.values, a.dense_shape, validate_indices=validate_indices)


def _operation(a: Any, b: Any, name: str, validate_indices: bool) -> SparseTensor:
    a, b = (
        SparseTensor.from_value(x)
        if isinstance(x, SparseTensorValue)
        else x
        if isinstance(x, SparseTensor)
        else convert_to_tensor(x)
        for x in (a, b)
    )
    if a.dtype.base_dtype is not b.dtype.base_dtype:
        raise TypeError(f"Types don't match, {a.dtype} vs {b.dtype}.")
    if isinstance(a, SparseTensor) and not isinstance(b, SparseTensor):
        a, b = b, a
        name = {"a-b": "b-a", "b-a": "a-b"}.get(name, name)
    attrs: dict[str, Any] = {"set_operation": name, "validate_indices": validate_indices}
    if isinstance(a, SparseTensor):
        parts = (a.indices, a.values, a.dense_shape, b.indices, b.values, b.dense_shape)
        return SparseTensor(*_of_sparse(*parts, **attrs))
    if isinstance(b, SparseTensor):
        parts = (a, b.indices, b.values, b.dense_shape)
        return SparseTensor(*_of_dense_and_sparse(*parts, **attrs))
    return SparseTensor(*_of_dense(a, b, **attrs))


def set_intersection(a: Any, b: Any, validate_indices: bool = True) -> SparseTensor:
    """The elements that the rows of both have.

    Parameters
    ----------
    a, b : Tensor or SparseTensor, of int or string
        Of one dtype, and of one shape but for their last axis.
    validate_indices : bool
        Refuse places that are out of order, when it runs.

    Returns
    -------
    SparseTensor
        The elements of each row, in order.

    Raises
    ------
    TypeError
        If the dtypes differ.

    Notes
    -----
    TF ops DenseToDenseSetOperation, DenseToSparseSetOperation, SparseToSparseSetOperation.
    """
    return _operation(a, b, "intersection", validate_indices)


def set_difference(
    a: Any, b: Any, aminusb: bool = True, validate_indices: bool = True
) -> SparseTensor:
    """The elements that the rows of the first have and those of the second have not.

    Parameters
    ----------
    a, b : Tensor or SparseTensor, of int or string
        Of one dtype, and of one shape but for their last axis.
    aminusb : bool
        The other way around if not.
    validate_indices : bool
        Refuse places that are out of order, when it runs.

    Returns
    -------
    SparseTensor
        The elements of each row, in order.

    Raises
    ------
    TypeError
        If the dtypes differ.

    Notes
    -----
    TF ops DenseToDenseSetOperation, DenseToSparseSetOperation, SparseToSparseSetOperation.
    """
    return _operation(a, b, "a-b" if aminusb else "b-a", validate_indices)


def set_union(a: Any, b: Any, validate_indices: bool = True) -> SparseTensor:
    """The elements that the rows of either have.

    Parameters
    ----------
    a, b : Tensor or SparseTensor, of int or string
        Of one dtype, and of one shape but for their last axis.
    validate_indices : bool
        Refuse places that are out of order, when it runs.

    Returns
    -------
    SparseTensor
        The elements of each row, in order.

    Raises
    ------
    TypeError
        If the dtypes differ.

    Notes
    -----
    TF ops DenseToDenseSetOperation, DenseToSparseSetOperation, SparseToSparseSetOperation.
    """
    return _operation(a, b, "union", validate_indices)
