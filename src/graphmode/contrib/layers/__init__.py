"""`tf.contrib.layers`: layers as functions, initializers, regularizers, `optimize_loss`."""

from graphmode._namespace import lazy

# fmt: off
EXPORTS = {
    "graphmode.contrib_layers.dense":
        "fully_connected linear relu relu6 bias_add embed_sequence one_hot_encoding softmax",
    "graphmode.contrib_layers.convolution":
        "convolution convolution1d convolution2d convolution3d conv1d=convolution1d "
        "conv2d=convolution2d conv3d=convolution3d convolution2d_transpose "
        "conv2d_transpose=convolution2d_transpose convolution3d_transpose "
        "conv3d_transpose=convolution3d_transpose separable_convolution2d "
        "separable_conv2d=separable_convolution2d",
    "graphmode.contrib_layers.reshaping":
        "max_pool2d max_pool3d avg_pool2d avg_pool3d flatten dropout unit_norm repeat stack",
    "graphmode.contrib_layers.normalization": "batch_norm layer_norm instance_norm",
    "graphmode.contrib_layers.initializers":
        "xavier_initializer xavier_initializer_conv2d variance_scaling_initializer",
    "graphmode.contrib_layers.regularizers":
        "l1_regularizer l2_regularizer l1_l2_regularizer sum_regularizer apply_regularization",
    "graphmode.contrib_layers.training":
        "optimize_loss OPTIMIZER_CLS_NAMES OPTIMIZER_SUMMARIES",
    "graphmode.contrib_layers.summaries":
        "summarize_tensor summarize_tensors summarize_activation summarize_activations "
        "summarize_collection summarize_variables summarize_weights summarize_biases",
}
# fmt: on
SUBMODULES = "initializers regularizers"

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS, SUBMODULES)
