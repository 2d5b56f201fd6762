"""Matrices that are not square, or have no inverse: pseudo-inverse, rank, least squares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import shape_rules
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.op import op
from graphmode.ops import xp
from graphmode.ops.array.filling import ones_like
from graphmode.ops.array.selection import where
from graphmode.ops.array.shape_values import shape
from graphmode.ops.linalg.decompositions import cholesky, svd
from graphmode.ops.linalg.diagonals import matrix_diag_part, matrix_set_diag
from graphmode.ops.linalg.linear_systems import cholesky_solve
from graphmode.ops.linalg.matrices import FACTORED, adjoint_of, matrix_dims
from graphmode.ops.math.arithmetic import maximum
from graphmode.ops.math.casts import cast
from graphmode.ops.math.products import matmul
from graphmode.ops.math.reduction import reduce_max, reduce_sum
from graphmode.ops.xp import module_for

if TYPE_CHECKING:
    from graphmode.framework.operation import Tensor


def _as_matrices(a):
    """`a` as floating matrices, or refused with TensorFlow's words."""
    a = convert_to_tensor(a, name="a")
    if not a.dtype.is_floating:
        raise TypeError(f"Input `a` must have `float`-like `dtype` (saw {a.dtype.name}).")
    if a.dims is not None and len(a.dims) < 2:
        raise ValueError(f"Input `a` must have at least 2 dimensions (saw: {len(a.dims)}).")
    return a


def _longer_side(a):
    """The larger of the numbers of rows and columns: a number, or a tensor of the dtype of `a`."""
    if a.dims is not None and None not in a.dims[-2:]:
        return float(max(a.dims[-2:]))
    lengths = shape(a)
    return cast(maximum(lengths[-2], lengths[-1]), a.dtype)


def _precision(a) -> float:
    return float(np.finfo(a.dtype.as_numpy_dtype).eps)


def pinv(a: Any, rcond: Any = None, validate_args: bool = False, name: str | None = None) -> Tensor:
    r"""The Moore-Penrose pseudo-inverse of each matrix.

    .. math:: V \operatorname{diag}(1 / s_i \text{ where } s_i > \text{cutoff, else } 0)\, U^T

    Parameters
    ----------
    a : Tensor, floating, [..., m, n]
    rcond : Tensor or float, [...], optional
        Singular values up to `rcond` times the largest one count as 0; ten times the precision of
        the dtype times the longer side if not given.
    validate_args : bool
        Accepted: a rank below 2 is always refused.

    Returns
    -------
    Tensor, [..., n, m]
        Of the dtype of `a`.

    Raises
    ------
    TypeError
        If `a` is not floating.
    ValueError
        If `a` has fewer than two axes.
    """
    del validate_args
    with name_scope(name, "pinv", [a, rcond]):
        a = _as_matrices(a)
        if rcond is None:
            rcond = 10.0 * _longer_side(a) * _precision(a)
        rcond = convert_to_tensor(rcond, dtype=a.dtype.base_dtype, name="rcond")
        s, u, v = svd(a)
        cutoff = rcond * reduce_max(s, axis=-1)
        s = where(s > cutoff[..., None], s, ones_like(s) * np.inf)
        inverse = matmul(v / s[..., None, :], u, adjoint_b=True)
        if a.dims is not None:
            inverse.set_shape([*a.dims[:-2], a.dims[-1], a.dims[-2]])
        return inverse


def matrix_rank(
    a: Any, tol: Any = None, validate_args: bool = False, name: str | None = None
) -> Tensor:
    """How many singular values of each matrix are larger than a tolerance.

    Parameters
    ----------
    a : Tensor, floating, [..., m, n]
    tol : Tensor or float, optional
        The precision of the dtype times the longer side times the largest singular value if not
        given.
    validate_args : bool
        Accepted: a rank below 2 is always refused.

    Returns
    -------
    Tensor, int32, [...]

    Raises
    ------
    TypeError
        If `a` is not floating.
    ValueError
        If `a` has fewer than two axes.
    """
    del validate_args
    with name_scope(name, "matrix_rank", [a, tol]):
        a = _as_matrices(a)
        s = svd(a, compute_uv=False)
        if tol is None:
            tol = _precision(a) * _longer_side(a) * reduce_max(s, axis=-1, keepdims=True)
        return reduce_sum(cast(s > tol, "int32"), axis=-1)


