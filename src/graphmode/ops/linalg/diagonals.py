"""Diagonals: of a tensor whose shape is twice the same, of matrices, and what is made from one."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from graphmode.framework import dtypes, shape_rules
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.dtypes import ANY, FLOATS_COMPLEX, INDEX
from graphmode.framework.errors import invalid
from graphmode.framework.inference import constant_value
from graphmode.framework.op import op
from graphmode.framework.operation import Operation, Tensor
from graphmode.framework.shape_rules import dims_text
from graphmode.ops import xp
from graphmode.ops.math.reduction import reduce_sum
from graphmode.ops.xp import is_traced


def _diag_shape(op):
    dims = op.inputs[0].dims
    return [None if dims is None else dims + dims]


@op("Diag", "T -> T", shape=_diag_shape, T=FLOATS_COMPLEX | INDEX)
def diag(diagonal):
    """Zeros with `diagonal` on the diagonal.

    Parameters
    ----------
    diagonal : Tensor
        Numbers of shape ``[d1, ..., dk]``.

    Returns
    -------
    Tensor, ``[d1, ..., dk, d1, ..., dk]``
    """
    flat = xp.diag(diagonal.reshape(-1))
    return flat.reshape(diagonal.shape * 2)


def _diag_part_shape(op):
    dims = op.inputs[0].dims
    if dims is None:
        return [None]
    if len(dims) % 2 or not dims:
        raise ValueError(f"Input must have even and non-zero rank, input rank is {len(dims)}")
    half = len(dims) // 2
    return [shape_rules.merge(dims[:half], dims[half:])]


@op(
    "DiagPart",
    "T -> diagonal: T",
    shape=_diag_part_shape,
    T=FLOATS_COMPLEX | INDEX,
)
def diag_part(input):
    """The diagonal of `input`.

    Parameters
    ----------
    input : Tensor
        Numbers of shape ``[d1, ..., dk, d1, ..., dk]``.

    Returns
    -------
    Tensor, ``[d1, ..., dk]``

    Raises
    ------
    ValueError
        If the rank is odd or the halves of the shape differ.
    InvalidArgumentError
        When it runs, if the two halves of the shape differ.
    """
    half = input.ndim // 2
    lengths = input.shape[:half]
    if input.ndim % 2 or lengths != input.shape[half:]:
        raise invalid(
            f"The shape must be twice the same to have a diagonal, but is {dims_text(input.shape)}"
        )
    n = math.prod(lengths)
    return xp.copy(xp.diagonal(input.reshape(n, n))).reshape(lengths)


# ---- of matrices ---------------------------------------------------------------------------------

_MATRIX = ANY - {dtypes.string}


def _offset_of(op):
    k = constant_value(op.inputs[1])
    return None if k is None else int(np.ravel(k)[0])


def _matrix_diag_part_shape(op):
    dims, k = op.inputs[0].dims, _offset_of(op)
    if dims is None:
        return [None]
    if len(dims) < 2:
        raise ValueError(f"Shape must be at least rank 2 but is rank {len(dims)}")
    rows, columns = dims[-2:]
    if k is None or rows is None or columns is None:
        return [(*dims[:-2], None)]
    return [(*dims[:-2], min(rows + min(k, 0), columns - max(k, 0)))]


@op(
    "MatrixDiagPartV3",
    "T, int32, T -> diagonal: T",
    shape=_matrix_diag_part_shape,
    static=("k",),
    differs="one diagonal at a time, not a band of them",
    T=_MATRIX,
)
def _matrix_diag_part(input, k, padding_value, *, align: str = "RIGHT_LEFT"):
    return xp.diagonal(input, offset=_one_diagonal(k), axis1=-2, axis2=-1)


def _matrix_diag_shape(op):
    dims = op.inputs[0].dims
    lengths = [constant_value(t) for t in op.inputs[2:4]]
    k = _offset_of(op)
    if dims is None:
        return [None]
    if not dims:
        raise ValueError("Shape must be at least rank 1 but is rank 0")
    if k is None or dims[-1] is None or any(n is None for n in lengths):
        return [(*dims[:-1], None, None)]
    return [(*dims[:-1], *_matrix_lengths(dims[-1], k, *lengths))]


def _matrix_lengths(n: int, k: int, num_rows, num_cols) -> tuple[int, int]:
    """The size of the matrix with a diagonal of `n` elements; -1 asks for the smallest."""
    least = n + max(-k, 0), n + max(k, 0)
    rows, columns = int(num_rows), int(num_cols)
    if rows == -1 and columns == -1:
        return max(least), max(least)
    rows = least[0] if rows == -1 else rows
    columns = least[1] if columns == -1 else columns
    if rows < least[0] or columns < least[1]:
        raise invalid(f"The number of rows or columns is too small for {n} elements")
    return rows, columns


@op(
    "MatrixDiagV3",
    "T, int32, int32, int32, T -> T",
    shape=_matrix_diag_shape,
    static=("k", "num_rows", "num_cols"),
    differs="one diagonal at a time, not a band of them",
    T=_MATRIX,
)
def _matrix_diag(diagonal, k, num_rows, num_cols, padding_value, *, align: str = "RIGHT_LEFT"):
    k = _one_diagonal(k)
    n = diagonal.shape[-1]
    rows, columns = _matrix_lengths(n, k, num_rows, num_cols)
    place = np.subtract.outer(np.arange(rows), np.arange(columns)) == -k
    along = np.minimum(np.arange(rows) + min(k, 0), n - 1).clip(0)
    spread = diagonal[..., along][..., :, None]
    return xp.where(place, spread, padding_value)


def matrix_diag(
    diagonal: Any,
    name: str | None = "diag",
    k: int = 0,
    num_rows: int = -1,
    num_cols: int = -1,
    padding_value: Any = 0,
    align: str = "RIGHT_LEFT",
) -> Tensor:
    """Matrices with `diagonal` ``[..., n]`` on the diagonal `k`: ``[..., rows, columns]``.

    Parameters
    ----------
    diagonal : Tensor, of any dtype, [..., n]
    k : int
        The diagonal: 0 the main one, above it positive, below it negative.
    num_rows, num_cols : int
        The smallest that hold it by default.
    padding_value : number
        What is elsewhere.
    align : str
        Of several diagonals of different lengths: where the shorter ones are put.

    Returns
    -------
    Tensor, [..., rows, columns]
        Of the dtype of `diagonal`.

    Notes
    -----
    TF op MatrixDiagV3.
    """
    with name_scope(name, "diag") as scope:
        diagonal = convert_to_tensor(diagonal, name="diagonal")
        padding = False if diagonal.dtype.is_bool else padding_value
        return _matrix_diag(diagonal, k, num_rows, num_cols, padding, align=align, name=scope)


def _one_diagonal(k) -> int:
    offsets = np.unique(k)
    if len(offsets) > 1:
        raise NotImplementedError("only one diagonal at a time is supported, not a band of them")
    return int(offsets[0])


def matrix_diag_part(
    input: Any,
    name: str | None = "diag_part",
    k: int = 0,
    padding_value: Any = 0,
    align: str = "RIGHT_LEFT",
    diagonal: Any = None,
) -> Tensor:
    """The diagonal of each matrix ``[..., rows, columns]`` of a batch.

    Parameters
    ----------
    input : Tensor, of any dtype, [..., rows, columns]
    k : int
        The diagonal: 0 the main one, above it positive, below it negative.
    padding_value : number
        What shorter diagonals are filled up with.
    align : str
        Of several diagonals of different lengths: where the shorter ones are put.
    diagonal : optional
        Accepted.

    Returns
    -------
    Tensor, [..., n]
        Of the dtype of `input`.

    Notes
    -----
    TF op MatrixDiagPartV3.
    """
    del diagonal
    with name_scope(name, "diag_part") as scope:
        input = convert_to_tensor(input, name="input")
        padding = False if input.dtype.is_bool else padding_value
        return _matrix_diag_part(input, k, padding, align=align, name=scope)


def _widths_fit(input, num_lower, num_upper):
    rows, columns = input.shape[-2:]
    return (num_lower <= rows) & (num_upper <= columns)


def _may_not_fit(op: Operation) -> bool:
    """Whether a number of diagonals may be larger than the matrices, as far as is known."""
    dims = op.inputs[0].dims
    sides = (None, None) if dims is None or len(dims) < 2 else dims[-2:]
    for width, side in zip((constant_value(t) for t in op.inputs[1:]), sides, strict=True):
        if width is None or (width > 0 and (side is None or width > side)):
            return True
    return False


def _check_band(input, num_lower, num_upper) -> None:
    if input.ndim < 2:
        raise invalid(f"input must be at least 2-dim, received shape: {dims_text(input.shape)}")
    sides = (("num_lower", num_lower, "rows"), ("num_upper", num_upper, "columns"))
    for (name, width, what), n in zip(sides, input.shape[-2:], strict=True):
        if np.ndim(width):
            raise invalid(f"{name} must be scalar, got shape {dims_text(np.shape(width))}")
        if not is_traced(width) and width > n:
            raise invalid(
                f"{name} must be negative or less or equal to number of {what} ({n}) got: {width}"
            )


@op(
    "MatrixBandPart",
    "T, Tindex, Tindex -> band: T",
    shape=shape_rules.unchanged,
    check=_widths_fit,
    checked=_may_not_fit,
    T=ANY,
    Tindex=INDEX,
)
def matrix_band_part(input, num_lower, num_upper):
    """Each matrix ``[..., m, n]`` with zeros outside a band around the diagonal.

    Parameters
    ----------
    input : Tensor, of any dtype, [..., m, n]
    num_lower, num_upper : int or Tensor, int32 or int64 scalar
        Diagonals kept below and above the main one; all of them if negative.

    Returns
    -------
    Tensor
        Of the shape and dtype of `input`.

    Raises
    ------
    InvalidArgumentError
        When it runs, if a number of diagonals is larger than the matrices.

    Notes
    -----
    TF op MatrixBandPart.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default(), tf.Session() as sess:
    ...     print(sess.run(tf.matrix_band_part(tf.ones([3, 3], tf.int32), 0, -1)))
    [[1 1 1]
     [0 1 1]
     [0 0 1]]
    """
    _check_band(input, num_lower, num_upper)
    rows, columns = input.shape[-2:]
    below = np.subtract.outer(np.arange(rows), np.arange(columns))
    kept = ((num_lower < 0) | (below <= num_lower)) & ((num_upper < 0) | (-below <= num_upper))
    nothing = np.array(b"", object) if input.dtype == object else np.zeros((), input.dtype)
    return xp.where(kept, input, nothing)


def _matrix_set_diag_shape(op):
    dims, diagonal = op.inputs[0].dims, op.inputs[1].dims
    if dims is None:
        return [None if diagonal is None else (*diagonal[:-1], None, None)]
    if len(dims) < 2:
        raise ValueError(f"Shape must be at least rank 2 but is rank {len(dims)}")
    batch = shape_rules.merge(dims[:-2], None if diagonal is None else diagonal[:-1])
    return [(*batch, *dims[-2:])]


@op(
    "MatrixSetDiagV3",
    "T, T, int32 -> T",
    shape=_matrix_set_diag_shape,
    static=("k",),
    differs="one diagonal at a time, not a band of them",
    T=ANY,
)
def matrix_set_diag_op(input, diagonal, k, *, align: str = "RIGHT_LEFT"):
    """The op behind `matrix_set_diag`."""
    k = _one_diagonal(k)
    rows, columns = input.shape[-2:]
    place = np.subtract.outer(np.arange(rows), np.arange(columns)) == -k
    n = min(rows + min(k, 0), columns - max(k, 0))
    if diagonal.shape[-1] != n:
        raise invalid(f"Expected diagonal of length {n}, got {diagonal.shape[-1]}")
    along = (np.arange(rows) + min(k, 0)).clip(0, n - 1)
    return xp.where(place, diagonal[..., along][..., :, None], input)


def matrix_set_diag(
    input: Any, diagonal: Any, name: str | None = "set_diag", k: int = 0, align: str = "RIGHT_LEFT"
) -> Tensor:
    """Each matrix ``[..., m, n]`` with `diagonal` ``[..., length]`` in place of its diagonal `k`.

    Parameters
    ----------
    input : Tensor, of any dtype, [..., m, n]
    diagonal : Tensor, of the dtype of `input`, [..., length]
    k : int
        The diagonal: 0 the main one, above it positive, below it negative.
    align : str
        Of several diagonals of different lengths: where the shorter ones are put.

    Returns
    -------
    Tensor
        Of the shape and dtype of `input`.

    Notes
    -----
    TF op MatrixSetDiagV3.
    """
    return matrix_set_diag_op(input, diagonal, k, align=align, name=name)


def trace(x: Any, name: str | None = None) -> Tensor:
    """The sum of the main diagonal of each matrix of a batch.

    Parameters
    ----------
    x : Tensor, numeric, [..., n, m]

    Returns
    -------
    Tensor, [...]
        Of the dtype of `x`.
    """
    with name_scope(name, "Trace", [x]) as scope:
        x = convert_to_tensor(x, name="x")
        return reduce_sum(matrix_diag_part(x), [-1], name=scope)
