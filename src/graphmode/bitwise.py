"""`tf.bitwise`: the bits of integers."""

from graphmode._namespace import lazy

# fmt: off
EXPORTS = {
    "graphmode.ops.math": "bitwise_and bitwise_or bitwise_xor invert left_shift right_shift",
}
# fmt: on

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
