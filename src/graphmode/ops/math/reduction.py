"""Reductions over axes, and running sums and products along one."""

from __future__ import annotations

import numpy as np

from graphmode.framework import dtypes, shape_rules
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.dtypes import INDEX, INDEX16, NUMBERS, REALS
from graphmode.framework.inference import constant_value
from graphmode.framework.op import op
from graphmode.ops import array, xp
from graphmode.ops.math import arithmetic, comparison, elementwise
from graphmode.ops.math.casts import cast
from graphmode.ops.math.complex_numbers import conj, real
from graphmode.ops.old_names import either

# ---- the ops -------------------------------------------------------------------------------------


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


def _axes(reduction_indices) -> tuple[int, ...]:
    return tuple(np.ravel(reduction_indices).tolist())


@_reduce_op("Sum")
def _sum(input, reduction_indices, *, keep_dims=False):
    total = xp.wide(input).sum(axis=_axes(reduction_indices), keepdims=keep_dims)
    return total if total.dtype == input.dtype else total.astype(input.dtype)


@_reduce_op("Mean")
def _mean(input, reduction_indices, *, keep_dims=False):
    axes = _axes(reduction_indices)
    total = xp.wide(input).sum(axis=axes, keepdims=keep_dims)
    count = 1
    for axis in axes:
        count *= input.shape[axis]
    if total.dtype.kind in "iu":
        return xp.trunc(total / max(count, 1)).astype(input.dtype)
    mean = total / total.dtype.type(count)
    return mean if mean.dtype == input.dtype else mean.astype(input.dtype)


@_reduce_op("Prod")
def _prod(input, reduction_indices, *, keep_dims=False):
    product = xp.wide(input).prod(axis=_axes(reduction_indices), keepdims=keep_dims)
    return product if product.dtype == input.dtype else product.astype(input.dtype)


@_reduce_op("Max", REALS, cheap=True)
def _max(input, reduction_indices, *, keep_dims=False):
    axes = _axes(reduction_indices)
    return input.max(axis=axes, keepdims=keep_dims, initial=_lowest(input, axes))


@_reduce_op("Min", REALS, cheap=True)
def _min(input, reduction_indices, *, keep_dims=False):
    axes = _axes(reduction_indices)
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
def _all(input, reduction_indices, *, keep_dims=False):
    return input.all(axis=_axes(reduction_indices), keepdims=keep_dims)


@_bool_op("Any")
def _any(input, reduction_indices, *, keep_dims=False):
    return input.any(axis=_axes(reduction_indices), keepdims=keep_dims)


@_reduce_op("EuclideanNorm")
def _euclidean_norm(input, reduction_indices, *, keep_dims=False):
    wide = xp.wide(input)
    squares = (wide * wide.conj()).real if wide.dtype.kind == "c" else wide * wide
    total = squares.sum(axis=_axes(reduction_indices), keepdims=keep_dims)
    return xp.sqrt(total).astype(input.dtype)


# ---- tf.reduce_* ---------------------------------------------------------------------------------


def _reduction(reduce, input_tensor, axis, keepdims, name, reduction_indices, keep_dims):
    axis = either("axis", axis, "reduction_indices", reduction_indices)
    keepdims = bool(either("keepdims", keepdims, "keep_dims", keep_dims, False))
    if axis is not None:
        return reduce(input_tensor, axis, keep_dims=keepdims, name=name)
    input_tensor = convert_to_tensor(input_tensor)
    result = reduce(input_tensor, _all_axes(input_tensor), keep_dims=keepdims, name=name)
    if not keepdims:
        result.set_shape(())  # known even when the rank is not
    return result


def _all_axes(x):
    if x.dims is not None:
        return convert_to_tensor(np.arange(len(x.dims), dtype=np.int32))
    return array.range(0, array.rank(x))


_REDUCE_DOC = """{summary}

    Parameters
    ----------
    input_tensor : Tensor
        {dtypes} of any shape.
    axis, reduction_indices : int, list of int or Tensor, optional
        The axes to reduce, int32, negative ones counted from the end; all of them by default.
        `reduction_indices` is the old name.
    keepdims, keep_dims : bool
        Leave the reduced axes as lengths of 1. `keep_dims` is the old name.

    Returns
    -------
    Tensor
        With the dtype of `input_tensor`.

    Raises
    ------
    ValueError
        If an axis is outside the rank, or an argument is given under both names.

    Notes
    -----
    TF op {op_type}.
    """


