"""Shapes of ragged tensors, and what is made of parts of them."""

from __future__ import annotations

from typing import Any

from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import control_dependencies, name_scope
from graphmode.framework.operation import Tensor
from graphmode.ops import array, math
from graphmode.ops.control.assertions import assert_equal, assert_less
from graphmode.ops.control.checks import Assert
from graphmode.ops.control.grouping import with_dependencies
from graphmode.ragged.broadcasting import tile as tile_ragged
from graphmode.ragged.gathering import gather
from graphmode.ragged.splits import int_tensor, positive_axis, same_splits
from graphmode.ragged.tensor import RaggedTensor, as_ragged, is_ragged, same_split_dtypes


def size(input: Any, name: str | None = None, out_type: Any = dtypes.int32) -> Tensor:
    """The number of elements of `input`, a RaggedTensor: a scalar of the int dtype `out_type`."""
    return array.size(as_ragged(input).flat_values, name, out_type)


def rank(input: Any, name: str | None = None) -> Tensor:
    """The number of axes of `input`, a RaggedTensor of any dtype: an int32 scalar."""
    with name_scope(name, "RaggedRank", [input]):
        ragged = as_ragged(input)
        return ragged.ragged_rank + array.rank(ragged.flat_values)


def expand_dims(input: Any, axis: Any = None, name: str | None = None, dim: Any = None) -> Any:
    """`input` with an axis of length one.

    Parameters
    ----------
    input : RaggedTensor, of any dtype
    axis, dim : int
        Where it goes.

    Returns
    -------
    RaggedTensor
    """
    axis = axis if dim is None else dim
    with name_scope(name, "RaggedExpandDims", [input]):
        ragged = as_ragged(input, name="input")
        if not isinstance(ragged, RaggedTensor):
            return array.expand_dims(ragged, axis)
        ndims = ragged.shape.ndims
        axis = positive_axis(axis, None if ndims is None else ndims + 1)
        if axis > 1:
            return ragged.with_values(expand_dims(ragged.values, axis - 1))
        n = ragged.nrows()
        splits = array.range(n + 1) if axis else array.stack([0, n])
        return RaggedTensor.from_row_splits(ragged, splits, validate=False)


def squeeze(input: Any, axis: Any = None, name: str | None = None, squeeze_dims: Any = None) -> Any:
    """`input` without axes of length one.

    Parameters
    ----------
    input : RaggedTensor, of any dtype
    axis, squeeze_dims : int or list of int

    Returns
    -------
    Tensor or RaggedTensor

    Raises
    ------
    ValueError
        If no axis is given.
    TypeError
        If they are no ints.
    InvalidArgumentError
        When it runs, if a length is not one.
    """
    axis = axis if squeeze_dims is None else squeeze_dims
    with name_scope(name, "RaggedSqueeze", [input]):
        ragged = as_ragged(input)
        if axis is None:
            raise ValueError("Ragged.squeeze must have an axis argument.")
        axes = [axis] if isinstance(axis, int) else axis
        if not isinstance(axes, list | tuple) or not all(isinstance(each, int) for each in axes):
            raise TypeError("Axis must be a list or tuple of integers.")
        found = {positive_axis(each, ragged.shape.ndims) for each in axes}
        checks: list[Any] = []
        sizes = {0: ragged.nrows(), **dict(enumerate(ragged.nested_row_lengths(), 1))}
        for each, lengths in sizes.items():
            if each in found:
                words = [f"the given axis (axis = {each}) is not squeezable!"]
                checks.append(Assert(math.reduce_all(math.equal(lengths, 1)), words))
        values = with_dependencies(checks, ragged.flat_values)
        inner = sorted(each - ragged.ragged_rank for each in found if each > ragged.ragged_rank)
        if inner:
            values = array.squeeze(values, inner)
        kept = [s for i, s in enumerate(ragged.nested_row_splits, 1) if i not in found]
        if 0 in found and kept:
            kept.pop(0)
        elif 0 in found:
            values = array.squeeze(values, [0])
        return RaggedTensor.from_nested_row_splits(values, kept, validate=False)


