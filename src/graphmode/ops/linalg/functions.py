"""Functions of matrices: exponential, logarithm, square root; LU; tridiagonal matrices."""

from __future__ import annotations

from collections import namedtuple
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode._addresses.late import late
from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.dtypes import FLOATS_COMPLEX, INDEX
from graphmode.framework.errors import invalid
from graphmode.framework.op import op
from graphmode.ops import array, math
from graphmode.ops.linalg.diagonals import matrix_diag_part
from graphmode.ops.linalg.matrices import FACTORED, check_square, matrix_dims, square_dims
from graphmode.ops.xp import is_traced, module_for

if TYPE_CHECKING:
    from graphmode.framework.dtypes import DType
    from graphmode.framework.operation import Tensor

_COMPLEX = frozenset((dtypes.complex64, dtypes.complex128))
Lu = namedtuple("Lu", ["lu", "p"])


def _square(op):
    return [square_dims(op.inputs[0].dims)]


def _each_matrix(function: Any, matrices: Any) -> np.ndarray:
    """``function(matrix)`` of each matrix of a batch, on the host."""
    flat = matrices.reshape(-1, *matrices.shape[-2:])
    results = np.empty_like(flat)
    for i, matrix in enumerate(flat):
        results[i] = function(matrix) if matrix.size else matrix
    return results.reshape(matrices.shape)


@op(
    "MatrixExponential",
    "T -> T",
    name="matrix_exponential",
    shape=_square,
    written=late("graphmode.ops.linalg.plain_functions", "matrix_exponential"),
    T=FACTORED,
)
def expm(input):
    r"""The exponential of each matrix.

    .. math:: \sum_{n=0}^\infty A^n / n!

    Parameters
    ----------
    input : Tensor, floating or complex, [..., n, n]

    Returns
    -------
    Tensor
        Of the shape and dtype of `input`.

    Raises
    ------
    ValueError
        If the matrices are not square.

    Notes
    -----
    TF op MatrixExponential.
    """
    check_square(input)
    if is_traced(input):
        from jax.scipy import linalg as traced

        return traced.expm(input)
    from scipy import linalg

    return _each_matrix(linalg.expm, input)


@op(
    "MatrixLogarithm",
    "T -> T",
    name="MatrixLogarithm",
    shape=_square,
    effect="host",
    T=_COMPLEX,
)
def logm(input):
    """The principal logarithm of each matrix, of which `expm` is the inverse.

    Parameters
    ----------
    input : Tensor, complex, [..., n, n]

    Returns
    -------
    Tensor
        Of the shape and dtype of `input`. No gradient flows through.

    Raises
    ------
    ValueError
        If the matrices are not square.

    Notes
    -----
    TF op MatrixLogarithm.
    """
    from scipy import linalg

    check_square(input)
    return _each_matrix(linalg.logm, input)


@op(
    "MatrixSquareRoot",
    "T -> T",
    name="MatrixSquareRoot",
    shape=_square,
    effect="host",
    T=FACTORED,
)
def sqrtm(input):
    """The principal square root of each matrix.

    Parameters
    ----------
    input : Tensor, floating or complex, [..., n, n]
        Of a real matrix the root must be real: it has no negative eigenvalues.

    Returns
    -------
    Tensor
        Of the shape and dtype of `input`.

    Raises
    ------
    ValueError
        If the matrices are not square.

    Notes
    -----
    TF op MatrixSquareRoot.
    """
    from scipy import linalg

    check_square(input)

    def root(matrix: Any) -> Any:
        found = linalg.sqrtm(matrix)
        return found if matrix.dtype.kind == "c" else found.real

    return _each_matrix(root, input)


# ---- LU ------------------------------------------------------------------------------------------


def _lu_shape(op):
    dims = square_dims(op.inputs[0].dims)
    return [dims, None if dims is None else dims[:-1]]


