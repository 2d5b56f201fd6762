"""The elements that a mask selects, and each element so many times."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.dtypes import INDEX, int32
from graphmode.framework.inference import constant_value
from graphmode.framework.shape_rules import merge, normal_axis
from graphmode.ops.array.broadcasting import broadcast_to
from graphmode.ops.array.filling import zeros_like
from graphmode.ops.array.gathering import gather
from graphmode.ops.array.joining import concat
from graphmode.ops.array.padding import tile
from graphmode.ops.array.patterns import sequence_mask
from graphmode.ops.array.ranges import range as range_of
from graphmode.ops.array.selection import where
from graphmode.ops.array.shape_values import shape
from graphmode.ops.array.shaping import expand_dims, reshape, squeeze
from graphmode.ops.math.arithmetic import maximum
from graphmode.ops.math.casts import cast
from graphmode.ops.math.reduction import reduce_max, reduce_prod

if TYPE_CHECKING:
    from graphmode.framework.operation import Tensor


def boolean_mask(
    tensor: Any, mask: Any, name: str | None = "boolean_mask", axis: int | None = None
) -> Tensor:
    """The elements (rows, ...) of `tensor` where `mask` is True, in order.

    Parameters
    ----------
    tensor : Tensor ``[a_1, ..., a_n]``
    mask : bool Tensor ``[a_axis, ..., a_(axis + k - 1)]``
        Its rank k must be known.
    axis : int, optional
        Where in `tensor` the mask's axes begin; 0 by default.

    Returns
    -------
    Tensor
        The masked axes have become one, of unknown length.

    Raises
    ------
    ValueError
        If `mask` is a scalar, has an unknown rank, or does not fit.
    """
    with name_scope(name, "boolean_mask", [tensor, mask]):
        tensor = convert_to_tensor(tensor, name="tensor")
        mask = convert_to_tensor(mask, name="mask")
        if mask.dims is None:
            raise ValueError(
                "Number of mask dimensions must be specified, even if some dimensions are None.  "
                "E.g. shape=[None] is ok, but shape=None is not."
            )
        n = len(mask.dims)
        if n == 0:
            raise ValueError("mask cannot be scalar.")
        at = 0 if axis is None else int(axis)
        if at < 0:
            if tensor.dims is None:
                raise ValueError("a negative axis needs a tensor of known rank")
            at += len(tensor.dims)
        lead = None
        if tensor.dims is not None:
            tensor.shape[at : at + n].assert_is_compatible_with(mask.shape)
            covered = tensor.dims[at : at + n]
            count = None if None in covered else int(np.prod(covered, dtype=np.int64))
            lead = (*tensor.dims[:at], count, *tensor.dims[at + n :])
        dims = shape(tensor)
        count = reduce_prod(dims[at : at + n], [0])
        flat = reshape(tensor, concat([shape(tensor)[:at], [count], shape(tensor)[at + n :]], 0))
        if lead is not None:
            flat.set_shape(lead)
        chosen = squeeze(where(reshape(mask, [-1])), axis=[1])
        return gather(flat, chosen, axis=at)


def repeat(input: Any, repeats: Any, axis: int | None = None, name: str | None = None) -> Tensor:
    """Each element (row, ...) of `input` some times, one after the other.

    Parameters
    ----------
    input : Tensor, of any dtype
    repeats : Tensor, int32 or int64, scalar or [length of the axis]
        How often: all of them, or each.
    axis : int, optional
        Without one `input` is taken as one row.

    Returns
    -------
    Tensor
        Of the dtype of `input`.

    Raises
    ------
    ValueError
        If `repeats` has more than one axis, or another length.

    Examples
    --------
    >>> import graphmode as tf
    >>> tf.Session().run(tf.repeat([[1, 2], [3, 4]], [2, 3], axis=1)).tolist()
    [[1, 1, 2, 2, 2], [3, 3, 4, 4, 4]]
    """
    with name_scope(name, "Repeat"):
        data = convert_to_tensor(input, name="data")
        if axis is None:
            data, axis = reshape(data, [-1]), 0
        elif data.dims == ():
            data = expand_dims(data, 0)
        if data.dims is None:
            raise ValueError("tf.repeat along an axis needs an input of known rank")
        axis = normal_axis(axis, len(data.dims))
        times = convert_to_tensor(repeats, name="repeats")
        if times.dtype.base_dtype not in INDEX:
            times = cast(times, int32)
        n_rows = shape(data)[axis]
        if times.dims is not None and len(times.dims) > 1:
            raise ValueError(f"Shape must be at most rank 1 but is rank {len(times.dims)}")
        if times.dims is not None and len(times.dims) == 1:
            merge(times.dims, data.dims[axis : axis + 1])
        if times.dims == ():
            ones = [1] * (axis + 1), [1] * (len(data.dims) - axis - 1)
            each = expand_dims(cast(times, int32), 0)
            copied = concat([ones[0], each, ones[1]] if ones[1] else [ones[0], each], 0)
            joined = concat([shape(data)[:axis], [-1], shape(data)[axis + 1 :]], 0)
            result = reshape(tile(expand_dims(data, axis + 1), copied), joined)
            n, known = data.dims[axis], constant_value(times)
            length = None if n is None or known is None else n * int(known)
            result.set_shape([*data.dims[:axis], length, *data.dims[axis + 1 :]])
            return result
        each = broadcast_to(times, expand_dims(n_rows, 0))
        mask = sequence_mask(each, maximum(reduce_max(each), 0))
        rows = boolean_mask(zeros_like(mask, int32) + expand_dims(range_of(n_rows), 1), mask)
        known = constant_value(times)
        if known is not None and (known.size > 1 or data.dims[axis] == 1):  # one counts for all
            rows.set_shape([int(known.clip(0).sum())])
        return gather(data, rows, axis=axis)
