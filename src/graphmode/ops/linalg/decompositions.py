"""Matrix factorizations."""

from __future__ import annotations

from collections import namedtuple
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import dtypes
from graphmode.framework.dtypes import FLOATS_COMPLEX
from graphmode.framework.errors import invalid
from graphmode.framework.op import op
from graphmode.ops.array.filling import ones_like
from graphmode.ops.array.joining import concat
from graphmode.ops.array.shape_values import shape
from graphmode.ops.array.shaping import adjoint
from graphmode.ops.linalg.diagonals import matrix_band_part, matrix_diag_part, matrix_set_diag
from graphmode.ops.linalg.linear_systems import matrix_triangular_solve
from graphmode.ops.linalg.matrices import FACTORED, check_square, matrix_dims, square_dims
from graphmode.ops.math.casts import cast
from graphmode.ops.math.complex_numbers import conj, real
from graphmode.ops.math.division import div_no_nan
from graphmode.ops.math.elementwise import square
from graphmode.ops.math.products import matmul
from graphmode.ops.xp import astype, is_traced, module_for

if TYPE_CHECKING:
    from graphmode.framework.operation import Tensor

_FACTORED = FLOATS_COMPLEX - {dtypes.bfloat16}

Qr = namedtuple("Qr", ["q", "r"])


def _qr_shape(op):
    dims = op.inputs[0].dims
    if dims is None:
        return [None, None]
    if len(dims) < 2:
        raise ValueError(f"Shape must be at least rank 2 but is rank {len(dims)}")
    *batch, m, n = dims
    known = None not in (m, n)
    if op.attrs["full_matrices"]:
        q, r = (m, m), (m, n)
    else:
        inner = min(m, n) if known else None
        q, r = (m, inner), (inner, n)
    return [(*batch, *q), (*batch, *r)]


def _qr_grad(op, dq, dr):
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
        return [_tall_qr_grad(q, r, dq, dr)]
    count = shape(q)[-1]
    beyond = op.inputs[0][..., count:]
    dq = dq + matmul(beyond, dr[..., count:], adjoint_b=True)
    by_first = _tall_qr_grad(q, r[..., :count], dq, dr[..., :count])
    return [concat([by_first, matmul(q, dr[..., count:])], -1)]


def _tall_qr_grad(q, r, dq, dr):
    middle = matmul(r, dr, adjoint_b=True) - matmul(dq, q, adjoint_a=True)
    below = matrix_set_diag(matrix_band_part(middle, -1, 0), 0.5 * matrix_diag_part(middle))
    inner = dq + matmul(q, below + adjoint(below))
    return adjoint(matrix_triangular_solve(r, adjoint(inner), lower=False))


@op("Qr", "T -> q: T, r: T", shape=_qr_shape, grad=_qr_grad, T=_FACTORED)
def _qr(input, *, full_matrices: bool = False):
    mode = "complete" if full_matrices else "reduced"
    wide = input.astype(np.float32) if input.dtype == np.float16 else input
    q, r = module_for(input).linalg.qr(wide, mode=mode)
    return astype(q, input.dtype), astype(r, input.dtype)


def qr(input: Any, full_matrices: bool = False, name: str | None = None) -> tuple[Tensor, Tensor]:
    """Factor matrices into an orthogonal `q` and an upper triangular `r`: ``q @ r == input``.

    Parameters
    ----------
    input : Tensor
        Floating or complex, ``[..., m, n]``.
    full_matrices : bool
        `q` is ``[..., m, m]`` instead of ``[..., m, min(m, n)]``.

    Returns
    -------
    q, r : Tensor
        As a named tuple. The signs of the columns of `q` are LAPACK's choice.
    """
    return Qr(*_qr(input, full_matrices=full_matrices, name=name))


# ---- Cholesky ------------------------------------------------------------------------------------


def _is_positive_definite(input):
    xp = module_for(input)
    return xp.all(xp.isfinite(xp.linalg.cholesky(input)))


def _lower_only(input):
    """The Hermitian matrices of which `input` holds the lower triangle."""
    xp = module_for(input)
    lower = xp.tril(input)
    return lower + xp.conj(xp.swapaxes(xp.tril(input, -1), -1, -2))


def _cholesky_grad(op, dy):
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


@op(
    "Cholesky",
    "T -> T",
    grad=_cholesky_grad,
    shape=lambda op: [square_dims(op.inputs[0].dims)],
    check=_is_positive_definite,
    T=FACTORED,
)
def _cholesky(input):
    check_square(input)
    try:
        return module_for(input).linalg.cholesky(_lower_only(input))
    except np.linalg.LinAlgError:
        raise invalid(
            "Cholesky decomposition was not successful. The input might not be valid."
        ) from None


def cholesky(input: Any, name: str | None = None):
    """The lower triangular `L` with ``L @ adjoint(L) == input``.

    Parameters
    ----------
    input : Tensor, floating or complex ``[..., n, n]``
        Hermitian and positive definite; only the lower triangle is looked at.

    Raises
    ------
    InvalidArgumentError
        When it runs, if a matrix is not positive definite.
    """
    return _cholesky(input, name=name)