@op(
    "Lu",
    "T -> lu: T, p: output_idx_type",
    name="Lu",
    shape=_lu_shape,
    T=FLOATS_COMPLEX - {dtypes.bfloat16, dtypes.float16},
    output_idx_type=INDEX,
)
def _lu(input, *, output_idx_type: DType = dtypes.int32):
    check_square(input)
    kind = output_idx_type.numpy_dtype
    if is_traced(input):
        import jax

        lu, _, order = jax.lax.linalg.lu(input)
        return [lu, order.astype(kind)]
    from scipy import linalg

    flat = input.reshape(-1, *input.shape[-2:])
    factors, orders = np.empty_like(flat), np.empty(flat.shape[:2], kind)
    for i, matrix in enumerate(flat):
        factors[i], pivots = linalg.lu_factor(matrix, check_finite=False)
        order = np.arange(len(matrix))
        for row, other in enumerate(pivots):
            order[[row, other]] = order[[other, row]]
        orders[i] = order
    return [factors.reshape(input.shape), orders.reshape(input.shape[:-1])]


def lu(input: Any, output_idx_type: Any = dtypes.int32, name: str | None = None) -> Any:
    """The LU factors of each matrix, with partial pivoting.

    Parameters
    ----------
    input : Tensor, floating or complex, [..., n, n]
    output_idx_type : DType
        int32 or int64.

    Returns
    -------
    lu : Tensor, [..., n, n]
        L below the diagonal, where it has ones, and U.
    p : Tensor, `output_idx_type`, [..., n]
        Row i of the product of L and U is row ``p[i]`` of the matrix.

    Raises
    ------
    ValueError
        If the matrices are not square.

    Notes
    -----
    TF op Lu.
    """
    return Lu(*_lu(input, output_idx_type=dtypes.as_dtype(output_idx_type), name=name))


# ---- tridiagonal matrices ------------------------------------------------------------------------


def _solution_shape(op):
    diagonals, rhs = matrix_dims(op.inputs[0].dims), op.inputs[1].dims
    if diagonals is not None and diagonals[1] not in (None, 3):
        raise ValueError(f"Dimension must be 3 but is {diagonals[1]}")
    return [rhs]


def _dense(superdiag: Any, maindiag: Any, subdiag: Any) -> Any:
    """The matrices with these diagonals, all as long as the main one."""
    xp = module_for(superdiag, maindiag, subdiag)
    n = maindiag.shape[-1]
    ones = np.eye(n, dtype=maindiag.dtype)
    above, below = np.eye(n, k=1, dtype=maindiag.dtype), np.eye(n, k=-1, dtype=maindiag.dtype)
    rows = (part[..., :, None] for part in (superdiag, maindiag, subdiag))
    return sum((row * mark for row, mark in zip(rows, (above, ones, below), strict=True)),
               start=xp.zeros((), maindiag.dtype))  # fmt: skip


@op("TridiagonalSolve", "T, T -> T", shape=_solution_shape, T=FACTORED)
def _tridiagonal_solve(diagonals, rhs, *, partial_pivoting: bool = True):
    parts = diagonals[..., 0, :], diagonals[..., 1, :], diagonals[..., 2, :]
    try:
        return module_for(diagonals, rhs).linalg.solve(_dense(*parts), rhs)
    except np.linalg.LinAlgError:
        raise invalid("The matrix is not invertible.") from None


def _product_shape(op):
    return [op.inputs[3].dims]


@op("TridiagonalMatMul", "T, T, T, T -> T", shape=_product_shape, T=FACTORED)
def _tridiagonal_matmul(superdiag, maindiag, subdiag, rhs):
    dense = _dense(superdiag[..., 0, :], maindiag[..., 0, :], subdiag[..., 0, :])
    return module_for(dense, rhs).matmul(dense, rhs)


