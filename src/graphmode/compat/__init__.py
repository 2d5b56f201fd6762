"""Where graphmode meets programs written for TensorFlow: its name, its versioned addresses."""

from graphmode._namespace import lazy

EXPORTS = {
    "graphmode.platform.text": "as_bytes as_text as_str as_str_any path_to_str integral_types "
    "real_types complex_types bytes_or_text_types",
}

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS, "v1")
