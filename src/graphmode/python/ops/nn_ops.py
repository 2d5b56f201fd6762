"""TF1's `tensorflow.python.ops.nn_ops`, names only."""

from graphmode._namespace import lazy

# fmt: off
EXPORTS = {
    "graphmode.ops.nn.activation":
        "crelu elu leaky_relu log_softmax relu relu6 selu softmax softplus softsign",
    "graphmode.ops.array":
        "top_k",
    "graphmode.ops.nn.convolution_functions":
        "atrous_conv2d conv1d conv2d conv2d_backprop_filter conv2d_backprop_input conv3d "
        "conv3d_backprop_filter conv3d_backprop_filter_v2=conv3d_backprop_filter convolution "
        "depthwise_conv2d_native depthwise_conv2d_native_backprop_filter "
        "depthwise_conv2d_native_backprop_input",
    "graphmode.ops.nn.transposed_convolution":
        "atrous_conv2d_transpose conv1d_transpose conv2d_transpose conv3d_transpose conv_transpose",
    "graphmode.ops.nn.cross_entropy":
        "softmax_cross_entropy_with_logits softmax_cross_entropy_with_logits_v2 "
        "sparse_softmax_cross_entropy_with_logits",
    "graphmode.ops.nn.morphology":
        "dilation2d erosion2d",
    "graphmode.ops.nn.basics":
        "bias_add dropout in_top_k l2_loss xw_plus_b",
    "graphmode.ops.nn.normalization":
        "local_response_normalization lrn",
    "graphmode.ops.nn.pooling_functions":
        "avg_pool avg_pool1d avg_pool2d avg_pool3d max_pool max_pool1d max_pool2d max_pool3d "
        "max_pool_with_argmax pool",
}
# fmt: on

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
