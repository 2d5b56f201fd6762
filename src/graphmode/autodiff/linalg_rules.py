"""Gradient rules of matrix factorizations and of diagonals."""

from __future__ import annotations

from graphmode.autodiff.registry import register
from graphmode.ops import array
from graphmode.ops.array.filling import ones_like, zeros_like
from graphmode.ops.array.joining import concat
from graphmode.ops.array.shape_values import shape
from graphmode.ops.array.shaping import adjoint
from graphmode.ops.linalg.decompositions import self_adjoint_eig_op, svd_op
from graphmode.ops.linalg.diagonals import (
    diag,
    diag_part,
    matrix_band_part,
    matrix_diag_part,
    matrix_set_diag,
    matrix_set_diag_op,
)
from graphmode.ops.linalg.linear_systems import matrix_solve, matrix_triangular_solve
from graphmode.ops.math.casts import cast
from graphmode.ops.math.complex_numbers import conj, real
from graphmode.ops.math.division import div_no_nan
from graphmode.ops.math.elementwise import square
from graphmode.ops.math.products import matmul


def _band_part(op, dy):
    return [matrix_band_part(dy, op.inputs[1], op.inputs[2]), None, None]


def _set_diag(op, dy):
    k = op.inputs[2]
    by_diagonal = matrix_diag_part(dy, k=k)
    return [matrix_set_diag_op(dy, zeros_like(by_diagonal), k), by_diagonal, None]


def _qr(op, dq, dr):
    r"""By a matrix ``[x | y]`` whose first rows make ``x == q @ u``, with ``r == [u | v]``.

    .. math:: \bar x = (\bar q' + q C) u^{-H}, \qquad \bar y = q \bar v, \qquad
              \bar q' = \bar q + y \bar v^H

    `C` is Hermitian, with the lower triangle of :math:`u \bar u^H - \bar q'^H q` and, as LAPACK
    makes the diagonal of `r` real, the real part of its diagonal.
    """
    q, r = op.outputs
    dims = op.inputs[0].dims
    m, n = (None, None) if dims is None else dims[-2:]
    is_tall = None not in (m, n) and m >= n
    if op.attrs["full_matrices"] and is_tall and m > n:
        raise NotImplementedError(
            "QrGrad not implemented when nrows > ncols and full_matrices is true. "
            "Use full_matrices=False: the columns of q beyond the first ncols are LAPACK's choice."
        )
    if is_tall:
        return [_tall_qr(q, r, dq, dr)]
    count = shape(q)[-1]
    beyond = op.inputs[0][..., count:]
    dq = dq + matmul(beyond, dr[..., count:], adjoint_b=True)
    by_first = _tall_qr(q, r[..., :count], dq, dr[..., :count])
    return [concat([by_first, matmul(q, dr[..., count:])], -1)]


def _tall_qr(q, r, dq, dr):
    middle = matmul(r, dr, adjoint_b=True) - matmul(dq, q, adjoint_a=True)
    below = matrix_set_diag(matrix_band_part(middle, -1, 0), 0.5 * matrix_diag_part(middle))
    inner = dq + matmul(q, below + adjoint(below))
    return adjoint(matrix_triangular_solve(r, adjoint(inner), lower=False))


def _cholesky(op, dy):
    r"""By the matrix, symmetric: :math:`\frac12 (S + S^H)`, :math:`S = L^{-H} \Phi(L^H dL) L^{-1}`.

    Phi takes the lower triangle, the diagonal halved. Murray, "Differentiation of the Cholesky
    decomposition", 2016.
    """
    factor = op.outputs[0]
    middle = matmul(factor, dy, adjoint_a=True)
    middle = matrix_set_diag(middle, matrix_diag_part(middle) * 0.5)
    middle = matrix_band_part(middle, -1, 0)
    left = matrix_triangular_solve(factor, middle, adjoint=True)
    product = adjoint(matrix_triangular_solve(factor, adjoint(left), adjoint=True))
    return [(product + adjoint(product)) * 0.5]


