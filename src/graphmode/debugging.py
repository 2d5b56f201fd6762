"""`tf.debugging`: checks under their new names."""

from graphmode._namespace import lazy

# fmt: off
EXPORTS = {
    "graphmode.ops.control.checks":
        "Assert check_numerics assert_all_finite=verify_tensor_all_finite",
    "graphmode.ops.control.assertions":
        "assert_equal assert_less assert_less_equal assert_greater assert_greater_equal "
        "assert_none_equal assert_near assert_positive assert_negative assert_non_negative "
        "assert_non_positive assert_rank assert_rank_at_least assert_rank_in assert_type "
        "assert_integer assert_scalar assert_proper_iterable",
}
# fmt: on

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
