"""TF1's `tensorflow.python.ops.check_ops`, names only."""

from graphmode._namespace import lazy

# fmt: off
EXPORTS = {
    "graphmode.ops.control.assertions":
        "assert_equal assert_greater assert_greater_equal assert_integer assert_less "
        "assert_less_equal assert_near assert_negative assert_non_negative assert_non_positive "
        "assert_none_equal assert_positive assert_proper_iterable assert_rank "
        "assert_rank_at_least assert_rank_in assert_scalar assert_type",
}
# fmt: on

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