def _reducer(kernel, public_name, summary, dtypes_text="Numbers"):
    def reduce(
        input_tensor, axis=None, keepdims=None, name=None, reduction_indices=None, keep_dims=None
    ):
        return _reduction(kernel, input_tensor, axis, keepdims, name, reduction_indices, keep_dims)

    reduce.__name__ = reduce.__qualname__ = public_name
    reduce.__doc__ = _REDUCE_DOC.format(
        summary=summary, dtypes=dtypes_text, op_type=kernel.op_def.type
    )
    return reduce


reduce_sum = _reducer(_sum, "reduce_sum", "The sum over axes.")
reduce_mean = _reducer(
    _mean, "reduce_mean", "The mean over axes; NaN of nothing, cut to a whole number of integers."
)
reduce_prod = _reducer(_prod, "reduce_prod", "The product over axes.")
reduce_max = _reducer(_max, "reduce_max", "The maximum over axes.", "Real numbers")
reduce_min = _reducer(_min, "reduce_min", "The minimum over axes.", "Real numbers")
reduce_all = _reducer(_all, "reduce_all", "Whether all elements along axes are true.", "Booleans")
reduce_any = _reducer(_any, "reduce_any", "Whether any element along axes is true.", "Booleans")


def reduce_euclidean_norm(input_tensor, axis=None, keepdims=False, name=None):
    r"""The square root of the sum of squares over axes.

    .. math:: \sqrt{\sum_i |x_i|^2}

    Parameters
    ----------
    input_tensor : Tensor, numeric
    axis : int or list of int, optional
        As for `reduce_sum`.
    keepdims : bool
        Leave reduced axes as lengths of 1.

    Returns
    -------
    Tensor
        Of the dtype of `input_tensor`.

    Notes
    -----
    TF op EuclideanNorm.
    """
    return _reduction(_euclidean_norm, input_tensor, axis, keepdims, name, None, None)


def reduce_variance(input_tensor, axis=None, keepdims=False, name=None):
    r"""The variance over axes.

    .. math:: \frac1n \sum_i (x_i - \bar x)^2

    Parameters
    ----------
    input_tensor : Tensor, floating or complex
    axis : int or list of int, optional
        As for `reduce_sum`.
    keepdims : bool
        Leave reduced axes as lengths of 1.

    Returns
    -------
    Tensor, real

    Raises
    ------
    TypeError
        If `input_tensor` holds integers.
    """
    with name_scope(name or "reduce_variance"):
        input_tensor = convert_to_tensor(input_tensor)
        means = reduce_mean(input_tensor, axis=axis, keepdims=True)
        if means.dtype.is_integer:
            raise TypeError(
                f"Input must be either real or complex. Received integer type {means.dtype}."
            )
        difference = input_tensor - means
        if difference.dtype.is_complex:
            squares = real(difference * conj(difference))
        else:
            squares = elementwise.square(difference)
        return reduce_mean(squares, axis=axis, keepdims=keepdims)


def reduce_std(input_tensor, axis=None, keepdims=False, name=None):
    r"""The standard deviation over axes.

    .. math:: \sqrt{\frac1n \sum_i (x_i - \bar x)^2}

    Parameters
    ----------
    input_tensor : Tensor, floating or complex
    axis : int or list of int, optional
        As for `reduce_sum`.
    keepdims : bool
        Leave reduced axes as lengths of 1.

    Returns
    -------
    Tensor, real

    Raises
    ------
    TypeError
        If `input_tensor` holds integers.
    """
    with name_scope(name or "reduce_std"):
        variance = reduce_variance(input_tensor, axis=axis, keepdims=keepdims)
        return elementwise.sqrt(variance)


def reduce_logsumexp(
    input_tensor, axis=None, keepdims=None, name=None, reduction_indices=None, keep_dims=None
):
    r"""The logarithm of the sum of exponentials over axes, without overflow.

    .. math:: m + \ln \sum_i e^{x_i - m}, \qquad m = \max_i x_i

    Parameters
    ----------
    input_tensor : Tensor, floating
    axis, reduction_indices : int or list of int, optional
        As for `reduce_sum`. `reduction_indices` is the old name.
    keepdims, keep_dims : bool
        Leave reduced axes as lengths of 1. `keep_dims` is the old name.

    Returns
    -------
    Tensor
        Of the dtype of `input_tensor`.
    """
    axis = either("axis", axis, "reduction_indices", reduction_indices)
    keepdims = bool(either("keepdims", keepdims, "keep_dims", keep_dims, False))
    x = convert_to_tensor(input_tensor)
    with name_scope(name, "ReduceLogSumExp", [x]) as scope:
        largest = reduce_max(x, axis=axis, keepdims=True)
        finite = array.where_v2(elementwise.is_finite(largest), largest, 0)
        largest = array.stop_gradient(finite)
        exponentials = elementwise.exp(arithmetic.subtract(x, largest))
        result = elementwise.log(reduce_sum(exponentials, axis=axis, keepdims=keepdims))
        if not keepdims:
            largest = array.reshape(largest, array.shape(result))
        return arithmetic.add(result, largest, name=scope)


