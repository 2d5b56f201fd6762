"""Norms of tensors, and of lists of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import shape_rules
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import colocate_with, name_scope
from graphmode.framework.indexed_slices import IndexedSlices
from graphmode.ops.array import ranges, shape_values
from graphmode.ops.array.constants import constant
from graphmode.ops.array.distinct import setdiff1d
from graphmode.ops.array.joining import concat, stack
from graphmode.ops.array.shaping import squeeze, transpose
from graphmode.ops.array.sorting import invert_permutation
from graphmode.ops.linalg.decompositions import svd
from graphmode.ops.math import arithmetic, elementwise
from graphmode.ops.math.casts import cast
from graphmode.ops.math.complex_numbers import conj
from graphmode.ops.math.reduction import reduce_max, reduce_sum
from graphmode.ops.nn.l2 import l2_loss
from graphmode.ops.old_names import either

if TYPE_CHECKING:
    from graphmode.framework.operation import Tensor


def norm(
    tensor: Any,
    ord: Any = "euclidean",
    axis: Any = None,
    keepdims: bool | None = None,
    name: str | None = None,
    keep_dims: bool | None = None,
) -> Tensor:
    r"""The norm of vectors, of matrices, or of all elements.

    .. math:: \Bigl(\sum_i |x_i|^p\Bigr)^{1/p}

    Parameters
    ----------
    tensor : Tensor, floating or complex
    ord : number, "euclidean" or "fro"
        p: 1, 2, ``np.inf`` or any positive number. Of matrices 1 and ``np.inf`` are the largest
        sums over columns and rows, 2 the largest singular value, "euclidean" and "fro" the root
        of the sum of squares.
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
    axes = list(axis) if is_matrix else [axis]
    if (
        not all(isinstance(axis, int | np.integer) for axis in axes if axis is not None)
        or (is_matrix and None in axes)
        or len(set(axes)) < len(axes)
    ):
        raise ValueError("'axis' must be None, an integer, or a tuple of 2 unique integers")
    _check_order(ord, is_matrix)
    with name_scope(name, "norm", [tensor]):
        tensor = convert_to_tensor(tensor)
        reduced = None if axis is None else axes
        if is_matrix and ord == 2:
            result = _spectral_norm(tensor, axes)
        elif ord in ("fro", "euclidean", 2):
            result = elementwise.sqrt(
                reduce_sum(tensor * conj(tensor), axis=reduced, keepdims=True)
            )
        else:
            sizes = elementwise.abs(tensor)
            if ord == 1:
                result = reduce_sum(sizes, axis=axes[0], keepdims=True)
                if is_matrix:
                    result = reduce_max(result, axis=axes[1], keepdims=True)
            elif ord == np.inf:
                if is_matrix:
                    sizes = reduce_sum(sizes, axis=axes[1], keepdims=True)
                result = reduce_max(sizes, axis=axes[0], keepdims=True)
            else:
                powers = reduce_sum(arithmetic.pow(sizes, ord), axis=reduced, keepdims=True)
                result = arithmetic.pow(powers, 1.0 / ord)
        return result if keepdims else squeeze(result, reduced)


def _check_order(ord, is_matrix: bool) -> None:
    if is_matrix:
        supported = ["euclidean", "fro", 1, 2, np.inf]
        if ord not in supported:
            raise ValueError(f"'ord' must be a supported matrix norm in {supported}, got {ord}")
    elif ord != "euclidean" and (isinstance(ord, str) or not np.isreal(ord) or ord <= 0):
        raise ValueError(f"'ord' must be a supported vector norm, got {ord}")


def _spectral_norm(tensor, axes):
    """The largest singular value of the matrices of two axes, which stay as lengths of 1."""
    if tensor.dims is None:
        rank = shape_values.rank(tensor)
        axes = (convert_to_tensor(axes) + rank) % rank
        others = setdiff1d(ranges.range(rank), axes)[0]
        to_matrices = concat([others, axes], 0)
        back = invert_permutation(to_matrices)
    else:
        rank = len(tensor.dims)
        axes = [shape_rules.normal_axis(axis, rank) for axis in axes]
        to_matrices = [axis for axis in range(rank) if axis not in axes] + axes
        back = np.argsort(to_matrices)
    values = svd(transpose(tensor, to_matrices), compute_uv=False)
    return transpose(reduce_max(values, axis=-1, keepdims=True)[..., None], back)


def normalize(
    tensor: Any, ord: Any = "euclidean", axis: Any = None, name: str | None = None
) -> tuple[Tensor, Tensor]:
    """A tensor divided by its norm, and the norm.

    Parameters
    ----------
    tensor : Tensor, floating or complex
    ord : number, "euclidean" or "fro"
        As for `norm`.
    axis : int or pair of int, optional
        As for `norm`.

    Returns
    -------
    normalized : Tensor
        Of the shape and dtype of `tensor`.
    norm : Tensor
        With lengths of 1 for the axes over which it was taken.
    """
    with name_scope(name, "normalize", [tensor]):
        tensor = convert_to_tensor(tensor)
        size = norm(tensor, ord, axis, keepdims=True)
        return tensor / cast(size, tensor.dtype), size


def global_norm(t_list: Sequence[Any], name: str | None = None) -> Tensor:
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
        halves: list[Any] = []
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
    if isinstance(t_list, str) or not isinstance(t_list, Sequence):
        raise TypeError("t_list should be a sequence")
    return [
        t.values if isinstance(t, IndexedSlices) else None if t is None else convert_to_tensor(t)
        for t in t_list
    ]
