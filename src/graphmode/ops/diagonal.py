"""Diagonals: diag, diag_part, and those of batches of matrices."""

from __future__ import annotations

import numpy as np

from graphmode.framework import dtypes, shape_rules
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.graph import name_scope
from graphmode.framework.inference import constant_value
from graphmode.framework.op_def import ANY, COMPLEX, FLOATS, op
from graphmode.ops import xp

_DIAG = FLOATS | COMPLEX | {dtypes.int32, dtypes.int64}
_MATRIX = ANY - {dtypes.string}


def _diag_shape(op):
    dims = op.inputs[0].dims
    if dims == ():
        raise ValueError("Shape must be at least rank 1 but is rank 0")
    return [None if dims is None else dims + dims]


@op("Diag", "T -> T", shape=_diag_shape, T=_DIAG)
def diag(diagonal):
    """A tensor that has `diagonal` ``[*s]`` on its diagonal: ``[*s, *s]``, 0 elsewhere.

    Notes
    -----
    TF op Diag.
    """
    n = int(np.prod(diagonal.shape, dtype=np.int64))
    flat = xp.reshape(diagonal, (n,))
    square = xp.where(np.eye(n, dtype=bool), flat[:, None], diagonal.dtype.type(0))
    return xp.reshape(square, diagonal.shape * 2)


def _diag_part_shape(op):
    dims = op.inputs[0].dims
    if dims is None:
        return [None]
    if len(dims) % 2 or not dims:
        raise ValueError(f"Input must have even and non-zero rank, input rank is {len(dims)}")
    half = len(dims) // 2
    return [shape_rules.merge(dims[:half], dims[half:])]


@op("DiagPart", "T -> T", shape=_diag_part_shape, T=_DIAG)
def diag_part(input):
    """The diagonal ``[*s]`` of a tensor ``[*s, *s]``. TF op DiagPart."""
    shape = input.shape[: input.ndim // 2]
    n = int(np.prod(shape, dtype=np.int64))
    return xp.reshape(xp.reshape(input, (n * n,))[:: n + 1], shape)


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
    "T, int32, T -> T",
    shape=_matrix_diag_part_shape,
    static=("k",),
    differs="one diagonal at a time, not a band of them",
    T=_MATRIX,
)
def _matrix_diag_part(input, k, padding_value, *, align="RIGHT_LEFT"):
    return xp.diagonal(input, offset=_one_diagonal(k), axis1=-2, axis2=-1)


def _one_diagonal(k) -> int:
    offsets = np.unique(k)
    if len(offsets) > 1:
        raise NotImplementedError("only one diagonal at a time is supported, not a band of them")
    return int(offsets[0])


def matrix_diag_part(
    input, name="diag_part", k=0, padding_value=0, align="RIGHT_LEFT", diagonal=None
):
    """The diagonal of each matrix ``[..., rows, columns]`` of a batch.

    Parameters
    ----------
    input : Tensor
        ``[..., rows, columns]``.
    k : int
        The diagonal: 0 the main one, above it positive, below it negative.

    Returns
    -------
    Tensor
        ``[..., n]``.

    Notes
    -----
    TF op MatrixDiagPartV3.
    """
    del diagonal
    with name_scope(name, "diag_part") as scope:
        input = convert_to_tensor(input, name="input")
        k = convert_to_tensor(k, dtype=dtypes.int32, name="k")
        padding = False if input.dtype.is_bool else padding_value
        padding = convert_to_tensor(padding, dtype=input.dtype.base_dtype, name="padding_value")
        return _matrix_diag_part(input, k, padding, align=align, name=scope)


def trace(x, name=None):
    """The sum of the main diagonal of each matrix ``[..., n, m]`` of a batch: ``[...]``."""
    from graphmode.ops.reduction import reduce_sum

    with name_scope(name, "Trace", [x]) as scope:
        x = convert_to_tensor(x, name="x")
        return reduce_sum(matrix_diag_part(x), [-1], name=scope)