def count_nonzero(
    input_tensor=None,
    axis=None,
    keepdims=None,
    dtype=dtypes.int64,
    name=None,
    reduction_indices=None,
    keep_dims=None,
    input=None,
):
    """The number of elements that are not 0 (False, the empty string) along axes.

    Parameters
    ----------
    input_tensor, input : Tensor, numeric, bool or string
        `input` is the new name.
    axis, reduction_indices : int or list of int, optional
        As for `reduce_sum`. `reduction_indices` is the old name.
    keepdims, keep_dims : bool
        Leave reduced axes as lengths of 1. `keep_dims` is the old name.
    dtype : dtype
        Of the result.

    Returns
    -------
    Tensor, `dtype`
    """
    axis = either("axis", axis, "reduction_indices", reduction_indices)
    keepdims = bool(either("keepdims", keepdims, "keep_dims", keep_dims, False))
    x = either("input", input, "input_tensor", input_tensor)
    with name_scope(name, "count_nonzero", [x]):
        x = convert_to_tensor(x, name="input")
        # A constant, of which zeros() makes one for strings too.
        zero = array.zeros([], dtype=x.dtype.base_dtype)
        present = cast(comparison.not_equal(x, zero), dtypes.int64)
        return cast(reduce_sum(present, axis=axis, keepdims=keepdims), dtype)


# ---- where the largest is ------------------------------------------------------------------------


def _arg_shape(op):
    dims = op.inputs[0].dims
    if dims is None:
        return [None]
    axis = constant_value(op.inputs[1])
    if axis is None:
        return [(None,) * (len(dims) - 1)]
    rank = len(dims)
    if not -rank <= int(axis) < rank:
        raise ValueError(f"Dimension ({int(axis)}) must be in the range [{-rank}, {rank})")
    axis = int(axis) % rank
    return [dims[:axis] + dims[axis + 1 :]]


def _arg_op(op_type, index, outputs):
    return op(
        op_type,
        "T, Tidx -> output_type",
        shape=_arg_shape,
        static=("dimension",),
        T=REALS | {dtypes.bool},
        Tidx=index,
        output_type=outputs,
    )


@_arg_op("ArgMax", INDEX16, INDEX16 | {dtypes.uint16})
def _arg_max(input, dimension, *, output_type=dtypes.int64):
    return xp.argmax(xp.wide(input), axis=int(dimension)).astype(output_type.numpy_dtype)


@_arg_op("ArgMin", INDEX, INDEX)
def _arg_min(input, dimension, *, output_type=dtypes.int64):
    return xp.argmin(xp.wide(input), axis=int(dimension)).astype(output_type.numpy_dtype)


def argmax(input, axis=None, name=None, dimension=None, output_type=dtypes.int64):
    """The index of the largest element along an axis; of the first one among equals.

    Parameters
    ----------
    input : Tensor, real or bool
    axis, dimension : int
        0 by default. `dimension` is the old name.
    output_type : DType
        int32 or int64.

    Returns
    -------
    Tensor, `output_type`
        The shape of `input` without `axis`.

    Raises
    ------
    ValueError
        If `axis` is outside the rank.

    Notes
    -----
    TF op ArgMax.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default(), tf.Session() as sess:
    ...     print(sess.run(tf.argmax([[1.0, 3.0, 2.0], [9.0, 8.0, 7.0]], axis=1)))
    [1 0]
    """
    axis = either("axis", axis, "dimension", dimension, 0)
    return _arg_max(input, axis, name=name, output_type=output_type)


def argmin(input, axis=None, name=None, dimension=None, output_type=dtypes.int64):
    """The index of the smallest element along an axis; of the first one among equals.

    Parameters
    ----------
    input : Tensor, real or bool
    axis, dimension : int
        0 by default. `dimension` is the old name.
    output_type : DType
        int32 or int64.

    Returns
    -------
    Tensor, `output_type`
        The shape of `input` without `axis`.

    Raises
    ------
    ValueError
        If `axis` is outside the rank.

    Notes
    -----
    TF op ArgMin.
    """
    axis = either("axis", axis, "dimension", dimension, 0)
    return _arg_min(input, axis, name=name, output_type=output_type)


