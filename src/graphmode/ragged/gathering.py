"""Rows and elements of ragged tensors by their numbers."""

from __future__ import annotations

from typing import Any

from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import control_dependencies, name_scope
from graphmode.framework.operation import Tensor
from graphmode.ops import array, math
from graphmode.ops.control.assertions import assert_equal
from graphmode.ops.ragged.rows import ragged_gather_op, ragged_range_op
from graphmode.ragged.splits import repeated
from graphmode.ragged.tensor import RaggedTensor, as_ragged, is_ragged, same_split_dtypes


def gather_v1(
    params: Any,
    indices: Any,
    validate_indices: Any = None,
    name: str | None = None,
    axis: Any = 0,
    batch_dims: Any = 0,
) -> Any:
    """`gather` as `tf.gather` is called.

    Raises
    ------
    ValueError
        If `axis` or `batch_dims` is not 0.
    """
    del validate_indices
    _require_zero(axis=axis, batch_dims=batch_dims)
    return gather(params, indices, name)


def _require_zero(**given: Any) -> None:
    for what, value in given.items():
        if value is not None and (not isinstance(value, int) or value != 0):
            raise ValueError(f"{what} != 0 is not supported for ragged gather yet.")


def gather(params: Any, indices: Any, name: str | None = None) -> Any:
    """Rows of `params` by their numbers, of the shape ``indices.shape + params.shape[1:]``.

    Raises
    ------
    ValueError
        If the rank of `indices` is not known.
    """
    with name_scope(name, "RaggedGather", [params, indices]):
        params = as_ragged(params, name="params")
        indices = as_ragged(indices, name="indices")
        same_split_dtypes(params, indices)
        if isinstance(indices, RaggedTensor):
            return indices.with_values(gather(params, indices.values))
        if not isinstance(params, RaggedTensor):
            return array.gather(params, indices)
        if indices.shape.ndims is None:
            raise ValueError("indices.shape.ndims must be known statically")
        if indices.shape.ndims == 0:
            row = gather(params, array.reshape(indices, [1]))
            return row.values
        nested = params.nested_row_splits
        rank = indices.shape.ndims + len(nested) - 1
        *splits, values = ragged_gather_op(
            nested, params.flat_values, indices, OUTPUT_RAGGED_RANK=rank
        )
        return RaggedTensor.from_nested_row_splits(values, splits, validate=False)


def gather_nd_v1(params: Any, indices: Any, name: str | None = None, batch_dims: Any = 0) -> Any:
    """`gather_nd` as `tf.gather_nd` is called.

    Raises
    ------
    ValueError
        If `batch_dims` is not 0.
    """
    _require_zero(batch_dims=batch_dims)
    return gather_nd(params, indices, name)


def gather_nd(params: Any, indices: Any, name: str | None = None) -> Any:
    """Slices of `params` by the numbers along its first axes, ``indices[..., axes]``.

    Raises
    ------
    ValueError
        If the number of axes is not known or ragged.
    """
    if not (is_ragged(params) or is_ragged(indices)):
        return array.gather_nd(params, indices, name)
    with name_scope(name, "RaggedGatherNd", [params, indices]):
        params = as_ragged(params, name="params")
        indices = as_ragged(indices, name="indices")
        dtype = same_split_dtypes(params, indices)
        shape = indices.shape
        if shape.ndims is None:
            raise ValueError("indices.rank be statically known.")
        if shape.ndims == 0:
            raise ValueError("indices.rank must be at least 1.")
        if isinstance(indices, RaggedTensor) and shape.ndims == indices.ragged_rank + 1:
            raise ValueError("The innermost dimension of indices may not be ragged")
        if shape[-1].value is None:
            raise ValueError("indices.shape[-1] must be statically known.")
        if shape.ndims > 2:
            return _at_each(params, indices, dtype)
        if not isinstance(params, RaggedTensor):
            return array.gather_nd(params, indices)
        if shape.ndims == 1:
            return _first(_at_places(params, array.expand_dims(indices, 0)))
        return _at_places(params, indices)


