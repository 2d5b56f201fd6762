"""`tf.contrib.slim.utils`: the outputs of layers, found again by name."""

from graphmode._namespace import lazy

EXPORTS = {
    "graphmode.contrib_layers.outputs": (
        "collect_named_outputs append_tensor_alias get_tensor_aliases gather_tensors_aliases "
        "convert_collection_to_dict last_dimension"
    ),
    "graphmode.layers.condition": "smart_cond constant_value=static_value",
}

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
