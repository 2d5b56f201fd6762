"""TF1's `tensorflow.python.platform.gfile`."""

from graphmode._namespace import lazy

# fmt: off
EXPORTS = {
    "graphmode.platform.gfile":
        "Copy DeleteRecursively Exists FastGFile GFile Glob IsDirectory ListDirectory MakeDirs "
        "MkDir Open Remove Rename Stat Walk",
}
# fmt: on

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
