"""`tf.nn`: activations, losses, embeddings."""

from graphmode._namespace import lazy

# fmt: off
EXPORTS = {
    "graphmode.ops.math": "tanh sigmoid",
    "graphmode.ops.array": "top_k",
    "graphmode.ops.nn.activation":
        "softmax log_softmax relu relu6 elu selu softplus softsign leaky_relu crelu swish",
    "graphmode.ops.nn.cross_entropy":
        "softmax_cross_entropy_with_logits softmax_cross_entropy_with_logits_v2 "
        "sparse_softmax_cross_entropy_with_logits sigmoid_cross_entropy_with_logits "
        "weighted_cross_entropy_with_logits log_poisson_loss",
    "graphmode.ops.sequence.ctc": "ctc_loss ctc_loss_v2",
    "graphmode.ops.sequence.ctc_decoders":
        "ctc_greedy_decoder ctc_beam_search_decoder ctc_beam_search_decoder_v2",
    "graphmode.ops.nn.embedding": "embedding_lookup",
    "graphmode.ops.sparse.tensors": "embedding_lookup_sparse",
    "graphmode.ops.random.candidate_sampling":
        "uniform_candidate_sampler log_uniform_candidate_sampler fixed_unigram_candidate_sampler "
        "all_candidate_sampler compute_accidental_hits",
    "graphmode.ops.nn.sampled_losses": "nce_loss sampled_softmax_loss",
    "graphmode.ops.nn.basics":
        "l2_loss bias_add xw_plus_b relu_layer in_top_k zero_fraction dropout moments "
        "l2_normalize",
    "graphmode.ops.nn.convolution_functions":
        "conv1d conv2d conv3d convolution atrous_conv2d depthwise_conv2d depthwise_conv2d_native "
        "separable_conv2d conv2d_backprop_input conv2d_backprop_filter conv3d_backprop_filter "
        "conv3d_backprop_filter_v2=conv3d_backprop_filter depthwise_conv2d_native_backprop_input "
        "depthwise_conv2d_backprop_input=depthwise_conv2d_native_backprop_input "
        "depthwise_conv2d_native_backprop_filter "
        "depthwise_conv2d_backprop_filter=depthwise_conv2d_native_backprop_filter",
    "graphmode.ops.nn.transposed_convolution":
        "conv1d_transpose conv2d_transpose deconv2d=conv2d_transpose conv3d_transpose "
        "conv_transpose atrous_conv2d_transpose",
    "graphmode.ops.nn.pooling_functions":
        "max_pool max_pool1d max_pool2d max_pool3d avg_pool avg_pool1d avg_pool2d avg_pool3d "
        "max_pool_with_argmax pool",
    "graphmode.ops.nn.morphology": "dilation2d erosion2d",
    "graphmode.ops.nn.normalization":
        "batch_normalization fused_batch_norm batch_norm_with_global_normalization "
        "sufficient_statistics normalize_moments weighted_moments local_response_normalization lrn",
    "graphmode.rnn": "rnn_cell",
    "graphmode.contrib": "seq2seq=legacy_seq2seq",
    "graphmode.rnn.static": "static_rnn static_bidirectional_rnn rnn=static_rnn",
    "graphmode.rnn.dynamic": "dynamic_rnn bidirectional_dynamic_rnn",
    "graphmode.rnn.raw": "raw_rnn",
    "graphmode.ops.nn.spatial": "space_to_depth depth_to_space space_to_batch batch_to_space",
}
# fmt: on

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
