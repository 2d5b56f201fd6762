"""Matrix factorizations."""

from __future__ import annotations

from collections import namedtuple
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import dtypes
from graphmode.framework.dtypes import FLOATS_COMPLEX
from graphmode.framework.errors import invalid
from graphmode.framework.op import op
from graphmode.ops.linalg.matrices import FACTORED, check_square, matrix_dims, square_dims
from graphmode.ops.math.complex_numbers import real
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


@op("Qr", "T -> q: T, r: T", shape=_qr_shape, T=_FACTORED)
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


@op(
    "Cholesky",
    "T -> T",
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


def cholesky(input: Any, name: str | None = None) -> Tensor:
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


@op("Svd", "T -> s: T, u: T, v: T", shape=_svd_shape, T=FACTORED)
def svd_op(input, *, compute_uv: bool = True, full_matrices: bool = False):
    """The op behind `svd`."""
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
    s, u, v = svd_op(tensor, compute_uv=compute_uv, full_matrices=full_matrices, name=name)
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


@op("SelfAdjointEigV2", "T -> e: T, v: T", shape=_eigh_shape, T=FACTORED)
def self_adjoint_eig_op(input, *, compute_v: bool = True):
    """The op behind `self_adjoint_eig`."""
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
    values, vectors = self_adjoint_eig_op(tensor, compute_v=True, name=name)
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
    return self_adjoint_eig_op(tensor, compute_v=False, name=name)[0]
