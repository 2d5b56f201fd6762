"""TF1's `tensorflow.python.training.slot_creator`, names only."""

from graphmode._namespace import lazy

# fmt: off
EXPORTS = {
    "graphmode.training.slots":
        "create_slot create_slot_with_initializer create_zeros_slot",
}
# fmt: on

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
