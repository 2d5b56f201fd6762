"""Norms of tensors, and clipping by value or by norm."""

from __future__ import annotations

import numpy as np

from graphmode.framework import dtypes, shape_rules
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.dtypes import NUMBERS
from graphmode.framework.indexed_slices import IndexedSlices
from graphmode.framework.op import op
from graphmode.ops import array, xp
from graphmode.ops.math import arithmetic, comparison, elementwise
from graphmode.ops.math.casts import cast
from graphmode.ops.math.complex_numbers import conj
from graphmode.ops.math.reduction import reduce_max, reduce_sum
from graphmode.ops.old_names import either

# ---- norms ---------------------------------------------------------------------------------------


def norm(tensor, ord="euclidean", axis=None, keepdims=None, name=None, keep_dims=None):
    r"""The norm of vectors, of matrices, or of all elements.

    .. math:: \Bigl(\sum_i |x_i|^p\Bigr)^{1/p}

    Parameters
    ----------
    tensor : Tensor, floating or complex
    ord : number, "euclidean" or "fro"
        p: 1, 2, ``np.inf`` or any positive number. Of matrices 1 and ``np.inf`` are the largest
        sums over columns and rows, "fro" is the root of the sum of squares.
    axis : int or pair of int, optional
        The axis of the vectors, or the two axes of the matrices; all elements by default.
    keepdims, keep_dims : bool
        Leave the reduced axes as lengths of 1. `keep_dims` is the old name.

    Returns
    -------
    Tensor

    Raises
    ------
    ValueError
        If `ord` or `axis` is not supported.
    """
    keepdims = bool(either("keepdims", keepdims, "keep_dims", keep_dims, False))
    is_matrix = isinstance(axis, list | tuple) and len(axis) == 2
    if isinstance(axis, list | tuple) and not is_matrix:
        if len(axis) != 1:
            raise ValueError("'axis' must be None, an integer, or a tuple of 2 unique integers")
        axis = axis[0]
    if is_matrix and axis[0] == axis[1]:
        raise ValueError("'axis' must be None, an integer, or a tuple of 2 unique integers")
    supported = ["euclidean", "fro", 1, 2, np.inf] if is_matrix else ["euclidean", 1, 2, np.inf]
    is_positive = not isinstance(ord, str) and np.isreal(ord) and ord > 0
    if ord not in supported and (is_matrix or not is_positive):
        kind = "matrix" if is_matrix else "vector"
        raise ValueError(f"'ord' must be a supported {kind} norm in {supported}, got {ord}")
    if is_matrix and ord == 2:
        raise ValueError("The spectral norm (ord=2 of matrices) is not supported: use tf.svd.")
    with name_scope(name, "norm", [tensor]):
        tensor = convert_to_tensor(tensor)
        squeezed = list(axis) if is_matrix else axis
        if ord in ("fro", "euclidean", 2):
            result = elementwise.sqrt(
                reduce_sum(tensor * conj(tensor), axis=squeezed, keepdims=True)
            )
        else:
            result = elementwise.abs(tensor)
            if ord == 1:
                first = axis[0] if is_matrix else axis
                result = reduce_sum(result, axis=first, keepdims=True)
                if is_matrix:
                    result = reduce_max(result, axis=axis[1], keepdims=True)
            elif ord == np.inf:
                first = axis[1] if is_matrix else axis
                if is_matrix:
                    result = reduce_sum(result, axis=first, keepdims=True)
                    result = reduce_max(result, axis=axis[0], keepdims=True)
                else:
                    result = reduce_max(result, axis=axis, keepdims=True)
            else:
                powers = reduce_sum(arithmetic.pow(result, ord), axis=axis, keepdims=True)
                result = arithmetic.pow(powers, 1.0 / ord)
        return result if keepdims else array.squeeze(result, squeezed)


def global_norm(t_list, name=None):
    r"""The norm of all elements of a list of tensors.

    .. math:: \sqrt{\sum_i \lVert t_i\rVert_2^2}

    Parameters
    ----------
    t_list : sequence of Tensor, IndexedSlices or None
        Floating; None is left out.

    Returns
    -------
    Tensor, float scalar

    Raises
    ------
    TypeError
        If `t_list` is not a sequence.
    """
    from graphmode.ops.nn.basics import l2_loss

    tensors = _tensors(t_list)
    with name_scope(name, "global_norm", [t for t in tensors if t is not None]):
        halves = [l2_loss(t) for t in tensors if t is not None]
        total = reduce_sum(array.stack(halves))
        return elementwise.sqrt(
            total * array.constant(2.0, dtype=total.dtype.base_dtype), name="global_norm"
        )


def _tensors(t_list):
    """The list with each entry as a tensor (of IndexedSlices, their values) or None.

    Raises
    ------
    TypeError
        If `t_list` is not a sequence.
    """
    if isinstance(t_list, str) or not hasattr(t_list, "__len__"):
        raise TypeError("t_list should be a sequence")
    return [
        t.values if isinstance(t, IndexedSlices) else None if t is None else convert_to_tensor(t)
        for t in t_list
    ]


# ---- clipping ------------------------------------------------------------------------------------


@op("ClipByValue", "T, T, T -> T", shape=shape_rules.unchanged, T=NUMBERS)
def clip_between(t, clip_value_min, clip_value_max):
    """`t` kept between two bounds that broadcast to it. TF op ClipByValue."""
    return xp.minimum(xp.maximum(t, clip_value_min), clip_value_max)


