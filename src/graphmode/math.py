"""`tf.math`: arithmetic, reductions, segments and special functions."""

from graphmode._namespace import lazy

# fmt: off
EXPORTS = {
    "graphmode.ops.math":
        "abs accumulate_n acos acosh add add_n angle argmax argmin asin asinh atan atan2 atanh "
        "betainc bincount ceil conj cos cosh count_nonzero cumprod cumsum digamma divide "
        "divide_no_nan=div_no_nan equal erf erfc erfinv exp expm1 floor floordiv floormod greater "
        "greater_equal igamma igammac imag is_finite is_inf is_nan lbeta less less_equal lgamma "
        "log log1p logical_and logical_not logical_or logical_xor maximum minimum mod=floormod "
        "multiply multiply_no_nan ndtri negative nextafter not_equal polygamma pow real reciprocal "
        "reduce_all reduce_any reduce_euclidean_norm reduce_logsumexp reduce_max "
        "reduce_mean reduce_min reduce_prod reduce_std reduce_sum reduce_variance rint round rsqrt "
        "scalar_mul segment_max segment_mean segment_min segment_prod segment_sum sigmoid sign sin "
        "sinh sqrt square squared_difference subtract tan tanh truediv unsorted_segment_max "
        "unsorted_segment_mean unsorted_segment_min unsorted_segment_prod unsorted_segment_sqrt_n "
        "unsorted_segment_sum xdivy xlog1py xlogy zeta",
}
# fmt: on

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
