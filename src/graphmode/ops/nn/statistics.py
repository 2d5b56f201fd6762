"""Moments and counts of activations."""

from __future__ import annotations

from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.ops.array.filling import zeros
from graphmode.ops.array.identities import stop_gradient
from graphmode.ops.array.shaping import reshape, squeeze
from graphmode.ops.math.arithmetic import squared_difference
from graphmode.ops.math.casts import cast
from graphmode.ops.math.comparison import equal
from graphmode.ops.math.reduction import reduce_mean
from graphmode.ops.old_names import either


def zero_fraction(value, name=None):
    """The part of the elements of `value` that are 0, a float32 scalar; NaN of an empty tensor."""
    with name_scope(name, "zero_fraction", [value]):
        value = convert_to_tensor(value, name="value")
        if value.dims is None:
            value = reshape(value, [-1])
        is_zero = equal(value, zeros([], value.dtype.base_dtype))
        return reduce_mean(cast(is_zero, dtypes.float32), name="fraction")


# ---- statistics ----------------------------------------------------------------------------------


def moments(x, axes, shift=None, name=None, keep_dims=None, keepdims=None):
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
