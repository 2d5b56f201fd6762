"""Between rows of different lengths and tensors that are padded."""

from __future__ import annotations

from typing import Any

from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.operation import Tensor
from graphmode.ops import array, math
from graphmode.ragged.splits import int_tensor, longest, number_of_rows, to_splits


def rows_of_dense(
    tensor: Tensor, lengths: Any, padding: Any, ragged_rank: int, dtype: Any
) -> tuple[Tensor, list[Tensor]]:
    """The elements of `tensor` that are no padding, and the splits of its rows.

    Parameters
    ----------
    lengths : int tensor ``[rows]``, or list of such, or None
    padding : Tensor or None
    dtype : DType
        Of the splits.
    """
    sizes = array.shape(tensor, out_type=dtype)
    if ragged_rank > 1:
        rest = array.concat([convert_to_tensor([-1], dtype), sizes[ragged_rank:]], 0)
        flat = array.reshape(tensor, rest)
        flat.set_shape([None, *tensor.shape[ragged_rank:].as_list()])
        values, inner = rows_of_dense(flat, lengths, padding, 1, dtype)
        counts = math.cumprod(sizes)
        outer = [array.range(counts[d - 1] + 1) * sizes[d] for d in range(1, ragged_rank)]
        return values, [*outer, *inner]
    if padding is not None:
        lengths = _lengths_before(tensor, padding, sizes, dtype)
    if isinstance(lengths, list | tuple) and lengths and not isinstance(lengths[0], int | float):
        return _rows_of_nested(tensor, lengths, dtype)
    if lengths is not None:
        lengths = int_tensor(lengths, "lengths", dtype)
        lengths.shape.assert_has_rank(1)
        lengths = math.maximum(math.minimum(lengths, sizes[1]), 0)
        mask = array.sequence_mask(lengths, maxlen=sizes[1])
        return array.boolean_mask(tensor, mask), [to_splits(lengths)]
    n = sizes[0] * sizes[1]
    splits = array.range(sizes[0] + 1) * sizes[1]
    values = array.reshape(tensor, array.concat([[n], sizes[2:]], 0))
    values.set_shape([None, *tensor.shape[2:].as_list()])
    rows = tensor.shape[0].value
    if rows is not None:
        splits.set_shape([rows + 1])
    return values, [splits]


def _lengths_before(tensor: Tensor, padding: Any, sizes: Tensor, dtype: Any) -> Tensor:
    """The lengths of the rows without the padding at their ends."""
    padding = convert_to_tensor(padding, name="padding", dtype=tensor.dtype)
    padding.shape.assert_is_compatible_with(tensor.shape[2:])
    differs = math.not_equal(tensor, padding)
    if len(tensor.shape) > 2:
        differs = math.reduce_any(differs, axis=list(range(2, len(tensor.shape))))
    numbers = array.expand_dims(array.range(1, sizes[1] + 1), 0)
    return math.maximum(math.reduce_max(math.cast(differs, dtype) * numbers, axis=1), 0)


def _rows_of_nested(tensor: Tensor, lengths: Any, dtype: Any) -> tuple[Tensor, list[Tensor]]:
    tensor.shape.with_rank_at_least(len(lengths) + 1)
    each = [int_tensor(length, "lengths", dtype) for length in lengths]
    nested = [to_splits(length) for length in each]
    mask: Tensor = array.ones([math.reduce_sum(each[-1])], dtypes.bool)
    for splits in reversed(nested):
        mask = padded(mask, splits, convert_to_tensor(False))
    return array.boolean_mask(tensor, mask), nested


def padded(values: Tensor, splits: Tensor, default: Tensor | None) -> Tensor:
    """The rows of `values` under each other, filled up with `default` (zeros, or empty strings)."""
    inner = values.shape[1:]
    filling = _filling(values, default)
    filling.shape.assert_is_compatible_with(inner)
    filling.set_shape(inner)
    rows, columns = number_of_rows(splits), longest(splits)
    starts = array.expand_dims(splits[:-1], 1)
    limits = array.expand_dims(splits[1:], 1)
    at = starts + array.expand_dims(array.range(columns), 0)
    n = array.shape(values, out_type=splits.dtype)[0]
    nothing = array.fill(array.stack([rows, columns]), n)
    at = array.where(math.less(at, limits), at, nothing)
    result = array.gather(array.concat([values, array.stack([filling])], 0), at)
    result.set_shape([_static_rows(splits), None, *inner.as_list()])
    return result


def _filling(values: Tensor, default: Tensor | None) -> Tensor:
    """What stands in one place that is empty."""
    inner = values.shape[1:].ndims
    if default is None:
        return array.zeros(array.shape(values)[1:], values.dtype)
    if inner is not None:
        default.shape.with_rank_at_most(inner)
    if default.shape.ndims is None or default.shape.ndims != inner:
        return array.broadcast_to(default, array.shape(values)[1:])
    return default


def _static_rows(splits: Tensor) -> int | None:
    n = splits.shape[0].value if splits.shape.ndims else None
    return None if n is None else n - 1
