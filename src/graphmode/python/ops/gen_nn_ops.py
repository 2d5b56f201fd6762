"""TF1's `tensorflow.python.ops.gen_nn_ops`, names only."""

from graphmode._namespace import lazy

# fmt: off
EXPORTS = {
    "graphmode.ops.activation":
        "elu leaky_relu log_softmax relu relu6 selu softmax softplus softsign",
    "graphmode.ops.array":
        "top_k",
    "graphmode.ops.convolution_functions":
        "conv2d conv2d_backprop_filter conv2d_backprop_input conv3d conv3d_backprop_filter "
        "conv3d_backprop_filter_v2=conv3d_backprop_filter depthwise_conv2d_native "
        "depthwise_conv2d_native_backprop_filter depthwise_conv2d_native_backprop_input",
    "graphmode.ops.cross_entropy":
        "softmax_cross_entropy_with_logits sparse_softmax_cross_entropy_with_logits",
    "graphmode.ops.morphology":
        "dilation2d",
    "graphmode.ops.nn":
        "bias_add in_top_k l2_loss",
    "graphmode.ops.normalization":
        "lrn",
    "graphmode.ops.pooling_functions":
        "avg_pool avg_pool3d max_pool max_pool3d max_pool_with_argmax",
}
# fmt: on

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