# ---- least squares -------------------------------------------------------------------------------


def _solution_shape(op):
    matrix, rhs = matrix_dims(op.inputs[0].dims), matrix_dims(op.inputs[1].dims)
    if matrix is None and rhs is None:
        return [None]
    shape_rules.merge(matrix and matrix[1:2], rhs and rhs[1:2])
    batch = shape_rules.merge(matrix and matrix[0], rhs and rhs[0])
    return [(*batch, matrix[2] if matrix else None, rhs[2] if rhs else None)]


@op("MatrixSolveLs", "T, T, float64 -> T", shape=_solution_shape, T=FACTORED)
def _matrix_solve_ls(matrix, rhs, l2_regularizer, *, fast: bool = True):
    linalg = module_for(matrix, rhs).linalg
    if not fast:
        return xp.matmul(linalg.pinv(matrix), rhs).astype(matrix.dtype)
    m, n = matrix.shape[-2:]
    adjoint = adjoint_of(matrix)
    small = np.eye(min(m, n)) * l2_regularizer
    if m >= n:
        normal = (xp.matmul(adjoint, matrix) + small).astype(matrix.dtype)
        return linalg.solve(normal, xp.matmul(adjoint, rhs))
    normal = (xp.matmul(matrix, adjoint) + small).astype(matrix.dtype)
    return xp.matmul(adjoint, linalg.solve(normal, rhs))


def matrix_solve_ls(
    matrix: Any, rhs: Any, l2_regularizer: float = 0.0, fast: bool = True, name: str | None = None
) -> Tensor:
    r"""`x` with the smallest square error of ``matrix @ x == rhs``.

    .. math:: \min_x \lVert A x - b \rVert^2 + \lambda \lVert x \rVert^2

    Parameters
    ----------
    matrix : Tensor, floating or complex, [..., m, n]
    rhs : Tensor, of the dtype of `matrix`, [..., m, k]
    l2_regularizer : float
        Lambda. Of more columns than rows the smallest `x` is taken. It counts with `fast` only.
    fast : bool
        By the normal equations, which square the condition of `matrix`; else by its singular
        values, which may be 0.

    Returns
    -------
    Tensor, [..., n, k]
        Of the dtype of `matrix`.

    Raises
    ------
    InvalidArgumentError
        When it runs, with `fast`, if `matrix` has not its full rank.

    Notes
    -----
    TF op MatrixSolveLs.
    """
    matrix = convert_to_tensor(matrix, name="matrix")
    sides: Any = (None, None) if matrix.dims is None else matrix.dims[-2:]
    if not fast or None in sides:
        return _matrix_solve_ls(matrix, rhs, l2_regularizer, fast=fast, name=name)
    with name_scope(name, "matrix_solve_ls", [matrix, rhs]):
        rhs = convert_to_tensor(rhs, dtype=matrix.dtype.base_dtype, name="rhs")
        if sides[0] >= sides[1]:
            factor = _factor(matmul(matrix, matrix, adjoint_a=True), l2_regularizer)
            return cholesky_solve(factor, matmul(matrix, rhs, adjoint_a=True))
        factor = _factor(matmul(matrix, matrix, adjoint_b=True), l2_regularizer)
        return matmul(matrix, cholesky_solve(factor, rhs), adjoint_a=True)


def _factor(gramian, l2_regularizer):
    if not isinstance(l2_regularizer, int | float) or l2_regularizer:
        diagonal = matrix_diag_part(gramian)
        raised = diagonal + cast(l2_regularizer, diagonal.dtype)
        gramian = matrix_set_diag(gramian, raised)
    return cholesky(gramian)
