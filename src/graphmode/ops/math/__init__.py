"""All of arithmetic under one name, for the code above: ``math.add_n``, ``math.reduce_sum``.

Each function is defined in the module of its family.
"""

from graphmode._namespace import lazy

# fmt: off
EXPORTS = {
    "graphmode.ops.math.arithmetic":
        "add subtract multiply realdiv truediv div divide div_no_nan floordiv floor_div floormod "
        "truncatediv truncatemod pow maximum minimum squared_difference atan2 scalar_mul add_n "
        "accumulate_n multiply_no_nan xdivy xlogy xlog1py",
    "graphmode.ops.math.casts":
        "cast to_float to_double to_int32 to_int64 to_bfloat16 to_complex64 to_complex128 "
        "saturate_cast bitcast",
    "graphmode.ops.math.clip":
        "norm global_norm clip_by_value clip_by_norm clip_by_global_norm clip_by_average_norm",
    "graphmode.ops.math.comparison":
        "equal not_equal less less_equal greater greater_equal logical_and "
        "logical_or logical_not logical_xor bitwise_and bitwise_or bitwise_xor invert left_shift "
        "right_shift",
    "graphmode.ops.math.complex_numbers": "complex real imag angle conj complex_abs",
    "graphmode.ops.math.counting": "bincount histogram_fixed_width",
    "graphmode.ops.linalg.diagonals": "diag diag_part matrix_diag matrix_diag_part trace",
    "graphmode.ops.math.elementwise":
        "negative abs sign square sqrt rsqrt reciprocal exp expm1 log log1p sin cos tan asin acos "
        "atan sinh cosh tanh asinh acosh atanh sigmoid round rint floor ceil is_nan is_inf "
        "is_finite nextafter",
    "graphmode.ops.math.contraction": "tensordot einsum",
    "graphmode.ops.math.products": "matmul matvec cross",
    "graphmode.ops.math.reduction":
        "reduce_sum reduce_mean reduce_prod reduce_max reduce_min reduce_all reduce_any "
        "reduce_euclidean_norm reduce_variance reduce_std reduce_logsumexp count_nonzero argmax "
        "argmin arg_max arg_min cumsum cumprod",
    "graphmode.ops.math.segment":
        "segment_sum segment_mean segment_prod segment_max segment_min unsorted_segment_sum "
        "unsorted_segment_prod unsorted_segment_max unsorted_segment_min unsorted_segment_mean "
        "unsorted_segment_sqrt_n sparse_segment_sum sparse_segment_mean sparse_segment_sqrt_n",
    "graphmode.ops.math.special":
        "erf erfc lgamma digamma erfinv ndtri zeta polygamma igamma igammac igamma_grad_a betainc "
        "lbeta",
}
# fmt: on

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
