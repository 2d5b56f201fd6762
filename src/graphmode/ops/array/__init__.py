"""The array family under one name, for the code above: ``array.concat``, ``array.reshape``.

Each function is defined in the module of its family.
"""

from graphmode._namespace import lazy

# fmt: off
EXPORTS = {
    "graphmode.ops.array.constants":
        "constant const placeholder placeholder_with_default identity identity_n stop_gradient "
        "prevent_gradient guarantee_const fill zeros ones zeros_like ones_like pack",
    "graphmode.ops.array.shaping":
        "shape shape_n size rank reshape expand_dims squeeze transpose matrix_transpose "
        "broadcast_to broadcast_static_shape broadcast_dynamic_shape broadcast_gradient_args",
    "graphmode.ops.array.joining": "concat stack parallel_stack unstack split",
    "graphmode.ops.array.padding": "tile pad mirror_pad mirror_pad_grad reverse reverse_sequence",
    "graphmode.ops.array.slicing": "slice=slice_",
    "graphmode.ops.array.strided_slicing": "strided_slice strided_slice_grad",
    "graphmode.ops.array.subscript": "getitem newaxis",
    "graphmode.ops.array.indexing":
        "gather gather_nd scatter_nd tensor_scatter_update tensor_scatter_add one_hot "
        "boolean_mask invert_permutation",
    "graphmode.ops.array.selecting":
        "where where_v2 select unique unique_with_counts setdiff1d top_k sort argsort "
        "searchsorted dynamic_partition dynamic_stitch",
    "graphmode.ops.array.ranges": "range linspace meshgrid sequence_mask eye",
}
# fmt: on

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