def _at_each(params: Any, indices: Any, dtype: Any) -> Any:
    was_dense = not isinstance(indices, RaggedTensor)
    rank = indices.shape.ndims - 2
    if was_dense:
        indices = RaggedTensor.from_tensor(indices, ragged_rank=rank, row_splits_dtype=dtype)
    found = indices.with_flat_values(gather_nd(params, indices.flat_values))
    return found.to_tensor() if was_dense and found.ragged_rank == rank else found


def _first(rows: Any) -> Any:
    """The only row of `rows`."""
    if not isinstance(rows, RaggedTensor):
        return rows[0]
    return rows.values


def _at_places(params: RaggedTensor, indices: Any) -> Any:
    """The slices of `params` whose numbers along its first axes are the rows of a matrix."""
    n = indices.shape[-1].value or 0
    if n == 0:
        rows = array.shape(indices, out_type=params.row_splits.dtype)[0]
        whole = RaggedTensor.from_row_splits(
            params, array.stack([0, params.nrows()]), validate=False
        )
        return gather(whole, array.zeros(array.stack([rows]), params.row_splits.dtype))
    indices = math.cast(indices, params.row_splits.dtype)
    places, values = indices[:, 0], params
    for axis in range(1, n):
        if not isinstance(values, RaggedTensor):
            rest = array.concat([array.expand_dims(places, 1), indices[:, axis:]], 1)
            return array.gather_nd(values, rest)
        places = array.gather(values.row_starts(), places) + indices[:, axis]
        values = values.values
    return gather(values, places)


def batch_gather(params: Any, indices: Any, name: str | None = None) -> Any:
    """Elements of each row of `params` by their places in it.

    Parameters
    ----------
    params : Tensor or RaggedTensor, of any dtype
    indices : Tensor or RaggedTensor, int32 or int64

    Returns
    -------
    Tensor or RaggedTensor

    Raises
    ------
    ValueError
        If the shapes before the last axis of `indices` do not fit.
    """
    if not (is_ragged(params) or is_ragged(indices)):
        return array.batch_gather(params, indices, name)
    differs = "batch shape from indices does not match params shape"
    with name_scope(name, "RaggedBatchGather", [params, indices]):
        params = as_ragged(params, name="params")
        indices = as_ragged(indices, name="indices")
        same_split_dtypes(params, indices)
        rank = indices.shape.ndims
        if rank is None:
            raise ValueError("batch_gather does not allow indices with unknown shape.")
        if rank == 0:
            raise ValueError("indices.rank must be at least 1.")
        if not isinstance(indices, RaggedTensor):
            if rank == 1:
                return gather(params, indices)
            if rank > 2:
                raise ValueError(differs)
            starts = array.expand_dims(params.row_starts(), 1)
            return gather(params.values, math.cast(indices, starts.dtype) + starts)
        if rank > 2:
            if not isinstance(params, RaggedTensor):
                raise ValueError(differs)
            same = assert_equal(params.row_splits, indices.row_splits, message=differs)
            with control_dependencies([same]):
                return indices.with_values(batch_gather(params.values, indices.values))
        if not isinstance(params, RaggedTensor):
            if params.shape.ndims is not None and params.shape.ndims < 2:
                raise ValueError(differs)
            params = RaggedTensor.from_tensor(params, row_splits_dtype=indices.row_splits.dtype)
        starts = repeated(params.row_starts(), indices.row_lengths())
        places = math.cast(indices.values, starts.dtype) + starts
        return indices.with_values(gather(params.values, places))


def ranges_of(values: Any, starts: Tensor, limits: Tensor, step: Any) -> RaggedTensor:
    """Rows of `values` from each start to its limit, in steps.

    Raises
    ------
    TypeError
        If `step` is no integer.
    """
    step = convert_to_tensor(1 if step is None else step, name="step")
    if not step.dtype.is_integer:
        raise TypeError("slice strides must be integers or None")
    step = math.cast(step, starts.dtype)
    splits, places = ragged_range_op(starts, limits, step, Tsplits=starts.dtype)
    take = gather if isinstance(values, RaggedTensor) else array.gather
    return RaggedTensor.from_row_splits(take(values, places), splits, validate=False)
