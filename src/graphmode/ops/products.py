"""Products of matrices and tensors: matmul, matvec, tensordot, einsum, cross."""

from __future__ import annotations

import numpy as np

from graphmode.framework import dtypes, shape_rules
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.errors import InvalidArgumentError
from graphmode.framework.graph import name_scope
from graphmode.framework.op_def import ANY, COMPLEX, FLOATS, REALS, op
from graphmode.ops import array, xp
from graphmode.ops.complex_numbers import conj

_MATRIX = FLOATS | COMPLEX | {dtypes.int32, dtypes.int64}
_UNSIGNED = {dtypes.uint8, dtypes.uint16, dtypes.uint32, dtypes.uint64}


def _product(a, b):
    """``a @ b``; half-precision numbers are multiplied and added in single precision."""
    dtype = a.dtype
    if dtype.itemsize == 2 and dtype.kind not in "iu":
        return xp.matmul(a.astype(np.float32), b.astype(np.float32)).astype(dtype)
    return xp.matmul(a, b)


@op("MatMul", "T, T -> T", shape=shape_rules.matmul, T=_MATRIX | _UNSIGNED)
def _matmul(a, b, *, transpose_a=False, transpose_b=False):
    a = a.T if transpose_a else a
    b = b.T if transpose_b else b
    if a.ndim != 2 or b.ndim != 2 or a.shape[1] != b.shape[0]:
        raise InvalidArgumentError(None, None, _incompatible(a, b))
    return _product(a, b)


@op(
    "BatchMatMulV2",
    "T, T -> T",
    name="MatMul",
    shape=shape_rules.matmul,
    T=_MATRIX | _UNSIGNED | {dtypes.int16},
)
def _batch_matmul(x, y, *, adj_x=False, adj_y=False):
    x = _adjoint(x) if adj_x else x
    y = _adjoint(y) if adj_y else y
    if x.shape[-1] != y.shape[-2]:
        raise InvalidArgumentError(None, None, _incompatible(x, y))
    return _product(x, y)


def _adjoint(x):
    x = xp.swapaxes(x, -1, -2)
    return x.conj() if x.dtype.kind == "c" else x


def _incompatible(a, b) -> str:
    shapes = [str(list(x.shape)).replace(" ", "") for x in (a, b)]
    return "Matrix size-incompatible: In[0]: {}, In[1]: {}".format(*shapes)


def matmul(
    a,
    b,
    transpose_a=False,
    transpose_b=False,
    adjoint_a=False,
    adjoint_b=False,
    a_is_sparse=False,
    b_is_sparse=False,
    name=None,
):
    """The matrix product of `a` and `b`, or of each pair of matrices in two batches.

    Parameters
    ----------
    a : Tensor
        Floating, complex or integer, ``[..., n, k]``.
    b : Tensor
        Same dtype, ``[..., k, m]``. Leading axes broadcast.
    transpose_a, transpose_b : bool
        Swap the last two axes first.
    adjoint_a, adjoint_b : bool
        Swap and conjugate them.
    a_is_sparse, b_is_sparse : bool
        A hint that many elements are 0; it does not change the result.

    Returns
    -------
    Tensor
        ``[..., n, m]``.

    Raises
    ------
    ValueError
        If the shapes do not fit, or a transpose and an adjoint are both asked for.

    Notes
    -----
    TF ops MatMul; BatchMatMulV2 of more than two axes.
    """
    with name_scope(name, "MatMul", [a, b]) as scope:
        if transpose_a and adjoint_a:
            raise ValueError("Only one of `transpose_a` and `adjoint_a` can be True.")
        if transpose_b and adjoint_b:
            raise ValueError("Only one of `transpose_b` and `adjoint_b` can be True.")
        a = convert_to_tensor(a, name="a")
        b = convert_to_tensor(b, dtype_hint=a.dtype.base_dtype, name="b")
        is_batched = a.dims is None or len(a.dims) > 2 or b.dims is None or len(b.dims) > 2
        if is_batched and not (a_is_sparse or b_is_sparse):
            a = conj(a) if transpose_a else a
            b = conj(b) if transpose_b else b
            return _batch_matmul(
                a, b, adj_x=transpose_a or adjoint_a, adj_y=transpose_b or adjoint_b, name=scope
            )
        a = conj(a) if adjoint_a else a
        b = conj(b) if adjoint_b else b
        return _matmul(
            a,
            b,
            transpose_a=transpose_a or adjoint_a,
            transpose_b=transpose_b or adjoint_b,
            name=scope,
        )


