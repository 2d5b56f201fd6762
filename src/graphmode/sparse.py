"""`tf.sparse`: sparse tensors."""

from graphmode._namespace import lazy

# fmt: off
EXPORTS = {
    "graphmode.framework.sparse_tensor": "SparseTensor",
    "graphmode.ops.sparse.tensors":
        "placeholder=sparse_placeholder to_dense=sparse_tensor_to_dense add=sparse_add "
        "concat=sparse_concat reduce_sum=sparse_reduce_sum reorder=sparse_reorder "
        "retain=sparse_retain matmul=sparse_tensor_dense_matmul "
        "sparse_dense_matmul=sparse_tensor_dense_matmul",
}
# fmt: on

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
