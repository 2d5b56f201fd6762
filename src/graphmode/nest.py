"""`tf.nest`: functions on nested lists, tuples and dicts."""

from graphmode._namespace import lazy

EXPORTS = {
    "graphmode.framework.nest": (
        "map_structure flatten pack_sequence_as assert_same_structure is_nested"
    ),
}

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
