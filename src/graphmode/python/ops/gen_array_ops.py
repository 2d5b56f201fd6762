"""TF1's `tensorflow.python.ops.gen_array_ops`, names only."""

from graphmode._namespace import lazy

# fmt: off
EXPORTS = {
    "graphmode.ops.array":
        "broadcast_to concat expand_dims fill gather gather_nd guarantee_const identity "
        "identity_n invert_permutation one_hot ones_like pack=stack pad placeholder "
        "placeholder_with_default rank reshape reverse reverse_sequence reverse_v2=reverse "
        "scatter_nd shape shape_n size split squeeze stop_gradient strided_slice "
        "tensor_scatter_add tensor_scatter_update tile transpose unique unique_with_counts "
        "unpack=unstack where zeros_like",
    "graphmode.ops.control.checks":
        "check_numerics",
    "graphmode.ops.math":
        "bitcast diag diag_part matrix_diag matrix_diag_part",
    "graphmode.ops.nn.spatial":
        "batch_to_space batch_to_space_nd depth_to_space extract_image_patches space_to_batch "
        "space_to_batch_nd space_to_depth",
}
# fmt: on

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
