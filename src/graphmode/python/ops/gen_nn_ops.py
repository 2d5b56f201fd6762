"""TF1's `tensorflow.python.ops.gen_nn_ops`, names only."""

from graphmode._namespace import lazy

# fmt: off
EXPORTS = {
    "graphmode.ops.nn.activation":
        "elu leaky_relu log_softmax relu relu6 selu softmax softplus softsign",
    "graphmode.ops.array":
        "top_k",
    "graphmode.ops.nn.convolution_functions":
        "conv2d conv2d_backprop_filter conv2d_backprop_input conv3d conv3d_backprop_filter "
        "conv3d_backprop_filter_v2=conv3d_backprop_filter depthwise_conv2d_native "
        "depthwise_conv2d_native_backprop_filter depthwise_conv2d_native_backprop_input",
    "graphmode.ops.nn.cross_entropy":
        "softmax_cross_entropy_with_logits sparse_softmax_cross_entropy_with_logits",
    "graphmode.ops.nn.morphology":
        "dilation2d",
    "graphmode.ops.nn.basics":
        "bias_add in_top_k l2_loss",
    "graphmode.ops.nn.normalization":
        "lrn",
    "graphmode.ops.nn.pooling_functions":
        "avg_pool avg_pool3d max_pool max_pool3d max_pool_with_argmax",
}
# fmt: on

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
