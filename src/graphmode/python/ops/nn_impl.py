"""TF1's `tensorflow.python.ops.nn_impl`, names only."""

from graphmode._namespace import lazy

# fmt: off
EXPORTS = {
    "graphmode.ops.nn.activation":
        "swish",
    "graphmode.ops.nn.convolution_functions":
        "depthwise_conv2d separable_conv2d",
    "graphmode.ops.nn.cross_entropy":
        "log_poisson_loss sigmoid_cross_entropy_with_logits weighted_cross_entropy_with_logits",
    "graphmode.ops.nn.basics":
        "l2_normalize moments relu_layer zero_fraction",
    "graphmode.ops.nn.normalization":
        "batch_norm_with_global_normalization batch_normalization fused_batch_norm "
        "normalize_moments sufficient_statistics weighted_moments",
    "graphmode.ops.nn.sampled_losses":
        "nce_loss sampled_softmax_loss",
}
# fmt: on

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
