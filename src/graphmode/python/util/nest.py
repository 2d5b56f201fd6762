"""TF1's `tensorflow.python.util.nest`, names only."""

from graphmode._namespace import lazy

# fmt: off
EXPORTS = {
    "graphmode.framework.nest":
        "is_sequence is_nested flatten pack_sequence_as map_structure assert_same_structure "
        "assert_shallow_structure flatten_up_to map_structure_up_to "
        "get_traverse_shallow_structure",
}
# fmt: on

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