# ---- singular values -----------------------------------------------------------------------------


def _svd_shape(op):
    parts = matrix_dims(op.inputs[0].dims)
    if parts is None:
        return [None] * 3
    batch, m, n = parts
    least = None if None in (m, n) else min(m, n)
    if not op.attrs["compute_uv"]:
        return [(*batch, least), None, None]
    if op.attrs["full_matrices"]:
        return [(*batch, least), (*batch, m, m), (*batch, n, n)]
    return [(*batch, least), (*batch, m, least), (*batch, n, least)]


def _svd_grad(op, ds, du, dv):
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
        _, u, v = _svd(x, compute_uv=True, full_matrices=False)
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


@op("Svd", "T -> s: T, u: T, v: T", shape=_svd_shape, grad=_svd_grad, T=FACTORED)
def _svd(input, *, compute_uv: bool = True, full_matrices: bool = False):
    xp = module_for(input)
    if not compute_uv:
        s = xp.linalg.svd(input, compute_uv=False)
        nothing = np.zeros((0,), input.dtype)
        return s.astype(input.dtype), nothing, nothing
    u, s, vh = xp.linalg.svd(input, full_matrices=full_matrices)
    return s.astype(input.dtype), u, xp.conj(xp.swapaxes(vh, -1, -2))


def svd(
    tensor: Any, full_matrices: bool = False, compute_uv: bool = True, name: str | None = None
) -> Any:
    """Singular values and vectors: ``tensor == u @ diag(s) @ adjoint(v)``.

    Parameters
    ----------
    tensor : Tensor, floating or complex ``[..., m, n]``
    full_matrices : bool
        All ``m`` and ``n`` vectors, not the first ``p = min(m, n)``.
    compute_uv : bool

    Returns
    -------
    s : Tensor, real ``[..., p]``
        Falling.
    u, v : Tensor, ``[..., m, p]``, ``[..., n, p]``
        Only with `compute_uv`. Their signs are LAPACK's choice.
    """
    s, u, v = _svd(tensor, compute_uv=compute_uv, full_matrices=full_matrices, name=name)
    s = _real(s)
    return (s, u, v) if compute_uv else s


def _real(values):
    return real(values) if values.dtype.is_complex else values


# ---- eigenvalues ---------------------------------------------------------------------------------


def _eigh_shape(op):
    dims = square_dims(op.inputs[0].dims)
    if dims is None:
        return [None, None]
    return [dims[:-1], dims if op.attrs["compute_v"] else (0,)]


def _eigh_grad(op, de, dv):
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
        _, v = _self_adjoint_eig(x, compute_v=True)
        gradient = matmul(v * de[..., None, :], v, adjoint_b=True)
    lower = matrix_band_part(gradient + adjoint(gradient), -1, 0)
    return [matrix_set_diag(lower, 0.5 * matrix_diag_part(lower))]


@op("SelfAdjointEigV2", "T -> e: T, v: T", shape=_eigh_shape, grad=_eigh_grad, T=FACTORED)
def _self_adjoint_eig(input, *, compute_v: bool = True):
    check_square(input)
    matrix = _lower_only(input)
    linalg = module_for(input).linalg
    if not compute_v:
        return linalg.eigvalsh(matrix).astype(input.dtype), np.zeros((0,), input.dtype)
    if is_traced(input):
        # The diagonal of a Hermitian matrix is real; JAX symmetrizes again unless told not to.
        values, vectors = linalg.eigh(matrix, symmetrize_input=False)
    else:
        values, vectors = linalg.eigh(matrix)
    return values.astype(input.dtype), vectors


def self_adjoint_eig(tensor: Any, name: str | None = None) -> Any:
    """Eigenvalues and eigenvectors of Hermitian matrices.

    Only the lower triangle is looked at. The signs of the vectors are LAPACK's choice.

    Parameters
    ----------
    tensor : Tensor, floating or complex, [..., n, n]

    Returns
    -------
    values : Tensor, [..., n]
        Rising.
    vectors : Tensor, [..., n, n]
        Columns.

    Notes
    -----
    TF op SelfAdjointEigV2.
    """
    values, vectors = _self_adjoint_eig(tensor, compute_v=True, name=name)
    return values, vectors


def self_adjoint_eigvals(tensor: Any, name: str | None = None) -> Tensor:
    """The eigenvalues, rising, of Hermitian matrices.

    Parameters
    ----------
    tensor : Tensor, floating or complex, [..., n, n]
        Only the lower triangle is looked at.

    Returns
    -------
    Tensor, [..., n]
        Of the dtype of `tensor`.

    Notes
    -----
    TF op SelfAdjointEigV2.
    """
    return _self_adjoint_eig(tensor, compute_v=False, name=name)[0]
