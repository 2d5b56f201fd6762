"""Determinants of matrices, and of batches of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework.default_graph import name_scope
from graphmode.framework.op import op
from graphmode.ops.linalg.decompositions import cholesky
from graphmode.ops.linalg.diagonals import matrix_diag_part
from graphmode.ops.linalg.matrices import FACTORED, check_square, square_dims
from graphmode.ops.math.complex_numbers import real
from graphmode.ops.math.elementwise import log
from graphmode.ops.math.reduction import reduce_sum
from graphmode.ops.xp import is_traced, module_for

if TYPE_CHECKING:
    from graphmode.framework.operation import Tensor


def _determinant_shape(op):
    dims = square_dims(op.inputs[0].dims)
    batch = None if dims is None else dims[:-2]
    return [batch] * len(op.outputs)


@op("MatrixDeterminant", "T -> T", shape=_determinant_shape, T=FACTORED)
def _matrix_determinant(input):
    check_square(input)
    if not input.shape[-1]:
        return np.ones(input.shape[:-2], input.dtype)  # JAX has no determinant of no rows
    determinant = module_for(input).linalg.det(input)
    return determinant if is_traced(input) else np.asarray(determinant, input.dtype)


@op(
    "LogMatrixDeterminant",
    "T -> sign: T, log_abs_determinant: T",
    shape=_determinant_shape,
    T=FACTORED,
)
def _log_matrix_determinant(input):
    check_square(input)
    if not input.shape[-1]:
        ones = np.ones(input.shape[:-2], input.dtype)
        return ones, np.zeros_like(ones)
    sign, logarithm = module_for(input).linalg.slogdet(input)
    if is_traced(input):
        return sign.astype(input.dtype), logarithm.astype(input.dtype)
    return np.asarray(sign, input.dtype), np.asarray(logarithm, input.dtype)


def matrix_determinant(input: Any, name: str | None = None) -> Tensor:
    """The determinant of each matrix.

    Parameters
    ----------
    input : Tensor, floating or complex, [..., n, n]

    Returns
    -------
    Tensor, [...]
        Of the dtype of `input`.

    Notes
    -----
    TF op MatrixDeterminant.
    """
    return _matrix_determinant(input, name=name)


def log_matrix_determinant(input: Any, name: str | None = None) -> tuple[Tensor, Tensor]:
    """The sign, and the logarithm of the size, of determinants.

    Parameters
    ----------
    input : Tensor, floating or complex, [..., n, n]

    Returns
    -------
    sign, log_abs_determinant : Tensor, [...]
        Of the dtype of `input`.

    Notes
    -----
    TF op LogMatrixDeterminant.
    """
    return tuple(_log_matrix_determinant(input, name=name))


def logdet(matrix: Any, name: str | None = None) -> Tensor:
    """The logarithm of the determinant of Hermitian positive definite matrices.

    Parameters
    ----------
    matrix : Tensor, floating or complex, [..., n, n]

    Returns
    -------
    Tensor, real, [...]

    Raises
    ------
    InvalidArgumentError
        When it runs, if a matrix is not positive definite.
    """
    with name_scope(name, "logdet", [matrix]):
        factor = cholesky(matrix)
        diagonal = real(matrix_diag_part(factor))
        return 2.0 * reduce_sum(log(diagonal), axis=[-1])