def matvec(
    a,
    b,
    transpose_a=False,
    adjoint_a=False,
    a_is_sparse=False,
    b_is_sparse=False,
    name=None,
):
    """The product of matrices `a` ``[..., n, k]`` and vectors `b` ``[..., k]``: ``[..., n]``.

    The other arguments are those of `matmul`.
    """
    with name_scope(name, "MatVec", [a, b]):
        column = array.expand_dims(b, axis=-1)
        product = matmul(
            a,
            column,
            transpose_a=transpose_a,
            adjoint_a=adjoint_a,
            a_is_sparse=a_is_sparse,
            b_is_sparse=b_is_sparse,
        )
        return array.squeeze(product, axis=-1)


# ---- tensordot -----------------------------------------------------------------------------------


def tensordot(a, b, axes, name=None):
    """The sum of products over pairs of axes of `a` and `b`.

    Parameters
    ----------
    a, b : Tensor
        Floating, complex or integer, of one dtype.
    axes : int or pair of lists of int
        The number n of axes (the last n of `a`, the first n of `b`), or the axes of each.

    Returns
    -------
    Tensor
        The axes of `a` that are left, then those of `b`.

    Raises
    ------
    ValueError
        If `axes` does not fit the ranks.
    """
    with name_scope(name, "Tensordot", [a, b]) as scope:
        a = convert_to_tensor(a, name="a")
        b = convert_to_tensor(b, name="b")
        a_axes, b_axes = _contracted(a, b, axes)
        a_matrix, a_free, a_static = _as_matrix(a, a_axes, flipped=False)
        b_matrix, b_free, b_static = _as_matrix(b, b_axes, flipped=True)
        product = matmul(a_matrix, b_matrix)
        if isinstance(a_free, list) and isinstance(b_free, list):
            wanted = a_free + b_free
            if product.dims == tuple(wanted):
                return product
            return array.reshape(product, wanted, name=scope)
        a_free, b_free = (convert_to_tensor(free, dtype=dtypes.int32) for free in (a_free, b_free))
        product = array.reshape(product, array.concat([a_free, b_free], 0), name=scope)
        if a_static is not None and b_static is not None:
            product.set_shape(a_static + b_static)
        return product


def _contracted(a, b, axes):
    """The axes of `a` and of `b` that `axes` means, counted from the front."""
    ranks = [None if t.dims is None else len(t.dims) for t in (a, b)]
    if None in ranks:
        raise ValueError("tensordot needs tensors of known rank; give them one with set_shape.")
    if isinstance(axes, int | np.integer):
        if axes < 0:
            raise ValueError(f"`axes` must be at least 0. Received: {axes}.")
        if axes > ranks[0]:
            raise ValueError(
                f"`axes` must not be larger than the number of dimensions of `a` ({a})."
            )
        pair = list(range(ranks[0] - axes, ranks[0])), list(range(axes))
    elif isinstance(axes, list | tuple | np.ndarray):
        if len(axes) != 2:
            raise ValueError(f"`axes` must be an integer or have length 2. Received {axes}.")
        pair = tuple([int(i) for i in np.atleast_1d(side)] for side in axes)
        if len(pair[0]) != len(pair[1]):
            raise ValueError(
                "Different number of contraction axes `a` and `b`, "
                f"{len(pair[0])} != {len(pair[1])}."
            )
    else:
        raise ValueError(f"`axes` must be an integer or a pair of lists of them, not {axes!r}.")
    return tuple(
        [shape_rules.normal_axis(axis, rank) for axis in side]
        for side, rank in zip(pair, ranks, strict=True)
    )


