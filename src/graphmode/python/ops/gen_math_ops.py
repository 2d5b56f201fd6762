"""TF1's `tensorflow.python.ops.gen_math_ops`, names only."""

from graphmode._namespace import lazy

# fmt: off
EXPORTS = {
    "graphmode.ops.array":
        "lin_space=linspace select",
    "graphmode.ops.math":
        "acos acosh add add_n angle arg_max arg_min asin asinh atan atan2 atanh betainc "
        "bincount cast ceil complex_abs conj cos cosh cross cumprod cumsum digamma div "
        "div_no_nan equal erf erfc erfinv exp expm1 floor floor_div greater greater_equal "
        "igamma igammac imag inv=reciprocal is_finite is_inf is_nan less less_equal lgamma log "
        "log1p logical_and logical_not logical_or maximum minimum mod=floormod mul=multiply "
        "ndtri neg=negative not_equal polygamma real reciprocal rint round rsqrt segment_max "
        "segment_mean segment_min segment_prod segment_sum sigmoid sign sin sinh "
        "sparse_segment_mean sparse_segment_sqrt_n sparse_segment_sum sqrt square "
        "squared_difference sub=subtract tan tanh unsorted_segment_max unsorted_segment_min "
        "unsorted_segment_prod unsorted_segment_sum xdivy xlog1py xlogy zeta",
}
# fmt: on

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
