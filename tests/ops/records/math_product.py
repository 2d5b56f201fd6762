"""Products of matrices and tensors, diagonals, norms and clipping."""

import numpy as np
from tests.ops.record import KNOWN_SHAPE, Record, away_from_zero, distinct, integers, normal

C64 = np.complex64
MATRIX = (
    "int32",
    "int64",
    "float16",
    "bfloat16",
    "float32",
    "float64",
    "complex64",
    "bool",
    "string",
)


def _matmul(a, b, name, op_type="MatMul", **options):
    return Record(op_type, lambda tf, x, y: tf.matmul(x, y, **options), [a, b], name=name)


RECORDS = [
    Record("MatMul", lambda tf, x, y: tf.matmul(x, y), [normal(2, 3), normal(3, 5)], dtypes=MATRIX),
    Record(
        "SparseMatMul",
        lambda tf, x, y: tf.sparse_matmul(x, y, b_is_sparse=True),
        [normal(2, 3), normal(3, 5)],
        dtypes=("float32", "bfloat16", "float64"),
    ),
    Record(
        "SparseMatMul",
        lambda tf, x, y: tf.sparse_matmul(x, y, transpose_a=True, transpose_b=True),
        [normal(3, 2), normal(5, 3)],
        name="transposed",
    ),
    Record(
        "SparseMatMul",
        lambda tf, x, y: tf.sparse_matmul(x, y),
        [normal(2, 3), normal(2, 5)],
        name="shapes",
        raises=(ValueError, "Dimensions must be equal, but are 3 and 2"),
    ),
    Record("MatMul", lambda tf, x, y: x @ y, [normal(2, 3), normal(3, 5)], name="operator"),
    _matmul(normal(3, 2), normal(3, 5), "transpose_a", transpose_a=True),
    _matmul(normal(2, 3), normal(5, 3), "transpose_b", transpose_b=True),
    _matmul(normal(3, 2), normal(5, 3), "transpose_both", transpose_a=True, transpose_b=True),
    _matmul(
        normal(3, 2, dtype=C64), normal(5, 3, dtype=C64), "adjoint", adjoint_a=True, adjoint_b=True
    ),
    _matmul(normal(3, 2, dtype=C64), normal(3, 5, dtype=C64), "complex", transpose_a=True),
    _matmul(integers(-9, 9, 2, 3), integers(-9, 9, 3, 5), "integers"),
    Record(
        "MatMul",
        lambda tf, x, y: tf.matmul(x, y),
        [normal(2, 3), normal(4, 5)],
        name="inner",
        raises=(ValueError, "Dimensions must be equal, but are 3 and 4"),
    ),
    Record(
        "MatMul",
        lambda tf, x, y: tf.matmul(
            tf.placeholder_with_default(x, [2, None]), tf.placeholder_with_default(y, [None, 5])
        ),
        [normal(2, 3), normal(4, 5)],
        name="inner_at_run",
        raises=("InvalidArgumentError", "Matrix size-incompatible"),
    ),
    Record(
        "BatchMatMulV2",
        lambda tf, x, y: tf.matmul(x, y),
        [normal(4, 2, 3), normal(4, 3, 5)],
        dtypes=MATRIX,
    ),
    _matmul(normal(4, 3, 2), normal(4, 3, 5), "transpose_a", "BatchMatMulV2", transpose_a=True),
    _matmul(normal(4, 2, 3), normal(4, 5, 3), "transpose_b", "BatchMatMulV2", transpose_b=True),
    _matmul(
        normal(4, 3, 2, dtype=C64),
        normal(4, 5, 3, dtype=C64),
        "adjoint",
        "BatchMatMulV2",
        adjoint_a=True,
        adjoint_b=True,
    ),
    _matmul(normal(4, 2, 3), normal(3, 5), "broadcast", "BatchMatMulV2"),
    _matmul(normal(6, 1, 2, 3), normal(4, 3, 5), "broadcast_both", "BatchMatMulV2"),
    Record(
        "MatMul", lambda tf, a, x: tf.linalg.matvec(a, x), [normal(2, 3), normal(3)], name="matvec"
    ),
    Record(
        "MatMul",
        lambda tf, x, y: tf.tensordot(x, y, 1),
        [normal(2, 3), normal(3, 5)],
        name="tensordot_1",
    ),
    Record(
        "MatMul",
        lambda tf, x, y: tf.tensordot(x, y, [[0, 2], [1, 0]]),
        [normal(2, 3, 4), normal(4, 2, 5)],
        name="tensordot",
    ),
    Record(
        "MatMul",
        lambda tf, x, y: tf.tensordot(x, y, 2),
        [normal(2, 3, 4), normal(3, 4)],
        name="tensordot_2",
    ),
    Record(
        "Einsum",
        lambda tf, x, y: tf.einsum("ij,jk->ik", x, y),
        [normal(2, 3), normal(3, 5)],
        dtypes=MATRIX[:-2],
    ),
    Record(
        "Einsum",
        lambda tf, x, y: tf.einsum("ij,jk", x, y),
        [normal(2, 3), normal(3, 5)],
        name="implicit",
    ),
    Record(
        "Einsum",
        lambda tf, x, y: tf.einsum("bij,bkj->bik", x, y),
        [normal(4, 2, 3), normal(4, 5, 3)],
        name="batch",
    ),
    Record(
        "Einsum",
        lambda tf, x, y: tf.einsum("...ij,jk->...ik", x, y),
        [normal(4, 2, 3), normal(3, 5)],
        name="ellipsis",
    ),
    Record("Einsum", lambda tf, x: tf.einsum("ijk->ki", x), [normal(4, 2, 3)], name="one"),
    Record(
        "Einsum",
        lambda tf, x: tf.einsum("ii->i", x),
        [normal(4, 4)],
        name="diagonal",
        tf_lacks_second="linear: None there, zeros here",
    ),
    Record(
        "Einsum",
        lambda tf, x, y, z: tf.einsum("ij,jk,kl->il", x, y, z),
        [normal(2, 3), normal(3, 5), normal(5, 4)],
        name="three",
        names_differ="one node in place of two",
    ),
    Record("Cross", lambda tf, x, y: tf.cross(x, y), [normal(4, 3), normal(4, 3)]),
    Record("MatrixDiagV3", lambda tf, x: tf.matrix_diag(x), [normal(4, 3)]),
    Record(
        "MatrixDiagV3",
        lambda tf, x: tf.linalg.diag(x, k=-1, num_cols=5),
        [normal(4, 3)],
        name="lower",
        shape_differs="TensorFlow's makes rows of an unknown length -1",
    ),
    Record("MatrixDiagPartV3", lambda tf, x: tf.matrix_diag_part(x), [normal(4, 2, 3)]),
    Record(
        "MatrixDiagPartV3",
        lambda tf, x: tf.linalg.diag_part(x, k=1),
        [normal(4, 2, 3)],
        name="upper",
    ),
    Record("Sum", lambda tf, x: tf.trace(x), [normal(4, 2, 3)], name="trace"),
    # ---- norms and clipping
    Record("Sqrt", lambda tf, x: tf.norm(x), [normal(2, 3)], name="norm"),
    Record(
        "Sqrt", lambda tf, x: tf.norm(x, axis=1, keepdims=True), [normal(2, 3)], name="norm_axis"
    ),
    Record("Sqrt", lambda tf, x: tf.norm(x, "fro", axis=[0, 1]), [normal(2, 3)], name="norm_fro"),
    Record("Abs", lambda tf, x: tf.norm(x, 1, axis=1), [away_from_zero(2, 3)], name="norm_1"),
    Record("Abs", lambda tf, x: tf.norm(x, np.inf, axis=1), [distinct(2, 3)], name="norm_inf"),
    Record("Pow", lambda tf, x: tf.norm(x, 3, axis=0), [away_from_zero(2, 3)], name="norm_3"),
    Record(
        "Abs", lambda tf, x: tf.norm(x, 1, axis=[-2, -1]), [distinct(4, 2, 3)], name="norm_matrix_1"
    ),
    Record(
        "Abs",
        lambda tf, x: tf.norm(x, np.inf, axis=[-2, -1]),
        [distinct(4, 2, 3)],
        name="norm_matrix_inf",
    ),
    Record(
        "Maximum",
        lambda tf, x: tf.clip_by_value(x, -0.5, 0.7),
        [distinct(3, 4)],
        name="clip_by_value",
    ),
    Record(
        "Maximum",
        lambda tf, x: tf.clip_by_value(x, -0.5, 0.5),
        [np.array([-0.5, 0.5, 0, 1], np.float32)],
        name="clip_at_bounds",
        no_differences="has a kink there",
    ),
    Record(
        "RealDiv",
        lambda tf, x: tf.clip_by_norm(x, 1.5),
        [normal(3, 4)],
        name="clip_by_norm",
        names_differ=KNOWN_SHAPE,
    ),
    Record(
        "RealDiv",
        lambda tf, x: tf.clip_by_norm(x, 1.5, axes=[1]),
        [normal(3, 4)],
        name="clip_by_norm_axes",
        names_differ=KNOWN_SHAPE,
    ),
    Record(
        "RealDiv",
        lambda tf, x: tf.clip_by_norm(x, 1.5),
        [np.zeros(3, np.float32)],
        name="clip_by_norm_zero",
        names_differ=KNOWN_SHAPE,
    ),
    Record(
        "Sqrt",
        lambda tf, x, y: tf.global_norm([x, None, y]),
        [normal(3, 4), normal(2)],
        name="global_norm",
    ),
    Record(
        "Minimum",
        lambda tf, x, y: tf.clip_by_global_norm([x, None, y], 2.0),
        [normal(3, 4), normal(2)],
        name="clip_by_global_norm",
    ),
    Record(
        "Minimum",
        lambda tf, x: tf.clip_by_global_norm([x], 2.0)[0],
        [np.array([np.inf, 1], np.float32)],
        name="clip_by_global_norm_infinite",
    ),
    Record(
        "Rsqrt",
        lambda tf, x: tf.clip_by_average_norm(x, 0.1),
        [normal(3, 4)],
        name="clip_by_average_norm",
        names_differ="multiplies in another order",
    ),
]
