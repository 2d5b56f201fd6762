"""TF1's `tensorflow.python.platform.app`."""

from graphmode._namespace import lazy

# fmt: off
EXPORTS = {
    "graphmode.platform.app":
        "run",
}
# fmt: on

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
