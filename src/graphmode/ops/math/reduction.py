"""Reductions over axes: `tf.reduce_sum` and its like."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.op import overloaded
from graphmode.ops.array import ranges
from graphmode.ops.array.filling import zeros
from graphmode.ops.array.identities import stop_gradient
from graphmode.ops.array.selection import where_v2
from graphmode.ops.array.shape_values import rank, shape
from graphmode.ops.array.shaping import reshape
from graphmode.ops.math import arithmetic, comparison, elementwise
from graphmode.ops.math.casts import cast
from graphmode.ops.math.complex_numbers import conj, real
from graphmode.ops.math.reduction_ops import (
    all_op,
    any_op,
    euclidean_norm_op,
    max_op,
    mean_op,
    min_op,
    prod_op,
    sum_op,
)
from graphmode.ops.old_names import either

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphmode.framework.operation import Tensor


def _reduction(
    reduce: Callable[..., Tensor],
    input_tensor: Any,
    axis: Any,
    keepdims: bool | None,
    name: str | None,
    reduction_indices: Any,
    keep_dims: bool | None,
) -> Tensor:
    axis = either("axis", axis, "reduction_indices", reduction_indices)
    keepdims = bool(either("keepdims", keepdims, "keep_dims", keep_dims, False))
    if axis is not None:
        return reduce(input_tensor, axis, keep_dims=keepdims, name=name)
    input_tensor = convert_to_tensor(input_tensor)
    result = reduce(input_tensor, _all_axes(input_tensor), keep_dims=keepdims, name=name)
    if not keepdims:
        result.set_shape(())  # known even when the rank is not
    return result


def _all_axes(x: Tensor) -> Tensor:
    if x.dims is not None:
        return convert_to_tensor(np.arange(len(x.dims), dtype=np.int32))
    return ranges.range(0, rank(x))


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


def _reducer(
    kernel: Any, public_name: str, summary: str, dtypes_text: str = "Numbers"
) -> Callable[..., Tensor]:
    def reduce(
        input_tensor: Any,
        axis: Any = None,
        keepdims: bool | None = None,
        name: str | None = None,
        reduction_indices: Any = None,
        keep_dims: bool | None = None,
    ) -> Tensor:
        return _reduction(kernel, input_tensor, axis, keepdims, name, reduction_indices, keep_dims)

    reduce.__name__ = reduce.__qualname__ = public_name
    reduce.__doc__ = _REDUCE_DOC.format(
        summary=summary, dtypes=dtypes_text, op_type=kernel.op_def.type
    )
    return overloaded(reduce)


reduce_sum = _reducer(sum_op, "reduce_sum", "The sum over axes.")

reduce_mean = _reducer(
    mean_op, "reduce_mean", "The mean over axes; NaN of nothing, cut to a whole number of integers."
)

reduce_prod = _reducer(prod_op, "reduce_prod", "The product over axes.")

reduce_max = _reducer(max_op, "reduce_max", "The maximum over axes.", "Real numbers")

reduce_min = _reducer(min_op, "reduce_min", "The minimum over axes.", "Real numbers")

reduce_all = _reducer(all_op, "reduce_all", "Whether all elements along axes are true.", "Booleans")

reduce_any = _reducer(any_op, "reduce_any", "Whether any element along axes is true.", "Booleans")


def reduce_euclidean_norm(
    input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None
) -> Tensor:
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
    return _reduction(euclidean_norm_op, input_tensor, axis, keepdims, name, None, None)


def reduce_variance(
    input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None
) -> Tensor:
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


def reduce_std(
    input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None
) -> Tensor:
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
    input_tensor: Any,
    axis: Any = None,
    keepdims: bool | None = None,
    name: str | None = None,
    reduction_indices: Any = None,
    keep_dims: bool | None = None,
) -> Tensor:
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
        finite = where_v2(elementwise.is_finite(largest), largest, 0)
        largest = stop_gradient(finite)
        exponentials = elementwise.exp(arithmetic.subtract(x, largest))
        result = elementwise.log(reduce_sum(exponentials, axis=axis, keepdims=keepdims))
        if not keepdims:
            largest = reshape(largest, shape(result))
        return arithmetic.add(result, largest, name=scope)


def count_nonzero(
    input_tensor: Any = None,
    axis: Any = None,
    keepdims: bool | None = None,
    dtype: Any = dtypes.int64,
    name: str | None = None,
    reduction_indices: Any = None,
    keep_dims: bool | None = None,
    input: Any = None,
) -> Tensor:
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
        zero = zeros([], dtype=x.dtype.base_dtype)
        present = cast(comparison.not_equal(x, zero), dtypes.int64)
        return cast(reduce_sum(present, axis=axis, keepdims=keepdims), dtype)
