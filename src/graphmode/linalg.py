"""`tf.linalg`: products of matrices, diagonals and norms."""

from graphmode._namespace import lazy

# fmt: off
EXPORTS = {
    "graphmode.ops.math":
        "cross diag=matrix_diag diag_part=matrix_diag_part einsum global_norm matmul matvec norm "
        "tensor_diag=diag tensor_diag_part=diag_part tensordot trace",
    "graphmode.ops.array": "transpose=matrix_transpose eye",
    "graphmode.ops.linalg.diagonals": "band_part=matrix_band_part set_diag=matrix_set_diag",
    "graphmode.ops.linalg.linear_systems":
        "inv=matrix_inverse det=matrix_determinant logdet slogdet=log_matrix_determinant "
        "solve=matrix_solve triangular_solve=matrix_triangular_solve cholesky_solve",
    "graphmode.ops.linalg.decompositions":
        "qr cholesky svd eigh=self_adjoint_eig eigvalsh=self_adjoint_eigvals",
    "graphmode.ops.nn.basics": "l2_normalize",
}
# fmt: on

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
