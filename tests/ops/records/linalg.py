"""Linear algebra: inverses, determinants, solutions, factorizations, bands of matrices."""

import numpy as np
from tests.ops.record import Record, normal

C64 = np.complex64
FACTORED = ("int32", "float32", "float64", "complex64", "bool", "string")


def _well_conditioned(matrix):
    n = matrix.shape[-1]
    return (matrix + 3 * np.eye(n)).astype(matrix.dtype)


def _definite(matrix):
    n = matrix.shape[-1]
    product = matrix @ np.conj(np.swapaxes(matrix, -1, -2))
    return (product + n * np.eye(n)).astype(matrix.dtype)


SQUARE = normal(2, 3, 3).then(_well_conditioned)
COMPLEX = normal(2, 3, 3, dtype=C64).then(_well_conditioned)
DEFINITE = normal(2, 3, 3).then(_definite)
SINGULAR = np.array([[1, 2], [2, 4]], np.float32)
TRIANGLE = "of a symmetric matrix one triangle counts, or both: the gradient's choice"
SOLVED = "triangular solutions stand in scopes of the public function"
CUTOFF = "the cutoff is broadcast by a slice"
LOOSE = {"rtol": 1e-4, "atol": 1e-4}


def _signless(tf, s, *vectors):
    """Singular or eigenvectors without their signs, which LAPACK chooses."""
    return [s, *[tf.abs(v) for v in vectors]]


FUNCTION = "one op, not the Pade approximation in ops"
TRIDIAGONAL = normal(2, 3, 4).then(lambda d: d + 4 * np.float32([[0], [1], [0]]))
SYSTEM = {**LOOSE, "names_differ": "the diagonals are cut out in fewer steps"}