def arg_max(input, dimension, output_type=dtypes.int64, name=None):
    """The index of the largest element along an axis; the older form of `argmax`.

    Parameters
    ----------
    input : Tensor, real or bool
    dimension : int or Tensor, int32 scalar
    output_type : DType
        int32 or int64.

    Returns
    -------
    Tensor, `output_type`
        The shape of `input` without `dimension`.

    Notes
    -----
    TF op ArgMax.
    """
    return _arg_max(input, dimension, output_type=output_type, name=name)


def arg_min(input, dimension, output_type=dtypes.int64, name=None):
    """The index of the smallest element along an axis; the older form of `argmin`.

    Parameters
    ----------
    input : Tensor, real or bool
    dimension : int or Tensor, int32 scalar
    output_type : DType
        int32 or int64.

    Returns
    -------
    Tensor, `output_type`
        The shape of `input` without `dimension`.

    Notes
    -----
    TF op ArgMin.
    """
    return _arg_min(input, dimension, output_type=output_type, name=name)


# ---- running sums --------------------------------------------------------------------------------


def _scan_shape(op):
    dims, axis = op.inputs[0].dims, constant_value(op.inputs[1])
    if dims is not None and axis is not None and not -len(dims) <= int(axis) < max(len(dims), 1):
        raise ValueError(
            f"Expected scan axis in the range [{-len(dims)}, {len(dims)}), but got {int(axis)}"
        )
    return [dims]


def _scan_op(op_type, family=NUMBERS):
    return op(op_type, "T, Tidx -> T", shape=_scan_shape, static=("axis",), T=family, Tidx=INDEX)


def _scan(accumulate, x, axis, exclusive, reverse, start):
    axis = int(axis)
    values = xp.flip(xp.wide(x), axis) if reverse else xp.wide(x)
    result = accumulate(values, axis=axis)
    if exclusive:
        shape = list(x.shape)
        shape[axis] = min(1, shape[axis])
        first = np.full(shape, start, values.dtype)
        kept = [slice(None)] * len(shape)
        kept[axis] = slice(0, max(x.shape[axis] - 1, 0))
        result = xp.concatenate([first, result[tuple(kept)]], axis=axis)
    return xp.astype(xp.flip(result, axis) if reverse else result, x.dtype)


@_scan_op("Cumsum")
def _cumsum(x, axis, *, exclusive=False, reverse=False):
    return _scan(xp.cumsum, x, axis, exclusive, reverse, 0)


@_scan_op("Cumprod")
def _cumprod(x, axis, *, exclusive=False, reverse=False):
    return _scan(xp.cumprod, x, axis, exclusive, reverse, 1)


def cumsum(x, axis=0, exclusive=False, reverse=False, name=None):
    """The running sum along an axis: ``[a, a + b, a + b + c]``.

    Parameters
    ----------
    x : Tensor
        Numbers, at least 1-D.
    axis : int
    exclusive : bool
        ``[0, a, a + b]``.
    reverse : bool
        From the end: ``[a + b + c, b + c, c]``.

    Returns
    -------
    Tensor, as `x`

    Raises
    ------
    ValueError
        If `axis` is outside the rank.

    Notes
    -----
    TF op Cumsum.
    """
    with name_scope(name, "Cumsum", [x]) as scope:
        x = convert_to_tensor(x, name="x")
        return _cumsum(x, axis, exclusive=exclusive, reverse=reverse, name=scope)


def cumprod(x, axis=0, exclusive=False, reverse=False, name=None):
    """The running product along an axis: ``[a, a * b, a * b * c]``.

    Parameters
    ----------
    x : Tensor, numeric, at least 1-D
    axis : int
    exclusive : bool
        ``[1, a, a * b]``.
    reverse : bool
        From the end: ``[a * b * c, b * c, c]``.

    Returns
    -------
    Tensor
        Of the shape and dtype of `x`.

    Raises
    ------
    ValueError
        If `axis` is outside the rank.

    Notes
    -----
    TF op Cumprod.
    """
    with name_scope(name, "Cumprod", [x]) as scope:
        x = convert_to_tensor(x, name="x")
        return _cumprod(x, axis, exclusive=exclusive, reverse=reverse, name=scope)
