"""Inverses and solutions of linear systems, of matrices and of batches of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import shape_rules
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.errors import invalid
from graphmode.framework.op import op
from graphmode.ops.linalg.matrices import (
    FACTORED,
    adjoint_of,
    check_square,
    matrix_dims,
    square_dims,
)
from graphmode.ops.xp import module_for

if TYPE_CHECKING:
    from graphmode.framework.operation import Tensor


def _square(op):
    return [square_dims(op.inputs[0].dims)]


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


def _is_invertible(matrix, *others, **attrs):
    xp = module_for(matrix)
    return xp.all(xp.isfinite(xp.linalg.inv(matrix))) if matrix.size else np.True_


@op("MatrixInverse", "T -> T", shape=_square, check=_is_invertible, T=FACTORED)
def _matrix_inverse(input, *, adjoint: bool = False):
    check_square(input)
    matrix = adjoint_of(input) if adjoint else input
    return _host_checked(module_for(input).linalg.inv, "Input is not invertible.", matrix)


def _host_checked(function, text: str, *values):
    """`function` of `values`; InvalidArgumentError with `text` where NumPy finds it singular."""
    try:
        return function(*values)
    except np.linalg.LinAlgError:
        raise invalid(text) from None


@op("MatrixSolve", "T, T -> T", shape=_solution_shape, check=_is_invertible, T=FACTORED)
def _matrix_solve(matrix, rhs, *, adjoint: bool = False):
    check_square(matrix)
    return _host_checked(
        module_for(matrix, rhs).linalg.solve,
        "Input matrix is not invertible.",
        adjoint_of(matrix) if adjoint else matrix,
        rhs,
    )


def _has_no_zero(matrix, *others, **attrs):
    xp = module_for(matrix)
    return xp.all(xp.diagonal(matrix, axis1=-2, axis2=-1) != 0)


@op("MatrixTriangularSolve", "T, T -> T", shape=_solution_shape, check=_has_no_zero, T=FACTORED)
def _matrix_triangular_solve(matrix, rhs, *, lower: bool = True, adjoint: bool = False):
    check_square(matrix)
    xp = module_for(matrix, rhs)
    if xp is np:
        if not _has_no_zero(matrix):
            raise invalid("Input matrix is not invertible.")
        triangle = np.tril(matrix) if lower else np.triu(matrix)
        return np.linalg.solve(adjoint_of(triangle) if adjoint else triangle, rhs)
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


def matrix_inverse(input: Any, adjoint: bool = False, name: str | None = None) -> Tensor:
    """The inverse of each matrix.

    Parameters
    ----------
    input : Tensor, floating or complex ``[..., n, n]``
    adjoint : bool
        Invert the conjugate transposes.

    Returns
    -------
    Tensor
        Of the shape and dtype of `input`.

    Raises
    ------
    InvalidArgumentError
        When it runs, if a matrix has no inverse.

    Notes
    -----
    TF op MatrixInverse.
    """
    return _matrix_inverse(input, adjoint=adjoint, name=name)


def matrix_solve(matrix: Any, rhs: Any, adjoint: bool = False, name: str | None = None) -> Tensor:
    """`x` such that ``matrix @ x == rhs``.

    Parameters
    ----------
    matrix : Tensor, floating or complex ``[..., n, n]``
    rhs : Tensor ``[..., n, k]``
    adjoint : bool
        Solve with the conjugate transposes of the matrices.

    Returns
    -------
    Tensor
        Of the shape and dtype of `rhs`.

    Raises
    ------
    InvalidArgumentError
        When it runs, if a matrix has no inverse.

    Notes
    -----
    TF op MatrixSolve.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default(), tf.Session() as sess:
    ...     print(sess.run(tf.matrix_solve([[2.0, 0.0], [0.0, 4.0]], [[2.0], [2.0]])))
    [[1. ]
     [0.5]]
    """
    return _matrix_solve(matrix, rhs, adjoint=adjoint, name=name)


def matrix_triangular_solve(
    matrix: Any, rhs: Any, lower: bool = True, adjoint: bool = False, name: str | None = None
) -> Tensor:
    """`x` such that ``matrix @ x == rhs``, of triangular matrices.

    Parameters
    ----------
    matrix : Tensor, floating or complex, [..., n, n]
        What is beyond the triangle is not looked at.
    rhs : Tensor, of the dtype of `matrix`, [..., n, k]
    lower : bool
        Which triangle it is.
    adjoint : bool
        Solve with the conjugate transposes of the matrices.

    Returns
    -------
    Tensor
        Of the shape and dtype of `rhs`.

    Raises
    ------
    InvalidArgumentError
        When it runs, if a matrix has no inverse.

    Notes
    -----
    TF op MatrixTriangularSolve.
    """
    with name_scope(name, "triangular_solve", [matrix, rhs]):
        return _matrix_triangular_solve(matrix, rhs, lower=lower, adjoint=adjoint)


def cholesky_solve(chol: Any, rhs: Any, name: str | None = None) -> Tensor:
    """`x` such that ``chol @ adjoint(chol) @ x == rhs``.

    Parameters
    ----------
    chol : Tensor, floating or complex, [..., n, n]
        The factor of `cholesky`.
    rhs : Tensor, of the dtype of `chol`, [..., n, k]

    Returns
    -------
    Tensor, [..., n, k]
        Of the dtype of `chol`.
    """
    with name_scope(name, "cholesky_solve", [chol, rhs]):
        chol = convert_to_tensor(chol, name="chol")
        half = matrix_triangular_solve(chol, rhs)
        return matrix_triangular_solve(chol, half, adjoint=True)