def _as_matrix(tensor, axes, flipped):
    """`tensor` as a matrix of its free and its contracted axes (in the other order if `flipped`).

    Returns
    -------
    matrix : Tensor
    free : list of int or Tensor
        The lengths of the free axes.
    static : list of (int or None)
        What is known of them.
    """
    dims = tensor.dims
    free_axes = [i for i in range(len(dims)) if i not in axes]
    permutation = axes + free_axes if flipped else free_axes + axes
    static = [dims[i] for i in free_axes]
    if None not in dims:
        n_free = int(np.prod([dims[i] for i in free_axes], dtype=np.int64))
        n_contracted = int(np.prod([dims[i] for i in axes], dtype=np.int64))
        shape = (n_contracted, n_free) if flipped else (n_free, n_contracted)
        if permutation != list(range(len(dims))):
            tensor = array.transpose(tensor, permutation)
        if tensor.dims != shape:
            tensor = array.reshape(tensor, list(shape))
        return tensor, static, static
    from graphmode.ops.reduction import reduce_prod

    lengths = array.shape(tensor)
    free = array.gather(lengths, free_axes)
    n_free = reduce_prod(free)
    n_contracted = reduce_prod(array.gather(lengths, axes))
    shape = [n_contracted, n_free] if flipped else [n_free, n_contracted]
    tensor = array.reshape(array.transpose(tensor, permutation), array.stack(shape))
    return tensor, free, static


# ---- einsum --------------------------------------------------------------------------------------


def _einsum_shape(op):
    from graphmode.ops.einsum_equation import output_dims

    return [output_dims(op.attrs["equation"], [t.dims for t in op.inputs])]


@op("Einsum", "T*N -> T", shape=_einsum_shape, T=ANY - {dtypes.string, dtypes.bool})
def _einsum(inputs, *, equation):
    dtype = inputs[0].dtype
    if dtype.itemsize == 2 and dtype.kind not in "iu":
        wide = [value.astype(np.float32) for value in inputs]
        return xp.einsum(equation, *wide, optimize="optimal").astype(dtype)
    return xp.einsum(equation, *inputs, optimize="optimal")


def einsum(equation, *inputs, **kwargs):
    """The sum of products that an equation of axis labels describes.

    Parameters
    ----------
    equation : str
        ``"ij,jk->ik"`` is a matrix product. Labels that are missing on the right are summed over;
        without ``->`` the right side is every label that occurs once, in alphabetic order.
        ``...`` stands for axes that broadcast.
    *inputs : Tensor
        One for each term, of one dtype.
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
    """
    from graphmode.ops.einsum_equation import explicit

    name = kwargs.pop("name", None)
    for ignored in ("optimize",):
        kwargs.pop(ignored, None)
    if kwargs:
        raise TypeError(f"Invalid keyword arguments for einsum: {', '.join(sorted(kwargs))}")
    if len(inputs) == 1 and isinstance(inputs[0], list | tuple):
        inputs = inputs[0]
    with name_scope(name, "einsum", list(inputs)):
        tensors = [convert_to_tensor(value) for value in inputs]
        return _einsum(tensors, equation=explicit(equation, [t.dims for t in tensors]))


# ---- cross ---------------------------------------------------------------------------------------


def _cross_shape(op):
    dims = shape_rules.merge(op.inputs[0].dims, op.inputs[1].dims)
    if dims is not None:
        if not dims:
            raise ValueError("Shape must be at least rank 1 but is rank 0")
        if dims[-1] not in (3, None):
            raise ValueError(f"Dimension must be 3 but is {dims[-1]}")
        dims = (*dims[:-1], 3)
    return [dims]


@op("Cross", "T, T -> T", shape=_cross_shape, T=REALS)
def cross(a, b):
    """The vector product of `a` and `b`, both ``[..., 3]``. TF op Cross."""
    a0, a1, a2 = (a[..., i] for i in range(3))
    b0, b1, b2 = (b[..., i] for i in range(3))
    return xp.stack([a1 * b2 - a2 * b1, a2 * b0 - a0 * b2, a0 * b1 - a1 * b0], axis=-1)
