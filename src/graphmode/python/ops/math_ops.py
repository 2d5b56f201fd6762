"""TF1's `tensorflow.python.ops.math_ops`, names only."""

from graphmode._namespace import lazy

# fmt: off
EXPORTS = {
    "graphmode.ops.nn.activation":
        "softplus",
    "graphmode.ops.array":
        "lin_space=linspace linspace range select",
    "graphmode.ops.math":
        "abs accumulate_n acos acosh add add_n angle arg_max arg_min argmax argmin asin asinh "
        "atan atan2 atanh betainc bincount cast ceil complex complex_abs conj cos cosh "
        "count_nonzero cross cumprod cumsum digamma div div_no_nan divide equal erf erfc erfinv "
        "exp expm1 floor floor_div floordiv floormod greater greater_equal igamma igammac imag "
        "inv=reciprocal is_finite is_inf is_nan less less_equal lgamma log log1p logical_and "
        "logical_not logical_or logical_xor matmul matvec maximum minimum mod=floormod "
        "mul=multiply multiply multiply_no_nan ndtri neg=negative negative nextafter not_equal "
        "polygamma pow real realdiv reciprocal reduce_all reduce_any reduce_euclidean_norm "
        "reduce_logsumexp reduce_max reduce_mean reduce_min reduce_prod reduce_std reduce_sum "
        "reduce_variance rint round rsqrt saturate_cast scalar_mul segment_max segment_mean "
        "segment_min segment_prod segment_sum sigmoid sign sin sinh sparse_segment_mean "
        "sparse_segment_sqrt_n sparse_segment_sum sqrt square squared_difference sub=subtract "
        "subtract tan tanh tensordot to_bfloat16 to_complex128 to_complex64 to_double to_float "
        "to_int32 to_int64 trace truediv truncatediv truncatemod unsorted_segment_max "
        "unsorted_segment_mean unsorted_segment_min unsorted_segment_prod "
        "unsorted_segment_sqrt_n unsorted_segment_sum xdivy xlog1py xlogy zeta",
}
# fmt: on

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
