"""TF1's `tensorflow.python.platform.googletest`."""

from graphmode._namespace import lazy

# fmt: off
EXPORTS = {
    "graphmode.platform.test_case":
        "TestCase main",
    "unittest":
        "mock",
}
# fmt: on

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
