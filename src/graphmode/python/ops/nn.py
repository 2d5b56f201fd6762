"""TF1's `tensorflow.python.ops.nn`, names only."""

from graphmode._namespace import lazy

# fmt: off
EXPORTS = {
    "graphmode.ops.nn.activation":
        "crelu elu leaky_relu log_softmax relu relu6 selu softmax softplus softsign swish",
    "graphmode.ops.array":
        "top_k",
    "graphmode.ops.random.candidate_sampling":
        "all_candidate_sampler compute_accidental_hits fixed_unigram_candidate_sampler "
        "log_uniform_candidate_sampler uniform_candidate_sampler",
    "graphmode.ops.nn.convolution_functions":
        "atrous_conv2d conv1d conv2d conv2d_backprop_filter conv2d_backprop_input conv3d "
        "conv3d_backprop_filter conv3d_backprop_filter_v2=conv3d_backprop_filter convolution "
        "depthwise_conv2d depthwise_conv2d_backprop_filter=depthwise_conv2d_native_backprop_filter "
        "depthwise_conv2d_backprop_input=depthwise_conv2d_native_backprop_input "
        "depthwise_conv2d_native depthwise_conv2d_native_backprop_filter "
        "depthwise_conv2d_native_backprop_input separable_conv2d",
    "graphmode.ops.nn.transposed_convolution":
        "atrous_conv2d_transpose conv1d_transpose conv2d_transpose conv3d_transpose conv_transpose "
        "deconv2d=conv2d_transpose",
    "graphmode.ops.nn.cross_entropy":
        "log_poisson_loss sigmoid_cross_entropy_with_logits softmax_cross_entropy_with_logits "
        "softmax_cross_entropy_with_logits_v2 sparse_softmax_cross_entropy_with_logits "
        "weighted_cross_entropy_with_logits",
    "graphmode.ops.nn.embedding":
        "embedding_lookup",
    "graphmode.ops.math":
        "sigmoid tanh",
    "graphmode.ops.nn.morphology":
        "dilation2d erosion2d",
    "graphmode.ops.nn.basics":
        "bias_add dropout in_top_k l2_loss l2_normalize moments relu_layer xw_plus_b "
        "zero_fraction",
    "graphmode.ops.nn.normalization":
        "batch_norm_with_global_normalization batch_normalization fused_batch_norm "
        "local_response_normalization lrn normalize_moments sufficient_statistics "
        "weighted_moments",
    "graphmode.ops.nn.pooling_functions":
        "avg_pool avg_pool1d avg_pool2d avg_pool3d max_pool max_pool1d max_pool2d max_pool3d "
        "max_pool_with_argmax pool",
    "graphmode.ops.nn.sampled_losses":
        "nce_loss sampled_softmax_loss",
    "graphmode.ops.nn.spatial":
        "batch_to_space depth_to_space space_to_batch space_to_depth",
}
# fmt: on

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