def tile(input: Any, multiples: Any, name: str | None = None) -> RaggedTensor:
    """`input` several times along each axis.

    Parameters
    ----------
    input : RaggedTensor, of any dtype
    multiples : Tensor, int, [rank]

    Returns
    -------
    RaggedTensor
    """
    with name_scope(name, "RaggedTile", [input, multiples]):
        ragged = as_ragged(input, name="input")
        times = int_tensor(multiples, "multiples", ragged.row_splits.dtype)
        times.shape.assert_has_rank(1)
        return tile_ragged(ragged, times)


def one_hot(
    indices: Any,
    depth: Any,
    on_value: Any = None,
    off_value: Any = None,
    axis: Any = None,
    dtype: Any = None,
    name: str | None = None,
) -> RaggedTensor:
    """Of each index a vector with a one at its place.

    Parameters
    ----------
    indices : RaggedTensor, int
    depth : Tensor, int scalar
    on_value, off_value : Tensor, scalar of `dtype`, optional
    axis : int, optional
        Behind the ragged axes.
    dtype : DType, optional

    Returns
    -------
    RaggedTensor

    Raises
    ------
    ValueError
        If `axis` is a ragged one.
    """
    with name_scope(name, "RaggedOneHot", [indices]):
        ragged = as_ragged(indices, name="indices")
        if axis is not None and axis != -1:
            axis = positive_axis(axis, ragged.shape.ndims + 1)
            if axis <= ragged.ragged_rank:
                raise ValueError("axis may not be less than indices.ragged_rank.")
            axis -= ragged.ragged_rank
        flat = array.one_hot(ragged.flat_values, depth, on_value, off_value, axis, dtype)
        return ragged.with_flat_values(flat)


# ---- parts ---------------------------------------------------------------------------------------


def boolean_mask(data: Any, mask: Any, name: str | None = None) -> Any:
    """What stands where a mask is True, row by row.

    Parameters
    ----------
    data : Tensor or RaggedTensor, of any dtype
    mask : Tensor or RaggedTensor, bool
        Its shape is the beginning of that of `data`.

    Returns
    -------
    Tensor or RaggedTensor
        Of the rank of `data`, with ragged axes where the mask has them.

    Raises
    ------
    ValueError
        If the rank of `mask` is not known or 0.
    InvalidArgumentError
        When it runs, if the rows of `mask` are not those of `data`.

    Examples
    --------
    >>> import graphmode as tf
    >>> kept = tf.ragged.boolean_mask([[1, 2], [3, 4]], [[True, False], [True, True]])
    >>> tf.Session().run(kept).to_list()
    [[1], [3, 4]]
    """
    with name_scope(name, "RaggedMask", [data, mask]):
        data = as_ragged(data, name="data")
        mask = as_ragged(mask, dtypes.bool, name="mask")
        dtype = same_split_dtypes(data, mask)
        ndims = mask.shape.ndims
        if ndims is None:
            raise ValueError("mask.shape.ndims must be known statically.")
        if ndims == 0:
            raise ValueError("mask cannot be scalar.")
        if ndims == 1:
            if isinstance(data, RaggedTensor):
                return gather(data, array.reshape(array.where(mask), [-1]))
            return array.boolean_mask(data, mask)
        if not isinstance(mask, RaggedTensor):
            mask = RaggedTensor.from_tensor(mask, ragged_rank=ndims - 1, row_splits_dtype=dtype)
        if not isinstance(data, RaggedTensor):
            data = RaggedTensor.from_tensor(data, row_splits_dtype=dtype)
        with control_dependencies(same_splits([[mask.row_splits], [data.row_splits]])):
            inner = boolean_mask(data.values, mask.values)
            if ndims > 2:
                return RaggedTensor.from_row_splits(inner, mask.row_splits, validate=False)
            ends = math.cumsum(math.cast(mask.values, dtype))
            splits = array.gather(array.concat([[0], ends], 0), mask.row_splits)
            return RaggedTensor.from_row_splits(inner, splits, validate=False)


