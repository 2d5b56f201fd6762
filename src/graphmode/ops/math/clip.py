"""Tensors kept within bounds, or scaled to a norm."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from graphmode.framework import dtypes, shape_rules
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import colocate_with, name_scope
from graphmode.framework.dtypes import NUMBERS
from graphmode.framework.indexed_slices import IndexedSlices
from graphmode.framework.op import op, overloaded
from graphmode.ops import xp
from graphmode.ops.array import ranges
from graphmode.ops.array.constants import constant
from graphmode.ops.array.filling import ones_like
from graphmode.ops.array.identities import identity
from graphmode.ops.array.selection import where
from graphmode.ops.array.shape_values import rank, size
from graphmode.ops.math import arithmetic, comparison, elementwise
from graphmode.ops.math.casts import cast
from graphmode.ops.math.norms import as_tensors, global_norm
from graphmode.ops.math.reduction import reduce_sum

if TYPE_CHECKING:
    from graphmode.framework.operation import Tensor


@op("ClipByValue", "T, T, T -> T", shape=shape_rules.unchanged, T=NUMBERS)
def clip_between(t, clip_value_min, clip_value_max):
    """`t` kept between two bounds that broadcast to it. TF op ClipByValue."""
    return xp.minimum(xp.maximum(t, clip_value_min), clip_value_max)


@overloaded
def clip_by_value(t: Any, clip_value_min: Any, clip_value_max: Any, name: str | None = None) -> Any:
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


def clip_by_norm(t: Any, clip_norm: Any, axes: Any = None, name: str | None = None) -> Any:
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
        safe = where(is_positive, squares, ones_like(squares))
        norms = where(is_positive, elementwise.sqrt(safe), squares)
        scaled = values * clip_norm
        shape_rules.merge(values.dims, scaled.dims)
        clipped = identity(scaled / arithmetic.maximum(norms, clip_norm), name=scope)
        return _like(t, clipped)


def clip_by_global_norm(
    t_list: Sequence[Any], clip_norm: Any, use_norm: Any = None, name: str | None = None
) -> tuple[list[Any], Tensor]:
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
    given: Any = t_list
    if isinstance(given, str) or not isinstance(given, Sequence):
        raise TypeError("t_list should be a sequence")
    t_list = list(t_list)
    total = global_norm(t_list, name) if use_norm is None else convert_to_tensor(use_norm)
    values = as_tensors(t_list)
    with name_scope(name, "clip_by_global_norm", [t for t in values if t is not None]) as scope:
        dtype = total.dtype.base_dtype
        scale = clip_norm * arithmetic.minimum(1.0 / total, constant(1.0, dtype=dtype) / clip_norm)
        # An infinite norm becomes NaN, so that the clipped tensors show it.
        scale = scale + (total - total)
        clipped: list[Any] = []
        for i, (original, value) in enumerate(zip(t_list, values, strict=True)):
            if value is None:
                clipped.append(None)
                continue
            with colocate_with(value):
                scaled = value * cast(scale, value.dtype.base_dtype)
                clipped.append(_like(original, identity(scaled, name=f"{scope}_{i}")))
        return clipped, total


def clip_by_average_norm(t: Any, clip_norm: Any, name: str | None = None) -> Tensor:
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
        n = cast(size(t), dtypes.float32)
        inverse = elementwise.rsqrt(reduce_sum(t * t, ranges.range(rank(t))))
        limit = constant(1.0) / clip_norm
        smaller = arithmetic.minimum(inverse * n, limit)
        return identity(t * clip_norm * smaller, name=scope)
