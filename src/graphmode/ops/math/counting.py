"""Counts of values: bincount, histograms, buckets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.dtypes import INDEX
from graphmode.framework.errors import invalid
from graphmode.framework.inference import constant_dim
from graphmode.framework.op import op
from graphmode.framework.shape_rules import dims_text
from graphmode.ops import xp
from graphmode.ops.array import shape_values
from graphmode.ops.array.constants import constant
from graphmode.ops.array.shaping import reshape
from graphmode.ops.math import arithmetic, clip, division, elementwise
from graphmode.ops.math.casts import cast
from graphmode.ops.math.reduction import reduce_max

if TYPE_CHECKING:
    from graphmode.framework.dtypes import DType
    from graphmode.framework.operation import Tensor

_COUNTED = (dtypes.int32, dtypes.int64, dtypes.float32, dtypes.float64)


def _bincount_shape(op):
    dims = op.inputs[0].dims
    if dims is None:
        return [None]
    if len(dims) > 2:
        raise ValueError(f"Shape must be at most rank 2 but is rank {len(dims)}")
    return [(*dims[:-1], constant_dim(op.inputs[1]))]


def _no_negative(input, size, weights, *, binary_output):
    return xp.all(input >= 0)


@op(
    "DenseBincount",
    "Tidx, Tidx, T -> T",
    shape=_bincount_shape,
    static=("size",),
    check=_no_negative,
    T=_COUNTED,
    Tidx=INDEX,
)
def _dense_bincount(input, size, weights, *, binary_output: bool = False):
    n, dtype = int(size), weights.dtype
    if not xp.is_traced(input) and (input < 0).any():
        raise invalid("Input arr must be non-negative!")
    if weights.shape != input.shape:  # no weights: each counts as 1
        if weights.size:
            raise invalid(
                f"data.shape = {dims_text(weights.shape)} does not start with segment_ids.shape = "
                f"{dims_text(input.shape)}\n  the weights are one for each of the numbers"
            )
        weights = np.ones(input.shape, dtype)
    rows = input if input.ndim == 2 else xp.reshape(input, (1, input.size))
    weights = xp.reshape(weights, rows.shape)
    shape = (*input.shape[:-1], n) if input.ndim == 2 else (n,)
    flat = xp.where(rows < n, rows + n * np.arange(rows.shape[0])[:, None], n * rows.shape[0])
    total = n * rows.shape[0]
    if xp.is_traced(input, weights):
        import jax.numpy as jnp

        place = jnp.zeros(total, dtype).at[flat.ravel()]
        if binary_output:
            return place.set(1, mode="drop").reshape(shape)
        return place.add(weights.ravel(), mode="drop").reshape(shape)
    counts = np.bincount(flat.ravel(), weights.ravel(), minlength=total + 1)[:total]
    return (counts > 0 if binary_output else counts).astype(dtype).reshape(shape)


def bincount(
    arr: Any,
    weights: Any = None,
    minlength: Any = None,
    maxlength: Any = None,
    dtype: Any = dtypes.int32,
    name: str | None = None,
    axis: Any = None,
    binary_output: bool = False,
) -> Tensor:
    """How often each number 0, 1, ... occurs.

    Parameters
    ----------
    arr : Tensor
        int32, not negative, of any shape.
    weights : Tensor, optional
        Added up instead of 1, of the shape of `arr`.
    minlength, maxlength : int or Tensor, optional
        Bounds of the length of the result; numbers beyond it are left out.
    dtype : int32, int64, float32 or float64
        Of the counts, if there are no `weights`.
    axis : optional
        Refused.
    binary_output : bool
        Whether a number occurs, in place of how often.

    Returns
    -------
    Tensor
        ``[max(arr) + 1]``, within the bounds.

    Raises
    ------
    InvalidArgumentError
        If a number is negative, when it runs.
    NotImplementedError
        If `axis` is given.

    Notes
    -----
    TF op DenseBincount.
    """
    if axis is not None:
        raise NotImplementedError("tf.bincount with `axis` is not supported: use tf.one_hot sums.")
    with name_scope(name, "bincount"):
        arr = convert_to_tensor(arr, name="arr", dtype_hint=dtypes.int32)
        not_empty = cast(shape_values.size(arr) > 0, arr.dtype.base_dtype)
        length = not_empty * (reduce_max(arr) + 1)
        if minlength is not None:
            minlength = convert_to_tensor(minlength, name="minlength", dtype=dtypes.int32)
            length = arithmetic.maximum(cast(minlength, arr.dtype.base_dtype), length)
        if maxlength is not None:
            maxlength = convert_to_tensor(maxlength, name="maxlength", dtype=dtypes.int32)
            length = arithmetic.minimum(cast(maxlength, arr.dtype.base_dtype), length)
        if weights is not None:
            weights = reshape(weights, [-1])
        arr = reshape(arr, [-1])
        if weights is None:
            weights = constant([], dtype=dtypes.as_dtype(dtype))
        return _dense_bincount(arr, length, weights, binary_output=binary_output)


def _histogram_shape(op):
    return [(constant_dim(op.inputs[2]),)]


def _no_nan(values, value_range, nbins, *, dtype):
    return True if values.dtype.kind in "iu" else ~xp.any(xp.isnan(values))


@op(
    "HistogramFixedWidth",
    "T, T, int32 -> out: dtype",
    shape=_histogram_shape,
    static=("nbins",),
    check=_no_nan,
    T=_COUNTED,
    dtype=INDEX,
)
def _histogram_fixed_width(values, value_range, nbins, *, dtype: DType = dtypes.int32):
    n = int(nbins)
    bins = _bins(values, value_range, n).ravel()
    if xp.is_traced(bins):
        import jax.numpy as jnp

        return jnp.zeros(n, dtype.numpy_dtype).at[bins].add(1)
    return np.bincount(bins, minlength=n).astype(dtype.numpy_dtype)


def _bins(values, value_range, n):
    """The bin of each value: `n` of equal width, the outer ones take what lies outside."""
    if not xp.is_traced(values) and np.isnan(values).any():
        raise invalid("values must not contain NaN, which is in no bin")
    if value_range.shape != (2,):
        raise invalid("value_range should be a vector of 2 elements.")
    low, high = value_range[0], value_range[1]
    if not xp.is_traced(value_range) and low >= high:
        raise invalid(
            f"value_range should satisfy value_range[0] < value_range[1], but got '[{low}, {high}]'"
        )
    place = xp.floor((values - low) / ((high - low) / n))
    return xp.clip(place, 0, n - 1).astype(np.int32)


def histogram_fixed_width(
    values: Any,
    value_range: Any,
    nbins: int = 100,
    dtype: Any = dtypes.int32,
    name: str | None = None,
) -> Tensor:
    """How many values lie in each of `nbins` bins of equal width.

    Parameters
    ----------
    values : Tensor
        Real numbers of any shape.
    value_range : Tensor
        ``[2]``: the lower and the upper end. What lies outside counts to the outer bins.
    nbins : int
    dtype : int32 or int64

    Returns
    -------
    Tensor, `dtype`
        ``[nbins]``.

    Notes
    -----
    TF op HistogramFixedWidth.
    """
    return _histogram_fixed_width(
        values,
        value_range,
        nbins,
        dtype=dtypes.as_dtype(dtype),
        name=name or "histogram_fixed_width",
    )


def histogram_fixed_width_bins(
    values: Any,
    value_range: Any,
    nbins: Any = 100,
    dtype: Any = dtypes.int32,
    name: str | None = None,
) -> Tensor:
    r"""The bin of each value, of `nbins` bins of equal width.

    .. math:: b_i = \min\Bigl(\max\Bigl(\Bigl\lfloor n \frac{v_i - r_0}{r_1 - r_0}
              \Bigr\rfloor, 0\Bigr), n - 1\Bigr)

    Parameters
    ----------
    values : Tensor, floating
        Of any shape.
    value_range : Tensor
        ``[2]``: the lower and the upper end. What lies outside is in the outer bins.
    nbins : Tensor, int32, scalar
        The number n of bins.
    dtype : optional
        Not used: the bins are int32, as in TensorFlow 1.15.

    Returns
    -------
    Tensor, int32
        Of the shape of `values`.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default(), tf.Session() as sess:
    ...     bins = tf.histogram_fixed_width_bins([-1.0, 0.0, 1.5, 5.0], [0.0, 5.0], nbins=5)
    ...     print(sess.run(bins))
    [0 0 1 4]
    """
    with name_scope(name, "histogram_fixed_width_bins", [values, value_range, nbins]):
        values = convert_to_tensor(values, name="values")
        shape = shape_values.shape(values)
        values = reshape(values, [-1])
        value_range = convert_to_tensor(value_range, name="value_range")
        nbins = convert_to_tensor(nbins, dtype=dtypes.int32, name="nbins")
        n = cast(nbins, values.dtype)
        place = division.truediv(
            values - value_range[0], value_range[1] - value_range[0], name="scaled_values"
        )
        bins = elementwise.floor(n * place, name="indices")
        return reshape(cast(clip.clip_by_value(bins, 0, n - 1), dtypes.int32), shape)
