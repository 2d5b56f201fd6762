"""`tf.linalg`: products of matrices, diagonals and norms."""

from graphmode._namespace import lazy

# fmt: off
EXPORTS = {
    "graphmode.ops.math":
        "cross diag=matrix_diag diag_part=matrix_diag_part einsum global_norm matmul matvec norm "
        "tensor_diag=diag tensor_diag_part=diag_part tensordot trace",
    "graphmode.ops.array": "transpose=matrix_transpose",
}
# fmt: on

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
