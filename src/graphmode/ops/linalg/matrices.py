"""What the ops of linear algebra share: the shapes of matrices and of batches of them."""

from __future__ import annotations

from graphmode.framework import dtypes
from graphmode.framework.dtypes import FLOATS_COMPLEX
from graphmode.framework.errors import invalid
from graphmode.ops.xp import module_for

FACTORED = FLOATS_COMPLEX - {dtypes.bfloat16, dtypes.float16}


def matrix_dims(dims):
    """(batch, rows, columns) of a tensor of matrices, or None."""
    if dims is None:
        return None
    if len(dims) < 2:
        raise ValueError(f"Shape must be at least rank 2 but is rank {len(dims)}")
    return dims[:-2], dims[-2], dims[-1]


def square_dims(dims):
    """`dims` of square matrices, the unknown one of two lengths filled in."""
    parts = matrix_dims(dims)
    if parts is None:
        return None
    batch, rows, columns = parts
    if None not in (rows, columns) and rows != columns:
        raise ValueError(f"Dimensions must be equal, but are {rows} and {columns}")
    n = columns if rows is None else rows
    return (*batch, n, n)


def check_square(matrix) -> None:
    """Refuse matrices that have not as many rows as columns."""
    if matrix.shape[-1] != matrix.shape[-2]:
        raise invalid(f"Input matrix must be square, got {matrix.shape[-2]} != {matrix.shape[-1]}")


def adjoint_of(matrix):
    """The conjugate transpose of each matrix, as a kernel's value."""
    return module_for(matrix).conj(module_for(matrix).swapaxes(matrix, -1, -2))
