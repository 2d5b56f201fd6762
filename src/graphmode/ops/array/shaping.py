"""The same elements in another shape, or with the axes in another order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.dtypes import ANY, INDEX
from graphmode.framework.errors import invalid
from graphmode.framework.inference import constant_dims, constant_value
from graphmode.framework.op import op, overloaded
from graphmode.framework.shape_rules import dims_text
from graphmode.ops import xp
from graphmode.ops.array.joining import concat
from graphmode.ops.array.ranges import range as range_of
from graphmode.ops.array.shape_values import rank
from graphmode.ops.old_names import either

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphmode.framework.operation import Tensor

# ---- reshape -------------------------------------------------------------------------------------


def _reshape_shape(op):
    tensor, value = op.inputs
    if value.dims is not None and len(value.dims) != 1:
        raise ValueError(f"Shape must be rank 1 but is rank {len(value.dims)}")
    wanted, dims = constant_dims(value), tensor.dims
    if wanted is None or dims is None or wanted.count(None) > 1:
        return [wanted]
    if 0 in wanted and None in wanted and None not in dims:
        return [_reshape_of_nothing(dims, wanted, None)]
    product = int(np.prod([d for d in wanted if d is not None], dtype=np.int64))
    if None in dims:
        return [_reshape_partly_known(dims, wanted, product)]
    count = int(np.prod(dims, dtype=np.int64))
    if None not in wanted:
        if product != count:
            raise ValueError(
                f"Cannot reshape a tensor with {count} elements to shape "
                f"[{','.join(map(str, wanted))}] ({product} elements)"
            )
        return [wanted]
    if count % product:
        raise ValueError(f"Dimension size must be evenly divisible by {product} but is {count}")
    return [tuple(count // product if d is None else d for d in wanted)]


def _reshape_of_nothing(dims, wanted, free):
    """`wanted`, which has a zero, with a length for `free`: lengths of 0 do not count."""
    left = int(np.prod([d for d in dims if d], dtype=np.int64))
    given = int(np.prod([d for d in wanted if d != free and d], dtype=np.int64))
    return tuple(left // given if d == free else d for d in wanted)


def _reshape_partly_known(dims, wanted, product):
    """Nothing to infer; refuse only what no length can fit."""
    known = int(np.prod([d for d in dims if d is not None], dtype=np.int64))
    if None not in wanted and dims.count(None) == 1 and known and product % known:
        raise ValueError(f"Dimension size must be evenly divisible by {known} but is {product}")
    return wanted


@op(
    "Reshape",
    "T, Tshape -> T",
    shape=_reshape_shape,
    static=("shape",),
    T=ANY,
    Tshape=INDEX,
    cheap=True,
    reshapes=True,
)
def reshape(tensor, shape):
    """`tensor` with its elements, in row-major order, in another shape.

    Parameters
    ----------
    tensor : Tensor
        Any dtype and shape.
    shape : Tensor, int32 or int64, 1-D
        One length may be -1: what is left.

    Returns
    -------
    Tensor
        Of the dtype of `tensor`.

    Raises
    ------
    ValueError
        If the static shapes cannot fit.
    InvalidArgumentError
        If they do not fit when it runs.

    Notes
    -----
    TF op Reshape.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default(), tf.Session() as sess:
    ...     print(sess.run(tf.reshape([1, 2, 3, 4, 5, 6], [2, -1])))
    [[1 2 3]
     [4 5 6]]
    """
    wanted = tuple(shape.tolist())
    if 0 in wanted and wanted.count(-1) == 1:
        wanted = _reshape_of_nothing(tensor.shape, wanted, -1)
    try:
        return tensor.reshape(wanted)
    except (ValueError, TypeError):
        raise _misfit(tensor, wanted) from None


def _misfit(tensor, wanted):
    count = int(np.prod(tensor.shape, dtype=np.int64))
    if wanted.count(-1) > 1:
        first, second = [i for i, d in enumerate(wanted) if d == -1][:2]
        text = f"Only one input size may be -1, not both {first} and {second}"
    elif wanted and min(wanted) < -1:
        at = wanted.index(min(wanted))
        text = f"Size {at} must be non-negative, not {wanted[at]}"
    else:
        product = int(np.prod([d for d in wanted if d != -1], dtype=np.int64))
        requires = "a multiple of" if -1 in wanted else "has"
        verb = f"requires {requires}" if -1 in wanted else requires
        text = (
            f"Input to reshape is a tensor with {count} values, but the requested shape {verb} "
            f"{product}\n  tensor {dims_text(tensor.shape)}, shape {list(wanted)}"
        )
    return invalid(text)


def _expand_shape(op):
    dims, axis = op.inputs[0].dims, constant_value(op.inputs[1])
    if axis is not None and axis.size != 1:
        raise ValueError(f"'dim' input must be a tensor with a single value, got {axis.tolist()}")
    if dims is None:
        return [None]
    rank = len(dims)
    if axis is None:
        return [(None,) * (rank + 1)]
    at = int(np.ravel(axis)[0])
    if not -rank - 1 <= at <= rank:
        raise ValueError(f"dim {at} not in the interval [{-rank - 1}, {rank}].")
    at = at + rank + 1 if at < 0 else at
    return [(*dims[:at], 1, *dims[at:])]


@op(
    "ExpandDims",
    "T, Tdim -> T",
    shape=_expand_shape,
    static=("dim",),
    T=ANY,
    Tdim=INDEX,
    cheap=True,
    reshapes=True,
)
def _expand_dims(input, dim):
    rank = len(input.shape)
    if dim.size != 1:
        raise invalid(f"'dim' must be a tensor with a single value\n  it is {dim.tolist()}")
    at = int(dim.ravel()[0])
    if not -rank - 1 <= at <= rank:
        raise invalid(f"Tried to expand dim index {at} for tensor with {rank} dimensions.")
    at = at + rank + 1 if at < 0 else at
    return input.reshape((*input.shape[:at], 1, *input.shape[at:]))


@overloaded
def expand_dims(input: Any, axis: Any = None, name: str | None = None, dim: Any = None) -> Tensor:
    """`input` with a new axis of length 1.

    Parameters
    ----------
    input : Tensor, of any dtype
    axis, dim : int or Tensor, int32 or int64 scalar
        Where the axis goes; may count from the end. `dim` is the old spelling.

    Returns
    -------
    Tensor
        Of the dtype of `input`.

    Raises
    ------
    ValueError
        If `axis` is outside [-rank - 1, rank].
    ValueError
        If there is no axis.

    Notes
    -----
    TF op ExpandDims.
    """
    axis = either("axis", axis, "dim", dim)
    if axis is None:
        raise ValueError("Must specify an axis argument to tf.expand_dims()")
    return _expand_dims(input, axis, name=name)


def _squeeze_shape(op):
    dims, axes = op.inputs[0].dims, op.attrs["squeeze_dims"]
    if dims is None:
        return [None]
    if not axes:
        return [None if None in dims else tuple(d for d in dims if d != 1)]
    return [_squeezed(dims, axes, ValueError)]


def _squeezed(dims, axes, error):
    rank = len(dims)
    removed = set()
    for axis in axes:
        if not -rank <= axis < rank:
            raise error(f"Tried to squeeze dim index {axis} for tensor with {rank} dimensions.")
        at = axis + rank if axis < 0 else axis
        if dims[at] not in (1, None):
            raise error(f"Can not squeeze dim[{at}], expected a dimension of 1, got {dims[at]}")
        removed.add(at)
    return tuple(d for i, d in enumerate(dims) if i not in removed)


@op("Squeeze", "T -> T", shape=_squeeze_shape, T=ANY, cheap=True, reshapes=True)
def _squeeze(input, *, squeeze_dims: Sequence[int] = ()):
    if squeeze_dims:
        dims = _squeezed(input.shape, squeeze_dims, invalid)
    else:
        dims = tuple(d for d in input.shape if d != 1)
    return input.reshape(dims)


@overloaded
def squeeze(
    input: Any, axis: Any = None, name: str | None = None, squeeze_dims: Any = None
) -> Tensor:
    """`input` without its axes of length 1, or without those that `axis` lists.

    Parameters
    ----------
    input : Tensor, of any dtype
    axis, squeeze_dims : int or list of int, optional
        May count from the end. `squeeze_dims` is the old spelling.

    Returns
    -------
    Tensor
        Of the dtype of `input`.

    Raises
    ------
    ValueError
        If a listed axis does not have length 1.

    Notes
    -----
    TF op Squeeze.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default():
    ...     print(tf.squeeze(tf.zeros([1, 3, 1])).shape, tf.squeeze(tf.zeros([1, 3, 1]), [2]).shape)
    (3,) (1, 3)
    """
    axis = either("axis", axis, "squeeze_dims", squeeze_dims)
    if axis is None:
        axis = []
    axes = [int(axis)] if isinstance(axis, int | np.integer) else [int(a) for a in axis]
    return _squeeze(input, squeeze_dims=axes, name=name)


# ---- transpose -----------------------------------------------------------------------------------


def _transpose_shape(op):
    tensor, value = op.inputs
    dims, perm = tensor.dims, constant_value(value)
    length = None
    if perm is not None:
        length = perm.size
    elif value.dims is not None and value.dims:
        length = value.dims[0]
    if dims is not None and length is not None and length != len(dims):
        raise ValueError(f"Dimension must be {len(dims)} but is {length}")
    if perm is None or dims is None:
        rank = length if dims is None else len(dims)
        return [None if rank is None else (None,) * rank]
    rank, axes = len(dims), perm.ravel().tolist()
    for axis in axes:
        if not -rank <= axis < rank:
            raise ValueError(f"perm dim {axis} is out of range of input rank {rank}")
    return [tuple(dims[axis] for axis in axes)]


def _transposed(x, perm):
    axes = perm.ravel().tolist()
    try:
        return x.transpose(axes)
    except (ValueError, TypeError):
        rank = len(x.shape)
        if len(axes) != rank:
            text = (
                f"transpose expects a vector of size {rank}. But input(1) is a vector of size "
                f"{len(axes)}"
            )
        else:
            outside = [a for a in axes if not -rank <= a < rank]
            missing = [i for i in range(rank) if i not in axes and i - rank not in axes]
            text = (
                f"{outside[0]} is out of range [0 .. {rank})"
                if outside
                else f"{missing[0]} is missing from {{{','.join(map(str, axes))}}}."
            )
        raise invalid(text) from None


@op(
    "Transpose",
    "T, Tperm -> y: T",
    shape=_transpose_shape,
    static=("perm",),
    T=ANY,
    Tperm=INDEX,
    cheap=True,
)
def _transpose(x, perm):
    return _transposed(x, perm)


@op(
    "ConjugateTranspose",
    "T, Tperm -> y: T",
    shape=_transpose_shape,
    static=("perm",),
    T=ANY,
    Tperm=INDEX,
)
def _conjugate_transpose(x, perm):
    return xp.conj(_transposed(x, perm))


def transpose(
    a: Any, perm: Any = None, name: str | None = "transpose", conjugate: bool = False
) -> Tensor:
    """`a` with its axes in the order `perm`; by default in reverse order.

    Parameters
    ----------
    a : Tensor, of any dtype
    perm : Tensor, int32 or int64, 1-D, optional
        A permutation of 0, ..., rank - 1: axis i of the result is axis ``perm[i]`` of `a`.
    conjugate : bool
        Of a complex tensor, conjugate the elements too.

    Returns
    -------
    Tensor
        Of the dtype of `a`.

    Raises
    ------
    ValueError
        If `perm` does not have one entry for each axis.

    Notes
    -----
    TF ops Transpose, ConjugateTranspose.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default():
    ...     print(tf.transpose(tf.zeros([2, 3, 4]), [2, 0, 1]).shape)
    (4, 2, 3)
    """
    with name_scope(name, "transpose") as scope:
        a = convert_to_tensor(a, name="a")
        build = _conjugate_transpose if conjugate and a.dtype.is_complex else _transpose
        if perm is None and a.dims is not None:
            perm = np.arange(len(a.dims) - 1, -1, -1, dtype=np.int32)
        elif perm is None:
            perm = range_of(rank(a) - 1, -1, -1, name="Range")
        return build(a, convert_to_tensor(perm, name="perm"), name=scope)


def matrix_transpose(
    a: Any, name: str | None = "matrix_transpose", conjugate: bool = False
) -> Tensor:
    """`a` with its last two axes swapped.

    Parameters
    ----------
    a : Tensor, of any dtype, [..., n, m]
    conjugate : bool
        Of a complex tensor, conjugate the elements too.

    Returns
    -------
    Tensor, [..., m, n]
        Of the dtype of `a`.

    Raises
    ------
    ValueError
        If `a` has fewer than two axes.
    """
    with name_scope(name, "matrix_transpose"):
        a = convert_to_tensor(a, name="a")
        if a.dims is not None:
            n = len(a.dims)
            if n < 2:
                raise ValueError(
                    f"Argument `a` should be a (batch) matrix with rank >= 2.  Received `a` = {a} "
                    f"with shape: {a.shape}"
                )
            perm = [*range(n - 2), n - 1, n - 2]
        else:
            n = rank(a)
            perm = concat([range_of(n - 2), [n - 1, n - 2]], 0)
        return transpose(a, perm=perm, conjugate=conjugate)


def adjoint(matrix: Any, name: str | None = None) -> Tensor:
    """The conjugate transpose of each matrix.

    Parameters
    ----------
    matrix : Tensor, of any dtype, [..., n, m]

    Returns
    -------
    Tensor, [..., m, n]
        Of the dtype of `matrix`.
    """
    with name_scope(name, "adjoint", [matrix]):
        return matrix_transpose(convert_to_tensor(matrix, name="matrix"), conjugate=True)
