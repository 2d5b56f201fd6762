"""Sums of products over chosen axes: tensordot and einsum."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import get_default_graph, name_scope
from graphmode.framework.dtypes import ANY
from graphmode.framework.errors import invalid
from graphmode.framework.inference import constant_value
from graphmode.framework.op import op
from graphmode.framework.operation import Tensor
from graphmode.ops import xp
from graphmode.ops.array import ranges, shape_values
from graphmode.ops.array.distinct import setdiff1d
from graphmode.ops.array.gathering import gather
from graphmode.ops.array.joining import concat, stack
from graphmode.ops.array.selection import where
from graphmode.ops.array.shaping import reshape, transpose
from graphmode.ops.math.einsum_equation import explicit, output_dims
from graphmode.ops.math.products import matmul
from graphmode.ops.math.reduction import reduce_prod


def tensordot(a: Any, b: Any, axes: Any, name: str | None = None) -> Tensor:
    """The sum of products over pairs of axes of `a` and `b`.

    Parameters
    ----------
    a, b : Tensor
        Floating, complex or integer, of one dtype.
    axes : int, pair of lists of int, or Tensor, int32 ``[2, n]``
        The number n of axes (the last n of `a`, the first n of `b`), or the axes of each. Either
        side of a pair may be a Tensor.

    Returns
    -------
    Tensor
        The axes of `a` that are left, then those of `b`.

    Raises
    ------
    ValueError
        If `axes` is no pair, or more axes than `a` has.
    IndexError
        If one of `axes` is outside.
    """
    with name_scope(name, "Tensordot", [a, b]) as scope:
        a = convert_to_tensor(a, name="a")
        b = convert_to_tensor(b, name="b")
        graph = get_default_graph()
        n_before = graph.n_operations
        a_axes, b_axes = _contracted(a, b, axes)
        a_matrix, a_free, a_static = _as_matrix(a, a_axes, flipped=False)
        b_matrix, b_free, b_static = _as_matrix(b, b_axes, flipped=True)
        product = matmul(a_matrix, b_matrix)
        if isinstance(a_free, list) and isinstance(b_free, list):
            wanted = a_free + b_free
            if product.dims != tuple(wanted):
                product = reshape(product, wanted, name=scope)
            # Transposed and reshaped, multiplied, reshaped: whether there is need or not.
            graph.pass_ids(11 - (graph.n_operations - n_before))
            return product
        a_free, b_free = (convert_to_tensor(free, dtype=dtypes.int32) for free in (a_free, b_free))
        product = reshape(product, concat([a_free, b_free], 0), name=scope)
        if a_static is not None and b_static is not None:
            product.set_shape(a_static + b_static)
        return product


def _contracted(a, b, axes):
    """The axes of `a` and of `b` that `axes` means: lists, or tensors where a rank is not known."""
    if isinstance(axes, int | np.integer):
        if axes < 0:
            raise ValueError(f"`axes` must be at least 0. Received: {axes}.")
        if a.dims is None:
            rank = shape_values.rank(a)
            return ranges.range(rank - axes, rank), _from_front(b, range(axes))
        if axes > len(a.dims):
            raise ValueError(
                f"`axes` must not be larger than the number of dimensions of `a` ({a})."
            )
        return _from_front(a, range(len(a.dims) - axes, len(a.dims))), _from_front(b, range(axes))
    if isinstance(axes, Tensor):
        axes = convert_to_tensor(axes, dtype=dtypes.int32, name="axes")
        return _from_front(a, axes[0]), _from_front(b, axes[1])
    if not isinstance(axes, list | tuple | np.ndarray):
        raise ValueError(f"`axes` must be an integer or a pair of lists of them, not {axes!r}.")
    if len(axes) != 2:
        raise ValueError(f"`axes` must be an integer or have length 2. Received {axes}.")
    if any(isinstance(side, Tensor) for side in axes):
        first, second = (convert_to_tensor(side, dtype=dtypes.int32) for side in axes)
        return _from_front(a, reshape(first, [-1])), _from_front(b, reshape(second, [-1]))
    pair = [[int(axis) for axis in np.atleast_1d(side)] for side in axes]
    if len(pair[0]) != len(pair[1]):
        raise ValueError(
            f"Different number of contraction axes `a` and `b`, {len(pair[0])} != {len(pair[1])}."
        )
    return _from_front(a, pair[0]), _from_front(b, pair[1])


def _from_front(tensor, axes):
    """`axes` counted from the front: a list, or a tensor where they or the rank are not known."""
    if isinstance(axes, Tensor):
        known = axes
    elif tensor.dims is not None:
        rank = len(tensor.dims)
        outside = [axis for axis in axes if not -rank <= axis < rank]
        if outside:
            raise IndexError(
                f"list index out of range: `axes` has {outside[0]}, but {tensor} has {rank} axes"
            )
        return [axis % rank for axis in axes]
    else:
        known = convert_to_tensor(np.array(list(axes), np.int32))
    return where(known >= 0, known, known + shape_values.rank(tensor))


def _as_matrix(tensor, axes, flipped):
    """`tensor` as a matrix of its free and its contracted axes (in the other order if `flipped`).

    Returns
    -------
    matrix : Tensor
    free : list of int or Tensor
        The lengths of the free axes.
    static : list of (int or None), or None
        What is known of them.
    """
    dims = tensor.dims
    if isinstance(axes, Tensor):
        free_axes = setdiff1d(ranges.range(shape_values.rank(tensor)), axes)[0]
        known = None if dims is None else constant_value(axes)
        static = None
        if known is not None:
            static = [n for axis, n in enumerate(dims) if axis not in known]
        pair = [axes, free_axes] if flipped else [free_axes, axes]
        permutation = concat(pair, 0)
    else:
        free_axes = [axis for axis in range(len(dims)) if axis not in axes]
        permutation = axes + free_axes if flipped else free_axes + axes
        static = [dims[axis] for axis in free_axes]
        if None not in dims:
            return _as_known_matrix(tensor, permutation, static, flipped), static, static
    lengths = shape_values.shape(tensor)
    free = gather(lengths, free_axes)
    n_free = reduce_prod(free)
    n_contracted = reduce_prod(gather(lengths, axes))
    shape = [n_contracted, n_free] if flipped else [n_free, n_contracted]
    matrix = reshape(transpose(tensor, permutation), stack(shape))
    return matrix, free, static


def _as_known_matrix(tensor, permutation, free, flipped):
    """The same with only the nodes it takes, as every length is known."""
    n_free = int(np.prod(free, dtype=np.int64))
    contracted = permutation[: -len(free) or None] if flipped else permutation[len(free) :]
    n_contracted = int(np.prod([tensor.dims[axis] for axis in contracted], dtype=np.int64))
    shape = (n_contracted, n_free) if flipped else (n_free, n_contracted)
    if permutation != list(range(len(permutation))):
        tensor = transpose(tensor, permutation)
    return tensor if tensor.dims == shape else reshape(tensor, list(shape))


# ---- einsum --------------------------------------------------------------------------------------


def _einsum_shape(op):
    return [output_dims(op.attrs["equation"], [t.dims for t in op.inputs])]


def _two_at_a_time(op, inputs, *, equation: str):
    """An Einsum of more than two tensors as several of two, which is what TensorFlow has."""
    if len(inputs) <= 2:
        return None
    left, _, result = equation.partition("->")
    terms = left.split(",")
    made, term = inputs[0], terms[0]
    for i in range(1, len(terms)):
        after = "".join([*terms[i + 1 :], result])
        both = dict.fromkeys((term + terms[i]).replace(".", ""))
        kept = "".join(label for label in both if label in after)
        if "..." in term or "..." in terms[i]:
            kept = "..." + kept
        if i == len(terms) - 1:
            kept = result
        made = _einsum([made, inputs[i]], equation=f"{term},{terms[i]}->{kept}")
        term = kept
    return made


@op(
    "Einsum",
    "T*N -> T",
    shape=_einsum_shape,
    written=_two_at_a_time,
    T=ANY - {dtypes.string, dtypes.bool},
)
def _einsum(inputs, *, equation: str):
    try:
        output_dims(equation, [value.shape for value in inputs])
    except ValueError as error:
        raise invalid(str(error)) from None
    wide = [xp.wide(value) for value in inputs]
    return xp.astype(xp.einsum(equation, *wide, optimize="optimal"), inputs[0].dtype)


def einsum(equation: str, *inputs: Any, **kwargs: Any) -> Tensor:
    """The sum of products that an equation of axis labels describes.

    Parameters
    ----------
    equation : str
        ``"ij,jk->ik"`` is a matrix product. Labels that are missing on the right are summed over;
        without ``->`` the right side is every label that occurs once, in alphabetic order.
        ``...`` stands for axes that broadcast.
    *inputs : Tensor, numeric, of one dtype
        One for each term.
    **kwargs
        ``name``; ``optimize`` is accepted, the order of products is always chosen.
    name : str, optional

    Returns
    -------
    Tensor

    Raises
    ------
    ValueError
        If `equation` is malformed or does not fit the shapes.
    TypeError
        If a keyword is unknown.

    Notes
    -----
    TF op Einsum.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default():
    ...     print(tf.einsum("bij,bjk->bik", tf.zeros([2, 3, 4]), tf.zeros([2, 4, 5])).shape)
    (2, 3, 5)
    """
    name = kwargs.pop("name", None)
    kwargs.pop("optimize", None)  # the order of products is always chosen
    if kwargs:
        raise TypeError(f"Invalid keyword arguments for einsum: {', '.join(sorted(kwargs))}")
    given: Any = inputs
    if len(inputs) == 1 and isinstance(inputs[0], list | tuple):
        given = inputs[0]
    with name_scope(name, "einsum", list(given)):
        tensors = [convert_to_tensor(value) for value in given]
        return _einsum(tensors, equation=explicit(equation, [t.dims for t in tensors]))
