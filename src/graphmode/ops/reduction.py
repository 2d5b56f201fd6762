"""Reductions over axes."""

from __future__ import annotations

import numpy as np

from graphmode.framework import dtypes, shape_rules
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.op_def import INDEX, NUMBERS, op
from graphmode.framework.operation import SparseTensor
from graphmode.ops import array


def _axes(reduction_indices) -> tuple[int, ...]:
    return tuple(np.ravel(reduction_indices).tolist())


def _wide(input):
    """Half-precision numbers are added up in single precision, as TensorFlow adds them."""
    is_half = input.dtype.itemsize == 2 and input.dtype.kind not in "iu"
    return input.astype(np.float32) if is_half else input


@op(
    "Sum",
    "T, Tidx -> T",
    shape=shape_rules.reduction,
    static=("reduction_indices",),
    T=NUMBERS,
    Tidx=INDEX,
)
def _sum(input, reduction_indices, *, keep_dims=False):
    total = _wide(input).sum(axis=_axes(reduction_indices), keepdims=keep_dims, dtype=None)
    return total if total.dtype == input.dtype else total.astype(input.dtype)


@op(
    "Mean",
    "T, Tidx -> T",
    shape=shape_rules.reduction,
    static=("reduction_indices",),
    T=NUMBERS,
    Tidx=INDEX,
)
def _mean(input, reduction_indices, *, keep_dims=False):
    axes = _axes(reduction_indices)
    total = _wide(input).sum(axis=axes, keepdims=keep_dims)
    count = 1
    for axis in axes:
        count *= input.shape[axis]
    if total.dtype.kind in "iu":
        return (total / max(count, 1)).astype(input.dtype)
    mean = total / total.dtype.type(count)
    return mean if mean.dtype == input.dtype else mean.astype(input.dtype)


def _choice(new, old, new_name: str, old_name: str, default=None):
    """The value of an argument that has an old name too."""
    if old is None:
        return default if new is None else new
    if new is not None:
        raise ValueError(f"Cannot specify both '{old_name}' and '{new_name}'.")
    return old


def _reduction(reduce, input_tensor, axis, keepdims, name, reduction_indices, keep_dims):
    axis = _choice(axis, reduction_indices, "axis", "reduction_indices")
    keepdims = bool(_choice(keepdims, keep_dims, "keepdims", "keep_dims", False))
    x = convert_to_tensor(input_tensor)
    if axis is None:
        axis = _all_axes(x)
    return reduce(x, axis, keep_dims=keepdims, name=name)


def _all_axes(x):
    if x.dims is not None:
        return convert_to_tensor(np.arange(len(x.dims), dtype=np.int32))
    return array.range(0, array.rank(x))


def reduce_sum(
    input_tensor, axis=None, keepdims=None, name=None, reduction_indices=None, keep_dims=None
):
    """Sum over `axis`."""
    return _reduction(_sum, input_tensor, axis, keepdims, name, reduction_indices, keep_dims)


def reduce_mean(
    input_tensor, axis=None, keepdims=None, name=None, reduction_indices=None, keep_dims=None
):
    """Mean over `axis`."""
    return _reduction(_mean, input_tensor, axis, keepdims, name, reduction_indices, keep_dims)