def _svd(op, ds, du, dv):
    r"""By a matrix of falling and distinct singular values.

    .. math:: u \left(\bar s + (J + J^H) s + s (K + K^H) + \tfrac12 s^{-1} (L^H - L)\right) v^H
              + (1 - u u^H) \bar u s^{-1} v^H + u s^{-1} \bar v^H (1 - v v^H)

    with :math:`J = F \circ (u^H \bar u)`, :math:`K = F \circ (v^H \bar v)`, `L` the diagonal of
    :math:`v^H \bar v`, and :math:`F_{ij} = 1 / (s_j^2 - s_i^2)`, 0 where they are equal.
    Wan and Zhang, "Automatic differentiation for complex valued SVD", 2019.
    """
    x = op.inputs[0]
    if ds.dtype.is_complex:
        ds = cast(real(ds), ds.dtype)
    if not op.attrs["compute_uv"]:
        _, u, v = svd_op(x, compute_uv=True, full_matrices=False)
        return [matmul(u * ds[..., None, :], v, adjoint_b=True)]
    s, u, v = op.outputs
    m, n = (None, None) if x.dims is None else x.dims[-2:]
    if op.attrs["full_matrices"]:
        if None not in (m, n) and abs(m - n) > 1:
            raise NotImplementedError(
                "svd gradient is not implemented for abs(m - n) > 1 when full_matrices is True. "
                "Use full_matrices=False: the vectors beyond the first min(m, n) are LAPACK's "
                "choice."
            )
        u, du = _leading_vectors(u, du, shape(s)[-1])
        v, dv = _leading_vectors(v, dv, shape(s)[-1])
    squares = square(s)
    gaps = squares[..., None, :] - squares[..., :, None]
    factor = div_no_nan(ones_like(gaps), gaps)
    inverse = div_no_nan(ones_like(s), s)
    by_u, by_v = matmul(u, du, adjoint_a=True), matmul(v, dv, adjoint_a=True)
    j, k = factor * by_u, factor * by_v
    inner = (j + adjoint(j)) * s[..., None, :] + s[..., :, None] * (k + adjoint(k))
    diagonal = ds
    if x.dtype.is_complex:
        turned = matrix_diag_part(by_v)
        diagonal = ds + 0.5 * inverse * (conj(turned) - turned)
    inner = matrix_set_diag(inner, diagonal)
    gradient = matmul(matmul(u, inner), v, adjoint_b=True)
    if None in (m, n) or m > n:
        rest = (du - matmul(u, by_u)) * inverse[..., None, :]
        gradient += matmul(rest, v, adjoint_b=True)
    if None in (m, n) or m < n:
        rest = (dv - matmul(v, by_v)) * inverse[..., None, :]
        gradient += matmul(u, rest, adjoint_b=True)
    return [gradient]


def _leading_vectors(vectors, gradient, count):
    """The first `count` columns, and by them the gradient of all: the others are across them."""
    first, others = vectors[..., :count], vectors[..., count:]
    by_others = matmul(gradient[..., count:], first, adjoint_a=True)
    return first, gradient[..., :count] - matmul(others, by_others)


def _eigh(op, de, dv):
    r"""By the lower triangle of a matrix of distinct eigenvalues `e`.

    .. math:: v \left(\bar e + F \circ (v^H \bar v)\right) v^H, \qquad F_{ij} = 1 / (e_j - e_i)
    """
    x = op.inputs[0]
    if de.dtype.is_complex:
        de = cast(real(de), de.dtype)
    if op.attrs["compute_v"]:
        e, v = op.outputs
        gaps = e[..., None, :] - e[..., :, None]
        inner = div_no_nan(matmul(v, dv, adjoint_a=True), gaps)
        gradient = matmul(matmul(v, matrix_set_diag(inner, de)), v, adjoint_b=True)
    else:
        _, v = self_adjoint_eig_op(x, compute_v=True)
        gradient = matmul(v * de[..., None, :], v, adjoint_b=True)
    lower = matrix_band_part(gradient + adjoint(gradient), -1, 0)
    return [matrix_set_diag(lower, 0.5 * matrix_diag_part(lower))]


def _square_root(op, dy):
    r"""What solves :math:`S^H M + M S^H = \bar S`, as one system of its elements."""
    root = adjoint(op.outputs[0])
    n = array.shape(root)[-1]
    one = array.eye(n, dtype=root.dtype)
    left = root[..., :, None, :, None] * one[:, None, :]
    right = one[:, None, :, None] * array.matrix_transpose(root)[..., None, :, None, :]
    flat = array.concat([array.shape(root)[:-2], [n * n, n * n]], 0)
    column = array.concat([array.shape(root)[:-2], [n * n, 1]], 0)
    solved = matrix_solve(array.reshape(left + right, flat), array.reshape(dy, column))
    return [array.reshape(solved, array.shape(root))]


def _without(op, *gradients):
    raise LookupError(
        f"No gradient defined for operation '{op.name}' (op type: {op.type}), nor in TensorFlow"
    )


register(
    {
        "MatrixSquareRoot": _square_root,
        "MatrixLogarithm": _without,
        "Diag": lambda op, dy: diag_part(dy),
        "DiagPart": lambda op, dy: diag(dy),
        "MatrixBandPart": _band_part,
        "MatrixSetDiagV3": _set_diag,
        "Qr": _qr,
        "Cholesky": _cholesky,
        "Svd": _svd,
        "SelfAdjointEigV2": _eigh,
    }
)
