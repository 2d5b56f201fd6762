"""TF1's `tensorflow.python.training.training_util`, names only."""

from graphmode._namespace import lazy

# fmt: off
EXPORTS = {
    "graphmode.training.global_step":
        "global_step get_global_step create_global_step get_or_create_global_step "
        "assert_global_step",
}
# fmt: on

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
