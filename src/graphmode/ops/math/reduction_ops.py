"""The reductions over axes as ops: what `tf.reduce_sum` and its like are made of."""

from __future__ import annotations

import numpy as np

from graphmode.framework import shape_rules
from graphmode.framework.dtypes import INDEX, NUMBERS, REALS
from graphmode.framework.op import op
from graphmode.ops import xp


def _reduce_op(op_type, family=NUMBERS, cheap=False):
    return op(
        op_type,
        "T, Tidx -> T",
        shape=shape_rules.reduction,
        static=("reduction_indices",),
        T=family,
        Tidx=INDEX,
        cheap=cheap,
    )


def axes_of(reduction_indices) -> tuple[int, ...]:
    """The axes as a tuple."""
    return tuple(np.ravel(reduction_indices).tolist())


@_reduce_op("Sum")
def sum_op(input, reduction_indices, *, keep_dims: bool = False):
    """The sum over axes, of half-precision floats in float32: the node behind `reduce_sum`."""
    total = xp.wide(input).sum(axis=axes_of(reduction_indices), keepdims=keep_dims)
    return total if total.dtype == input.dtype else total.astype(input.dtype)


@_reduce_op("Mean")
def mean_op(input, reduction_indices, *, keep_dims: bool = False):
    """The mean over axes: the node behind `reduce_mean`."""
    axes = axes_of(reduction_indices)
    total = xp.wide(input).sum(axis=axes, keepdims=keep_dims)
    count = 1
    for axis in axes:
        count *= input.shape[axis]
    if total.dtype.kind in "iu":
        return xp.trunc(total / max(count, 1)).astype(input.dtype)
    mean = total / total.dtype.type(count)
    return mean if mean.dtype == input.dtype else mean.astype(input.dtype)


@_reduce_op("Prod")
def prod_op(input, reduction_indices, *, keep_dims: bool = False):
    """The product over axes: the node behind `reduce_prod`."""
    product = xp.wide(input).prod(axis=axes_of(reduction_indices), keepdims=keep_dims)
    return product if product.dtype == input.dtype else product.astype(input.dtype)


@_reduce_op("Max", REALS, cheap=True)
def max_op(input, reduction_indices, *, keep_dims: bool = False):
    """The maximum over axes, the lowest number of nothing: the node behind `reduce_max`."""
    axes = axes_of(reduction_indices)
    return input.max(axis=axes, keepdims=keep_dims, initial=_lowest(input, axes))


@_reduce_op("Min", REALS, cheap=True)
def min_op(input, reduction_indices, *, keep_dims: bool = False):
    """The minimum over axes, the highest number of nothing: the node behind `reduce_min`."""
    axes = axes_of(reduction_indices)
    return input.min(axis=axes, keepdims=keep_dims, initial=_highest(input, axes))


def _lowest(input, axes):
    """The maximum of nothing: -inf, or the lowest integer."""
    if all(input.shape[axis] for axis in axes):
        return None
    return np.iinfo(input.dtype).min if input.dtype.kind in "iu" else -np.inf


def _highest(input, axes):
    if all(input.shape[axis] for axis in axes):
        return None
    return np.iinfo(input.dtype).max if input.dtype.kind in "iu" else np.inf


def _bool_op(op_type, cheap=False):
    return op(
        op_type,
        "bool, Tidx -> bool",
        shape=shape_rules.reduction,
        static=("reduction_indices",),
        Tidx=INDEX,
        cheap=cheap,
    )


@_bool_op("All", cheap=True)
def all_op(input, reduction_indices, *, keep_dims: bool = False):
    """Whether all are true: the node behind `reduce_all`."""
    return input.all(axis=axes_of(reduction_indices), keepdims=keep_dims)


@_bool_op("Any")
def any_op(input, reduction_indices, *, keep_dims: bool = False):
    """Whether any is true: the node behind `reduce_any`."""
    return input.any(axis=axes_of(reduction_indices), keepdims=keep_dims)


@_reduce_op("EuclideanNorm")
def euclidean_norm_op(input, reduction_indices, *, keep_dims: bool = False):
    """The root of the sum of squares: the node behind `reduce_euclidean_norm`."""
    wide = xp.wide(input)
    squares = (wide * wide.conj()).real if wide.dtype.kind == "c" else wide * wide
    total = squares.sum(axis=axes_of(reduction_indices), keepdims=keep_dims)
    return xp.sqrt(total).astype(input.dtype)
