"""Moments of activations, and how many of them are 0."""

from __future__ import annotations

import math as python_math
from typing import TYPE_CHECKING, Any

from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.ops import array, math
from graphmode.ops.array.filling import zeros
from graphmode.ops.array.identities import stop_gradient
from graphmode.ops.array.shaping import reshape, squeeze
from graphmode.ops.math.arithmetic import squared_difference
from graphmode.ops.math.casts import cast
from graphmode.ops.math.comparison import equal
from graphmode.ops.math.reduction import reduce_mean
from graphmode.ops.old_names import either

if TYPE_CHECKING:
    from graphmode.framework.operation import Tensor


def zero_fraction(value: Any, name: str | None = None) -> Tensor:
    """The part of the elements of `value` that are 0, a float32 scalar; NaN of an empty tensor."""
    with name_scope(name, "zero_fraction", [value]):
        value = convert_to_tensor(value, name="value")
        if value.dims is None:
            value = reshape(value, [-1])
        is_zero = equal(value, zeros([], value.dtype.base_dtype))
        return reduce_mean(cast(is_zero, dtypes.float32), name="fraction")


def moments(
    x: Any,
    axes: Any,
    shift: Any = None,
    name: str | None = None,
    keep_dims: bool | None = None,
    keepdims: bool | None = None,
) -> tuple[Tensor, Tensor]:
    """Mean and variance over `axes`.

    Parameters
    ----------
    x : Tensor, floating
        float16 is computed in float32.
    axes : list of int
    shift : optional
        Not used.
    keep_dims, keepdims : bool
        Leave the axes as length 1. `keep_dims` is the old name.

    Returns
    -------
    mean, variance : Tensor
        The variance is the mean squared distance (not the unbiased one).
    """
    del shift
    keep = bool(either("keepdims", keepdims, "keep_dims", keep_dims))
    with name_scope(name, "moments", [x, axes]):
        x = convert_to_tensor(x)
        y = cast(x, dtypes.float32) if x.dtype.base_dtype is dtypes.float16 else x
        mean = reduce_mean(y, axes, keepdims=True, name="mean")
        distances = squared_difference(y, stop_gradient(mean))
        variance = reduce_mean(distances, axes, keepdims=True, name="variance")
        if not keep:
            mean, variance = squeeze(mean, axes), squeeze(variance, axes)
        if x.dtype.base_dtype is dtypes.float16:
            return cast(mean, dtypes.float16), cast(variance, dtypes.float16)
        return mean, variance


def sufficient_statistics(
    x: Any,
    axes: Any,
    shift: Any = None,
    keep_dims: bool | None = None,
    name: str | None = None,
    keepdims: bool | None = None,
) -> tuple[Tensor, Tensor, Tensor, Tensor | None]:
    """The sums that mean and variance over `axes` are computed from.

    Parameters
    ----------
    x : Tensor, floating
    axes : list of int
    shift : Tensor, optional
        Near the mean, for precision; of a shape that broadcasts with `x`.
    keep_dims, keepdims : bool
        Leave the axes as length 1. `keep_dims` is the old name.

    Returns
    -------
    count : Tensor, scalar
    mean_ss, var_ss : Tensor
        The sums of ``x - shift`` and of its square.
    shift : Tensor or None
    """
    axes = list(set(axes))
    keepdims = bool(either("keepdims", keepdims, "keep_dims", keep_dims))
    with name_scope(name, "sufficient_statistics", [x, shift]):
        x = convert_to_tensor(x, name="x")
        if x.dims is not None and all(x.dims[axis] is not None for axis in axes):
            count = array.constant(python_math.prod(x.dims[axis] for axis in axes), x.dtype)
        else:
            rank = array.rank(x)
            places = [axis + rank if axis < 0 else axis for axis in axes]
            lengths = array.gather(math.cast(array.shape(x), x.dtype), places)
            count = math.reduce_prod(lengths, name="count")
        if shift is not None:
            shift = convert_to_tensor(shift, name="shift")
            moved, squared = math.subtract(x, shift), math.squared_difference(x, shift)
        else:
            moved, squared = x, math.square(x)
        mean_ss = math.reduce_sum(moved, axes, keepdims=keepdims, name="mean_ss")
        var_ss = math.reduce_sum(squared, axes, keepdims=keepdims, name="var_ss")
    return count, mean_ss, var_ss, shift


def normalize_moments(
    counts: Any, mean_ss: Any, variance_ss: Any, shift: Any, name: str | None = None
) -> tuple[Tensor, Tensor]:
    """Mean and variance from what `sufficient_statistics` gives.

    Parameters
    ----------
    counts : Tensor, floating scalar
    mean_ss, variance_ss : Tensor, floating
        The sums of ``x - shift`` and of its square.
    shift : Tensor or None, of a shape that broadcasts with `mean_ss`

    Returns
    -------
    mean, variance : Tensor
        Of the shape and dtype of `mean_ss`.
    """
    with name_scope(name, "normalize", [counts, mean_ss, variance_ss, shift]):
        divisor = math.reciprocal(counts, name="divisor")
        if shift is None:
            mean = shifted = math.multiply(mean_ss, divisor, name="mean")
        else:
            shifted = math.multiply(mean_ss, divisor, name="shifted_mean")
            mean = math.add(shifted, shift, name="mean")
        mean_square = math.multiply(variance_ss, divisor)
        variance = math.subtract(mean_square, math.square(shifted), name="variance")
    return mean, variance


def weighted_moments(
    x: Any,
    axes: Any,
    frequency_weights: Any,
    name: str | None = None,
    keep_dims: bool | None = None,
    keepdims: bool | None = None,
) -> tuple[Tensor, Tensor]:
    """Mean and variance over `axes` when element i counts ``frequency_weights[i]`` times.

    Parameters
    ----------
    x : Tensor, floating
    axes : sequence of int
    frequency_weights : Tensor, real
        Of a shape that broadcasts with `x`, and not negative.
    keep_dims, keepdims : bool
        Leave the axes as length 1. `keep_dims` is the old name.

    Returns
    -------
    mean, variance : Tensor
        Of the dtype of `x`.
    """
    keepdims = bool(either("keepdims", keepdims, "keep_dims", keep_dims))
    with name_scope(name, "weighted_moments", [x, frequency_weights, axes]):
        x = convert_to_tensor(x, name="x")
        weights = convert_to_tensor(frequency_weights, name="frequency_weights")
        is_half = x.dtype == dtypes.float16
        if is_half:
            x = math.cast(x, dtypes.float32)
        if weights.dtype != x.dtype:
            weights = math.cast(weights, x.dtype)
        weighted_sum = math.reduce_sum(weights * x, axes, name="weighted_input_sum", keepdims=True)
        everywhere = weights + array.zeros_like(x)
        total = math.reduce_sum(everywhere, axes, name="sum_of_weights", keepdims=True)
        mean = math.div_no_nan(weighted_sum, total)
        squares = weights * math.squared_difference(x, mean)
        weighted_squares = math.reduce_sum(squares, axes, name="weighted_distsq", keepdims=True)
        variance = math.div_no_nan(weighted_squares, total)
        if not keepdims:
            mean, variance = array.squeeze(mean, axes), array.squeeze(variance, axes)
        if is_half:
            mean, variance = math.cast(mean, dtypes.float16), math.cast(variance, dtypes.float16)
        return mean, variance