def _diagonals(diagonals: Any, form: str) -> list[Tensor]:
    """The upper, main and lower diagonal, each [..., n]; what stands outside is not looked at."""
    if form == "matrix":
        matrix = convert_to_tensor(diagonals)
        nothing = array.zeros_like(matrix[..., :1, 0])
        upper = matrix_diag_part(matrix[..., :-1, 1:])
        lower = matrix_diag_part(matrix[..., 1:, :-1])
        return [
            array.concat([upper, nothing], -1),
            matrix_diag_part(matrix),
            array.concat([nothing, lower], -1),
        ]
    if form == "compact":
        compact = convert_to_tensor(diagonals)
        return array.unstack(compact, num=3, axis=-2)
    if form != "sequence":
        raise ValueError(f"Unrecognized diagonals_format: {form}")
    upper, main, lower = (convert_to_tensor(diagonal) for diagonal in diagonals)
    nothing = array.zeros_like(main[..., :1])
    return [
        array.concat([upper, nothing], -1) if _is_shorter(upper, main) else upper,
        main,
        array.concat([nothing, lower], -1) if _is_shorter(lower, main) else lower,
    ]


def _is_shorter(diagonal: Tensor, main: Tensor) -> bool:
    """Whether a diagonal is known to have no element outside of the matrix."""
    lengths = [None if d.dims is None else d.dims[-1] for d in (diagonal, main)]
    return None not in lengths and lengths[0] != lengths[1]


def tridiagonal_solve(
    diagonals: Any,
    rhs: Any,
    diagonals_format: str = "compact",
    transpose_rhs: bool = False,
    conjugate_rhs: bool = False,
    name: str | None = None,
    partial_pivoting: bool = True,
) -> Tensor:
    """The solution of each system whose matrix has three diagonals.

    Parameters
    ----------
    diagonals : Tensor, floating or complex, or list of three of them
        Upper, main and lower diagonals.
    rhs : Tensor, of the same dtype, [..., n] or [..., n, k]
    diagonals_format : {"compact", "sequence", "matrix"}, string
        ``[..., 3, n]``; a list of [..., n] each, or one less; ``[..., n, n]``.
    transpose_rhs, conjugate_rhs : bool
        Take the transpose, the conjugate of `rhs`.
    partial_pivoting : bool
        Accepted: rows are exchanged in any case.

    Returns
    -------
    Tensor, of the shape and dtype of `rhs`

    Raises
    ------
    ValueError
        If the format is another one.
    InvalidArgumentError
        When it runs, if a matrix is singular.

    Notes
    -----
    TF op TridiagonalSolve.
    """
    with name_scope(name, "tridiagonal_solve"):
        parts = array.stack(_diagonals(diagonals, diagonals_format), axis=-2)
        rhs = convert_to_tensor(rhs)
        is_vector = (
            rhs.dims is not None and parts.dims is not None and len(rhs.dims) == len(parts.dims) - 1
        )
        if conjugate_rhs:
            rhs = math.conj(rhs)
        if is_vector:
            rhs = array.expand_dims(rhs, -1)
        elif transpose_rhs:
            rhs = array.matrix_transpose(rhs)
        solved = _tridiagonal_solve(parts, rhs, partial_pivoting=partial_pivoting)
        return array.squeeze(solved, axis=[-1]) if is_vector else solved


def tridiagonal_matmul(
    diagonals: Any, rhs: Any, diagonals_format: str = "compact", name: str | None = None
) -> Tensor:
    """The product of matrices that have three diagonals with `rhs`.

    Parameters
    ----------
    diagonals : Tensor, floating or complex, or list of three of them
        Upper, main and lower diagonals.
    rhs : Tensor, of the same dtype, [..., n, k]
    diagonals_format : {"compact", "sequence", "matrix"}, string
        ``[..., 3, n]``; a list of [..., n] each, or one less; ``[..., n, n]``.

    Returns
    -------
    Tensor, of the shape and dtype of `rhs`

    Raises
    ------
    ValueError
        If the format is another one.

    Notes
    -----
    TF op TridiagonalMatMul.
    """
    with name_scope(name, "tridiagonal_matmul"):
        parts = [array.expand_dims(p, -2) for p in _diagonals(diagonals, diagonals_format)]
        return _tridiagonal_matmul(*parts, rhs)