def stack_dynamic_partitions(
    data: Any, partitions: Any, num_partitions: Any, name: str | None = None
) -> RaggedTensor:
    """Rows of what has one number.

    Parameters
    ----------
    data : Tensor or RaggedTensor, of any dtype
    partitions : Tensor or RaggedTensor, int32 or int64
        Of each element, or slice, of `data` the number of its row.
    num_partitions : Tensor, int scalar

    Returns
    -------
    RaggedTensor, [num_partitions, (elements), ...]

    Raises
    ------
    ValueError
        If the rank of `partitions` is not known.
    InvalidArgumentError
        When it runs, if a number is too large.

    Examples
    --------
    >>> import graphmode as tf
    >>> rows = tf.ragged.stack_dynamic_partitions(["a", "b", "c"], [2, 0, 2], 3)
    >>> tf.Session().run(rows).to_list()
    [[b'b'], [], [b'a', b'c']]
    """
    with name_scope(name, "SegmentStack", [data, partitions, num_partitions]):
        data = as_ragged(data, name="data")
        hint = data.row_splits.dtype if isinstance(data, RaggedTensor) else None
        partitions = as_ragged(partitions, preferred_dtype=hint, name="partitions")
        if hint is not None and partitions.dtype != hint:
            partitions = _cast(partitions, hint)
        n = convert_to_tensor(num_partitions, name="num_partitions", dtype_hint=partitions.dtype)
        n = math.cast(n, partitions.dtype)
        ndims = partitions.shape.ndims
        if ndims is None:
            raise ValueError("partitions must have known rank.")
        n.shape.assert_has_rank(0)
        partitions.shape.assert_is_compatible_with(data.shape[:ndims])
        if ndims == 0:
            row, one = array.stack([partitions]), array.expand_dims(data, 0)
            return RaggedTensor.from_value_rowids(one, row, n, validate=False)
        if ndims == 1:
            order = array.argsort(partitions, stable=True)
            ids = array.gather(partitions, order)
            values = gather(data, order)
            text = "partitions must be less than num_partitions"
            with control_dependencies([assert_less(ids[-1:], n, message=text)]):
                return RaggedTensor.from_value_rowids(values, ids, n, validate=False)
        dtype = partitions.row_splits.dtype if is_ragged(partitions) else partitions.dtype
        if not isinstance(data, RaggedTensor):
            data = RaggedTensor.from_tensor(data, row_splits_dtype=dtype)
        if not isinstance(partitions, RaggedTensor):
            partitions = RaggedTensor.from_tensor(
                partitions, ragged_rank=ndims - 1, row_splits_dtype=data.row_splits.dtype
            )
        text = "data and partitions have incompatible ragged shapes"
        same = assert_equal(data.row_splits, partitions.row_splits, message=text)
        with control_dependencies([same]):
            return stack_dynamic_partitions(data.values, partitions.values, num_partitions)


def _cast(value: Any, dtype: Any) -> Any:
    if isinstance(value, RaggedTensor):
        return value.with_flat_values(math.cast(value.flat_values, dtype))
    return math.cast(value, dtype)


def dynamic_partition(
    data: Any, partitions: Any, num_partitions: Any, name: str | None = None
) -> list[Any]:
    """What has each number, as a list.

    Parameters
    ----------
    data : Tensor or RaggedTensor, of any dtype
    partitions : Tensor or RaggedTensor, int32 or int64
    num_partitions : int

    Returns
    -------
    list of Tensor or RaggedTensor

    Raises
    ------
    TypeError
        If `num_partitions` is no int, or negative.
    """
    if not isinstance(num_partitions, int) or num_partitions < 0:
        raise TypeError("num_partitions must be a non-negative integer")
    rows: Any = stack_dynamic_partitions(data, partitions, num_partitions, name)
    starts, limits = rows.row_starts(), rows.row_limits()
    return [rows.values[starts[i] : limits[i]] for i in range(num_partitions)]