RECORDS = [
    Record("MatrixInverse", lambda tf, x: tf.matrix_inverse(x), [SQUARE], dtypes=FACTORED, **LOOSE),
    Record("MatrixInverse", lambda tf, x: tf.linalg.inv(x, adjoint=True), [COMPLEX],
           name="adjoint", **LOOSE),
    Record("MatrixInverse", lambda tf, x: tf.matrix_inverse(x), [SINGULAR], name="singular",
           raises=("InvalidArgumentError", "Input is not invertible")),
    Record("MatrixInverse", lambda tf, x: tf.matrix_inverse(x), [normal(2, 3)], name="square",
           raises=(ValueError, "Dimensions must be equal, but are 2 and 3")),
    Record("MatrixDeterminant", lambda tf, x: tf.matrix_determinant(x), [SQUARE],
           dtypes=FACTORED, **LOOSE),
    Record("LogMatrixDeterminant", lambda tf, x: tf.linalg.slogdet(x)[1], [SQUARE],
           dtypes=FACTORED, **LOOSE),
    Record("Cholesky", lambda tf, x: tf.linalg.logdet(x), [DEFINITE], name="logdet",
           one_dtype="the record of Cholesky tries them", no_differences=TRIANGLE, **LOOSE),
    Record("MatrixSolve", lambda tf, a, b: tf.matrix_solve(a, b), [SQUARE, normal(2, 3, 5)],
           dtypes=FACTORED, **LOOSE),
    Record("MatrixSolve", lambda tf, a, b: tf.linalg.solve(a, b, adjoint=True),
           [SQUARE, normal(2, 3, 5)], name="adjoint", **LOOSE),
    Record("MatrixSolve", lambda tf, a, b: tf.matrix_solve(a, b), [SINGULAR, normal(2, 3)],
           name="singular", raises=("InvalidArgumentError", "Input matrix is not invertible")),
    Record("MatrixTriangularSolve", lambda tf, a, b: tf.matrix_triangular_solve(a, b),
           [SQUARE, normal(2, 3, 5)], dtypes=FACTORED, **LOOSE),
    Record("MatrixTriangularSolve",
           lambda tf, a, b: tf.matrix_triangular_solve(a, b, lower=False, adjoint=True),
           [SQUARE, normal(2, 3, 5)], name="upper", **LOOSE),
    Record("MatrixTriangularSolve", lambda tf, a, b: tf.cholesky_solve(a, b),
           [SQUARE, normal(2, 3, 5)], name="cholesky_solve", **LOOSE,
           names_differ=SOLVED),
    Record("Cholesky", lambda tf, x: tf.cholesky(x), [DEFINITE], dtypes=FACTORED[1:3],
           no_differences=TRIANGLE, **LOOSE),
    Record("Svd", lambda tf, x: _signless(tf, *tf.svd(x)), [normal(2, 3, 5)], dtypes=FACTORED,
           **LOOSE),
    Record("Svd", lambda tf, x: tf.svd(x, compute_uv=False), [normal(4, 3)], name="values",
           **LOOSE),
    Record("Svd", lambda tf, x: _signless(tf, *tf.svd(x, full_matrices=True)), [normal(4, 3)],
           name="full", no_gradient="JAX has none of the full matrices", **LOOSE),
    Record("SelfAdjointEigV2", lambda tf, x: _signless(tf, *tf.self_adjoint_eig(x)), [DEFINITE],
           dtypes=FACTORED[1:3], no_differences=TRIANGLE, **LOOSE),
    Record("SelfAdjointEigV2", lambda tf, x: tf.self_adjoint_eigvals(x), [DEFINITE],
           name="values", no_differences=TRIANGLE, **LOOSE),
    Record("MatrixBandPart", lambda tf, x: tf.matrix_band_part(x, 1, 0), [normal(2, 4, 5)]),
    Record("MatrixBandPart", lambda tf, x: tf.linalg.band_part(x, -1, 2), [normal(4, 5)],
           name="lower"),
    Record("MatrixBandPart", lambda tf, x: tf.matrix_band_part(x, 5, 0), [normal(4, 7)],
           name="too_many", raises=("InvalidArgumentError", "num_lower must be negative or less")),
    Record("Svd", lambda tf, x: tf.linalg.pinv(x), [normal(2, 4, 3)], name="pinv",
           names_differ=CUTOFF, **LOOSE),
    Record("Svd", lambda tf, x, r: tf.linalg.pinv(x, rcond=r),
           [normal(2, 3, 5), np.array([0.01, 0.5], np.float32)], name="pinv_cutoff",
           grad_inputs=(0,), names_differ=CUTOFF,
           no_differences="a singular value below the cutoff has a jump", **LOOSE),
    Record("Svd", lambda tf, x: tf.linalg.matrix_rank(x), [normal(2, 4, 3)], name="rank",
           names_differ="the tolerance of known lengths is a number"),
    Record("Svd", lambda tf, x: tf.linalg.matrix_rank(x, tol=1.5), [normal(2, 4, 3)],
           name="rank_tolerance"),
    Record("MatrixSolveLs", lambda tf, a, b: tf.matrix_solve_ls(a, b, fast=False),
           [normal(2, 4, 3), normal(2, 4, 5)], dtypes=FACTORED,
           tf_lacks_gradient="ValueError: not defined for fast=False", **LOOSE),
    Record("Cholesky", lambda tf, a, b: tf.linalg.lstsq(a, b), [normal(2, 4, 3), normal(2, 4, 5)],
           name="least_squares",
           names_differ=SOLVED, **LOOSE),
    Record("Cholesky", lambda tf, a, b: tf.linalg.lstsq(a, b, l2_regularizer=0.5),
           [normal(3, 4), normal(3, 5)], name="least_squares_wide",
           names_differ=SOLVED, **LOOSE),
    Record("MatrixSetDiagV3", lambda tf, x, d: tf.matrix_set_diag(x, d),
           [normal(2, 4, 5), normal(2, 4)]),
    Record("MatrixSetDiagV3", lambda tf, x, d: tf.linalg.set_diag(x, d, k=-1),
           [normal(2, 4, 5), normal(2, 3)], name="below"),
    Record("MatrixExponential", lambda tf, x: tf.linalg.expm(x), [normal(2, 3, 3)],
           dtypes=("float32", "float64"), names_differ=FUNCTION,
           no_second="compiling it takes seconds", **LOOSE),
    Record("MatrixExponential", lambda tf, x: tf.linalg.expm(x), [normal(3, 3, dtype=np.complex64)],
           name="complex", names_differ=FUNCTION, one_dtype="tried above",
           no_gradient="TensorFlow's conjugates are missing", **LOOSE),
    Record("MatrixLogarithm", lambda tf, x: tf.linalg.logm(x),
           [normal(2, 3, 3, dtype=np.complex64)], dtypes=("complex64", "complex128"),
           no_gradient="neither has one", **LOOSE),
    Record("MatrixSquareRoot", lambda tf, x: tf.linalg.sqrtm(x), [DEFINITE],
           dtypes=FACTORED[1:3], **LOOSE),
    Record("Lu", lambda tf, x: list(tf.linalg.lu(x)), [normal(2, 4, 4)], dtypes=FACTORED,
           tf_lacks_gradient="nobody wrote one", **LOOSE),
    Record("Lu", lambda tf, x: tf.linalg.lu(x, tf.int64).p, [normal(3, 3)], name="int64", **LOOSE),
    Record("TridiagonalSolve", lambda tf, d, b: tf.linalg.tridiagonal_solve(d, b),
           [TRIDIAGONAL, normal(2, 4, 5)], dtypes=("float32", "float64"), **SYSTEM),
    Record("TridiagonalSolve",
           lambda tf, u, m, b: tf.linalg.tridiagonal_solve([u, m, u], b, "sequence"),
           [normal(4), TRIDIAGONAL.then(lambda d: d[0, 1]), normal(4)], name="vector",
           one_dtype="tried above", no_second="compared above", **SYSTEM),
    Record("TridiagonalSolve",
           lambda tf, u, m, b: tf.linalg.tridiagonal_solve([u, m, u], b, "sequence"),
           [normal(3), TRIDIAGONAL.then(lambda d: d[0, 1]), normal(4)], name="short",
           one_dtype="tried above", **SYSTEM),
    Record("TridiagonalMatMul", lambda tf, d, b: tf.linalg.tridiagonal_matmul(d, b),
           [TRIDIAGONAL, normal(2, 4, 5)], dtypes=("float32", "float64"), **SYSTEM),
    Record("TridiagonalMatMul", lambda tf, x, b: tf.linalg.tridiagonal_matmul(x, b, "matrix"),
           [normal(4, 4), normal(4, 2)], name="matrix", one_dtype="tried above", **SYSTEM),
    Record("TridiagonalSolve", lambda tf, d, b: tf.linalg.tridiagonal_solve(d, b, "x"),
           [TRIDIAGONAL, normal(2, 4, 5)], name="format",
           raises=(ValueError, "Unrecognized diagonals_format: x")),
]  # fmt: skip
