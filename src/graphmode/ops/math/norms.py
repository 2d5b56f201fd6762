"""Norms of tensors, and of lists of them."""

from __future__ import annotations

import numpy as np

from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import colocate_with, name_scope
from graphmode.framework.indexed_slices import IndexedSlices
from graphmode.ops.array.constants import constant
from graphmode.ops.array.joining import stack
from graphmode.ops.array.shaping import squeeze
from graphmode.ops.math import arithmetic, elementwise
from graphmode.ops.math.complex_numbers import conj
from graphmode.ops.math.reduction import reduce_max, reduce_sum
from graphmode.ops.nn.l2 import l2_loss
from graphmode.ops.old_names import either


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
        axes = None if axis is None else list(axis) if is_matrix else [axis]
        if ord in ("fro", "euclidean", 2):
            result = elementwise.sqrt(reduce_sum(tensor * conj(tensor), axis=axes, keepdims=True))
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
                powers = reduce_sum(arithmetic.pow(result, ord), axis=axes, keepdims=True)
                result = arithmetic.pow(powers, 1.0 / ord)
        return result if keepdims else squeeze(result, axes)


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
    tensors = as_tensors(t_list)
    with name_scope(name, "global_norm", [t for t in tensors if t is not None]):
        halves = []
        for tensor in tensors:
            if tensor is not None:
                with colocate_with(tensor):
                    halves.append(l2_loss(tensor))
        total = reduce_sum(stack(halves))
        return elementwise.sqrt(
            total * constant(2.0, dtype=total.dtype.base_dtype), name="global_norm"
        )


def as_tensors(t_list):
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
