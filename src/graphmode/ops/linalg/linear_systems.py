"""Inverses, determinants and solutions of linear systems, of matrices and of batches of them."""

from __future__ import annotations

import numpy as np

from graphmode.framework import dtypes, shape_rules
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.dtypes import FLOATS_COMPLEX
from graphmode.framework.errors import invalid
from graphmode.framework.op import op
from graphmode.ops.xp import is_traced, module_for

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


def _square(op):
    return [square_dims(op.inputs[0].dims)]


def _determinant_shape(op):
    dims = square_dims(op.inputs[0].dims)
    batch = None if dims is None else dims[:-2]
    return [batch] * len(op.outputs)


def _solution_shape(op):
    matrix, rhs = square_dims(op.inputs[0].dims), matrix_dims(op.inputs[1].dims)
    if matrix is None and rhs is None:
        return [None]
    if op.type != "MatrixSolve":
        if matrix is None or rhs is None:
            return [None]
        batch = shape_rules.broadcast_dims(matrix[:-2], rhs[0])
    else:
        batch = shape_rules.merge(matrix and matrix[:-2], rhs and rhs[0])
    (rows,) = shape_rules.merge(matrix and matrix[-1:], rhs and rhs[1:2])
    return [(*batch, rows, rhs[2] if rhs else None)]


def _check_square(matrix) -> None:
    if matrix.shape[-1] != matrix.shape[-2]:
        raise invalid(f"Input matrix must be square, got {matrix.shape[-2]} != {matrix.shape[-1]}")


def adjoint(matrix):
    """The conjugate transpose of each matrix, as a kernel's value."""
    return module_for(matrix).conj(module_for(matrix).swapaxes(matrix, -1, -2))


def _is_invertible(matrix, *others, **attrs):
    xp = module_for(matrix)
    return xp.all(xp.isfinite(xp.linalg.inv(matrix))) if matrix.size else np.True_


@op("MatrixInverse", "T -> T", shape=_square, check=_is_invertible, T=FACTORED)
def _matrix_inverse(input, *, adjoint=False):
    _check_square(input)
    matrix = _adjoint(input) if adjoint else input
    return _host_checked(module_for(input).linalg.inv, "Input is not invertible.", matrix)


_adjoint = adjoint  # where an attribute has the name


def _host_checked(function, text: str, *values):
    """`function` of `values`; InvalidArgumentError with `text` where NumPy finds it singular."""
    try:
        return function(*values)
    except np.linalg.LinAlgError:
        raise invalid(text) from None


@op("MatrixDeterminant", "T -> T", shape=_determinant_shape, T=FACTORED)
def _matrix_determinant(input):
    _check_square(input)
    determinant = module_for(input).linalg.det(input)
    return determinant if is_traced(input) else np.asarray(determinant, input.dtype)


@op("LogMatrixDeterminant", "T -> T, T", shape=_determinant_shape, T=FACTORED)
def _log_matrix_determinant(input):
    _check_square(input)
    sign, logarithm = module_for(input).linalg.slogdet(input)
    if is_traced(input):
        return sign.astype(input.dtype), logarithm.astype(input.dtype)
    return np.asarray(sign, input.dtype), np.asarray(logarithm, input.dtype)


@op("MatrixSolve", "T, T -> T", shape=_solution_shape, check=_is_invertible, T=FACTORED)
def _matrix_solve(matrix, rhs, *, adjoint=False):
    _check_square(matrix)
    return _host_checked(
        module_for(matrix, rhs).linalg.solve,
        "Input matrix is not invertible.",
        _adjoint(matrix) if adjoint else matrix,
        rhs,
    )


def _has_no_zero(matrix, *others, **attrs):
    xp = module_for(matrix)
    return xp.all(xp.diagonal(matrix, axis1=-2, axis2=-1) != 0)


@op("MatrixTriangularSolve", "T, T -> T", shape=_solution_shape, check=_has_no_zero, T=FACTORED)
def _matrix_triangular_solve(matrix, rhs, *, lower=True, adjoint=False):
    _check_square(matrix)
    xp = module_for(matrix, rhs)
    if xp is np:
        if not _has_no_zero(matrix):
            raise invalid("Input matrix is not invertible.")
        triangle = np.tril(matrix) if lower else np.triu(matrix)
        return np.linalg.solve(_adjoint(triangle) if adjoint else triangle, rhs)
    import jax

    batch = np.broadcast_shapes(matrix.shape[:-2], rhs.shape[:-2])
    return jax.lax.linalg.triangular_solve(
        xp.broadcast_to(matrix, (*batch, *matrix.shape[-2:])),
        xp.broadcast_to(rhs, (*batch, *rhs.shape[-2:])),
        left_side=True,
        lower=lower,
        transpose_a=adjoint,
        conjugate_a=adjoint,
    )


# ---- the public functions ------------------------------------------------------------------------


def matrix_inverse(input, adjoint=False, name=None):
    """The inverse of each matrix.

    Parameters
    ----------
    input : Tensor, floating or complex ``[..., n, n]``
    adjoint : bool
        Invert the conjugate transposes.

    Raises
    ------
    InvalidArgumentError
        When it runs, if a matrix has no inverse.
    """
    return _matrix_inverse(input, adjoint=adjoint, name=name)


def matrix_determinant(input, name=None):
    """The determinant of each matrix ``[..., n, n]``: ``[...]``."""
    return _matrix_determinant(input, name=name)


def log_matrix_determinant(input, name=None):
    """(sign, logarithm of the size) of the determinant of each matrix ``[..., n, n]``."""
    return tuple(_log_matrix_determinant(input, name=name))


def logdet(matrix, name=None):
    """The logarithm of the determinant of each Hermitian positive definite matrix."""
    from graphmode.ops import math
    from graphmode.ops.linalg.decompositions import cholesky

    with name_scope(name, "logdet", [matrix]):
        factor = cholesky(matrix)
        diagonal = math.real(math.matrix_diag_part(factor))
        return 2.0 * math.reduce_sum(math.log(diagonal), axis=[-1])


def matrix_solve(matrix, rhs, adjoint=False, name=None):
    """`x` such that ``matrix @ x == rhs``.

    Parameters
    ----------
    matrix : Tensor, floating or complex ``[..., n, n]``
    rhs : Tensor ``[..., n, k]``
    adjoint : bool
        Solve with the conjugate transposes of the matrices.

    Raises
    ------
    InvalidArgumentError
        When it runs, if a matrix has no inverse.
    """
    return _matrix_solve(matrix, rhs, adjoint=adjoint, name=name)


def matrix_triangular_solve(matrix, rhs, lower=True, adjoint=False, name=None):
    """As `matrix_solve`, of triangular matrices; what is beyond the triangle is not looked at."""
    with name_scope(name, "triangular_solve", [matrix, rhs]):
        return _matrix_triangular_solve(matrix, rhs, lower=lower, adjoint=adjoint)


def cholesky_solve(chol, rhs, name=None):
    """`x` such that ``chol @ adjoint(chol) @ x == rhs``, `chol` the factor of `cholesky`."""
    with name_scope(name, "cholesky_solve", [chol, rhs]):
        chol = convert_to_tensor(chol, name="chol")
        half = matrix_triangular_solve(chol, rhs)
        return matrix_triangular_solve(chol, half, adjoint=True)
