"""`tf.nn`: activations, losses, embeddings."""

from graphmode._namespace import lazy

# fmt: off
EXPORTS = {
    "graphmode.ops.math": "tanh sigmoid",
    "graphmode.ops.array": "top_k",
    "graphmode.ops.activation":
        "softmax log_softmax relu relu6 elu selu softplus softsign leaky_relu crelu swish",
    "graphmode.ops.cross_entropy":
        "softmax_cross_entropy_with_logits softmax_cross_entropy_with_logits_v2 "
        "sparse_softmax_cross_entropy_with_logits sigmoid_cross_entropy_with_logits "
        "weighted_cross_entropy_with_logits log_poisson_loss",
    "graphmode.ops.embedding": "embedding_lookup",
    "graphmode.ops.nn":
        "l2_loss bias_add xw_plus_b relu_layer in_top_k zero_fraction dropout moments "
        "l2_normalize",
}
# fmt: on

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
