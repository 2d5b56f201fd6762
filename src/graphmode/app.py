"""`tf.app`: run a program's main with its flags."""

from graphmode._namespace import lazy

EXPORTS = {"graphmode.platform.app": "run"}

_lazy, __dir__, __all__ = lazy(__name__, EXPORTS)


def __getattr__(name):
    if name == "flags":  # the same module as tf.flags
        import graphmode.flags

        return graphmode.flags
    return _lazy(name)
