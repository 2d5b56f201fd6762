"""Operations of neural networks, recurrent networks, sequence-to-sequence models."""

# fmt: off
TABLE = {
    "graphmode.ops.nn.activation": {
        "nn python.ops.gen_nn_ops": "relu relu6 elu selu leaky_relu",
        "math nn python.ops.gen_nn_ops": "softmax log_softmax softsign",
        "math nn python.ops.gen_nn_ops python.ops.math_ops": "softplus",
        "tf math nn python.ops.math_ops": "log_sigmoid",
        "nn python.ops.nn_impl": "swish",
        "contrib.nn": "scaled_softplus",
        "nn python.ops.nn_ops": "crelu",
    },
    "graphmode.ops.nn.dropout": {
        "nn python.ops.nn_ops": "dropout",
        "contrib.nn": "alpha_dropout",
    },
    "graphmode.ops.nn.statistics": {
        "math nn python.ops.nn_impl": "zero_fraction",
        "nn python.ops.nn_impl": "moments sufficient_statistics normalize_moments weighted_moments",
    },
    "graphmode.ops.nn.ranking": {
        "math nn python.ops.gen_nn_ops": "in_top_k",
    },
    "graphmode.ops.nn.bias": {
        "nn python.ops.gen_nn_ops": "bias_add",
        "nn python.ops.nn_impl": "relu_layer",
        "nn python.ops.nn_ops": "xw_plus_b",
    },
    "graphmode.ops.nn.l2": {
        "nn python.ops.gen_nn_ops": "l2_loss",
        "math linalg nn python.ops.nn_impl": "l2_normalize",
    },
    "graphmode.ops.nn.convolution_functions": {
        "nn python.ops.gen_nn_ops":
            "conv2d conv3d conv2d_backprop_input conv2d_backprop_filter conv3d_backprop_filter "
            "conv3d_backprop_filter_v2=conv3d_backprop_filter",
        "nn python.ops.nn_ops": "conv1d convolution atrous_conv2d",
    },
    "graphmode.ops.nn.separable_convolution": {
        "nn python.ops.gen_nn_ops":
            "depthwise_conv2d_native depthwise_conv2d_native_backprop_input "
            "depthwise_conv2d_native_backprop_filter",
        "nn python.ops.nn_impl": "depthwise_conv2d separable_conv2d",
        "nn":
            "depthwise_conv2d_backprop_input=depthwise_conv2d_native_backprop_input "
            "depthwise_conv2d_backprop_filter=depthwise_conv2d_native_backprop_filter",
    },
    "graphmode.ops.nn.cross_entropy": {
        "nn python.ops.nn_impl":
            "sigmoid_cross_entropy_with_logits weighted_cross_entropy_with_logits "
            "log_poisson_loss",
        "nn python.ops.nn_ops":
            "softmax_cross_entropy_with_logits softmax_cross_entropy_with_logits_v2 "
            "sparse_softmax_cross_entropy_with_logits",
    },
    "graphmode.ops.nn.embedding": {
        "nn python.ops.embedding_ops": "embedding_lookup",
    },
    "graphmode.ops.nn.sparse_embedding": {
        "nn python.ops.embedding_ops": "embedding_lookup_sparse",
        "nn contrib.layers": "safe_embedding_lookup_sparse",
    },
    "graphmode.ops.nn.morphology": {
        "nn python.ops.gen_nn_ops": "dilation2d",
        "nn python.ops.nn_ops": "erosion2d",
    },
    "graphmode.ops.nn.batch_normalization": {
        "nn python.ops.nn_impl":
            "batch_normalization fused_batch_norm batch_norm_with_global_normalization",
    },
    "graphmode.ops.nn.local_response": {
        "nn python.ops.gen_nn_ops": "lrn",
        "nn python.ops.nn_ops": "local_response_normalization",
    },
    "graphmode.ops.nn.pooling_functions": {
        "nn python.ops.gen_nn_ops": "max_pool max_pool3d avg_pool avg_pool3d max_pool_with_argmax",
        "nn python.ops.nn_ops":
            "max_pool1d max_pool2d avg_pool1d avg_pool2d max_pool_v2 avg_pool_v2 pool",
    },
    "graphmode.ops.nn.sampled_losses": {
        "nn python.ops.nn_impl": "nce_loss sampled_softmax_loss",
    },
    "graphmode.ops.nn.patches": {
        "tf image python.ops.gen_array_ops": "extract_image_patches",
    },
    "graphmode.ops.nn.space_batch": {
        "tf nn python.ops.gen_array_ops": "space_to_batch batch_to_space",
        "tf manip python.ops.gen_array_ops": "space_to_batch_nd batch_to_space_nd",
        "tf python.ops.array_ops": "required_space_to_batch_paddings",
    },
    "graphmode.ops.nn.space_depth": {
        "tf nn python.ops.gen_array_ops": "space_to_depth depth_to_space",
        "python.ops.gen_nn_ops": "data_format_dim_map data_format_vec_permute",
    },
    "graphmode.ops.nn.transposed_convolution": {
        "nn python.ops.nn_ops":
            "conv1d_transpose conv2d_transpose conv3d_transpose conv_transpose "
            "atrous_conv2d_transpose",
        "nn": "deconv2d=conv2d_transpose",
        "contrib.nn": "conv1d_transpose",
    },
    "graphmode.ops.sequence.crf": {
        "contrib.crf":
            "crf_binary_score crf_decode crf_log_norm crf_multitag_sequence_score "
            "crf_sequence_score crf_unary_score viterbi_decode",
    },
    "graphmode.ops.sequence.ctc": {
        "nn": "ctc_loss ctc_loss_v2",
    },
    "graphmode.ops.sequence.ctc_decoders": {
        "nn": "ctc_greedy_decoder ctc_beam_search_decoder ctc_beam_search_decoder_v2",
    },
    "graphmode.ops.sequence.edit_distance": {
        "tf python.ops.array_ops": "edit_distance",
    },
    "graphmode.ops.sequence.gather_tree": {
        "contrib.seq2seq": "gather_tree",
    },
    "graphmode.rnn.base": {
        "nn.rnn_cell": "RNNCell",
    },
    "graphmode.rnn.block": {
        "contrib.rnn": "LSTMBlockFusedCell",
    },
    "graphmode.rnn.cells": {
        "contrib.rnn": "GRUBlockCell GRUBlockCellV2",
        "nn.rnn_cell": "BasicRNNCell GRUCell",
    },
    "graphmode.rnn.cudnn": {
        "contrib.cudnn_rnn": "CudnnLSTM",
    },
    "graphmode.rnn.dynamic": {
        "nn python.ops.rnn": "dynamic_rnn bidirectional_dynamic_rnn",
    },
    "graphmode.rnn.lstm": {
        "nn.rnn_cell": "BasicLSTMCell LSTMCell LSTMStateTuple",
        "contrib.cudnn_rnn": "CudnnCompatibleLSTMCell",
        "contrib.rnn": "LSTMBlockCell",
    },
    "graphmode.rnn.multi": {
        "nn.rnn_cell": "MultiRNNCell",
    },
    "graphmode.rnn.nas": {
        "contrib.rnn": "NASCell",
    },
    "graphmode.rnn.projections": {
        "contrib.rnn": "EmbeddingWrapper InputProjectionWrapper OutputProjectionWrapper",
        "python.ops.rnn_cell_impl": "_linear=linear",
    },
    "graphmode.rnn.raw": {
        "nn python.ops.rnn": "raw_rnn",
    },
    "graphmode.rnn.stacked": {
        "contrib.rnn": "stack_bidirectional_rnn stack_bidirectional_dynamic_rnn",
    },
    "graphmode.rnn.state_saving": {
        "contrib.rnn nn python.ops.rnn": "static_state_saving_rnn",
    },
    "graphmode.rnn.static": {
        "contrib.rnn nn python.ops.rnn": "static_rnn static_bidirectional_rnn rnn=static_rnn",
        "nn python.ops.rnn": "bidirectional_rnn=static_bidirectional_rnn",
    },
    "graphmode.rnn.wrappers": {
        "nn.rnn_cell": "DropoutWrapper ResidualWrapper DeviceWrapper",
    },
    "graphmode.seq2seq.attention": {
        "contrib.seq2seq": "AttentionMechanism BahdanauAttention LuongAttention hardmax",
    },
    "graphmode.seq2seq.attention_wrapper": {
        "contrib.seq2seq": "AttentionWrapper AttentionWrapperState",
    },
    "graphmode.seq2seq.basic_decoder": {
        "contrib.seq2seq": "BasicDecoder BasicDecoderOutput",
    },
    "graphmode.seq2seq.beam_search": {
        "contrib.seq2seq": "BeamSearchDecoder FinalBeamSearchDecoderOutput",
    },
    "graphmode.seq2seq.beam_step": {
        "contrib.seq2seq": "BeamSearchDecoderOutput BeamSearchDecoderState",
    },
    "graphmode.seq2seq.decoder": {
        "contrib.seq2seq": "Decoder dynamic_decode",
    },
    "graphmode.seq2seq.helper": {
        "contrib.seq2seq": "Helper CustomHelper",
    },
    "graphmode.seq2seq.inference_helpers": {
        "contrib.seq2seq": "GreedyEmbeddingHelper SampleEmbeddingHelper InferenceHelper",
    },
    "graphmode.seq2seq.legacy.attention": {
        "contrib.legacy_seq2seq": "attention_decoder embedding_attention_decoder",
    },
    "graphmode.seq2seq.legacy.buckets": {
        "contrib.legacy_seq2seq": "model_with_buckets",
    },
    "graphmode.seq2seq.legacy.decoders": {
        "contrib.legacy_seq2seq": "rnn_decoder embedding_rnn_decoder",
    },
    "graphmode.seq2seq.legacy.models": {
        "contrib.legacy_seq2seq":
            "basic_rnn_seq2seq tied_rnn_seq2seq embedding_rnn_seq2seq embedding_tied_rnn_seq2seq "
            "embedding_attention_seq2seq one2many_rnn_seq2seq",
    },
    "graphmode.seq2seq.tiling": {
        "contrib.seq2seq": "tile_batch",
    },
    "graphmode.seq2seq.training_helpers": {
        "contrib.seq2seq":
            "TrainingHelper ScheduledEmbeddingTrainingHelper ScheduledOutputTrainingHelper",
    },
}
# fmt: on