def clip_by_value(t, clip_value_min, clip_value_max, name=None):
    """`t` with its elements kept between two bounds.

    Parameters
    ----------
    t : Tensor or IndexedSlices
        Real numbers.
    clip_value_min, clip_value_max : Tensor or number
        They broadcast to the shape of `t`.

    Returns
    -------
    as `t`

    Raises
    ------
    ValueError
        If the bounds would make `t` larger.
    """
    with name_scope(name, "clip_by_value", [t]) as scope:
        values = convert_to_tensor(t.values if isinstance(t, IndexedSlices) else t, name="t")
        lower = arithmetic.minimum(values, clip_value_max)
        shape_rules.merge(values.dims, lower.dims)
        clipped = arithmetic.maximum(lower, clip_value_min, name=scope)
        shape_rules.merge(values.dims, clipped.dims)
        return _like(t, clipped)


def _like(t, values):
    if isinstance(t, IndexedSlices):
        return IndexedSlices(values, t.indices, t.dense_shape)
    return values


def clip_by_norm(t, clip_norm, axes=None, name=None):
    r"""`t` scaled down so that its norm is at most `clip_norm`.

    .. math:: t \cdot \frac{c}{\max(\lVert t\rVert_2, c)}

    Parameters
    ----------
    t : Tensor or IndexedSlices
        Floating.
    clip_norm : Tensor or float
        Scalar, > 0.
    axes : list of int, optional
        The axes over which norms are taken; all of them by default.

    Returns
    -------
    as `t`
    """
    with name_scope(name, "clip_by_norm", [t]) as scope:
        values = convert_to_tensor(t.values if isinstance(t, IndexedSlices) else t, name="t")
        squares = reduce_sum(values * values, axes, keepdims=True)
        # sqrt has no derivative at 0: it sees 1 there, and its result is not taken.
        is_positive = comparison.greater(squares, 0)
        safe = array.where(is_positive, squares, array.ones_like(squares))
        norms = array.where(is_positive, elementwise.sqrt(safe), squares)
        scaled = values * clip_norm
        shape_rules.merge(values.dims, scaled.dims)
        clipped = array.identity(scaled / arithmetic.maximum(norms, clip_norm), name=scope)
        return _like(t, clipped)


def clip_by_global_norm(t_list, clip_norm, use_norm=None, name=None):
    r"""Scale a list of tensors so that their joint norm is at most `clip_norm`.

    .. math:: t_i \leftarrow t_i \cdot \frac{c}{\max(\lVert t\rVert, c)}, \qquad
              \lVert t\rVert = \sqrt{\sum_i \lVert t_i\rVert_2^2}

    Parameters
    ----------
    t_list : sequence of Tensor, IndexedSlices or None
        Floating tensors of any shape; None passes through.
    clip_norm : Tensor or float
        Scalar, > 0.
    use_norm : Tensor, floating scalar, optional
        The joint norm, where it is known.

    Returns
    -------
    list_clipped : list, as `t_list`
        NaN where the norm is infinite or NaN.
    global_norm : Tensor, float scalar

    Raises
    ------
    TypeError
        If `t_list` is not a sequence.

    Notes
    -----
    Pascanu et al., "On the difficulty of training recurrent neural networks", ICML 2013.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default(), tf.Session() as sess:
    ...     clipped, norm = tf.clip_by_global_norm([tf.constant([3.0]), tf.constant([4.0])], 1.0)
    ...     print(sess.run(norm), *sess.run(clipped))
    5.0 [0.6] [0.8]
    """
    if isinstance(t_list, str) or not hasattr(t_list, "__len__"):
        raise TypeError("t_list should be a sequence")
    t_list = list(t_list)
    total = global_norm(t_list, name) if use_norm is None else convert_to_tensor(use_norm)
    values = _tensors(t_list)
    with name_scope(name, "clip_by_global_norm", [t for t in values if t is not None]) as scope:
        dtype = total.dtype.base_dtype
        scale = clip_norm * arithmetic.minimum(
            1.0 / total, array.constant(1.0, dtype=dtype) / clip_norm
        )
        # An infinite norm becomes NaN, so that the clipped tensors show it.
        scale = scale + (total - total)
        clipped = []
        for i, (original, value) in enumerate(zip(t_list, values, strict=True)):
            if value is None:
                clipped.append(None)
                continue
            scaled = value * cast(scale, value.dtype.base_dtype)
            clipped.append(_like(original, array.identity(scaled, name=f"{scope}_{i}")))
        return clipped, total


def clip_by_average_norm(t, clip_norm, name=None):
    r"""`t` scaled down so that its norm, over its number of elements, is at most `clip_norm`.

    .. math:: t \cdot \min\Bigl(1, \frac{c\, n}{\lVert t\rVert_2}\Bigr)

    Parameters
    ----------
    t : Tensor, float32
    clip_norm : float or Tensor, floating scalar
        :math:`c` > 0.

    Returns
    -------
    Tensor
        Of the shape and dtype of `t`.
    """
    with name_scope(name, "clip_by_average_norm", [t]) as scope:
        t = convert_to_tensor(t, name="t")
        n = cast(array.size(t), dtypes.float32)
        inverse = elementwise.rsqrt(reduce_sum(t * t, array.range(array.rank(t))))
        limit = array.constant(1.0) / clip_norm
        smaller = arithmetic.minimum(inverse * n, limit)
        return array.identity(t * clip_norm * smaller, name=scope)
