"""Arithmetic and linear algebra: `ops/math/`, `ops/linalg/`."""

# fmt: off
TABLE = {
    "graphmode.ops.math.arithmetic": {
        "tf math ops.math python.ops.math_ops": "multiply pow scalar_mul subtract",
        "tf math ops.math python.ops.gen_math_ops": "add atan2 maximum minimum squared_difference",
        "math ops.math python.ops.gen_math_ops": "xdivy xlog1py xlogy",
        "math ops.math python.ops.math_ops": "multiply_no_nan polyval",
        "tf python.ops.gen_math_ops": "mul=multiply sub=subtract",
    },
    "graphmode.ops.math.division": {
        "tf math ops.math python.ops.math_ops": "divide floordiv floormod truediv",
        "tf ops.math python.ops.gen_math_ops": "div div_no_nan floor_div",
        "tf ops.math python.ops.math_ops": "realdiv truncatediv truncatemod",
        "math": "divide_no_nan=div_no_nan reciprocal_no_nan",
        "tf math python.ops.gen_math_ops": "mod=floormod",
        "python.ops.gen_math_ops":
            "floor_mod=floormod real_div=realdiv truncate_div=truncatediv "
            "truncate_mod=truncatemod",
    },
    "graphmode.ops.math.sums": {
        "tf math ops.math python.ops.math_ops": "accumulate_n",
        "tf math ops.math python.ops.gen_math_ops": "add_n",
    },
    "graphmode.ops.math.casts": {
        "tf ops.math python.ops.math_ops":
            "to_bfloat16 to_complex128 to_complex64 to_double to_float to_int32 to_int64",
        "tf ops.math python.ops.gen_array_ops": "bitcast",
        "tf dtypes ops.math python.ops.gen_math_ops": "cast",
    },
    "graphmode.ops.math.saturation": {
        "tf dtypes ops.math python.ops.math_ops": "saturate_cast",
    },
    "graphmode.ops.math.clip": {
        "tf ops.math python.ops.clip_ops":
            "clip_by_average_norm clip_by_global_norm clip_by_norm clip_by_value",
    },
    "graphmode.ops.math.norms": {
        "tf linalg ops.math python.ops.clip_ops": "global_norm",
        "tf linalg ops.math": "norm",
        "linalg": "normalize",
    },
    "graphmode.ops.math.comparison": {
        "tf math ops.math python.ops.gen_math_ops":
            "equal greater greater_equal less less_equal logical_and logical_not logical_or "
            "not_equal",
        "bitwise ops.math": "bitwise_and bitwise_or bitwise_xor invert left_shift right_shift",
        "tf math ops.math python.ops.math_ops": "logical_xor",
        "ops.math python.ops.gen_math_ops": "approximate_equal",
    },
    "graphmode.ops.math.complex_numbers": {
        "tf math ops.math python.ops.gen_math_ops": "angle conj imag real",
        "tf ops.math python.ops.gen_math_ops": "complex_abs",
        "tf dtypes ops.math python.ops.math_ops": "complex",
    },
    "graphmode.ops.math.contraction": {
        "tf linalg ops.math python.ops.math_ops": "tensordot",
        "tf linalg ops.math": "einsum",
    },
    "graphmode.ops.math.counting": {
        "tf math ops.math python.ops.gen_math_ops": "bincount",
        "tf ops.math": "histogram_fixed_width histogram_fixed_width_bins",
    },
    "graphmode.ops.math.elementwise": {
        "tf math ops.math python.ops.gen_math_ops":
            "acos acosh asin asinh atan atanh ceil cos cosh exp expm1 floor reciprocal log log1p "
            "rint round rsqrt sign sin sinh sqrt square tan",
        "tf math debugging ops.math python.ops.gen_math_ops": "is_finite is_inf is_nan",
        "tf math nn ops.math python.ops.gen_math_ops": "sigmoid tanh",
        "tf math ops.math python.ops.math_ops": "abs negative",
        "math ops.math python.ops.math_ops": "nextafter",
        "tf python.ops.gen_math_ops": "inv=reciprocal neg=negative",
        "python.ops.gen_math_ops": "next_after=nextafter",
    },
    "graphmode.ops.math.products": {
        "tf linalg ops.math python.ops.gen_math_ops": "cross",
        "linalg ops.math python.ops.math_ops": "matvec",
        "tf linalg ops.math python.ops.math_ops": "matmul",
        "tf": "batch_matmul=matmul sparse_matmul",
        "python.ops.math_ops": "sparse_matmul",
    },
    "graphmode.ops.math.reduction": {
        "tf math ops.math python.ops.math_ops":
            "count_nonzero reduce_all reduce_any reduce_logsumexp reduce_max reduce_mean "
            "reduce_min reduce_prod reduce_sum",
        "math ops.math python.ops.math_ops": "reduce_euclidean_norm reduce_std reduce_variance",
    },
    "graphmode.ops.math.cumulative": {
        "tf math ops.math python.ops.gen_math_ops": "cumprod cumsum",
        "math ops.math": "cumulative_logsumexp",
    },
    "graphmode.ops.math.extremes": {
        "tf math ops.math python.ops.math_ops": "argmax argmin",
        "tf ops.math python.ops.gen_math_ops": "arg_max arg_min",
    },
    "graphmode.ops.math.segment": {
        "tf math ops.math python.ops.gen_math_ops":
            "segment_max segment_mean segment_min segment_prod segment_sum",
    },
    "graphmode.ops.math.sparse_segment": {
        "tf ops.math python.ops.gen_math_ops":
            "sparse_segment_mean sparse_segment_sqrt_n sparse_segment_sum",
        "sparse":
            "segment_mean=sparse_segment_mean segment_sqrt_n=sparse_segment_sqrt_n "
            "segment_sum=sparse_segment_sum",
    },
    "graphmode.ops.math.unsorted_segment": {
        "tf math ops.math python.ops.gen_math_ops":
            "unsorted_segment_max unsorted_segment_min unsorted_segment_prod unsorted_segment_sum",
        "tf math ops.math python.ops.math_ops": "unsorted_segment_mean unsorted_segment_sqrt_n",
    },
    "graphmode.ops.math.special": {
        "tf math ops.math python.ops.gen_math_ops":
            "betainc digamma erf erfc igamma igammac lgamma polygamma zeta",
        "math ops.math python.ops.gen_math_ops": "erfinv ndtri",
        "math ops.math": "bessel_i0 bessel_i1 bessel_i0e bessel_i1e",
        "tf math ops.math": "lbeta",
        "ops.math": "igamma_grad_a",
    },
    "graphmode.linear_operators.algebra": {
        "linalg": "LinearOperator LinearOperatorAdjoint LinearOperatorComposition "
            "LinearOperatorInversion LinearOperatorLowerTriangular",
    },
    "graphmode.linear_operators.diagonal": {
        "linalg": "LinearOperatorDiag LinearOperatorIdentity LinearOperatorScaledIdentity "
            "LinearOperatorZeros",
    },
    "graphmode.linear_operators.matrices": {
        "linalg": "LinearOperatorBlockDiag LinearOperatorFullMatrix LinearOperatorHouseholder "
            "LinearOperatorKronecker LinearOperatorLowRankUpdate",
    },
    "graphmode.ops.linalg.decompositions": {
        "tf linalg": "qr cholesky svd",
        "tf": "self_adjoint_eig self_adjoint_eigvals",
        "linalg": "eigh=self_adjoint_eig eigvalsh=self_adjoint_eigvals",
    },
    "graphmode.ops.linalg.diagonals": {
        "tf ops.math python.ops.gen_array_ops": "diag diag_part matrix_diag matrix_diag_part",
        "tf python.ops.gen_array_ops": "matrix_band_part matrix_set_diag",
        "tf linalg ops.math python.ops.math_ops": "trace",
        "linalg":
            "tensor_diag=diag diag=matrix_diag diag_part=matrix_diag_part "
            "band_part=matrix_band_part set_diag=matrix_set_diag",
        "linalg python.ops.array_ops": "tensor_diag_part=diag_part",
    },
    "graphmode.ops.linalg.functions": {
        "linalg": "expm logm sqrtm lu tridiagonal_solve tridiagonal_matmul",
        "tf": "matrix_square_root=sqrtm",
    },
    "graphmode.ops.linalg.linear_systems": {
        "linalg": "inv=matrix_inverse solve=matrix_solve triangular_solve=matrix_triangular_solve",
        "tf": "matrix_inverse matrix_solve matrix_triangular_solve",
        "tf linalg": "cholesky_solve",
    },
    "graphmode.ops.linalg.least_squares": {
        "linalg": "pinv matrix_rank lstsq=matrix_solve_ls",
        "tf": "matrix_solve_ls",
    },
    "graphmode.ops.linalg.determinants": {
        "linalg": "det=matrix_determinant slogdet=log_matrix_determinant logdet",
        "tf": "matrix_determinant log_matrix_determinant",
    },
}
# fmt: on
